# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/s3/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_s3_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests +=

EXTRA_DIST +=

# The s3 layer as a program that tests/integration/test_s3_client.py talks to.
check_PROGRAMS += tests/support/s3-driver/s3-driver
tests_support_s3_driver_s3_driver_SOURCES = \
	tests/support/s3-driver/driver.h \
	tests/support/s3-driver/lists.c \
	tests/support/s3-driver/main.c \
	tests/support/s3-driver/objects.c \
	tests/support/s3-driver/transfers.c
tests_support_s3_driver_s3_driver_LDADD = libpail_s3.a libpail_aws.a libpail_http.a libpail_util.a $(OTHER_LIBS)

check-mount check-long: tests/support/s3-driver/s3-driver$(EXEEXT)
