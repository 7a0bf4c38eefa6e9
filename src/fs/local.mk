# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "fs", one a line: src/fs/NAME.c and private headers src/fs/NAME.h.
noinst_LIBRARIES += libpail_fs.a
libpail_fs_a_SOURCES = \
	src/fs/fs.c \
	src/fs/private.h \
	src/fs/shared.c \
	src/fs/shared.h \
	src/fs/statfs.c \
	src/fs/tree/ahead.c \
	src/fs/tree/attributes.c \
	src/fs/tree/attributes.h \
	src/fs/tree/change.c \
	src/fs/tree/change.h \
	src/fs/tree/claim.c \
	src/fs/tree/claim.h \
	src/fs/tree/directory.c \
	src/fs/tree/directory.h \
	src/fs/tree/followers.c \
	src/fs/tree/followers.h \
	src/fs/tree/listing.c \
	src/fs/tree/load.c \
	src/fs/tree/load.h \
	src/fs/tree/lookup.c \
	src/fs/tree/lookup.h \
	src/fs/tree/make.c \
	src/fs/tree/node.c \
	src/fs/tree/node.h \
	src/fs/tree/probe.c \
	src/fs/tree/query.c \
	src/fs/tree/readdir.c \
	src/fs/tree/remove.c \
	src/fs/tree/rename.c \
	src/fs/tree/rename.h \
	src/fs/tree/rename_directory.c \
	src/fs/tree/setattr.c \
	src/fs/write/bytes.c \
	src/fs/write/draft.c \
	src/fs/write/draft.h \
	src/fs/write/handle.c \
	src/fs/write/headers.c \
	src/fs/write/headers.h \
	src/fs/write/process.c \
	src/fs/write/process.h \
	src/fs/write/send.c \
	src/fs/write/space.c \
	src/fs/write/stream.c \
	src/fs/write/upload.c \
	src/fs/write/upload.h \
	src/fs/write/upload_parts.c \
	src/fs/write/upload_private.h

# Contracts of the layer, one a line: include/pail/fs/NAME.h.
noinst_HEADERS += \
	include/pail/fs/fs.h \
	include/pail/fs/shared.h

include src/fs/read/local.mk
