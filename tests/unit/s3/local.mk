# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/s3/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_s3_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests +=

EXTRA_DIST +=
