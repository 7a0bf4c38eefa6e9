# SPDX-License-Identifier: Apache-2.0
"""Large files and memory: measured on the build without sanitizers."""
import os
import threading

import pytest

from support import build, tree

pytestmark = pytest.mark.core

MIB = 1 << 20
GIB = 1 << 30


@pytest.fixture
def program():
    program = build.plain_pail()
    if build.is_sanitized(program):
        pytest.fail("%s has a sanitizer: PAIL_TEST_PLAIN_BUILDDIR must name a build without" % program)
    return program


def test_stand_in_for_the_large_file(mount, bucket, wire, program, tmp_path):
    """256 MiB through a spool of 64 MiB, a rename in parts, and out again."""
    m = mount(bucket, wire=wire, program=program, memory_limit="256M", spool_limit="64M", copy_threshold="64M")
    peak_spool = []
    digest = write_watched(m, m.path / "f", 256 * MIB, peak_spool)
    assert max(peak_spool) <= 66 * MIB
    wire.mark()
    os.rename(m.path / "f", m.path / "g")
    counts = wire.counts()
    assert counts["UploadPartCopy"] >= 3 and counts["UploadPart"] == 0
    assert bucket.keys() == ["g"] and bucket.sha256("g") == digest
    tree.run("cp", m.path / "g", tmp_path / "back")
    assert tree.sha256(tmp_path / "back") == digest
    os.unlink(tmp_path / "back")
    assert m.memory_bytes() < 320 * MIB


def write_watched(m, path, size, peaks):
    """Writes random bytes and notes meanwhile how much the state directory holds."""
    done = threading.Event()

    def watch():
        while not done.wait(0.05):
            total = 0
            for file in m.state_dir.rglob("*"):
                try:
                    total += file.stat().st_blocks * 512
                except OSError:
                    pass
            peaks.append(total)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        return tree.write_random(path, size, 7)
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("limit", [64, 128])
def test_memory_limit_holds(mount, bucket, program, limit):
    """Readers and writers together, each of more than the limit."""
    bucket.put("in", tree.random_bytes(48 * MIB, 1))
    m = mount(bucket, program=program, memory_limit="%dM" % limit)
    tree.run("sh", "-c", "for i in 1 2 3; do cat in > /dev/null & cp in out$i & done; wait; cmp in out1", cwd=m.path)
    assert m.memory_bytes() < (limit + 64) * MIB
    assert bucket.sha256("out3") == bucket.sha256("in")


def test_memory_comes_back(mount, bucket, program):
    """Many files opened, read and forgotten leave nothing behind."""
    for i in range(200):
        bucket.put("f%d" % i, b"x" * 200_000)
    m = mount(bucket, program=program, memory_limit="64M", ttl=0)

    def everything():
        for i in range(200):
            assert len((m.path / ("f%d" % i)).read_bytes()) == 200_000

    everything()
    first = m.memory_bytes("VmRSS")
    for _ in range(4):
        everything()
    assert m.memory_bytes("VmRSS") < first + 16 * MIB


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_six_gib(mount, new_bucket, disk_server, program, tmp_path):
    """In, renamed by a multipart copy, and out; the server stores on disk."""
    where = new_bucket(on=disk_server)
    m = mount(where, program=program, endpoint_url=disk_server.endpoint, memory_limit="256M")
    digest = tree.write_random(m.path / "f", 6 * GIB, 7)
    os.rename(m.path / "f", m.path / "g")
    assert where.keys() == ["g"] and where.sha256("g") == digest
    m.remount()
    tree.run("cp", m.path / "g", tmp_path / "back", timeout=1800)
    assert tree.sha256(tmp_path / "back") == digest
    os.unlink(tmp_path / "back")
    assert m.memory_bytes() < 320 * MIB
    where.delete("g")


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_larger_than_the_space_for_the_spool(mount, new_bucket, disk_server, program):
    where = new_bucket(on=disk_server)
    m = mount(where, program=program, endpoint_url=disk_server.endpoint, memory_limit="256M", spool_limit="128M")
    digest = tree.write_random(m.path / "f", GIB + 12345, 8)
    assert where.sha256("f") == digest
    assert m.memory_bytes() < 320 * MIB
