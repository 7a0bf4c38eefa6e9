# SPDX-License-Identifier: Apache-2.0
# All trees of a mount, a part of the layer "fs".
libpail_fs_a_SOURCES += \
	src/fs/forest/calls.c \
	src/fs/forest/enter.c \
	src/fs/forest/forest.c \
	src/fs/forest/places.c \
	src/fs/forest/private.h \
	src/fs/forest/readdir.c \
	src/fs/forest/tops.c

noinst_HEADERS += include/pail/fs/forest.h
