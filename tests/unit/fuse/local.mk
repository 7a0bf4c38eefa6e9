# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/fuse/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_fuse_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += tests/unit/fuse/test_mountinfo tests/unit/fuse/test_signals
