# SPDX-License-Identifier: Apache-2.0
# Helpers of unit tests, linked with each of them that uses one.
if HAVE_CMOCKA
check_LIBRARIES += tests/unit/support/libsupport.a
endif
tests_unit_support_libsupport_a_SOURCES = \
	tests/unit/support/alloc.c \
	tests/unit/support/alloc.h \
	tests/unit/support/death.c \
	tests/unit/support/death.h \
	tests/unit/support/test.h
