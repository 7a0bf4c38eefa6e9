# SPDX-License-Identifier: Apache-2.0
# The read engine, a part of the layer "fs".
libpail_fs_a_SOURCES += \
	src/fs/read/content.c \
	src/fs/read/engine.c \
	src/fs/read/get.c \
	src/fs/read/place.c \
	src/fs/read/private.h \
	src/fs/read/stream.c \
	src/fs/read/window.c \
	src/fs/read/window.h

noinst_HEADERS += include/pail/fs/content.h
