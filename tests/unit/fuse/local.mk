# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/fuse/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_fuse_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/fuse/test_call \
	tests/unit/fuse/test_capture \
	tests/unit/fuse/test_directories \
	tests/unit/fuse/test_driver \
	tests/unit/fuse/test_entries \
	tests/unit/fuse/test_files \
	tests/unit/fuse/test_loop \
	tests/unit/fuse/test_mountinfo \
	tests/unit/fuse/test_names \
	tests/unit/fuse/test_negotiate \
	tests/unit/fuse/test_notify \
	tests/unit/fuse/test_raw_request \
	tests/unit/fuse/test_signals \
	tests/unit/fuse/test_unmount

# The kernel's end of a device that is a socket, and a mount that notes what it is asked.
fuse_kernel = tests/unit/fuse/kernel.c tests/unit/fuse/kernel.h tests/unit/fuse/fake_mount.c tests/unit/fuse/fake_mount.h
tests_unit_fuse_test_call_SOURCES = tests/unit/fuse/test_call.c $(fuse_kernel)
tests_unit_fuse_test_directories_SOURCES = tests/unit/fuse/test_directories.c $(fuse_kernel)
tests_unit_fuse_test_driver_SOURCES = tests/unit/fuse/test_driver.c $(fuse_kernel)
tests_unit_fuse_test_entries_SOURCES = tests/unit/fuse/test_entries.c $(fuse_kernel)
tests_unit_fuse_test_files_SOURCES = tests/unit/fuse/test_files.c $(fuse_kernel)
tests_unit_fuse_test_loop_SOURCES = tests/unit/fuse/test_loop.c $(fuse_kernel)
tests_unit_fuse_test_names_SOURCES = tests/unit/fuse/test_names.c $(fuse_kernel)
tests_unit_fuse_test_negotiate_SOURCES = tests/unit/fuse/test_negotiate.c $(fuse_kernel)
tests_unit_fuse_test_notify_SOURCES = tests/unit/fuse/test_notify.c $(fuse_kernel)

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
