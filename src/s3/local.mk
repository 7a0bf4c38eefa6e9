# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "s3", one a line: src/s3/NAME.c and private headers src/s3/NAME.h.
noinst_LIBRARIES += libpail_s3.a
libpail_s3_a_SOURCES = \
	src/s3/acl.c \
	src/s3/acl.h \
	src/s3/answer.c \
	src/s3/attempt.c \
	src/s3/bucket.c \
	src/s3/buckets.c \
	src/s3/call.c \
	src/s3/call.h \
	src/s3/checksum.c \
	src/s3/checksum.h \
	src/s3/client.c \
	src/s3/client.h \
	src/s3/collection.c \
	src/s3/copy.c \
	src/s3/copy.h \
	src/s3/copy_parts.c \
	src/s3/customer_key.c \
	src/s3/customer_key.h \
	src/s3/digest.c \
	src/s3/digest.h \
	src/s3/download.c \
	src/s3/errno.c \
	src/s3/error_parse.c \
	src/s3/errors.h \
	src/s3/express.c \
	src/s3/express.h \
	src/s3/info.c \
	src/s3/info.h \
	src/s3/list.c \
	src/s3/list.h \
	src/s3/multipart.c \
	src/s3/object.c \
	src/s3/object.h \
	src/s3/ops.h \
	src/s3/ops/abort_multipart_upload.c \
	src/s3/ops/complete_multipart_upload.c \
	src/s3/ops/copy_object.c \
	src/s3/ops/create_bucket.c \
	src/s3/ops/create_multipart_upload.c \
	src/s3/ops/create_session.c \
	src/s3/ops/delete_bucket.c \
	src/s3/ops/delete_object.c \
	src/s3/ops/delete_objects.c \
	src/s3/ops/get_object.c \
	src/s3/ops/head_bucket.c \
	src/s3/ops/head_object.c \
	src/s3/ops/list_buckets.c \
	src/s3/ops/list_multipart_uploads.c \
	src/s3/ops/list_object_versions.c \
	src/s3/ops/list_objects_v2.c \
	src/s3/ops/list_parts.c \
	src/s3/ops/object_acl.c \
	src/s3/ops/object_tagging.c \
	src/s3/ops/put_object.c \
	src/s3/ops/upload_part.c \
	src/s3/ops/upload_part_copy.c \
	src/s3/page.c \
	src/s3/paginator.c \
	src/s3/paginator.h \
	src/s3/position.c \
	src/s3/position.h \
	src/s3/region.c \
	src/s3/region.h \
	src/s3/request.c \
	src/s3/request.h \
	src/s3/transfer.c \
	src/s3/types.c \
	src/s3/upload.c \
	src/s3/upload.h \
	src/s3/upload_parts.c \
	src/s3/waiter.c \
	src/s3/waiter.h \
	src/s3/xml_fields.c \
	src/s3/xml_fields.h \
	src/s3/xml_lenient.c \
	src/s3/xml_lenient.h

# Contracts of the layer, one a line: include/pail/s3/NAME.h.
noinst_HEADERS += \
	include/pail/s3/bucket.h \
	include/pail/s3/client.h \
	include/pail/s3/collection.h \
	include/pail/s3/multipart.h \
	include/pail/s3/object.h \
	include/pail/s3/operations.h \
	include/pail/s3/resource.h \
	include/pail/s3/transfer.h \
	include/pail/s3/types.h \
	include/pail/s3/waiter.h
