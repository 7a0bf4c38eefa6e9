# SPDX-License-Identifier: Apache-2.0
# Fuzz targets, with libFuzzer: in a build of its own, configured with --enable-fuzz CC=clang. "make check-fuzz" runs each for FUZZ_SECONDS (60);
# with -j so many at once. A target is one word in fuzz_targets, made from tests/fuzz/NAME.c, with its corpus in tests/fuzz/corpus/NAME.
fuzz_targets = endpoint ini json planted source sts xml_answer xml_list

fuzz_common = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
fuzz_engine = $(fuzz_common) tests/fuzz/engine.c
fuzz_sources = $(fuzz_engine) tests/fuzz/sources.c tests/fuzz/sources.h
fuzz_bucket = $(fuzz_engine) tests/fuzz/bucket.c tests/fuzz/bucket.h

EXTRA_PROGRAMS = tests/fuzz/endpoint tests/fuzz/ini tests/fuzz/json tests/fuzz/planted tests/fuzz/source tests/fuzz/sts tests/fuzz/xml_answer \
	tests/fuzz/xml_list
tests_fuzz_endpoint_SOURCES = tests/fuzz/endpoint.c $(fuzz_common)
tests_fuzz_endpoint_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_endpoint_LDADD = $(fuzz_ldadd)
tests_fuzz_ini_SOURCES = tests/fuzz/ini.c $(fuzz_common)
tests_fuzz_ini_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_ini_LDADD = $(fuzz_ldadd)
tests_fuzz_json_SOURCES = tests/fuzz/json.c $(fuzz_sources)
tests_fuzz_json_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_json_LDADD = $(fuzz_ldadd)
tests_fuzz_planted_SOURCES = tests/fuzz/planted.c $(fuzz_common)
tests_fuzz_planted_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_planted_LDADD = $(fuzz_ldadd)
tests_fuzz_source_SOURCES = tests/fuzz/source.c $(fuzz_common)
tests_fuzz_source_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_source_LDADD = libpail_cli.a libpail_daemon.a $(fuzz_ldadd)
tests_fuzz_sts_SOURCES = tests/fuzz/sts.c $(fuzz_sources)
tests_fuzz_sts_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_sts_LDADD = $(fuzz_ldadd)
tests_fuzz_xml_answer_SOURCES = tests/fuzz/xml_answer.c $(fuzz_bucket)
tests_fuzz_xml_answer_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_xml_answer_LDADD = $(fuzz_ldadd)
tests_fuzz_xml_list_SOURCES = tests/fuzz/xml_list.c $(fuzz_bucket)
tests_fuzz_xml_list_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_xml_list_LDADD = $(fuzz_ldadd)

fuzz_ldflags = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzz_ldadd = libpail_s3.a libpail_aws.a libpail_http.a libpail_util.a $(OTHER_LIBS)

fuzz-programs: $(EXTRA_PROGRAMS)

if ENABLE_FUZZ
check-fuzz: $(fuzz_targets:%=check-fuzz-%)

$(fuzz_targets:%=check-fuzz-%): check-fuzz-%: tests/fuzz/%$(EXEEXT)
	$(srcdir)/tests/fuzz/run $< tests/fuzz/$*.trs
else
check-fuzz:
	@echo 'this build is not for fuzzing: configure another with --enable-fuzz CC=clang'; exit 1
endif

.PHONY: check-fuzz fuzz-programs
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus
CLEANFILES += tests/fuzz/*.log tests/fuzz/*.trs $(EXTRA_PROGRAMS)
