# SPDX-License-Identifier: Apache-2.0
"""Modes, owners, times and links, kept in the headers that s3fs uses; and what a change of them must not lose."""
import errno
import gzip
import os
import shutil
import stat
import subprocess
import time

import pytest

from support import tree
from support.mount import find_mount, wait_for
from support.posix import as_user, open_parents, raises

pytestmark = pytest.mark.core

MIB = 1 << 20
NS = 1_234_567_890_123_456_789
KEPT = {"ContentType": "text/x-thing", "ContentEncoding": "gzip", "CacheControl": "max-age=77",
        "ContentDisposition": "attachment; filename=x", "ContentLanguage": "de", "StorageClass": "STANDARD"}


def put_with_everything(bucket, key, body):
    """An object with all that a copy could lose."""
    bucket.put(key, body, Metadata={"foreign": "kept", "other-one": "a b  c"}, Tagging="colour=blue&size=very%20big",
               Expires="Wed, 21 Oct 2037 07:28:00 GMT", **KEPT)
    if bucket.server.has("acls"):
        bucket.client.put_object_acl(Bucket=bucket.name, Key=key, ACL="public-read")


def assert_everything(bucket, key, acl=True, expires=True):
    head = bucket.head(key)
    for field in ("ContentType", "ContentEncoding", "CacheControl", "ContentDisposition", "ContentLanguage"):
        assert head.get(field) == KEPT[field], field
    assert head["Metadata"]["foreign"] == "kept"
    assert head["Metadata"]["other-one"] == "a b  c"
    assert not expires or head["Expires"].year == 2037
    tags = bucket.client.get_object_tagging(Bucket=bucket.name, Key=key)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"colour": "blue", "size": "very big"}
    if not acl or not bucket.server.has("acls"):
        return
    grants = bucket.client.get_object_acl(Bucket=bucket.name, Key=key)["Grants"]
    assert any(grant["Grantee"].get("URI", "").endswith("AllUsers") for grant in grants), "the ACL was lost"


def test_modes_owners_times_survive_a_remount(mount, bucket):
    m = mount(bucket)
    (m.path / "f").write_bytes(b"x")
    os.mkdir(m.path / "d")
    os.symlink("../tar get/ü", m.path / "l")
    for name, mode in (("f", 0o4751), ("d", 0o1735)):
        os.chown(m.path / name, 1234, 4321)
        os.chmod(m.path / name, mode)
        os.utime(m.path / name, ns=(NS + 5, NS))
    os.chown(m.path / "l", 77, 88, follow_symlinks=False)
    os.utime(m.path / "l", ns=(NS, NS + 1), follow_symlinks=False)
    for fresh in (False, True):
        if fresh:
            m.remount()
        for name, mode in (("f", stat.S_IFREG | 0o4751), ("d", stat.S_IFDIR | 0o1735)):
            st = os.stat(m.path / name)
            assert (st.st_mode, st.st_uid, st.st_gid) == (mode, 1234, 4321)
            assert (st.st_mtime_ns, st.st_atime_ns) == (NS, NS + 5)
        st = os.lstat(m.path / "l")
        assert stat.S_ISLNK(st.st_mode) and (st.st_uid, st.st_gid, st.st_mtime_ns) == (77, 88, NS + 1)
        assert os.readlink(m.path / "l") == "../tar get/ü"
        assert st.st_size == len("../tar get/ü".encode())


def test_headers_are_those_of_s3fs(mount, bucket):
    m = mount(bucket)
    (m.path / "f").write_bytes(b"x")
    os.chmod(m.path / "f", 0o640)
    os.chown(m.path / "f", 12, 34)
    os.utime(m.path / "f", ns=(NS, NS))
    metadata = bucket.head("f")["Metadata"]
    assert metadata["mode"] == str(stat.S_IFREG | 0o640)
    assert (metadata["uid"], metadata["gid"]) == ("12", "34")
    assert metadata["mtime"] == "1234567890.123456789"
    os.mkdir(m.path / "d", 0o750)
    head = bucket.head("d/")
    assert head["ContentType"] == "application/x-directory" and head["ContentLength"] == 0
    assert int(head["Metadata"]["mode"]) == stat.S_IFDIR | 0o750
    os.symlink("the target", m.path / "l")
    assert bucket.get("l") == b"the target"
    assert stat.S_ISLNK(int(bucket.head("l")["Metadata"]["mode"]))


def test_reads_headers_of_others(mount, bucket):
    bucket.put("s3fs", b"x", Metadata={"mode": "33188", "uid": "5", "gid": "6", "mtime": "1500000000"})
    bucket.put("float", b"x", Metadata={"mtime": "1500000000.123456789"})
    bucket.put("datasync", b"x", Metadata={"file-permissions": "0100751", "file-owner": "7", "file-group": "8",
                                           "file-mtime": "1500000000123456789ns"})
    bucket.put("nonsense", b"x", Metadata={"mode": "rwxr-x", "uid": "-1x", "mtime": "yesterday"})
    m = mount(bucket, uid=99, gid=98, file_mode="0604")
    st = {name: os.stat(m.path / name) for name in ("s3fs", "float", "datasync")}
    assert stat.S_IMODE(st["s3fs"].st_mode) == 0o644 and st["s3fs"].st_mtime == 1500000000
    assert st["float"].st_mtime_ns == 1500000000123456789
    assert stat.S_IMODE(st["datasync"].st_mode) == 0o751
    assert st["datasync"].st_mtime_ns == 1500000000123456789
    nonsense = os.stat(m.path / "nonsense")
    assert stat.S_ISREG(nonsense.st_mode) and abs(nonsense.st_mtime - time.time()) < 60


def test_defaults_for_what_has_no_headers(mount, bucket):
    bucket.put("d/f", b"x")
    m = mount(bucket, uid=501, gid=502, umask="027")
    for name, mode in (("d", 0o750), ("d/f", 0o640)):
        st = os.stat(m.path / name)
        assert (st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)) == (501, 502, mode)
    m.remount(umask=None, file_mode="0400", dir_mode="0500")
    assert stat.S_IMODE(os.stat(m.path / "d").st_mode) == 0o500
    assert stat.S_IMODE(os.stat(m.path / "d" / "f").st_mode) == 0o400


def test_umask_and_times_of_new_files(mount, bucket):
    m = mount(bucket)
    before = time.time()
    tree.run("sh", "-c", "umask 027; touch f; mkdir d; umask 0; touch g", cwd=m.path)
    assert [stat.S_IMODE(os.stat(m.path / name).st_mode) for name in "fdg"] == [0o640, 0o750, 0o666]
    assert before - 2 < os.stat(m.path / "f").st_mtime < time.time() + 2
    os.utime(m.path / "f", ns=(NS, NS))
    (m.path / "f").write_bytes(b"touched")
    assert os.stat(m.path / "f").st_mtime > before - 2
    m.remount()
    assert os.stat(m.path / "f").st_mtime > before - 2


def test_utimens_while_open_wins(mount, bucket):
    """cp -a and rsync set times on the open file, and then close it."""
    m = mount(bucket)
    with open(m.path / "f", "wb", buffering=0) as file:
        file.write(b"data")
        os.utime(file.fileno(), ns=(NS, NS))
        os.fchmod(file.fileno(), 0o600)
    assert os.stat(m.path / "f").st_mtime_ns == NS
    m.remount()
    assert os.stat(m.path / "f").st_mtime_ns == NS
    assert stat.S_IMODE(os.stat(m.path / "f").st_mode) == 0o600


def overwrite(path):
    with open(path, "r+b", buffering=0) as file:
        file.write(b"X")


def append(path):
    with open(path, "ab") as file:
        file.write(b"more")


CHANGES = {
    "chmod": lambda path: os.chmod(path, 0o700),
    "utime": lambda path: os.utime(path, ns=(NS, NS)),
    "rename": lambda path: os.rename(path, path.with_name("renamed")),
    "append": append,
    "overwrite": overwrite,
}


@pytest.mark.parametrize("size", [100, 11 * MIB])
@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_lost(mount, bucket, change, size):
    """Content headers, metadata and tags of others survive a change, small or multipart; a copy keeps the ACL too."""
    body = tree.random_bytes(size, 1)
    put_with_everything(bucket, "f", body)
    m = mount(bucket, copy_threshold="8M", part_size="5M")
    CHANGES[change](m.path / "f")
    m.unmount()
    key = "renamed" if change == "rename" else "f"
    is_copied_as_it_is = change == "rename" and size < 8 * MIB
    assert_everything(bucket, key, acl=change not in ("append", "overwrite"),
                      expires=bucket.server.has("expires in copies") or not is_copied_as_it_is)
    expected = {"append": body + b"more", "overwrite": b"X" + body[1:]}.get(change, body)
    assert bucket.get(key) == expected


def test_gzip_is_never_decoded(mount, bucket):
    body = gzip.compress(b"plain text " * 1000)
    bucket.put("f.gz", body, ContentEncoding="gzip", ContentType="text/plain")
    m = mount(bucket)
    assert (m.path / "f.gz").read_bytes() == body
    assert (m.path / "f.gz").stat().st_size == len(body)


def test_metadata_beyond_the_limit_is_an_error(mount, bucket):
    big = {"big%d" % i: "v" * 211 for i in range(9)}  # a header's prefix counts too on some servers
    bucket.put("f", b"x", Metadata=big)
    m = mount(bucket)
    problem = None
    try:
        os.chmod(m.path / "f", 0o600)
        os.utime(m.path / "f", ns=(NS, NS))
        os.chown(m.path / "f", 1, 1)
    except OSError as error:
        problem = error.errno
    metadata = bucket.head("f")["Metadata"]
    assert big.items() <= metadata.items()
    assert problem in (None, errno.E2BIG, errno.ENOSPC, errno.EFBIG, errno.EOVERFLOW, errno.EMSGSIZE)
    if problem is None:
        assert sum(len(key) + len(value) for key, value in metadata.items()) <= 2048


def test_symlinks(mount, bucket):
    m = mount(bucket)
    (m.path / "real").write_bytes(b"content")
    os.symlink("real", m.path / "good")
    os.symlink("nowhere", m.path / "dangling")
    os.symlink("x" * 1000, m.path / "long")
    assert (m.path / "good").read_bytes() == b"content"
    with raises(errno.ENOENT):
        (m.path / "dangling").read_bytes()
    with raises(errno.EEXIST):
        os.symlink("other", m.path / "good")
    m.remount()
    assert os.readlink(m.path / "long") == "x" * 1000
    assert {entry.name for entry in os.scandir(m.path) if entry.is_symlink()} == {"good", "dangling", "long"}
    os.rename(m.path / "good", m.path / "better")
    assert os.readlink(m.path / "better") == "real"
    os.unlink(m.path / "better")
    assert bucket.keys() == ["dangling", "long", "real"]


def test_special_files(mount, bucket):
    m = mount(bucket)
    os.mkfifo(m.path / "fifo", 0o600)
    os.mknod(m.path / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    m.remount()
    assert stat.S_ISFIFO(os.stat(m.path / "fifo").st_mode)
    st = os.stat(m.path / "null")
    assert stat.S_ISCHR(st.st_mode) and st.st_rdev == os.makedev(1, 3)


def test_permissions_are_enforced(mount, bucket, tmp_path):
    m = mount(bucket, allow_other=True)
    open_parents(m.path)
    (m.path / "secret").write_bytes(b"x")
    os.chmod(m.path / "secret", 0o600)
    (m.path / "shared").write_bytes(b"x")
    os.chmod(m.path / "shared", 0o644)
    os.mkdir(m.path / "his")
    os.chown(m.path / "his", 1000, 1000)

    def read(name):
        (m.path / name).read_bytes()

    assert as_user(1000, read, "shared") == 0
    assert as_user(1000, read, "secret") == errno.EACCES
    assert as_user(1000, (m.path / "shared").write_bytes, b"y") == errno.EACCES
    assert as_user(1000, os.unlink, m.path / "shared") == errno.EACCES
    assert as_user(1000, os.chmod, m.path / "shared", 0o777) == errno.EPERM
    assert as_user(1000, (m.path / "his" / "own").write_bytes, b"z") == 0
    st = os.stat(m.path / "his" / "own")
    assert (st.st_uid, st.st_gid) == (1000, 1000)
    assert bucket.get("his/own") == b"z"


def test_others_are_kept_out_without_allow_other(mount, bucket):
    m = mount(bucket)
    assert as_user(1000, os.listdir, m.path) == errno.EACCES


@pytest.mark.parametrize("writer", ["s3fs", "pail"])
def test_s3fs_and_pail_read_each_other(mount, bucket, server, tmp_path, writer):
    assert shutil.which("s3fs"), "s3fs is not installed (scripts/setup --test)"
    password = tmp_path / "passwd"
    password.write_text("TESTKEY:TESTSECRET")
    password.chmod(0o600)
    theirs = tmp_path / "s3fs"
    theirs.mkdir()
    s3fs = subprocess.Popen(["s3fs", bucket.name, theirs, "-f", "-o", "url=%s,use_path_request_style,passwd_file=%s,"
                             "endpoint=us-east-1" % (server.endpoint, password)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: find_mount(theirs), 20, "s3fs")
        m = mount(bucket)
        first, second = (theirs, m.path) if writer == "s3fs" else (m.path, theirs)
        (first / "f").write_bytes(b"content")
        os.mkdir(first / "d", 0o751)
        (first / "d" / "g").write_bytes(b"")
        os.symlink("f", first / "l")
        for name in ("f", "d/g"):
            os.chown(first / name, 1000, 1001)
            os.chmod(first / name, 0o640)
            os.utime(first / name, (1_400_000_000, 1_400_000_000))
        time.sleep(1.1)
        assert tree.checksums(second) == tree.checksums(first)
        for name in ("f", "d/g"):
            st = os.stat(second / name)
            assert (stat.S_IMODE(st.st_mode), st.st_uid, st.st_gid, st.st_mtime) == (0o640, 1000, 1001, 1_400_000_000)
        assert stat.S_IMODE(os.stat(second / "d").st_mode) == 0o751
        assert os.readlink(second / "l") == "f"
    finally:
        subprocess.run(["fusermount3", "-uz", theirs], check=True)
        s3fs.wait(60)
