# SPDX-License-Identifier: Apache-2.0
"""Calls that meet in the middle of each other: whatever their order, S3 gets the bytes of the file, under its name, or nobody is
told that it did."""
import errno
import os
import subprocess
import sys
import threading
import time

import pytest

from support.mount import wait_for
from support.posix import raises

MIB = 1 << 20
# The opener closes before its child writes: what the child writes is sent by the last release.
CHILD = """
import os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
closed, close = os.pipe()
if os.fork() == 0:
    os.read(closed, 1)
    for _ in range(int(sys.argv[2])):
        os.write(fd, b"Z" * (1 << 20))
    time.sleep(float(sys.argv[3]))
    os._exit(0)
os.close(fd)
os.write(close, b"x")
os.wait()
"""


def write_by_child(path, mebibytes, linger=0.0):
    return subprocess.Popen([sys.executable, "-c", CHILD, path, str(mebibytes), str(linger)])


def test_rewritten_after_a_failed_send(mount, bucket):
    """What an upload that failed has sent already is not taken for what was written later."""
    m = mount(bucket, part_size="5M")
    fd = os.open(m.path / "f", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    os.ftruncate(fd, 12 * MIB)
    os.pwrite(fd, b"A" * MIB, 11 * MIB)
    bucket.put("f", b"theirs")
    with raises(errno.EEXIST):
        os.fsync(fd)
    bucket.delete("f")
    os.pwrite(fd, b"B" * MIB, 11 * MIB)
    os.fsync(fd)
    os.close(fd)
    assert bucket.get("f") == b"\0" * (11 * MIB) + b"B" * MIB
    assert abs(os.stat(m.path / "f").st_mtime - time.time()) < 60


def test_unlink_of_a_half_sent_file(mount, bucket):
    m = mount(bucket, part_size="5M", spool_limit="20M")
    with open(m.path / "f", "wb", buffering=0) as file:
        for _ in range(60):
            file.write(os.urandom(MIB))
        os.unlink(m.path / "f")
    wait_for(lambda: not bucket.uploads(), 20, "the upload to be given up")
    assert [key for key in bucket.keys() if not key.startswith(".pail/")] == []
    assert os.listdir(m.path) == []


def test_directory_vanishes_around_an_unsent_file(mount, bucket):
    bucket.put("d/x", b"x")
    m = mount(bucket, ttl="200ms")
    os.listdir(m.path / "d")
    with open(m.path / "d" / "new", "wb", buffering=0) as file:
        file.write(b"hello")
        bucket.delete("d/x")
        time.sleep(0.3)
        os.listdir(m.path)
        os.fsync(file.fileno())
    assert bucket.get("d/new") == b"hello"


def test_refused_unlink_leaves_the_file_readable(mount, bucket, wire):
    body = os.urandom(20 * MIB)
    bucket.put("f", body)
    m = mount(bucket, wire=wire, ttl="100ms", memory_limit="64M")
    with open(m.path / "f", "rb", buffering=0) as file:
        file.read(10)
        wire.rule("answer", kind="DeleteObject", path="*/f", status=403, code="AccessDenied", count=1)
        with raises(errno.EACCES):
            os.unlink(m.path / "f")
    time.sleep(0.3)
    assert (m.path / "f").read_bytes() == body
    assert bucket.keys() == ["f"]


@pytest.mark.parametrize("slow, linger", [("CreateMultipartUpload", 0), ("AbortMultipartUpload", 0.6)])
def test_directory_renamed_while_a_child_writes(mount, bucket, wire, slow, linger):
    m = mount(bucket, wire=wire, part_size="5M")
    os.mkdir(m.path / "d")
    wire.rule("delay", kind=slow, ms=1500, count=1)
    child = write_by_child(m.path / "d" / "f", 12, linger)
    if linger:
        wait_for(lambda: wire.counts()["UploadPart"] >= 1, 20, "a part on its way")
    else:
        assert child.wait(60) == 0
    rename = threading.Thread(target=os.rename, args=(m.path / "d", m.path / "e"))
    rename.start()
    rename.join(60)
    assert not rename.is_alive() and child.wait(60) == 0
    wait_for(lambda: bucket.exists("e/f") and bucket.head("e/f")["ContentLength"] == 12 * MIB, 20, "the file under its new name")
    assert [key for key in bucket.keys() if key.startswith("d/")] == []


def test_opened_again_while_the_last_release_fails(mount, bucket, wire):
    """The second opener keeps the bytes: they are not taken away under it."""
    m = mount(bucket, wire=wire)
    m.may_lose_uploads()
    wire.set(latency=1500)
    wire.rule("answer", kind="PutObject", nth=2, status=403, code="AccessDenied")  # the first one is the opener's, empty
    child = write_by_child(m.path / "f", 1)
    assert child.wait(60) == 0
    fd = os.open(m.path / "f", os.O_RDWR)
    time.sleep(2.5)
    wire.set(latency=0)
    (m.path / "other").write_bytes(b"Q" * (2 * MIB))
    os.pwrite(fd, b"!", MIB)
    os.close(fd)
    wait_for(lambda: "f" in bucket.files(), 20, "the file")
    assert bucket.get("f") == b"Z" * MIB + b"!"
