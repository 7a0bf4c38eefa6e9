# SPDX-License-Identifier: Apache-2.0
"""How many requests things cost, counted by the wire."""
import os
import shutil

import pytest

from support import tree
from support.mount import wait_for

MIB = 1 << 20


@pytest.fixture
def m(mount, bucket, wire):
    return mount(bucket, wire=wire, ttl=60)


def cost(wire):
    """What was sent since the mark, without what nobody asked for: {kind: count}."""
    return dict(wire.counts())


def test_small_file_into_a_directory_that_we_made(m, wire):
    os.mkdir(m.path / "d")
    wire.mark()
    for i in range(10):
        (m.path / "d" / str(i)).write_bytes(b"x" * 1000)
    assert cost(wire) == {"PutObject": 10}


def test_small_file_into_a_directory_that_we_listed(m, bucket, wire):
    bucket.put("d/old", b"x")
    os.listdir(m.path / "d")
    wire.mark()
    for i in range(10):
        (m.path / "d" / str(i)).write_bytes(b"x" * 1000)
    assert cost(wire) == {"PutObject": 10}


def test_cp_archive_of_a_file_is_one_put(m, wire, tmp_path):
    """Modes, owner and times are set on the open file: they go with it."""
    (tmp_path / "f").write_bytes(b"x" * 1000)
    os.mkdir(m.path / "d")
    wire.mark()
    tree.run("cp", "-a", tmp_path / "f", m.path / "d" / "f")
    assert cost(wire) == {"PutObject": 1}


def test_reading_a_small_file(m, bucket, wire):
    for i in range(10):
        bucket.put("d/%d" % i, b"%d" % i * 5000)
    os.listdir(m.path / "d")
    for i in range(10):
        wire.mark()
        assert (m.path / "d" / str(i)).read_bytes() == b"%d" % i * 5000
        counts = cost(wire)
        assert counts.pop("HeadObject", 0) + counts.pop("GetObject") <= 10  # heads of siblings may come ahead
        assert counts == {}
    wire.mark()
    for i in range(10):
        assert (m.path / "d" / str(i)).read_bytes() == b"%d" % i * 5000
    assert sum(cost(wire).values()) == 0  # all of it is known by now


def test_reading_one_small_file_alone(mount, bucket, wire):
    """At most one HEAD and one GET, and one LIST where nothing is known of its directory."""
    bucket.put("f", b"x" * 5000)
    m = mount(bucket, wire=wire)
    os.listdir(m.path)
    wire.mark()
    assert (m.path / "f").read_bytes() == b"x" * 5000
    counts = cost(wire)
    assert counts.pop("GetObject") == 1
    assert counts.pop("HeadObject", 0) <= 1
    assert counts == {}


def test_lookup_of_one_name_is_one_head_and_one_list(mount, bucket, wire):
    for i in range(30):
        bucket.put("d/%02d" % i, b"x")
    m = mount(bucket, wire=wire)
    wire.mark()
    os.stat(m.path / "d" / "07")
    counts = cost(wire)
    assert counts["ListObjectsV2"] <= 2 and counts.get("HeadObject", 0) <= 32
    assert set(counts) <= {"ListObjectsV2", "HeadObject"}


def test_ls_l_is_one_list_and_a_head_each_once(m, bucket, wire):
    for i in range(50):
        bucket.put("d/%02d" % i, b"x" * 10)
    wire.mark()
    tree.run("ls", "-l", m.path / "d")
    counts = cost(wire)
    assert counts["HeadObject"] <= 51 and counts["ListObjectsV2"] <= 3
    wire.mark()
    tree.run("ls", "-l", m.path / "d")
    assert cost(wire) == {}


def test_missing_names_cost_nothing_in_a_listed_directory(m, bucket, wire):
    bucket.put("d/f", b"x")
    os.listdir(m.path / "d")
    wire.mark()
    for i in range(20):
        assert not (m.path / "d" / ("missing%d" % i)).exists()
    assert cost(wire) == {}


def test_large_file_is_fetched_once(m, bucket, wire):
    """Read-ahead fetches every byte once, and not much of what is not there."""
    size = 40 * MIB
    bucket.put("f", tree.random_bytes(size, 1))
    os.listdir(m.path)
    wire.mark()
    with open(m.path / "f", "rb") as file:
        while file.read(MIB):
            pass
    gets = wire.requests("GetObject")
    assert sum(request.down_bytes for request in gets) == size
    # A part is 1 MiB at least; how much more depends on how often the reader had to wait.
    assert len(gets) <= size // MIB
    ranges = [request.range for request in gets]
    assert len(set(ranges)) == len(ranges)


def test_random_read_fetches_only_its_blocks(m, bucket, wire):
    bucket.put("f", bytes(64 * MIB))
    os.listdir(m.path)
    with open(m.path / "f", "rb", buffering=0) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        wire.mark()
        for offset in (40 * MIB + 1000, 3 * MIB, 60 * MIB, 20 * MIB + 5):
            os.pread(file.fileno(), 4096, offset)
    assert sum(request.down_bytes for request in wire.requests("GetObject")) <= 4 * 3 * 128 * 1024


def test_two_readers_share_one_fetch(mount, bucket, wire):
    bucket.put("f", bytes(8 * MIB))
    m = mount(bucket, wire=wire, ttl=60)
    os.listdir(m.path)
    wire.set(latency=50)
    wire.mark()
    tree.run("sh", "-c", "cat f > /dev/null & cat f > /dev/null; wait", cwd=m.path)
    assert sum(request.down_bytes for request in wire.requests("GetObject")) <= 8 * MIB + 128 * 1024


def test_multipart_upload_begins_while_the_program_writes(mount, bucket, wire):
    m = mount(bucket, wire=wire, part_size="5M")
    with open(m.path / "f", "wb", buffering=0) as file:
        file.write(bytes(16 * MIB))
        wait_for(lambda: wire.counts()["UploadPart"] >= 2, 20, "parts before the close")
    counts = wire.counts()
    assert counts["UploadPart"] == 4 and counts["CreateMultipartUpload"] == counts["CompleteMultipartUpload"] == 1
    assert counts["PutObject"] == 0
    assert bucket.head("f")["ContentLength"] == 16 * MIB


def test_append_to_a_large_object_copies_on_the_server(mount, bucket, wire):
    data = tree.random_bytes(24 * MIB, 1)
    bucket.put("f", data)
    m = mount(bucket, wire=wire, part_size="8M")
    wire.mark()
    with open(m.path / "f", "ab") as file:
        file.write(b"tail")
    counts = wire.counts()
    assert counts["UploadPartCopy"] >= 1
    sent = sum(request.up_bytes for request in wire.requests() if request.kind in ("UploadPart", "PutObject"))
    fetched = sum(request.down_bytes for request in wire.requests("GetObject"))
    assert sent < 9 * MIB and fetched < 9 * MIB
    assert bucket.get("f") == data + b"tail"


def test_rename_of_a_small_file(m, wire):
    os.listdir(m.path)
    (m.path / "f").write_bytes(b"x")
    wire.mark()
    os.rename(m.path / "f", m.path / "g")
    counts = cost(wire)
    assert counts.pop("CopyObject") == 1
    assert counts.pop("DeleteObject") == 1
    assert set(counts) <= {"HeadObject", "GetObjectTagging", "GetObjectAcl"} and sum(counts.values()) <= 3


def test_rm_r_of_files(m, bucket, wire):
    for i in range(20):
        bucket.put("d/%d" % i, b"x")
    os.listdir(m.path / "d")
    wire.mark()
    shutil.rmtree(m.path / "d")
    counts = cost(wire)
    assert counts.get("DeleteObject", 0) + counts.get("DeleteObjects", 0) <= 22
    assert counts.get("HeadObject", 0) <= 22 and counts.get("ListObjectsV2", 0) <= 3
    assert bucket.keys() == []
