# SPDX-License-Identifier: Apache-2.0
# What is read: shared files, environment, settings. As in tests/unit/aws/local.mk: a test is one word here.
unit_tests += \
	tests/unit/aws/config/test_environment \
	tests/unit/aws/config/test_ini \
	tests/unit/aws/config/test_ini_edit \
	tests/unit/aws/config/test_json \
	tests/unit/aws/config/test_profile \
	tests/unit/aws/config/test_settings \
	tests/unit/aws/config/test_settings_endpoint \
	tests/unit/aws/config/test_shellwords \
	tests/unit/aws/config/test_url

tests_unit_aws_config_test_environment_SOURCES = tests/unit/aws/config/test_environment.c $(test_alloc_sources)
tests_unit_aws_config_test_environment_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_config_test_ini_SOURCES = tests/unit/aws/config/test_ini.c $(aws_test_files) $(test_alloc_sources)
tests_unit_aws_config_test_ini_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_config_test_ini_edit_SOURCES = tests/unit/aws/config/test_ini_edit.c $(test_alloc_sources)
tests_unit_aws_config_test_ini_edit_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_config_test_profile_SOURCES = \
	tests/unit/aws/config/test_profile.c \
	$(aws_test_files) \
	$(test_alloc_sources)
tests_unit_aws_config_test_profile_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_config_test_settings_SOURCES = tests/unit/aws/config/test_settings.c $(aws_test_session)
tests_unit_aws_config_test_settings_endpoint_SOURCES = tests/unit/aws/config/test_settings_endpoint.c $(aws_test_files)
