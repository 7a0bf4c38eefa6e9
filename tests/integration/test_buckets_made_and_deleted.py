# SPDX-License-Identifier: Apache-2.0
"""Buckets that come and go while s3:// is mounted: made and deleted elsewhere, or here with manage_buckets."""
import errno
import os
import threading
import time

import pytest
from botocore.exceptions import ClientError

from support import tree
from support.posix import raises
from test_all_buckets import TTL_S, all_buckets  # noqa: F401: a fixture  pylint: disable=unused-import


@pytest.fixture
def made_here(s3, bucket_guard):
    """Names of buckets that a test makes by mkdir; deleted once its mounts are gone."""
    names = []
    yield names
    for factory in bucket_guard:
        factory.destroy(quietly=True)
    for name in names:
        try:
            s3.delete_bucket(Bucket=name)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "NoSuchBucket"


def new_name(kind):
    new_name.count += 1
    return "m%d-%s-%d" % (os.getpid(), kind, new_name.count)


new_name.count = 0


# ---- elsewhere ----

def test_a_bucket_made_elsewhere_appears(all_buckets, new_bucket):
    m = all_buckets()
    os.listdir(m.path)
    late = new_bucket()
    late.put("f", b"x")
    time.sleep(TTL_S + 0.1)
    assert late.name in os.listdir(m.path)
    assert (m.path / late.name / "f").read_bytes() == b"x"


def test_a_bucket_deleted_elsewhere_goes(all_buckets, s3):
    name = new_name("gone")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="f", Body=b"x")
    m = all_buckets()
    assert (m.path / name / "f").read_bytes() == b"x"
    s3.delete_object(Bucket=name, Key="f")
    s3.delete_bucket(Bucket=name)
    time.sleep(TTL_S + 0.1)
    assert name not in os.listdir(m.path)
    with raises(errno.ENOENT):
        os.stat(m.path / name)
    with raises(errno.ENOENT):
        (m.path / name / "f").read_bytes()
    with raises(errno.ENOENT):
        (m.path / name / "new").write_bytes(b"x")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="f", Body=b"another")
    try:
        time.sleep(TTL_S + 0.1)
        assert (m.path / name / "f").read_bytes() == b"another"
        assert name in os.listdir(m.path)
    finally:
        s3.delete_object(Bucket=name, Key="f")
        s3.delete_bucket(Bucket=name)


# ---- manage_buckets ----

def test_mkdir_and_rmdir(mount, s3, made_here):
    m = mount("s3://", manage_buckets=True)
    name = new_name("made")
    made_here.append(name)
    os.mkdir(m.path / name)
    assert s3.head_bucket(Bucket=name) and name in os.listdir(m.path)
    assert abs(os.stat(m.path / name).st_mtime - time.time()) < 60
    with raises(errno.EEXIST):
        os.mkdir(m.path / name)
    (m.path / name / "f").write_bytes(b"x")
    assert s3.get_object(Bucket=name, Key="f")["Body"].read() == b"x"
    with raises(errno.ENOTEMPTY):
        os.rmdir(m.path / name)
    os.unlink(m.path / name / "f")
    os.rmdir(m.path / name)
    assert name not in os.listdir(m.path) and not os.path.exists(m.path / name)
    with pytest.raises(ClientError):
        s3.head_bucket(Bucket=name)
    os.mkdir(m.path / name)
    assert os.listdir(m.path / name) == []
    (m.path / name / "g").write_bytes(b"again")
    assert s3.get_object(Bucket=name, Key="g")["Body"].read() == b"again"
    tree.run("rm", "-r", m.path / name)
    assert name not in os.listdir(m.path)


def test_mkdir_of_what_cannot_be(mount, other_bucket, bucket):
    m = mount("s3://", manage_buckets=True)
    with raises(errno.EEXIST):
        os.mkdir(m.path / other_bucket.name)
    with raises(errno.EEXIST):
        os.mkdir(m.path / bucket.name)
    for name in ("ab", "-dash", "with blank", ".dot"):
        with raises(errno.EINVAL):
            os.mkdir(m.path / name)
    with raises(errno.EACCES):
        os.rmdir(m.path / other_bucket.name)


def test_rmdir_spares_what_is_not_sent(mount, s3, made_here):
    """S3 has nothing of it yet, but the directory is not empty."""
    m = mount("s3://", manage_buckets=True)
    name = new_name("open")
    made_here.append(name)
    os.mkdir(m.path / name)
    with open(m.path / name / "f", "wb", buffering=0) as file:
        file.write(b"x")
        with raises(errno.ENOTEMPTY):
            os.rmdir(m.path / name)
    assert s3.get_object(Bucket=name, Key="f")["Body"].read() == b"x"
    os.unlink(m.path / name / "f")
    os.rmdir(m.path / name)


def test_managing_below_profiles(mount, s3, other_s3, made_here):
    m = mount("s3://", profile=None, profiles="test:other", manage_buckets=True)
    name = new_name("below")
    made_here.append(name)
    for change in (lambda: os.mkdir(m.path / name), lambda: os.rmdir(m.path / "test")):
        with raises(errno.EPERM):
            change()
    os.mkdir(m.path / "test" / name)
    assert name in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]
    assert name not in [entry["Name"] for entry in other_s3.list_buckets()["Buckets"]]
    os.rmdir(m.path / "test" / name)


def test_read_only(mount, bucket):
    bucket.put("f", b"x")
    m = mount("s3://", ro=True, manage_buckets=True)
    assert (m.path / bucket.name / "f").read_bytes() == b"x"
    for change in (lambda: os.mkdir(m.path / "new-bucket"), lambda: os.rmdir(m.path / bucket.name),
                   lambda: (m.path / bucket.name / "g").write_bytes(b"y")):
        with raises(errno.EROFS):
            change()


def test_makers_and_lists_at_once(mount, made_here):
    """A list that was asked for before a bucket was made, or deleted, does not undo that."""
    m = mount("s3://", manage_buckets=True, ttl=0)
    stop = threading.Event()
    problems = []

    def look():
        while not stop.is_set():
            try:
                os.listdir(m.path)
            except OSError as error:
                problems.append(error)

    looker = threading.Thread(target=look)
    looker.start()
    try:
        for _ in range(10):
            name = new_name("busy")
            made_here.append(name)
            os.mkdir(m.path / name)
            assert name in os.listdir(m.path)
            os.rmdir(m.path / name)
            assert name not in os.listdir(m.path)
    finally:
        stop.set()
        looker.join()
    assert not problems
