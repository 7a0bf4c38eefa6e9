# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/cli/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_cli_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/cli/test_arguments \
	tests/unit/cli/test_ask \
	tests/unit/cli/test_command_line \
	tests/unit/cli/test_option_check \
	tests/unit/cli/test_options \
	tests/unit/cli/test_pailctl \
	tests/unit/cli/test_progress \
	tests/unit/cli/test_source
