# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "http", one a line: src/http/NAME.c and private headers src/http/NAME.h.
noinst_LIBRARIES += libpail_http.a
libpail_http_a_SOURCES = \
	src/http/answer.c \
	src/http/answer.h \
	src/http/body.c \
	src/http/body.h \
	src/http/callbacks.c \
	src/http/callbacks.h \
	src/http/engine.c \
	src/http/failure.c \
	src/http/failure.h \
	src/http/headers.c \
	src/http/options.c \
	src/http/options.h \
	src/http/queue.c \
	src/http/queue.h \
	src/http/request.c \
	src/http/thread.c \
	src/http/thread.h \
	src/http/transfer.c \
	src/http/transfer.h

# Contracts of the layer, one a line: include/pail/http/NAME.h.
noinst_HEADERS += \
	include/pail/http/body.h \
	include/pail/http/engine.h \
	include/pail/http/headers.h \
	include/pail/http/options.h \
	include/pail/http/request.h
