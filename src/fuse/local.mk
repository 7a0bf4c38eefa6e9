# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "fuse", one a line: src/fuse/NAME.c and private headers src/fuse/NAME.h.
noinst_LIBRARIES += libpail_fuse.a
libpail_fuse_a_SOURCES = \
	src/fuse/call.c src/fuse/call.h \
	src/fuse/capture.c src/fuse/capture.h \
	src/fuse/directories.c \
	src/fuse/driver.c \
	src/fuse/entries.c \
	src/fuse/files.c \
	src/fuse/internal.h \
	src/fuse/loop.c src/fuse/loop.h \
	src/fuse/mountinfo.c \
	src/fuse/names.c \
	src/fuse/negotiate.c \
	src/fuse/notify.c src/fuse/notify.h \
	src/fuse/signals.c src/fuse/signals.h \
	src/fuse/unmount.c src/fuse/unmount.h

# Contracts of the layer, one a line: include/pail/fuse/NAME.h.
noinst_HEADERS += \
	include/pail/fuse/driver.h \
	include/pail/fuse/mountinfo.h
