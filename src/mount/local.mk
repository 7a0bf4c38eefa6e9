# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "mount", one a line: src/mount/NAME.c and private headers src/mount/NAME.h.
noinst_LIBRARIES += libpail_mount.a
libpail_mount_a_SOURCES = \
	src/mount/calls.c \
	src/mount/directory.c \
	src/mount/groups.c \
	src/mount/mount.c \
	src/mount/private.h \
	src/mount/upper.c \
	src/mount/volumes.c

# Contracts of the layer, one a line: include/pail/mount/NAME.h.
noinst_HEADERS += \
	include/pail/mount/mount.h
