# SPDX-License-Identifier: Apache-2.0
# The sources of credentials, each alone. As in tests/unit/aws/local.mk: a test is one word here.
unit_tests += \
	tests/unit/aws/credentials/providers/test_assume_role \
	tests/unit/aws/credentials/providers/test_container \
	tests/unit/aws/credentials/providers/test_keys \
	tests/unit/aws/credentials/providers/test_login \
	tests/unit/aws/credentials/providers/test_login_dpop \
	tests/unit/aws/credentials/providers/test_metadata \
	tests/unit/aws/credentials/providers/test_process \
	tests/unit/aws/credentials/providers/test_process_run \
	tests/unit/aws/credentials/providers/test_sso \
	tests/unit/aws/credentials/providers/test_sts \
	tests/unit/aws/credentials/providers/test_web_identity

noinst_HEADERS += \
	tests/unit/aws/credentials/providers/dpop.h \
	tests/unit/aws/credentials/providers/questions.h \
	tests/unit/aws/credentials/providers/stage.h \
	tests/unit/aws/credentials/providers/world.h

aws_test_stage = tests/unit/aws/credentials/providers/stage.c $(aws_test_script) $(aws_test_files)
aws_provider_files = tests/unit/aws/credentials/providers/world.c $(aws_test_files)
aws_provider_questions = tests/unit/aws/credentials/providers/questions.c
questions_ldflags = $(AM_LDFLAGS) -Wl,--wrap=pail_service_call
aws_provider_services = $(aws_provider_files) $(aws_test_script) tests/unit/http/blackhole.c
tests_unit_aws_credentials_providers_test_assume_role_SOURCES = \
	tests/unit/aws/credentials/providers/test_assume_role.c \
	$(aws_test_stage)
tests_unit_aws_credentials_providers_test_sso_SOURCES = \
	tests/unit/aws/credentials/providers/test_sso.c \
	$(aws_test_stage)
tests_unit_aws_credentials_providers_test_sts_SOURCES = \
	tests/unit/aws/credentials/providers/test_sts.c \
	$(aws_test_stage)
tests_unit_aws_credentials_providers_test_web_identity_SOURCES = \
	tests/unit/aws/credentials/providers/test_web_identity.c \
	$(aws_test_stage)
tests_unit_aws_credentials_providers_test_container_SOURCES = \
	tests/unit/aws/credentials/providers/test_container.c \
	$(aws_provider_services) \
	$(aws_provider_questions)
tests_unit_aws_credentials_providers_test_container_LDFLAGS = $(questions_ldflags)
tests_unit_aws_credentials_providers_test_keys_SOURCES = \
	tests/unit/aws/credentials/providers/test_keys.c \
	$(aws_test_files) \
	$(test_alloc_sources)
tests_unit_aws_credentials_providers_test_keys_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_credentials_providers_test_login_SOURCES = \
	tests/unit/aws/credentials/providers/test_login.c \
	tests/unit/aws/credentials/providers/dpop.c \
	$(aws_provider_services)
tests_unit_aws_credentials_providers_test_login_dpop_SOURCES = tests/unit/aws/credentials/providers/test_login_dpop.c \
	tests/unit/aws/credentials/providers/dpop.c
tests_unit_aws_credentials_providers_test_metadata_SOURCES = \
	tests/unit/aws/credentials/providers/test_metadata.c \
	$(aws_provider_services) \
	$(aws_provider_questions)
tests_unit_aws_credentials_providers_test_metadata_LDFLAGS = $(questions_ldflags)
tests_unit_aws_credentials_providers_test_process_SOURCES = \
	tests/unit/aws/credentials/providers/test_process.c \
	$(aws_provider_files) \
	$(test_alloc_sources)
tests_unit_aws_credentials_providers_test_process_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_credentials_providers_test_process_run_SOURCES = \
	tests/unit/aws/credentials/providers/test_process_run.c \
	$(aws_provider_files)
