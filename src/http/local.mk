# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "http", one a line: src/http/NAME.c and private headers src/http/NAME.h.
noinst_LIBRARIES += libpail_http.a
libpail_http_a_SOURCES = \
	src/http/answer.c \
	src/http/answer.h \
	src/http/body.c \
	src/http/body.h \
	src/http/callbacks.c \
	src/http/engine.c \
	src/http/engine_private.h \
	src/http/failure.c \
	src/http/headers.c \
	src/http/options.c \
	src/http/queue.c \
	src/http/queue.h \
	src/http/request.c \
	src/http/thread.c \
	src/http/transfer.c \
	src/http/transfer.h

# Contracts of the layer, one a line: include/pail/http/NAME.h.
noinst_HEADERS += \
	include/pail/http/engine.h \
	include/pail/http/request.h
