# SPDX-License-Identifier: Apache-2.0
# Whether a failed attempt is worth another. As in tests/unit/aws/local.mk: a test is one word here.
unit_tests += \
	tests/unit/aws/retry/test_retry \
	tests/unit/aws/retry/test_retry_classify \
	tests/unit/aws/retry/test_retry_rate
