# SPDX-License-Identifier: Apache-2.0
"""A directory of 20,000 objects: all of them, for 20 requests and little memory."""
import os

import pytest

from support import build, tree

MIB = 1 << 20


@pytest.mark.timeout(900)
def test_twenty_thousand(mount, new_bucket, wire):
    program = build.plain_pail()
    if build.is_sanitized(program):
        pytest.fail("%s has a sanitizer: PAIL_TEST_PLAIN_BUILDDIR must name a build without" % program)
    peaks = {}
    for count in (1000, 20000):
        bucket = new_bucket()
        bucket.fill("d/object-", count)
        expected = {key[len("d/"):] for key in bucket.keys("d/")}
        assert len(expected) == count
        m = mount(bucket, program=program, wire=wire, ttl=300)
        wire.mark()
        assert set(os.listdir(m.path / "d")) == expected
        lists = [request for request in wire.requests("ListObjectsV2") if "max-keys=1&" not in request.query + "&"]
        assert len(lists) - count // 1000 in (0, 1)  # the root's own listing may be one more
        assert wire.counts()["HeadObject"] <= 1
        listed = tree.run("find", m.path / "d", "-maxdepth", "1", "-name", "object-*", "-printf", "%f\\n").splitlines()
        assert len(listed) == count and set(listed) == expected
        wire.mark()
        assert not (m.path / "d" / "missing").exists()
        assert (m.path / "d" / "object-00999").read_bytes() == b"x"
        assert wire.counts()["ListObjectsV2"] == 0
        peaks[count] = m.memory_bytes()
        m.unmount()
    assert peaks[20000] <= peaks[1000] + 16 * MIB
