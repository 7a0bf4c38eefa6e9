# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "aws", one a line: src/aws/NAME.c and private headers src/aws/NAME.h.
noinst_LIBRARIES += libpail_aws.a
libpail_aws_a_SOURCES = \
	src/aws/credentials.c \
	src/aws/endpoint.c \
	src/aws/environment.c \
	src/aws/environment.h \
	src/aws/ini.c \
	src/aws/ini.h \
	src/aws/ini_parse.c \
	src/aws/json.h \
	src/aws/partition.c \
	src/aws/partition.h \
	src/aws/profile.c \
	src/aws/providers/config.c \
	src/aws/providers/env.c \
	src/aws/providers/explicit.c \
	src/aws/providers/file.c \
	src/aws/providers/providers.h \
	src/aws/providers/shared.c \
	src/aws/providers/unsupported.c \
	src/aws/refresh.c \
	src/aws/refresh.h \
	src/aws/retry.c \
	src/aws/retry_classify.c \
	src/aws/retry_classify.h \
	src/aws/retry_rate.c \
	src/aws/retry_rate.h \
	src/aws/service.h \
	src/aws/session.c \
	src/aws/settings.c \
	src/aws/settings.h \
	src/aws/shellwords.c \
	src/aws/shellwords.h \
	src/aws/sigv4.c \
	src/aws/sigv4_body.c \
	src/aws/sigv4_canonical.c \
	src/aws/sigv4_key.c \
	src/aws/sigv4_key.h \
	src/aws/url.c \
	src/aws/url.h

# Contracts of the layer, one a line: include/pail/aws/NAME.h.
noinst_HEADERS += \
	include/pail/aws/credentials.h \
	include/pail/aws/endpoint.h \
	include/pail/aws/ini.h \
	include/pail/aws/profile.h \
	include/pail/aws/retry.h \
	include/pail/aws/session.h \
	include/pail/aws/sigv4.h
