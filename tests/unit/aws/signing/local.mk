# SPDX-License-Identifier: Apache-2.0
# Signatures. As in tests/unit/aws/local.mk: a test is one word here.
unit_tests += \
	tests/unit/aws/signing/test_credentials \
	tests/unit/aws/signing/test_sigv4 \
	tests/unit/aws/signing/test_sigv4_body \
	tests/unit/aws/signing/test_sigv4_canonical \
	tests/unit/aws/signing/test_sigv4_key \
	tests/unit/aws/signing/test_sigv4_presign \
	tests/unit/aws/signing/test_sigv4a

tests_unit_aws_signing_test_credentials_SOURCES = tests/unit/aws/signing/test_credentials.c $(test_alloc_sources)
tests_unit_aws_signing_test_credentials_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_signing_test_sigv4_SOURCES = tests/unit/aws/signing/test_sigv4.c $(test_alloc_sources)
tests_unit_aws_signing_test_sigv4_LDFLAGS = $(test_alloc_ldflags)
tests_unit_aws_signing_test_sigv4_presign_SOURCES = tests/unit/aws/signing/test_sigv4_presign.c $(test_alloc_sources)
tests_unit_aws_signing_test_sigv4_presign_LDFLAGS = $(test_alloc_ldflags)
