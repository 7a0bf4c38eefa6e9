# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/util/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_util_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/util/test_buf \
	tests/unit/util/test_cleanup \
	tests/unit/util/test_clock \
	tests/unit/util/test_crc \
	tests/unit/util/test_encode \
	tests/unit/util/test_error \
	tests/unit/util/test_extents \
	tests/unit/util/test_file \
	tests/unit/util/test_future \
	tests/unit/util/test_interrupt \
	tests/unit/util/test_log \
	tests/unit/util/test_math \
	tests/unit/util/test_mime \
	tests/unit/util/test_mutex \
	tests/unit/util/test_number \
	tests/unit/util/test_path \
	tests/unit/util/test_poison \
	tests/unit/util/test_random \
	tests/unit/util/test_secret \
	tests/unit/util/test_str \
	tests/unit/util/test_thread \
	tests/unit/util/test_utf8 \
	tests/unit/util/test_workpool \
	tests/unit/util/test_xml

# A test of any layer that uses tests/unit/support/alloc.h has these as its LDFLAGS.
test_alloc_ldflags = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=strdup,--wrap=strndup \
	-Wl,--wrap=pail_secret_arena_malloc,--wrap=pail_secret_arena_calloc,--wrap=pail_secret_arena_realloc

tests_unit_util_test_buf_LDFLAGS = $(test_alloc_ldflags)
tests_unit_util_test_encode_LDFLAGS = $(test_alloc_ldflags)
tests_unit_util_test_extents_LDFLAGS = $(test_alloc_ldflags)
tests_unit_util_test_file_LDFLAGS = $(test_alloc_ldflags) -Wl,--wrap=pread,--wrap=pwrite,--wrap=pread64,--wrap=pwrite64
tests_unit_util_test_future_LDFLAGS = $(test_alloc_ldflags) -Wl,--wrap=pthread_create
tests_unit_util_test_random_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getrandom
tests_unit_util_test_str_LDFLAGS = $(test_alloc_ldflags)
tests_unit_util_test_thread_LDFLAGS = $(test_alloc_ldflags) -Wl,--wrap=pthread_create
tests_unit_util_test_workpool_LDFLAGS = $(test_alloc_ldflags) -Wl,--wrap=pthread_create
tests_unit_util_test_xml_LDFLAGS = $(test_alloc_ldflags)
tests_unit_util_test_log_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=openlog,--wrap=closelog,--wrap=syslog,--wrap=__syslog_chk
