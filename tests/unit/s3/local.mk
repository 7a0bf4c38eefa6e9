# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/s3/FOLDER/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_s3_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/s3/call/test_access_point \
	tests/unit/s3/call/test_call \
	tests/unit/s3/call/test_credentials \
	tests/unit/s3/call/test_error \
	tests/unit/s3/call/test_express \
	tests/unit/s3/call/test_integrity \
	tests/unit/s3/call/test_object_options \
	tests/unit/s3/call/test_refusals \
	tests/unit/s3/call/test_region \
	tests/unit/s3/call/test_retries \
	tests/unit/s3/call/test_types \
	tests/unit/s3/call/test_xml \
	tests/unit/s3/ops/test_attributes \
	tests/unit/s3/ops/test_changes \
	tests/unit/s3/ops/test_directory_buckets \
	tests/unit/s3/ops/test_get_object \
	tests/unit/s3/ops/test_list_objects \
	tests/unit/s3/ops/test_lists \
	tests/unit/s3/ops/test_object_actions \
	tests/unit/s3/ops/test_object_lock \
	tests/unit/s3/remote/test_metadata \
	tests/unit/s3/remote/test_upload \
	tests/unit/s3/resource/test_buckets \
	tests/unit/s3/resource/test_paginator \
	tests/unit/s3/resource/test_resources \
	tests/unit/s3/test_memory \
	tests/unit/s3/transfer/test_part_grid \
	tests/unit/s3/transfer/test_stop \
	tests/unit/s3/transfer/test_transfer_file \
	tests/unit/s3/transfer/test_upload \
	tests/unit/s3/transfer/test_copy

s3_test_support = \
	tests/unit/http/server.c \
	tests/unit/http/server.h \
	tests/unit/s3/fixture.c \
	tests/unit/s3/fixture.h

tests_unit_s3_call_test_access_point_SOURCES = tests/unit/s3/call/test_access_point.c $(s3_test_support)
tests_unit_s3_ops_test_attributes_SOURCES = tests/unit/s3/ops/test_attributes.c $(s3_test_support)
tests_unit_s3_resource_test_buckets_SOURCES = tests/unit/s3/resource/test_buckets.c $(s3_test_support)
tests_unit_s3_call_test_call_SOURCES = tests/unit/s3/call/test_call.c $(s3_test_support)
tests_unit_s3_ops_test_changes_SOURCES = tests/unit/s3/ops/test_changes.c $(s3_test_support)
tests_unit_s3_call_test_credentials_SOURCES = tests/unit/s3/call/test_credentials.c $(s3_test_support)
tests_unit_s3_call_test_credentials_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pail_session_get_credentials \
	-Wl,--wrap=pail_session_peek_credentials,--wrap=pail_session_refuse_credentials \
	-Wl,--wrap=pail_session_peek_others
tests_unit_s3_ops_test_directory_buckets_SOURCES = tests/unit/s3/ops/test_directory_buckets.c $(s3_test_support)
tests_unit_s3_ops_test_directory_buckets_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pail_endpoint_resolve \
	-Wl,--wrap=pail_endpoint_resolve_control
tests_unit_s3_call_test_express_SOURCES = tests/unit/s3/call/test_express.c $(s3_test_support)
tests_unit_s3_call_test_refusals_SOURCES = tests/unit/s3/call/test_refusals.c $(s3_test_support)
tests_unit_s3_transfer_test_copy_SOURCES = tests/unit/s3/transfer/test_copy.c $(s3_test_support)
tests_unit_s3_call_test_region_SOURCES = tests/unit/s3/call/test_region.c $(s3_test_support)
tests_unit_s3_call_test_retries_SOURCES = tests/unit/s3/call/test_retries.c $(s3_test_support)
tests_unit_s3_call_test_retries_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pail_retry_admit
tests_unit_s3_ops_test_get_object_SOURCES = tests/unit/s3/ops/test_get_object.c $(s3_test_support)
tests_unit_s3_call_test_integrity_SOURCES = tests/unit/s3/call/test_integrity.c $(s3_test_support)
tests_unit_s3_ops_test_object_lock_SOURCES = tests/unit/s3/ops/test_object_lock.c $(s3_test_support)
tests_unit_s3_ops_test_object_lock_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pail_s3_is_retained
tests_unit_s3_ops_test_object_actions_SOURCES = tests/unit/s3/ops/test_object_actions.c $(s3_test_support)
tests_unit_s3_transfer_test_stop_SOURCES = tests/unit/s3/transfer/test_stop.c $(s3_test_support)
tests_unit_s3_remote_test_upload_SOURCES = tests/unit/s3/remote/test_upload.c $(s3_test_support)
tests_unit_s3_transfer_test_upload_SOURCES = tests/unit/s3/transfer/test_upload.c $(s3_test_support)
tests_unit_s3_transfer_test_transfer_file_SOURCES = tests/unit/s3/transfer/test_transfer_file.c $(s3_test_support)
tests_unit_s3_call_test_object_options_SOURCES = tests/unit/s3/call/test_object_options.c $(s3_test_support)
tests_unit_s3_ops_test_list_objects_SOURCES = tests/unit/s3/ops/test_list_objects.c $(s3_test_support)
tests_unit_s3_ops_test_lists_SOURCES = tests/unit/s3/ops/test_lists.c $(s3_test_support)
tests_unit_s3_resource_test_resources_SOURCES = tests/unit/s3/resource/test_resources.c $(s3_test_support)
tests_unit_s3_test_memory_LDFLAGS = $(test_alloc_ldflags)

# The s3 layer as a program that tests/integration/test_s3_client.py talks to.
check_PROGRAMS += tests/support/s3-driver/s3-driver
tests_support_s3_driver_s3_driver_SOURCES = \
	tests/support/s3-driver/actions.c \
	tests/support/s3-driver/driver.h \
	tests/support/s3-driver/lists.c \
	tests/support/s3-driver/main.c \
	tests/support/s3-driver/objects.c \
	tests/support/s3-driver/resources.c \
	tests/support/s3-driver/transfers.c \
	tests/support/s3-driver/versions.c
tests_support_s3_driver_s3_driver_LDADD = libpail_s3.a libpail_aws.a libpail_http.a libpail_util.a $(OTHER_LIBS)

check-mount check-long: tests/support/s3-driver/s3-driver$(EXEEXT)

tests_unit_s3_remote_test_metadata_LDFLAGS = $(test_alloc_ldflags)
