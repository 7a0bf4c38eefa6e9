# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "aws", one a line: src/aws/NAME.c and private headers src/aws/NAME.h.
noinst_LIBRARIES += libpail_aws.a
libpail_aws_a_SOURCES = \
	src/aws/arn.c \
	src/aws/chain.c \
	src/aws/chain.h \
	src/aws/credentials.c \
	src/aws/endpoint.c \
	src/aws/endpoint_arn.c \
	src/aws/endpoint_bucket.c \
	src/aws/endpoint_rules.h \
	src/aws/environment.c \
	src/aws/environment.h \
	src/aws/ini.c \
	src/aws/ini.h \
	src/aws/ini_edit.c \
	src/aws/ini_parse.c \
	src/aws/json.c \
	src/aws/json.h \
	src/aws/partition.c \
	src/aws/partition.h \
	src/aws/places.c \
	src/aws/places.h \
	src/aws/profile.c \
	src/aws/providers/assume_role.c \
	src/aws/providers/common.c \
	src/aws/providers/common.h \
	src/aws/providers/config.c \
	src/aws/providers/container.c \
	src/aws/providers/container.h \
	src/aws/providers/env.c \
	src/aws/providers/explicit.c \
	src/aws/providers/file.c \
	src/aws/providers/login.c \
	src/aws/providers/login.h \
	src/aws/providers/login_dpop.c \
	src/aws/providers/login_dpop.h \
	src/aws/providers/login_token.c \
	src/aws/providers/metadata.c \
	src/aws/providers/metadata.h \
	src/aws/providers/metadata_options.c \
	src/aws/providers/process.c \
	src/aws/providers/process.h \
	src/aws/providers/process_run.c \
	src/aws/providers/process_run.h \
	src/aws/providers/providers.h \
	src/aws/providers/redact.c \
	src/aws/providers/redact.h \
	src/aws/providers/shared.c \
	src/aws/providers/sso.c \
	src/aws/providers/sso_token.c \
	src/aws/providers/sso_token.h \
	src/aws/providers/sts.c \
	src/aws/providers/sts.h \
	src/aws/providers/web_identity.c \
	src/aws/refresh.c \
	src/aws/retry.c \
	src/aws/retry_classify.c \
	src/aws/retry_classify.h \
	src/aws/retry_rate.c \
	src/aws/retry_rate.h \
	src/aws/service.c \
	src/aws/service.h \
	src/aws/service_url.c \
	src/aws/service_url.h \
	src/aws/session.c \
	src/aws/settings.c \
	src/aws/settings.h \
	src/aws/settings_endpoint.c \
	src/aws/shellwords.c \
	src/aws/shellwords.h \
	src/aws/sigv4.c \
	src/aws/sigv4_body.c \
	src/aws/sigv4_canonical.c \
	src/aws/sigv4_key.c \
	src/aws/sigv4_key.h \
	src/aws/sigv4_presign.c \
	src/aws/sigv4a.c \
	src/aws/sigv4a_key.c \
	src/aws/sigv4a_key.h \
	src/aws/url.c \
	src/aws/url.h

# Contracts of the layer, one a line: include/pail/aws/NAME.h.
noinst_HEADERS += \
	include/pail/aws/arn.h \
	include/pail/aws/credentials.h \
	include/pail/aws/endpoint.h \
	include/pail/aws/ini.h \
	include/pail/aws/ini_edit.h \
	include/pail/aws/profile.h \
	include/pail/aws/refresh.h \
	include/pail/aws/retry.h \
	include/pail/aws/session.h \
	include/pail/aws/sigv4.h
