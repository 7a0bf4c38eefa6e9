# SPDX-License-Identifier: Apache-2.0
"""rename(2) in all its cases: each either happens whole, in the bucket too, or leaves both names as they were."""
import errno
import os

import pytest

from support import tree
from support.mount import wait_for
from support.posix import RENAME_EXCHANGE, RENAME_NOREPLACE, raises, renameat2

pytestmark = pytest.mark.core

MIB = 1 << 20


@pytest.fixture
def m(mount, bucket):
    return mount(bucket, copy_threshold="8M", part_size="5M")


def test_file_to_a_new_name(m, bucket):
    os.makedirs(m.path / "a" / "b")
    (m.path / "f").write_bytes(b"content")
    inode = os.stat(m.path / "f").st_ino
    os.rename(m.path / "f", m.path / "a" / "b" / "g")
    assert not (m.path / "f").exists()
    assert (m.path / "a" / "b" / "g").read_bytes() == b"content"
    assert os.stat(m.path / "a" / "b" / "g").st_ino == inode
    assert bucket.files() == ["a/b/g"]


def test_file_over_a_file(m, bucket):
    (m.path / "f").write_bytes(b"new")
    (m.path / "g").write_bytes(b"old")
    with open(m.path / "g", "rb") as old:
        os.rename(m.path / "f", m.path / "g")
        assert old.read() == b"old"
    assert (m.path / "g").read_bytes() == b"new"
    assert {key: bucket.get(key) for key in bucket.files() if not key.startswith(".pail/")} == {"g": b"new"}


def test_refused_cases_change_nothing(m, bucket):
    os.makedirs(m.path / "full" / "inner")
    os.mkdir(m.path / "empty")
    (m.path / "full" / "f").write_bytes(b"1")
    (m.path / "f").write_bytes(b"2")
    before = {key: bucket.get(key) for key in bucket.keys()}
    for source, target, number in (
            ("f", "empty", errno.EISDIR), ("f", "full", errno.EISDIR), ("empty", "f", errno.ENOTDIR),
            ("empty", "full", errno.ENOTEMPTY), ("full", "full/inner/x", errno.EINVAL), ("none", "x", errno.ENOENT),
            ("f", "none/x", errno.ENOENT), ("f", "f/x", errno.ENOTDIR), ("f", "n" * 256, errno.ENAMETOOLONG)):
        with raises(number):
            os.rename(m.path / source, m.path / target)
    for source, target in (("f", "full/f"), ("empty", "full"), ("full", "f")):
        with raises(errno.EEXIST):
            renameat2(m.path / source, m.path / target, RENAME_NOREPLACE)
    with raises(errno.EINVAL, errno.ENOSYS):
        renameat2(m.path / "f", m.path / "full" / "f", RENAME_EXCHANGE)
    assert {key: bucket.get(key) for key in bucket.keys()} == before
    assert sorted(os.listdir(m.path)) == ["empty", "f", "full"]


def test_noreplace_to_a_free_name(m, bucket):
    (m.path / "f").write_bytes(b"1")
    renameat2(m.path / "f", m.path / "g", RENAME_NOREPLACE)
    assert bucket.files() == ["g"]


def test_onto_itself(m, bucket):
    (m.path / "f").write_bytes(b"1")
    os.mkdir(m.path / "d")
    etag = bucket.head("f")["LastModified"]
    os.rename(m.path / "f", m.path / "f")
    os.rename(m.path / "d", m.path / "d")
    assert bucket.get("f") == b"1" and bucket.head("f")["LastModified"] == etag


def test_directory_to_a_new_name_and_over_an_empty_one(m, bucket):
    bucket.server.need("copies of directories")
    tree.make(m.path / "d", files=40)
    listing, sums = tree.listing(m.path / "d"), tree.checksums(m.path / "d")
    os.rename(m.path / "d", m.path / "e")
    assert tree.listing(m.path / "e") == listing and not (m.path / "d").exists()
    os.mkdir(m.path / "empty")
    os.rename(m.path / "e", m.path / "empty")
    assert sorted(os.listdir(m.path)) == ["empty"]
    assert bucket.keys("d") == [] and bucket.keys("e/") == []
    m.remount()
    assert tree.listing(m.path / "empty") == listing
    assert tree.checksums(m.path / "empty") == sums


def test_implied_directory(m, bucket):
    for key in ("d/x/one", "d/two"):
        bucket.put(key, key.encode())
    os.rename(m.path / "d", m.path / "e")
    assert bucket.files() == ["e/two", "e/x/one"]
    assert (m.path / "e" / "x" / "one").read_bytes() == b"d/x/one"


def test_directory_of_more_than_a_page(m, bucket):
    bucket.fill("d/f", 1050)
    os.rename(m.path / "d", m.path / "e")
    assert bucket.files() == ["e/f%05d" % i for i in range(1050)]
    assert (m.path / "e" / "f01049").read_bytes() == b"x"
    assert len(os.listdir(m.path / "e")) == 1050


def test_large_file_is_copied_in_parts(mount, bucket, wire):
    """A threshold below the limit of CopyObject shows what happens above it."""
    m = mount(bucket, wire=wire, copy_threshold="8M", part_size="5M")
    digest = tree.write_random(m.path / "f", 33 * MIB, 1)
    wire.mark()
    os.rename(m.path / "f", m.path / "g")
    counts = wire.counts()
    assert counts["UploadPartCopy"] >= 3 and counts["CompleteMultipartUpload"] == 1
    assert counts["UploadPart"] == counts["PutObject"] == counts["GetObject"] == 0
    assert bucket.files() == ["g"] and bucket.sha256("g") == digest
    assert tree.sha256(m.path / "g") == digest


def test_open_file_follows_its_name(m, bucket):
    with open(m.path / "f", "w+b", buffering=0) as file:
        file.write(b"before ")
        os.rename(m.path / "f", m.path / "g")
        file.write(b"after")
        assert os.pread(file.fileno(), 100, 0) == b"before after"
    assert bucket.get("g") == b"before after"
    assert bucket.files() == ["g"]


def test_open_file_in_a_renamed_directory(m, bucket):
    bucket.server.need("copies of directories")
    os.mkdir(m.path / "d")
    with open(m.path / "d" / "f", "wb", buffering=0) as file:
        file.write(b"one ")
        os.rename(m.path / "d", m.path / "e")
        file.write(b"two")
    assert bucket.get("e/f") == b"one two"
    assert bucket.keys("d") == []
    assert os.listdir(m.path) == ["e"]


def test_half_sent_file_is_renamed(mount, bucket, wire):
    """Parts are on their way under the old name."""
    m = mount(bucket, wire=wire, part_size="5M")
    data = tree.random_bytes(18 * MIB, 2)
    with open(m.path / "f", "wb", buffering=0) as file:
        file.write(data[:16 * MIB])
        wait_for(lambda: wire.counts()["UploadPart"] >= 1, 20, "a part while the program writes")
        os.rename(m.path / "f", m.path / "g")
        file.write(data[16 * MIB:])
    assert bucket.files() == ["g"] and bucket.get("g") == data


def test_written_and_renamed_over(m, bucket):
    """How editors save."""
    (m.path / "doc").write_bytes(b"version 0")
    for i in range(1, 6):
        (m.path / "doc.tmp").write_bytes(b"version %d" % i)
        os.rename(m.path / "doc.tmp", m.path / "doc")
        assert bucket.get("doc") == b"version %d" % i
    assert bucket.files() == ["doc"]


def test_never_sent_file_renames_for_nothing(mount, bucket, wire):
    m = mount(bucket, wire=wire)
    os.listdir(m.path)
    wire.mark()
    with open(m.path / "f", "wb", buffering=0) as file:
        file.write(b"1")
        os.rename(m.path / "f", m.path / "g")
    counts = wire.counts()
    assert counts["PutObject"] == 1 and counts["CopyObject"] == counts["DeleteObject"] == 0
    assert bucket.files() == ["g"]
