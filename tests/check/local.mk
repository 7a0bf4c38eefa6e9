# SPDX-License-Identifier: Apache-2.0
# Checkers of the source tree, run by "make check"; check-self proves that each of them can fail.
checkers = tests/check/check-includes tests/check/check-circles tests/check/check-words tests/check/check-headers \
	tests/check/check-lengths tests/check/check-lists tests/check/check-locked \
	tests/check/check-options tests/check/check-scripts tests/check/check-format tests/check/check-cleanup tests/check/check-self
TESTS += $(checkers)
EXTRA_DIST += $(checkers) tests/check/layers tests/check/folders \
	tests/check/cmocka-missing tests/check/analyse tests/check/analyser/planted.c tests/check/analyser/scopes.h
CLEANFILES += tests/check/analyse.log tests/check/analyse.trs

# The unit tests without the checkers, for a second build of the same tree.
check-unit:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(unit_tests)'

# The static analyser, for minutes.
check-analyse:
	@$(MKDIR_P) tests/check
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/check/analyse tests/check/analyse.trs >tests/check/analyse.log 2>&1 || \
	  { cat tests/check/analyse.log; exit 1; }; tail -n 1 tests/check/analyse.log

# The checkers without the unit tests, which are not even built for it: automake's rule has all of check_PROGRAMS as a prerequisite.
check-tree:
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(checkers)' check_PROGRAMS= check_LIBRARIES=

# All that tests run, and no test: so that building and running can have different numbers of jobs.
check-programs: $(bin_PROGRAMS) $(check_PROGRAMS)

.PHONY: check-analyse check-unit check-tree check-programs
