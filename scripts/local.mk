# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += scripts/common.sh scripts/setup scripts/try scripts/test scripts/bench scripts/s3-server scripts/s3-server-go tests/support/summary.py \
	tests/bench
