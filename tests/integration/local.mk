# SPDX-License-Identifier: Apache-2.0
# Tests on a real mount of a real server. "make check-mount" runs what takes seconds, "make check-long" what takes
# minutes, and the core on the other servers; PYTEST_ARGS adds arguments (-k NAME, -x, -n 4 for processes).
EXTRA_DIST += tests/integration

PYTEST = PAIL_TEST_SRCDIR='$(abs_top_srcdir)' PAIL_TEST_BUILDDIR='$(abs_top_builddir)' \
	PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -p no:cacheprovider '$(abs_top_srcdir)/tests/integration'

check-mount: pail$(EXEEXT) pailctl$(EXEEXT) tests/support/wire/wire$(EXEEXT) tests/support/fakefs/fakefs$(EXEEXT)
	$(PYTEST) -m 'not long' $(PYTEST_ARGS)

check-long: check-analyse check-sim-long pail$(EXEEXT) pailctl$(EXEEXT) tests/support/wire/wire$(EXEEXT)
	$(PYTEST) -m long $(PYTEST_ARGS)
	for kind in minio versitygw; do \
		why=`$(srcdir)/scripts/s3-server-go program $$kind` || { echo "skipped: $$why"; continue; }; \
		PAIL_TEST_SERVER=$$kind $(PYTEST) -m core $(PYTEST_ARGS) || exit; \
	done

.PHONY: check-mount check-long
