# SPDX-License-Identifier: Apache-2.0
# Which host a request goes to. As in tests/unit/aws/local.mk: a test is one word here.
unit_tests += \
	tests/unit/aws/endpoint/test_arn \
	tests/unit/aws/endpoint/test_endpoint \
	tests/unit/aws/endpoint/test_endpoint_rules
