# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/fuse/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_fuse_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += tests/unit/fuse/test_mountinfo tests/unit/fuse/test_signals

# The driver on a file system in memory, for tests/integration/test_driver.py.
check_PROGRAMS += tests/support/fakefs/fakefs
tests_support_fakefs_fakefs_SOURCES = \
	tests/support/fakefs/fake.h \
	tests/support/fakefs/files.c \
	tests/support/fakefs/main.c \
	tests/support/fakefs/names.c \
	tests/support/fakefs/nodes.c \
	tests/support/fakefs/private.h
tests_support_fakefs_fakefs_LDADD = $(PAIL_LIBS) $(OTHER_LIBS)
