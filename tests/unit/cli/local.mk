# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/cli/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_cli_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/cli/pailctl/test_arguments \
	tests/unit/cli/pailctl/test_check_checksum \
	tests/unit/cli/pailctl/test_command \
	tests/unit/cli/pailctl/test_configure_settings \
	tests/unit/cli/pailctl/test_configure_warn \
	tests/unit/cli/pailctl/test_configure_write \
	tests/unit/cli/pailctl/test_presign \
	tests/unit/cli/pailctl/test_progress \
	tests/unit/cli/pailctl/test_report \
	tests/unit/cli/pailctl/test_restore \
	tests/unit/cli/pailctl/test_tags \
	tests/unit/cli/pailctl/test_terminal \
	tests/unit/cli/pailctl/test_text \
	tests/unit/cli/pailctl/test_transfer \
	tests/unit/cli/pailctl/test_usage \
	tests/unit/cli/pailctl/test_versions \
	tests/unit/cli/test_ask \
	tests/unit/cli/test_command_line \
	tests/unit/cli/test_option_check \
	tests/unit/cli/test_options \
	tests/unit/cli/test_source

# Commands as a person runs them, and a server that answers from a script.
pailctl_test_support = $(s3_test_support) tests/unit/cli/pailctl/run.c tests/unit/cli/pailctl/run.h
pailctl_test_profile = tests/unit/cli/pailctl/profile.c tests/unit/cli/pailctl/profile.h

tests_unit_cli_pailctl_test_check_checksum_SOURCES = tests/unit/cli/pailctl/test_check_checksum.c $(s3_test_support)
tests_unit_cli_pailctl_test_command_SOURCES = tests/unit/cli/pailctl/test_command.c $(pailctl_test_support)
tests_unit_cli_pailctl_test_configure_settings_SOURCES = tests/unit/cli/pailctl/test_configure_settings.c \
	$(pailctl_test_profile)
tests_unit_cli_pailctl_test_configure_warn_SOURCES = tests/unit/cli/pailctl/test_configure_warn.c \
	$(pailctl_test_profile) $(pailctl_test_support)
tests_unit_cli_pailctl_test_configure_write_SOURCES = tests/unit/cli/pailctl/test_configure_write.c \
	$(pailctl_test_profile)
tests_unit_cli_pailctl_test_presign_SOURCES = tests/unit/cli/pailctl/test_presign.c $(pailctl_test_support)
tests_unit_cli_pailctl_test_report_SOURCES = tests/unit/cli/pailctl/test_report.c $(pailctl_test_support)
tests_unit_cli_pailctl_test_restore_SOURCES = tests/unit/cli/pailctl/test_restore.c $(pailctl_test_support)
tests_unit_cli_pailctl_test_tags_SOURCES = tests/unit/cli/pailctl/test_tags.c $(pailctl_test_support)
tests_unit_cli_pailctl_test_text_SOURCES = tests/unit/cli/pailctl/test_text.c $(pailctl_test_support)
tests_unit_cli_pailctl_test_transfer_SOURCES = tests/unit/cli/pailctl/test_transfer.c $(pailctl_test_support)
tests_unit_cli_pailctl_test_versions_SOURCES = tests/unit/cli/pailctl/test_versions.c $(pailctl_test_support)
