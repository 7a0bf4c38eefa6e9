# SPDX-License-Identifier: Apache-2.0
# Tests on a real mount of a real server. "make check-mount" runs what takes seconds, "make check-long" what takes
# minutes; PYTEST_ARGS adds arguments (-k NAME, -x).
EXTRA_DIST += tests/integration

PYTEST = PAIL_TEST_SRCDIR='$(abs_top_srcdir)' PAIL_TEST_BUILDDIR='$(abs_top_builddir)' \
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -p no:cacheprovider '$(abs_top_srcdir)/tests/integration'

check-mount: pail$(EXEEXT) pailctl$(EXEEXT) tests/support/wire/wire$(EXEEXT) tests/support/fakefs/fakefs$(EXEEXT)
	$(PYTEST) -m 'not long' $(PYTEST_ARGS)

check-long: check-analyse pail$(EXEEXT) pailctl$(EXEEXT) tests/support/wire/wire$(EXEEXT)
	$(PYTEST) -m long $(PYTEST_ARGS)

.PHONY: check-mount check-long
