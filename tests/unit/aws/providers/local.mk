# SPDX-License-Identifier: Apache-2.0
# The sources of credentials, each alone. As in tests/unit/aws/local.mk: a test is one word here.
unit_tests += \
	tests/unit/aws/providers/test_container \
	tests/unit/aws/providers/test_login \
	tests/unit/aws/providers/test_login_dpop \
	tests/unit/aws/providers/test_metadata \
	tests/unit/aws/providers/test_process \
	tests/unit/aws/providers/test_process_run

noinst_HEADERS += tests/unit/aws/providers/dpop.h tests/unit/aws/providers/questions.h tests/unit/aws/providers/world.h

aws_provider_files = tests/unit/aws/providers/world.c tests/unit/aws/files.c
aws_provider_questions = tests/unit/aws/providers/questions.c
questions_ldflags = $(AM_LDFLAGS) -Wl,--wrap=pail_service_call
aws_provider_services = $(aws_provider_files) tests/unit/aws/script.c tests/unit/http/blackhole.c tests/unit/http/server.c
tests_unit_aws_providers_test_container_SOURCES = tests/unit/aws/providers/test_container.c $(aws_provider_services) \
	$(aws_provider_questions)
tests_unit_aws_providers_test_container_LDFLAGS = $(questions_ldflags)
tests_unit_aws_providers_test_login_SOURCES = tests/unit/aws/providers/test_login.c tests/unit/aws/providers/dpop.c \
	$(aws_provider_services)
tests_unit_aws_providers_test_login_dpop_SOURCES = tests/unit/aws/providers/test_login_dpop.c \
	tests/unit/aws/providers/dpop.c
tests_unit_aws_providers_test_metadata_SOURCES = tests/unit/aws/providers/test_metadata.c $(aws_provider_services) \
	$(aws_provider_questions)
tests_unit_aws_providers_test_metadata_LDFLAGS = $(questions_ldflags)
tests_unit_aws_providers_test_process_SOURCES = tests/unit/aws/providers/test_process.c $(aws_provider_files) \
	$(test_alloc_sources)
tests_unit_aws_providers_test_process_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_providers_test_process_run_SOURCES = tests/unit/aws/providers/test_process_run.c $(aws_provider_files)
