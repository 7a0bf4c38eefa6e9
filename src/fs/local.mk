# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "fs", one a line: src/fs/NAME.c and private headers src/fs/NAME.h.
noinst_LIBRARIES += libpail_fs.a
libpail_fs_a_SOURCES = \
	src/fs/core/lock.c \
	src/fs/core/lock.h \
	src/fs/core/resources.h \
	src/fs/core/volume.h \
	src/fs/data/engine.c \
	src/fs/data/get.c \
	src/fs/data/location.c \
	src/fs/data/object_data.c \
	src/fs/data/private.h \
	src/fs/data/stream.c \
	src/fs/data/window.c \
	src/fs/data/window.h \
	src/fs/file/file.c \
	src/fs/file/file.h \
	src/fs/file/file_io.c \
	src/fs/file/proc_fd.c \
	src/fs/file/proc_fd.h \
	src/fs/file/rebind.c \
	src/fs/file/rebind.h \
	src/fs/file/send.c \
	src/fs/file/spool_reclaim.c \
	src/fs/file/stream.c \
	src/fs/file/upload.c \
	src/fs/file/upload.h \
	src/fs/file/upload_parts.c \
	src/fs/file/upload_parts.h \
	src/fs/file/upload_source.c \
	src/fs/file/upload_source.h \
	src/fs/ops/create.c \
	src/fs/ops/getattr.c \
	src/fs/ops/handle.c \
	src/fs/ops/operation.c \
	src/fs/ops/operation.h \
	src/fs/ops/readdir.c \
	src/fs/ops/rename.c \
	src/fs/ops/rename.h \
	src/fs/ops/rename_directory.c \
	src/fs/ops/setattr.c \
	src/fs/ops/statfs.c \
	src/fs/ops/unlink.c \
	src/fs/shared.c \
	src/fs/tree/attributes.c \
	src/fs/tree/attributes.h \
	src/fs/tree/directory.c \
	src/fs/tree/directory.h \
	src/fs/tree/inode.c \
	src/fs/tree/inode.h \
	src/fs/tree/listing.c \
	src/fs/tree/prefetch.c \
	src/fs/tree/remote_name.c \
	src/fs/tree/remote_stat.c \
	src/fs/tree/remote_stat.h \
	src/fs/tree/resolve.c \
	src/fs/tree/resolve.h \
	src/fs/volume.c

# Contracts of the layer, one a line: include/pail/fs/NAME.h.
noinst_HEADERS += \
	include/pail/fs/content.h \
	include/pail/fs/fs.h \
	include/pail/fs/shared.h

include src/fs/forest/local.mk
