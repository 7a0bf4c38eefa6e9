# SPDX-License-Identifier: Apache-2.0
"""What one side sees of the other's changes: close-to-open within the ttl, no mixture of versions, no lost update."""
import errno
import os
import time

import pytest

from support import tree
from support.mount import wait_for
from support.posix import raises

pytestmark = pytest.mark.core

MIB = 1 << 20


def test_open_sees_what_was_written_ttl_before(mount, bucket):
    bucket.put("f", b"one")
    m = mount(bucket, ttl="500ms")
    assert (m.path / "f").read_bytes() == b"one"
    bucket.put("f", b"second")
    time.sleep(0.6)
    assert (m.path / "f").read_bytes() == b"second"
    assert os.stat(m.path / "f").st_size == 6


def test_same_size_replacement_is_noticed(mount, bucket):
    """Nothing but the ETag tells them apart."""
    bucket.put("f", b"A" * 100000)
    m = mount(bucket, ttl="300ms")
    assert (m.path / "f").read_bytes() == b"A" * 100000
    bucket.put("f", b"B" * 100000)
    time.sleep(0.4)
    assert (m.path / "f").read_bytes() == b"B" * 100000


def test_new_and_deleted_names_appear_and_vanish(mount, bucket):
    m = mount(bucket, ttl="300ms")
    assert not (m.path / "later").exists()
    assert os.listdir(m.path) == []
    bucket.put("later", b"x")
    bucket.put("d/inside", b"y")
    time.sleep(0.4)
    assert (m.path / "later").read_bytes() == b"x"
    assert sorted(os.listdir(m.path)) == ["d", "later"]
    assert os.listdir(m.path / "d") == ["inside"]
    bucket.delete("later")
    bucket.delete("d/inside")
    time.sleep(0.4)
    with raises(errno.ENOENT):
        os.stat(m.path / "later")
    assert "later" not in os.listdir(m.path)
    with raises(errno.ENOENT):
        (m.path / "d" / "inside").read_bytes()


def test_ttl_zero_sees_at_once(mount, bucket):
    m = mount(bucket, ttl=0)
    for i in range(10):
        bucket.put("f", b"%d" % i * (i + 1))
        assert (m.path / "f").read_bytes() == b"%d" % i * (i + 1)
        bucket.delete("f")
        assert not (m.path / "f").exists()


def test_two_mounts(mount, bucket):
    first, second = mount(bucket, ttl="200ms"), mount(bucket, ttl="200ms")
    for i in range(5):
        (first.path / "f").write_bytes(b"first %d" % i)
        time.sleep(0.25)
        assert (second.path / "f").read_bytes() == b"first %d" % i
        with open(second.path / "f", "ab") as file:
            file.write(b" and second")
        time.sleep(0.25)
        assert (first.path / "f").read_bytes() == b"first %d and second" % i
    os.rename(first.path / "f", first.path / "g")
    time.sleep(0.25)
    assert os.listdir(second.path) == ["g"]
    os.unlink(second.path / "g")
    time.sleep(0.25)
    assert os.listdir(first.path) == []


@pytest.mark.parametrize("same_size", [True, False])
def test_versions_never_mix(mount, bucket, same_size):
    """A reader in the middle of an object that is replaced gets the old bytes or ESTALE, and then the new ones whole."""
    size = 40 * MIB
    bucket.put("f", b"A" * size)
    m = mount(bucket, ttl="100ms", memory_limit="64M")
    with open(m.path / "f", "rb", buffering=0) as file:
        assert file.read(MIB) == b"A" * MIB
        bucket.put("f", b"B" * (size if same_size else size // 2))
        time.sleep(0.2)
        stale = False
        for offset in range(size - MIB, 0, -MIB):
            try:
                data = os.pread(file.fileno(), MIB, offset)
            except OSError as error:
                assert error.errno == errno.ESTALE
                stale = True
                continue
            # Where the kernel asks in small pieces, those that were there already are a short read.
            assert data and data == b"A" * len(data), "bytes of another version at %d" % offset
            stale = stale or len(data) < MIB
        assert stale, "40 MiB cannot have been read ahead whole"
    data = (m.path / "f").read_bytes()
    assert data == b"B" * (size if same_size else size // 2)


def test_reader_that_has_read_nothing_gets_the_new_version(mount, bucket):
    bucket.put("f", b"old" * 1000)
    m = mount(bucket, ttl=5)
    assert os.stat(m.path / "f").st_size == 3000
    bucket.put("f", b"brand new" * 2000)
    with open(m.path / "f", "rb", buffering=0) as file:
        data = file.read(MIB)
    # Within the ttl the open may trust the size that it knows, but never give bytes of one version as another's.
    assert data in (b"old" * 1000, b"brand new" * 2000)
    time.sleep(5.1)
    assert (m.path / "f").read_bytes() == b"brand new" * 2000


@pytest.mark.parametrize("size", [1000, 12 * MIB])
def test_no_silent_lost_update(mount, bucket, size):
    """An edit that is based on bytes which someone else has replaced meanwhile fails, and the other's version stays."""
    bucket.put("f", tree.random_bytes(size, 1))
    m = mount(bucket)
    m.may_lose_uploads()
    theirs = tree.random_bytes(size + 1, 2)
    with raises(errno.ESTALE):
        fd = os.open(m.path / "f", os.O_RDWR)
        try:
            os.pwrite(fd, b"mine", 10)
            bucket.put("f", theirs)
        finally:
            os.close(fd)
    assert bucket.get("f") == theirs
    wait_for(m.lost_files, 5, "the bytes of the loser in lost+found")
    time.sleep(1.1)
    assert (m.path / "f").read_bytes() == theirs
    with open(m.path / "f", "r+b", buffering=0) as file:
        file.write(b"mine")
    assert bucket.get("f") == b"mine" + theirs[4:]


def test_exclusive_creation_has_one_winner(mount, bucket):
    first, second = mount(bucket), mount(bucket)
    second.may_lose_uploads()
    one = os.open(first.path / "f", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    two = os.open(second.path / "f", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    os.write(one, b"one")
    os.write(two, b"two")
    os.close(one)
    with raises(errno.EEXIST):
        os.close(two)
    assert bucket.get("f") == b"one"
    with raises(errno.EEXIST):
        wait_for(lambda: (second.path / "f").exists(), 5, "the second to see it")
        os.close(os.open(second.path / "f", os.O_CREAT | os.O_EXCL | os.O_WRONLY))


def test_lock_files_exclude_at_open(mount, bucket):
    """git's way to lock: the second open must fail, not the second close."""
    first, second = mount(bucket, ttl=0), mount(bucket, ttl=0)
    one = os.open(first.path / "index.lock", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    with raises(errno.EEXIST):
        os.close(os.open(second.path / "index.lock", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    os.close(one)
    os.unlink(first.path / "index.lock")
    os.close(os.open(second.path / "index.lock", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    os.unlink(second.path / "index.lock")
    assert bucket.keys() == []


def test_inode_number_is_stable_over_replacement(mount, bucket):
    bucket.put("f", b"one")
    m = mount(bucket, ttl=0)
    inode = os.stat(m.path / "f").st_ino
    bucket.put("f", b"two")
    assert (m.path / "f").read_bytes() == b"two"
    assert os.stat(m.path / "f").st_ino == inode


def test_versioned_bucket(mount, bucket):
    bucket.enable_versioning()
    m = mount(bucket)
    (m.path / "f").write_bytes(b"one")
    (m.path / "f").write_bytes(b"two")
    with open(m.path / "f", "rb", buffering=0) as file:
        os.unlink(m.path / "f")
        assert os.pread(file.fileno(), 10, 0) == b"two"
    assert os.listdir(m.path) == []
    (m.path / "f").write_bytes(b"three")
    with open(m.path / "f", "ab") as file:
        file.write(b" four")
    assert bucket.get("f") == b"three four"
