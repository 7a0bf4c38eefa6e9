# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "util", one a line: src/util/NAME.c and private headers src/util/NAME.h.
noinst_LIBRARIES += libpail_util.a
libpail_util_a_SOURCES = \
	src/util/buf.c \
	src/util/clock.c \
	src/util/crc.c \
	src/util/date.c \
	src/util/encode.c \
	src/util/error.c \
	src/util/extents.c \
	src/util/file.c \
	src/util/future.c \
	src/util/interrupt.c \
	src/util/log.c \
	src/util/mime.c \
	src/util/mutex.c \
	src/util/number.c \
	src/util/path.c \
	src/util/random.c \
	src/util/secret.c \
	src/util/secret_arena.c \
	src/util/secret_arena.h \
	src/util/secret_libraries.c \
	src/util/str.c \
	src/util/thread.c \
	src/util/utf8.c \
	src/util/workpool.c \
	src/util/xml.c \
	src/util/xml_escape.c

# Contracts of the layer, one a line: include/pail/util/NAME.h.
noinst_HEADERS += \
	include/pail/util/buf.h \
	include/pail/util/cleanup.h \
	include/pail/util/clock.h \
	include/pail/util/crc.h \
	include/pail/util/crypto.h \
	include/pail/util/error.h \
	include/pail/util/extents.h \
	include/pail/util/file.h \
	include/pail/util/future.h \
	include/pail/util/interrupt.h \
	include/pail/util/log.h \
	include/pail/util/math.h \
	include/pail/util/mime.h \
	include/pail/util/mutex.h \
	include/pail/util/path.h \
	include/pail/util/poison.h \
	include/pail/util/random.h \
	include/pail/util/secret.h \
	include/pail/util/str.h \
	include/pail/util/thread.h \
	include/pail/util/workpool.h \
	include/pail/util/xml.h
