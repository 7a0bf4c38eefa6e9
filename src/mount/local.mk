# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "mount", one a line: src/mount/NAME.c and private headers src/mount/NAME.h.
noinst_LIBRARIES += libpail_mount.a
libpail_mount_a_SOURCES = \
	src/mount/bucket_entry.c src/mount/bucket_entry.h \
	src/mount/calls.c \
	src/mount/directory.c src/mount/directory.h \
	src/mount/groups.c src/mount/groups.h \
	src/mount/mount.c \
	src/mount/source.c \
	src/mount/state.h \
	src/mount/upper.c src/mount/upper.h \
	src/mount/volumes.c src/mount/volumes.h

# Contracts of the layer, one a line: include/pail/mount/NAME.h.
noinst_HEADERS += \
	include/pail/mount/mount.h \
	include/pail/mount/source.h
