# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/fs/FOLDER/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_fs_FOLDER_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/fs/data/test_base \
	tests/unit/fs/data/test_concurrent \
	tests/unit/fs/data/test_location \
	tests/unit/fs/data/test_read \
	tests/unit/fs/data/test_read_stream \
	tests/unit/fs/data/test_read_window \
	tests/unit/fs/tree/test_attributes \
	tests/unit/fs/tree/test_inode

tests_unit_fs_tree_test_attributes_LDFLAGS = $(test_alloc_ldflags)
tests_unit_fs_tree_test_inode_LDFLAGS = $(test_alloc_ldflags)

# The tests of data have a remote whose fetches are scripted.
fs_fake_remote = tests/unit/fs/data/fake_remote.c tests/unit/fs/data/fake_remote.h
fs_data_fixture = tests/unit/fs/data/fixture.c tests/unit/fs/data/fixture.h $(fs_fake_remote)
tests_unit_fs_data_test_base_SOURCES = tests/unit/fs/data/test_base.c $(fs_fake_remote)
tests_unit_fs_data_test_read_SOURCES = tests/unit/fs/data/test_read.c $(fs_data_fixture)
tests_unit_fs_data_test_read_LDFLAGS = $(test_alloc_ldflags)
tests_unit_fs_data_test_location_SOURCES = tests/unit/fs/data/test_location.c $(fs_data_fixture)
tests_unit_fs_data_test_concurrent_SOURCES = tests/unit/fs/data/test_concurrent.c $(fs_fake_remote)
tests_unit_fs_data_test_read_stream_SOURCES = tests/unit/fs/data/test_read_stream.c $(fs_fake_remote)

EXTRA_DIST +=
