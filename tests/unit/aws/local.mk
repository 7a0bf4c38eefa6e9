# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/aws/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_aws_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/aws/test_session \
	tests/unit/aws/test_session_threads

noinst_HEADERS += tests/unit/aws/files.h tests/unit/aws/session_fixture.h

aws_test_files = tests/unit/aws/files.c
aws_test_session = tests/unit/aws/session_fixture.c $(aws_test_files)
tests_unit_aws_test_session_SOURCES = tests/unit/aws/test_session.c $(aws_test_session) $(test_alloc_sources)
tests_unit_aws_test_session_LDFLAGS = $(test_alloc_ldflags)

# What tests/integration/test_*_botocore.py drive: they read questions on stdin.
check_PROGRAMS += tests/support/aws/sigv4-driver tests/support/aws/session-driver tests/support/aws/endpoint-driver
tests_support_aws_sigv4_driver_SOURCES = \
	tests/support/aws/record.c \
	tests/support/aws/record.h \
	tests/support/aws/sigv4-driver.c
tests_support_aws_session_driver_SOURCES = \
	tests/support/aws/record.c \
	tests/support/aws/record.h \
	tests/support/aws/session-driver.c
tests_support_aws_endpoint_driver_SOURCES = \
	tests/support/aws/endpoint-driver.c \
	tests/support/aws/record.c \
	tests/support/aws/record.h
tests_support_aws_sigv4_driver_LDADD = libpail_aws.a libpail_http.a libpail_util.a $(OTHER_LIBS)
tests_support_aws_session_driver_LDADD = $(tests_support_aws_sigv4_driver_LDADD)
tests_support_aws_endpoint_driver_LDADD = $(tests_support_aws_sigv4_driver_LDADD)

check-mount check-long: tests/support/aws/sigv4-driver$(EXEEXT) tests/support/aws/session-driver$(EXEEXT) \
	tests/support/aws/endpoint-driver$(EXEEXT)
