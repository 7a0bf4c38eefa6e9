# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/mount/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_mount_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/mount/test_made_and_deleted \
	tests/unit/mount/test_mount

# Volumes in memory stand in for the real ones.
mount_test_support = \
	tests/support/fakefs/fake.h \
	tests/support/fakefs/files.c \
	tests/support/fakefs/names.c \
	tests/support/fakefs/nodes.c \
	tests/support/fakefs/private.h \
	tests/unit/mount/bucket_source.c \
	tests/unit/mount/bucket_source.h \
	tests/unit/mount/fixture.c \
	tests/unit/mount/fixture.h

tests_unit_mount_test_made_and_deleted_SOURCES = tests/unit/mount/test_made_and_deleted.c $(mount_test_support)
tests_unit_mount_test_mount_SOURCES = tests/unit/mount/test_mount.c $(mount_test_support)
tests_unit_mount_test_mount_LDFLAGS = $(test_alloc_ldflags)
