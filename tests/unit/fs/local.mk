# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/fs/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_fs_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/fs/test_content \
	tests/unit/fs/test_content_concurrent \
	tests/unit/fs/test_content_move \
	tests/unit/fs/test_content_stream \
	tests/unit/fs/test_content_window \
	tests/unit/fs/test_attributes \
	tests/unit/fs/test_forest \
	tests/unit/fs/test_node

tests_unit_fs_test_attributes_LDFLAGS = $(test_alloc_ldflags)
tests_unit_fs_test_node_LDFLAGS = $(test_alloc_ldflags)

# The read engine's tests put a scripted GetObject in the place of the real one.
fs_fake_s3 = tests/unit/fs/fake_s3.c tests/unit/fs/fake_s3.h
fs_fake_s3_wrap = -Wl,--wrap=pail_s3_get_object_start,--wrap=pail_s3_call_cancel,--wrap=pail_s3_call_hurry,--wrap=pail_s3_call_unref
fs_content_fixture = tests/unit/fs/content_fixture.c tests/unit/fs/content_fixture.h $(fs_fake_s3)
tests_unit_fs_test_content_SOURCES = tests/unit/fs/test_content.c $(fs_content_fixture)
tests_unit_fs_test_content_LDFLAGS = $(test_alloc_ldflags) $(fs_fake_s3_wrap)
tests_unit_fs_test_content_move_SOURCES = tests/unit/fs/test_content_move.c $(fs_content_fixture)
tests_unit_fs_test_content_move_LDFLAGS = $(AM_LDFLAGS) $(fs_fake_s3_wrap)
tests_unit_fs_test_content_concurrent_SOURCES = tests/unit/fs/test_content_concurrent.c $(fs_fake_s3)
tests_unit_fs_test_content_concurrent_LDFLAGS = $(AM_LDFLAGS) $(fs_fake_s3_wrap)
tests_unit_fs_test_content_stream_SOURCES = tests/unit/fs/test_content_stream.c $(fs_fake_s3)
tests_unit_fs_test_content_stream_LDFLAGS = $(AM_LDFLAGS) $(fs_fake_s3_wrap)

# The forest's tests put trees in memory in the place of the real ones.
tests_unit_fs_test_forest_SOURCES = tests/unit/fs/test_forest.c tests/unit/fs/forest_source.c tests/unit/fs/forest_source.h \
	tests/support/fakefs/fake.h tests/support/fakefs/files.c tests/support/fakefs/names.c tests/support/fakefs/nodes.c \
	tests/support/fakefs/private.h
tests_unit_fs_test_forest_LDFLAGS = $(test_alloc_ldflags)

EXTRA_DIST +=
