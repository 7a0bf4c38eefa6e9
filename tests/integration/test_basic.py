# SPDX-License-Identifier: Apache-2.0
"""Files and directories, with boto3 as the witness of what is in the bucket."""
import errno
import mmap
import os
import random
import shutil

import pytest

from support import tree
from support.mount import wait_for
from support.posix import raises

pytestmark = pytest.mark.core

KIB = 1 << 10
MIB = 1 << 20
SIZES = [0, 1, 4095, 4096, 128 * KIB - 1, 128 * KIB, 128 * KIB + 1, MIB, 5 * MIB, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1,
         17 * MIB + 3]


def test_sizes_go_in_and_out(mount, bucket):
    """Both ways: what the mount writes, boto3 reads, and a fresh mount reads what boto3 wrote."""
    m = mount(bucket)
    for size in SIZES:
        data = tree.random_bytes(size, size)
        (m.path / ("in-%d" % size)).write_bytes(data)
        assert bucket.get("in-%d" % size) == data
        assert (m.path / ("in-%d" % size)).stat().st_size == size
        bucket.put("out-%d" % size, data)
    m.remount()
    for size in SIZES:
        data = tree.random_bytes(size, size)
        assert (m.path / ("out-%d" % size)).read_bytes() == data
        assert (m.path / ("in-%d" % size)).read_bytes() == data


def test_cp_out_and_back(mount, bucket, tmp_path):
    m = mount(bucket)
    source = tmp_path / "source"
    digest = tree.write_random(source, 20 * MIB, 11)
    tree.run("cp", source, m.path / "copy")
    assert bucket.sha256("copy") == digest
    tree.run("cp", m.path / "copy", tmp_path / "back")
    assert tree.sha256(tmp_path / "back") == digest
    tree.run("cmp", source, m.path / "copy")


def test_random_reads(mount, bucket):
    data = tree.random_bytes(9 * MIB + 777, 1)
    bucket.put("f", data)
    m = mount(bucket)
    generator = random.Random(2)
    with open(m.path / "f", "rb", buffering=0) as file:
        for _ in range(200):
            offset = generator.randrange(len(data) + 100)
            size = generator.choice([1, 17, 4096, 70000, 300000])
            assert os.pread(file.fileno(), size, offset) == data[offset:offset + size]
        assert os.pread(file.fileno(), 10, len(data)) == b""


def test_random_writes_into_an_existing_object(mount, bucket):
    """Parts of a large object are changed: the rest must stay, in all versions of the file."""
    model = bytearray(tree.random_bytes(12 * MIB + 5, 3))
    bucket.put("f", bytes(model))
    m = mount(bucket)
    generator = random.Random(4)
    for _ in range(4):
        with open(m.path / "f", "r+b", buffering=0) as file:
            for _ in range(12):
                offset = generator.randrange(len(model) + 200000)
                piece = generator.randbytes(generator.choice([1, 1000, 65536, 200000]))
                assert os.pwrite(file.fileno(), piece, offset) == len(piece)
                if offset > len(model):
                    model.extend(bytes(offset - len(model)))
                model[offset:offset + len(piece)] = piece
                probe = generator.randrange(len(model))
                assert os.pread(file.fileno(), 5000, probe) == model[probe:probe + 5000]
        assert bucket.get("f") == bytes(model)
    m.remount()
    assert (m.path / "f").read_bytes() == bytes(model)


def test_truncate(mount, bucket):
    data = tree.random_bytes(3 * MIB, 5)
    sizes = (0, 1, MIB + 1, 3 * MIB, 3 * MIB + 1, 5 * MIB)
    for size in sizes:
        bucket.put("f%d" % size, data)
    m = mount(bucket)
    for size in sizes:
        os.truncate(m.path / ("f%d" % size), size)
        expected = data[:size] + bytes(max(0, size - len(data)))
        assert bucket.get("f%d" % size) == expected
        assert (m.path / ("f%d" % size)).read_bytes() == expected
    with open(m.path / "shrunk", "wb", buffering=0) as file:
        file.write(b"x" * 1000)
        file.truncate(10)
        os.pwrite(file.fileno(), b"y", 20)
    assert bucket.get("shrunk") == b"x" * 10 + bytes(10) + b"y"
    with open(m.path / "shrunk", "wb") as file:
        assert os.fstat(file.fileno()).st_size == 0
    assert bucket.get("shrunk") == b""


def test_holes_are_zeros(mount, bucket):
    m = mount(bucket)
    with open(m.path / "f", "w+b", buffering=0) as file:
        os.pwrite(file.fileno(), b"end", 20 * MIB)
        os.pwrite(file.fileno(), b"begin", 0)
        assert os.pread(file.fileno(), 10, 3) == b"in" + bytes(8)
    assert bucket.get("f") == b"begin" + bytes(20 * MIB - 5) + b"end"


def test_append(mount, bucket):
    m = mount(bucket)
    for i in range(5):
        with open(m.path / "log", "ab") as file:
            file.write(b"line %d\n" % i)
        assert bucket.get("log") == b"".join(b"line %d\n" % j for j in range(i + 1))
    bucket.put("big", tree.random_bytes(6 * MIB, 6))
    with open(m.path / "big", "ab") as file:
        file.write(b"tail")
    assert bucket.get("big") == tree.random_bytes(6 * MIB, 6) + b"tail"


def test_flags_of_open(mount, bucket):
    m = mount(bucket)
    fd = os.open(m.path / "f", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640)
    os.write(fd, b"one")
    os.close(fd)
    with raises(errno.EEXIST):
        os.open(m.path / "f", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    with raises(errno.ENOENT):
        os.open(m.path / "absent", os.O_RDONLY)
    with raises(errno.EISDIR):
        os.open(m.path, os.O_WRONLY)
    with raises(errno.ENOTDIR):
        os.open(m.path / "f" / "below", os.O_RDONLY)
    with raises(errno.ENOTDIR):
        os.open(m.path / "f", os.O_RDONLY | os.O_DIRECTORY)
    with raises(errno.ENAMETOOLONG):
        os.open(m.path / ("n" * 256), os.O_CREAT | os.O_WRONLY)
    os.close(os.open(m.path / ("n" * 255), os.O_CREAT | os.O_WRONLY))
    assert bucket.keys() == ["f", "n" * 255]
    fd = os.open(m.path / "f", os.O_RDONLY)
    with raises(errno.EBADF):
        os.write(fd, b"x")
    os.close(fd)
    os.close(os.open(m.path / "f", os.O_WRONLY | os.O_TRUNC))
    assert bucket.get("f") == b""


def test_directories(mount, bucket):
    m = mount(bucket)
    os.makedirs(m.path / "a" / "b" / "c")
    assert bucket.keys() == ["a/", "a/b/", "a/b/c/"]
    (m.path / "a" / "b" / "f").write_bytes(b"1")
    assert sorted(os.listdir(m.path / "a" / "b")) == ["c", "f"]
    with raises(errno.ENOTEMPTY):
        os.rmdir(m.path / "a" / "b")
    with raises(errno.EEXIST):
        os.mkdir(m.path / "a")
    with raises(errno.EEXIST):
        os.mkdir(m.path / "a" / "b" / "f")
    with raises(errno.ENOENT):
        os.mkdir(m.path / "x" / "y")
    with raises(errno.ENOTDIR):
        os.rmdir(m.path / "a" / "b" / "f")
    with raises(errno.EISDIR):
        os.unlink(m.path / "a" / "b" / "c")
    os.unlink(m.path / "a" / "b" / "f")
    for name in ("a/b/c", "a/b", "a"):
        os.rmdir(m.path / name)
    assert bucket.keys() == []
    assert os.listdir(m.path) == []


def test_implied_directories(mount, bucket):
    """Keys of other tools have no markers."""
    for key in ("x/y/z/one", "x/y/two", "x/three"):
        bucket.put(key, key.encode())
    m = mount(bucket)
    assert os.listdir(m.path) == ["x"]
    assert sorted(os.listdir(m.path / "x")) == ["three", "y"]
    assert (m.path / "x" / "y" / "z" / "one").read_bytes() == b"x/y/z/one"
    assert (m.path / "x" / "y").is_dir()
    with raises(errno.ENOTEMPTY):
        os.rmdir(m.path / "x" / "y" / "z")
    os.unlink(m.path / "x" / "y" / "z" / "one")
    assert os.listdir(m.path / "x" / "y" / "z") == []  # it was seen, so it does not vanish with its last file
    (m.path / "x" / "y" / "z" / "again").write_bytes(b"2")
    assert bucket.get("x/y/z/again") == b"2"
    os.unlink(m.path / "x" / "y" / "z" / "again")
    os.rmdir(m.path / "x" / "y" / "z")
    assert bucket.files() == ["x/three", "x/y/two"]
    assert sorted(os.listdir(m.path / "x" / "y")) == ["two"]


def test_key_that_is_file_and_directory_shows_the_directory(mount, bucket):
    bucket.server.need("key below a key")
    bucket.put("both", b"file")
    bucket.put("both/inside", b"inside")
    m = mount(bucket)
    assert os.listdir(m.path) == ["both"]
    assert (m.path / "both").is_dir()
    assert (m.path / "both" / "inside").read_bytes() == b"inside"
    assert bucket.get("both") == b"file"


def test_unlinked_but_open(mount, bucket):
    data = tree.random_bytes(9 * MIB, 7)
    bucket.put("old", data)
    m = mount(bucket)
    with open(m.path / "old", "r+b", buffering=0) as old, open(m.path / "new", "w+b", buffering=0) as new:
        assert os.pread(old.fileno(), 10, 0) == data[:10]
        new.write(b"written before")
        os.unlink(m.path / "old")
        os.unlink(m.path / "new")
        assert not (m.path / "old").exists()
        assert bucket.files() == [] or all(key.startswith(".pail/") for key in bucket.files())
        assert os.pread(old.fileno(), 100, 8 * MIB) == data[8 * MIB:8 * MIB + 100]
        os.pwrite(old.fileno(), b"changed", 5)
        assert os.pread(old.fileno(), 9, 4) == data[4:5] + b"changed" + data[12:13]
        new.write(b" and after")
        assert os.pread(new.fileno(), 100, 0) == b"written before and after"
        assert os.fstat(new.fileno()).st_size == 24
    wait_for(lambda: bucket.files() == [], 10, "what was kept for the open file to go")
    assert os.listdir(m.path) == []


def test_unlinked_and_made_again_while_open(mount, bucket):
    m = mount(bucket)
    (m.path / "f").write_bytes(b"first")
    with open(m.path / "f", "r+b", buffering=0) as first:
        os.unlink(m.path / "f")
        (m.path / "f").write_bytes(b"second")
        first.write(b"FIRST")
        assert os.pread(first.fileno(), 10, 0) == b"FIRST"
        assert (m.path / "f").read_bytes() == b"second"
    assert bucket.get("f") == b"second"


def test_mmap_reads_and_late_stores(mount, bucket):
    """Stores into a shared map after the close are sent too."""
    data = bytearray(tree.random_bytes(MIB, 8))
    bucket.put("f", bytes(data))
    m = mount(bucket)
    with open(m.path / "f", "r+b") as file:
        view = mmap.mmap(file.fileno(), 0)
    assert view[:] == data
    view[1000:1004] = b"late"
    view[MIB - 4:] = b"last"
    view.close()
    data[1000:1004] = b"late"
    data[MIB - 4:] = b"last"
    m.unmount()
    assert bucket.get("f") == bytes(data)


def test_fsync_publishes(mount, bucket):
    m = mount(bucket)
    with open(m.path / "f", "wb", buffering=0) as file:
        file.write(b"part one")
        os.fsync(file.fileno())
        assert bucket.get("f") == b"part one"
        file.write(b", part two")
    assert bucket.get("f") == b"part one, part two"


def test_create_is_visible_at_close(mount, bucket):
    m = mount(bucket)
    fd = os.open(m.path / "f", os.O_CREAT | os.O_WRONLY, 0o644)
    assert os.listdir(m.path) == ["f"]
    assert os.stat(m.path / "f").st_size == 0
    os.write(fd, b"12345")
    assert os.stat(m.path / "f").st_size == 5
    os.close(fd)
    assert bucket.get("f") == b"12345"


def test_copy_file_range_and_sendfile(mount, bucket):
    """shutil.copyfile uses what the kernel has for it."""
    data = tree.random_bytes(10 * MIB, 9)
    m = mount(bucket)
    (m.path / "a").write_bytes(data)
    shutil.copyfile(m.path / "a", m.path / "b")
    assert bucket.get("b") == data


def test_statfs(mount, bucket):
    m = mount(bucket)
    statistics = os.statvfs(m.path)
    assert statistics.f_namemax == 255
    assert statistics.f_bavail * statistics.f_frsize > 1 << 40
    assert "fuse.pail" in tree.run("findmnt", "-n", "-o", "FSTYPE", m.path)
    assert tree.run("df", m.path).splitlines()[1].split()[0].endswith(bucket.name)


@pytest.mark.parametrize("source", ["{}:/deep/er", "s3://{}/deep/er", "s3://{}/deep/er/", "s3://{}", "{}"])
def test_sources(mount, bucket, source):
    bucket.put("deep/er/inside", b"1")
    bucket.put("deep/erroneous", b"2")
    bucket.put("outside", b"3")
    m = mount(source.format(bucket))
    root = m.path if "deep" in source else m.path / "deep" / "er"
    assert os.listdir(root) == ["inside"]
    (root / "new").write_bytes(b"4")
    os.mkdir(root / "dir")
    assert bucket.get("deep/er/new") == b"4"
    assert bucket.exists("deep/er/dir/")
    assert bucket.get("deep/erroneous") == b"2"


def test_read_only(mount, bucket):
    bucket.put("f", b"1")
    m = mount(bucket, ro=True)
    assert (m.path / "f").read_bytes() == b"1"
    for change in (lambda: (m.path / "g").write_bytes(b"x"), lambda: os.unlink(m.path / "f"),
                   lambda: os.mkdir(m.path / "d"), lambda: os.rename(m.path / "f", m.path / "g"),
                   lambda: os.chmod(m.path / "f", 0o600), lambda: os.truncate(m.path / "f", 0)):
        with raises(errno.EROFS):
            change()
    assert bucket.keys() == ["f"] and bucket.get("f") == b"1"


def test_listing_of_more_than_a_page(mount, bucket):
    m = mount(bucket)
    os.mkdir(m.path / "d")
    bucket.fill("d/entry", 1100)
    names = {"entry%05d" % i for i in range(1100)}
    m.remount()
    assert set(os.listdir(m.path / "d")) == names
    with os.scandir(m.path / "d") as entries:
        assert {entry.name for entry in entries if entry.is_file(follow_symlinks=False)} == names
    tree.run("rm", "-r", m.path / "d")
    assert bucket.keys() == []


def test_server_that_lists_in_version_1_only(mount, bucket, wire):
    wire.rule("answer", kind="ListObjectsV2", status=501, code="NotImplemented", count=0)
    bucket.fill("many/k", 1500)
    bucket.put("d/e/f", b"x")
    m = mount(bucket, wire=wire)
    assert sorted(os.listdir(m.path)) == ["d", "many"]
    assert len(os.listdir(m.path / "many")) == 1500
    (m.path / "d").rename(m.path / "moved")
    assert (m.path / "moved" / "e" / "f").read_bytes() == b"x"
    (m.path / "moved" / "e" / "f").unlink()
    os.removedirs(m.path / "moved" / "e")
    assert sorted(os.listdir(m.path)) == ["many"]
    assert 1 <= wire.counts()["ListObjectsV2"] <= 4
