# SPDX-License-Identifier: Apache-2.0
# Credentials while a session lives, and the services they come from.
# As in tests/unit/aws/local.mk: a test is one word here.
unit_tests += \
	tests/unit/aws/credentials/test_provider_chain \
	tests/unit/aws/credentials/test_refresh \
	tests/unit/aws/credentials/test_refresh_refused \
	tests/unit/aws/credentials/test_reload \
	tests/unit/aws/credentials/test_service

noinst_HEADERS += tests/unit/aws/credentials/script.h

aws_test_refreshed = tests/unit/aws/credentials/refreshed.c tests/unit/aws/credentials/refreshed.h
# A service of the test's own.
aws_test_script = tests/unit/aws/credentials/script.c tests/unit/http/server.c
tests_unit_aws_credentials_test_service_SOURCES = \
	tests/unit/aws/credentials/test_service.c \
	$(aws_test_script) \
	tests/unit/http/blackhole.c \
	$(test_alloc_sources)
tests_unit_aws_credentials_test_service_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_credentials_test_refresh_SOURCES = tests/unit/aws/credentials/test_refresh.c $(aws_test_refreshed)
tests_unit_aws_credentials_test_refresh_refused_SOURCES = \
	tests/unit/aws/credentials/test_refresh_refused.c \
	$(aws_test_refreshed)
tests_unit_aws_credentials_test_reload_SOURCES = \
	tests/unit/aws/credentials/test_reload.c \
	$(aws_test_files) \
	$(test_alloc_sources)
tests_unit_aws_credentials_test_reload_LDFLAGS = $(test_alloc_ldflags)
