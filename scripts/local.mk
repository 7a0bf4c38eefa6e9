# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += scripts/common.sh scripts/setup scripts/try scripts/test scripts/bench scripts/s3-server tests/support/tally.py \
	tests/bench
