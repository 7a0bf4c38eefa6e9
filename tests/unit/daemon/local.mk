# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/daemon/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_daemon_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/daemon/diagnose/test_diagnose \
	tests/unit/daemon/diagnose/test_proxy \
	tests/unit/daemon/source/test_profile_list \
	tests/unit/daemon/source/test_secrets \
	tests/unit/daemon/source/test_state \
	tests/unit/daemon/test_launch \
	tests/unit/daemon/test_memory \
	tests/unit/daemon/test_mountpoint \
	tests/unit/daemon/test_unmount_wait

tests_unit_daemon_source_test_profile_list_LDFLAGS = $(test_alloc_ldflags)
