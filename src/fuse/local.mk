# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "fuse", one a line: src/fuse/NAME.c and private headers src/fuse/NAME.h.
noinst_LIBRARIES += libpail_fuse.a
libpail_fuse_a_SOURCES = \
	src/fuse/call.c src/fuse/call.h \
	src/fuse/capture.c src/fuse/capture.h \
	src/fuse/context.h \
	src/fuse/directories.c src/fuse/directories.h \
	src/fuse/driver.c \
	src/fuse/entries.c src/fuse/entries.h \
	src/fuse/files.c src/fuse/files.h \
	src/fuse/loop.c src/fuse/loop.h \
	src/fuse/mountinfo.c \
	src/fuse/names.c src/fuse/names.h \
	src/fuse/negotiate.c src/fuse/negotiate.h \
	src/fuse/notify.c src/fuse/notify.h \
	src/fuse/raw_request.c src/fuse/raw_request.h \
	src/fuse/signals.c src/fuse/signals.h \
	src/fuse/unmount.c src/fuse/unmount.h

# Contracts of the layer, one a line: include/pail/fuse/NAME.h.
noinst_HEADERS += \
	include/pail/fuse/driver.h \
	include/pail/fuse/mountinfo.h
