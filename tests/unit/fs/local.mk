# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/fs/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_fs_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/fs/test_attributes

tests_unit_fs_test_attributes_LDFLAGS = $(test_alloc_ldflags)

EXTRA_DIST +=
