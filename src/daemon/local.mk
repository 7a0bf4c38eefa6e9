# SPDX-License-Identifier: Apache-2.0
# Sources of the layer "daemon", one a line: src/daemon/NAME.c and private headers src/daemon/NAME.h.
noinst_LIBRARIES += libpail_daemon.a
libpail_daemon_a_SOURCES = \
	src/daemon/diagnose/denied.c src/daemon/diagnose/denied.h \
	src/daemon/diagnose/diagnose.c \
	src/daemon/diagnose/exchange.c \
	src/daemon/diagnose/other_scheme.c \
	src/daemon/diagnose/proxy.c \
	src/daemon/diagnose/transport.c src/daemon/diagnose/transport.h \
	src/daemon/diagnose/words.c src/daemon/diagnose/words.h \
	src/daemon/launch.c \
	src/daemon/memory.c src/daemon/memory.h \
	src/daemon/mountpoint.c src/daemon/mountpoint.h \
	src/daemon/prepare.c \
	src/daemon/serve.c \
	src/daemon/signal_thread.c src/daemon/signal_thread.h \
	src/daemon/source/accounts.c \
	src/daemon/source/buckets.c \
	src/daemon/source/empty_prefix.c \
	src/daemon/source/probe.c \
	src/daemon/source/profile_list.c \
	src/daemon/source/s3_context.c \
	src/daemon/source/secrets.c \
	src/daemon/source/source_name.c \
	src/daemon/source/state.c \
	src/daemon/source/trace.c src/daemon/source/trace.h \
	src/daemon/unmount_wait.c

# Contracts of the layer, one a line: include/pail/daemon/NAME.h.
noinst_HEADERS += \
	include/pail/daemon/accounts.h \
	include/pail/daemon/buckets.h \
	include/pail/daemon/diagnose.h \
	include/pail/daemon/diagnosis.h \
	include/pail/daemon/empty_prefix.h \
	include/pail/daemon/exchange.h \
	include/pail/daemon/launch.h \
	include/pail/daemon/options.h \
	include/pail/daemon/other_scheme.h \
	include/pail/daemon/prepare.h \
	include/pail/daemon/probe.h \
	include/pail/daemon/profile_list.h \
	include/pail/daemon/proxy.h \
	include/pail/daemon/s3_context.h \
	include/pail/daemon/secrets.h \
	include/pail/daemon/serve.h \
	include/pail/daemon/source_name.h \
	include/pail/daemon/state.h \
	include/pail/daemon/unmount_wait.h
