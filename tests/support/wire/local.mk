# SPDX-License-Identifier: Apache-2.0
# The wire: a program of the tests, which stands between client and server. It uses nothing of Pail.
check_PROGRAMS += tests/support/wire/wire
tests_support_wire_wire_SOURCES = \
	tests/support/wire/wire.h \
	tests/support/wire/body.c \
	tests/support/wire/connection.c \
	tests/support/wire/control.c \
	tests/support/wire/exchange.c \
	tests/support/wire/http.c \
	tests/support/wire/kind.c \
	tests/support/wire/log.c \
	tests/support/wire/main.c \
	tests/support/wire/pump.c \
	tests/support/wire/request.c \
	tests/support/wire/response.c \
	tests/support/wire/script.c \
	tests/support/wire/shaping.c
tests_support_wire_wire_LDADD = -lm
EXTRA_DIST += tests/support/wire/README.md tests/support/wire/measure.py
