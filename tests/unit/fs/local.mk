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
	tests/unit/fs/test_node

tests_unit_fs_test_attributes_LDFLAGS = $(test_alloc_ldflags)
tests_unit_fs_test_node_LDFLAGS = $(test_alloc_ldflags)

# The read engine's tests have a remote whose fetches are scripted.
fs_fake_remote = tests/unit/fs/fake_remote.c tests/unit/fs/fake_remote.h
fs_content_fixture = tests/unit/fs/content_fixture.c tests/unit/fs/content_fixture.h $(fs_fake_remote)
tests_unit_fs_test_content_SOURCES = tests/unit/fs/test_content.c $(fs_content_fixture)
tests_unit_fs_test_content_LDFLAGS = $(test_alloc_ldflags)
tests_unit_fs_test_content_move_SOURCES = tests/unit/fs/test_content_move.c $(fs_content_fixture)
tests_unit_fs_test_content_concurrent_SOURCES = tests/unit/fs/test_content_concurrent.c $(fs_fake_remote)
tests_unit_fs_test_content_stream_SOURCES = tests/unit/fs/test_content_stream.c $(fs_fake_remote)

EXTRA_DIST +=
