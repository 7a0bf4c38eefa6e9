# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/aws/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_aws_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/aws/test_arn \
	tests/unit/aws/test_assume_role \
	tests/unit/aws/test_credentials \
	tests/unit/aws/test_endpoint \
	tests/unit/aws/test_endpoint_rules \
	tests/unit/aws/test_environment \
	tests/unit/aws/test_ini \
	tests/unit/aws/test_ini_edit \
	tests/unit/aws/test_json \
	tests/unit/aws/test_profile \
	tests/unit/aws/test_refresh \
	tests/unit/aws/test_refresh_refused \
	tests/unit/aws/test_reload \
	tests/unit/aws/test_retry \
	tests/unit/aws/test_retry_classify \
	tests/unit/aws/test_retry_rate \
	tests/unit/aws/test_service \
	tests/unit/aws/test_session \
	tests/unit/aws/test_session_threads \
	tests/unit/aws/test_settings_endpoint \
	tests/unit/aws/test_shellwords \
	tests/unit/aws/test_sigv4 \
	tests/unit/aws/test_sigv4_body \
	tests/unit/aws/test_sigv4_canonical \
	tests/unit/aws/test_sigv4_key \
	tests/unit/aws/test_sigv4_presign \
	tests/unit/aws/test_sigv4a \
	tests/unit/aws/test_sso \
	tests/unit/aws/test_sts \
	tests/unit/aws/test_url \
	tests/unit/aws/test_web_identity

noinst_HEADERS += tests/unit/aws/files.h tests/unit/aws/script.h tests/unit/aws/stage.h

aws_test_refreshed = tests/unit/aws/refreshed.c tests/unit/aws/refreshed.h
aws_test_files = tests/unit/aws/files.c
# A service of the test's own.
aws_test_script = tests/unit/aws/script.c tests/unit/http/server.c
aws_test_stage = tests/unit/aws/stage.c $(aws_test_script) $(aws_test_files)
tests_unit_aws_test_assume_role_SOURCES = tests/unit/aws/test_assume_role.c $(aws_test_stage)
tests_unit_aws_test_credentials_SOURCES = tests/unit/aws/test_credentials.c $(aws_test_files) $(test_alloc_sources)
tests_unit_aws_test_credentials_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_test_environment_SOURCES = tests/unit/aws/test_environment.c $(test_alloc_sources)
tests_unit_aws_test_environment_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_test_ini_SOURCES = tests/unit/aws/test_ini.c $(aws_test_files) $(test_alloc_sources)
tests_unit_aws_test_ini_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_test_ini_edit_SOURCES = tests/unit/aws/test_ini_edit.c $(test_alloc_sources)
tests_unit_aws_test_ini_edit_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_test_profile_SOURCES = tests/unit/aws/test_profile.c $(aws_test_files) $(test_alloc_sources)
tests_unit_aws_test_profile_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_test_service_SOURCES = tests/unit/aws/test_service.c $(aws_test_script) tests/unit/http/blackhole.c \
	$(test_alloc_sources)
tests_unit_aws_test_service_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_test_refresh_SOURCES = tests/unit/aws/test_refresh.c $(aws_test_refreshed)
tests_unit_aws_test_refresh_refused_SOURCES = tests/unit/aws/test_refresh_refused.c $(aws_test_refreshed)
tests_unit_aws_test_reload_SOURCES = tests/unit/aws/test_reload.c $(aws_test_files) $(test_alloc_sources)
tests_unit_aws_test_reload_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_test_session_SOURCES = tests/unit/aws/test_session.c $(aws_test_files) $(test_alloc_sources)
tests_unit_aws_test_session_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_test_settings_endpoint_SOURCES = tests/unit/aws/test_settings_endpoint.c $(aws_test_files)
tests_unit_aws_test_sso_SOURCES = tests/unit/aws/test_sso.c $(aws_test_stage)
tests_unit_aws_test_sts_SOURCES = tests/unit/aws/test_sts.c $(aws_test_stage)
tests_unit_aws_test_web_identity_SOURCES = tests/unit/aws/test_web_identity.c $(aws_test_stage)
tests_unit_aws_test_sigv4_SOURCES = tests/unit/aws/test_sigv4.c $(test_alloc_sources)
tests_unit_aws_test_sigv4_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_test_sigv4_presign_SOURCES = tests/unit/aws/test_sigv4_presign.c $(test_alloc_sources)
tests_unit_aws_test_sigv4_presign_LDFLAGS = $(test_alloc_ldflags)

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
