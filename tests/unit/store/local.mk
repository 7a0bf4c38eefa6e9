# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/store/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_store_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/store/test_spool \
	tests/unit/store/test_spool_lost \
	tests/unit/store/test_state_directory

noinst_HEADERS += tests/unit/store/fixture.h

tests_unit_store_test_spool_SOURCES = tests/unit/store/test_spool.c tests/unit/store/fixture.c
tests_unit_store_test_spool_LDFLAGS = $(test_alloc_ldflags) -Wl,--wrap=fallocate,--wrap=fallocate64
tests_unit_store_test_spool_lost_SOURCES = tests/unit/store/test_spool_lost.c tests/unit/store/fixture.c
tests_unit_store_test_spool_lost_LDFLAGS = $(test_alloc_ldflags)

EXTRA_DIST +=
