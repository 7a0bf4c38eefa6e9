# SPDX-License-Identifier: Apache-2.0
# A unit test is one word here, tests/unit/http/test_NAME, made from test_NAME.c and linked with all layers and cmocka.
# A second source file or a header: tests_unit_http_test_NAME_SOURCES = ... with all of them. Data files: EXTRA_DIST.
unit_tests += \
	tests/unit/http/test_answer \
	tests/unit/http/test_body \
	tests/unit/http/test_cancel \
	tests/unit/http/test_engine \
	tests/unit/http/test_failure \
	tests/unit/http/test_faults \
	tests/unit/http/test_headers \
	tests/unit/http/test_memory \
	tests/unit/http/test_order \
	tests/unit/http/test_queue \
	tests/unit/http/test_resend \
	tests/unit/http/test_soak \
	tests/unit/http/test_tls

http_test_support = \
	tests/unit/http/blackhole.c \
	tests/unit/http/blackhole.h \
	tests/unit/http/call.c \
	tests/unit/http/call.h \
	tests/unit/http/server.c \
	tests/unit/http/server.h

tests_unit_http_test_cancel_SOURCES = tests/unit/http/test_cancel.c $(http_test_support)
tests_unit_http_test_engine_SOURCES = tests/unit/http/test_engine.c $(http_test_support)
tests_unit_http_test_faults_SOURCES = tests/unit/http/test_faults.c $(http_test_support)
tests_unit_http_test_memory_SOURCES = tests/unit/http/test_memory.c $(http_test_support)
tests_unit_http_test_memory_LDFLAGS = $(test_alloc_ldflags)
tests_unit_http_test_order_SOURCES = tests/unit/http/test_order.c $(http_test_support)
tests_unit_http_test_resend_SOURCES = tests/unit/http/test_resend.c $(http_test_support)
tests_unit_http_test_soak_SOURCES = tests/unit/http/test_soak.c $(http_test_support)
tests_unit_http_test_tls_SOURCES = tests/unit/http/test_tls.c tests/unit/http/server_tls.c tests/unit/http/server_tls.h \
	$(http_test_support)
tests_unit_http_test_tls_LDADD = $(LDADD) -lssl

# How fast the engine is here; built with the tests, run by hand.
check_PROGRAMS += tests/unit/http/bench
tests_unit_http_bench_SOURCES = tests/unit/http/bench.c
