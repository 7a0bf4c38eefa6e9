# SPDX-License-Identifier: Apache-2.0
"""SOURCE s3://: all buckets of a profile, or of several, in one mount."""
import concurrent.futures
import errno
import json
import os
import signal
import stat
import subprocess
import time

import pytest

from support import build, tree
from support.mount import wait_for
from support.posix import raises, renameat2
from test_tools import git

MIB = 1 << 20
TTL_S = 1.0


@pytest.fixture
def all_buckets(mount):
    """Mounts s3:// with options."""
    return lambda **options: mount("s3://", **options)


def let_in(bucket, *actions, user="other"):
    """A policy by which another user may do something; the bucket is in no list of theirs."""
    arns = ["arn:aws:s3:::%s" % bucket, "arn:aws:s3:::%s/*" % bucket]
    bucket.set_policy(json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/test"]}, "Action": ["s3:*"], "Resource": arns},
        {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/%s" % user]}, "Action": list(actions),
         "Resource": arns}]}))


def threads_of(m):
    return len(os.listdir("/proc/%d/task" % m.pid))


def state_dirs(m):
    return [path.name for path in m.state_dir.iterdir()]


# ---- what is shown ----

def test_both_users_in_one_mount(mount, bucket, other_bucket):
    """Each profile's buckets under its name, and cp between them."""
    bucket.put("d/f", b"from the one")
    m = mount("s3://", profile=None, profiles="test:other")
    assert sorted(os.listdir(m.path)) == ["other", "test"]
    mine, theirs = m.path / "test", m.path / "other"
    assert bucket.name in os.listdir(mine) and bucket.name not in os.listdir(theirs)
    assert other_bucket.name in os.listdir(theirs) and other_bucket.name not in os.listdir(mine)
    tree.run("cp", mine / bucket.name / "d" / "f", theirs / other_bucket.name / "copy")
    assert other_bucket.get("copy") == b"from the one"
    tree.run("cp", "-r", theirs / other_bucket.name, mine / bucket.name / "back")
    assert bucket.get("back/copy") == b"from the one"
    other_bucket.put("new", b"of the other")
    time.sleep(TTL_S + 0.1)
    assert (theirs / other_bucket.name / "new").read_bytes() == b"of the other"


def test_tops_as_programs_see_them(mount, bucket, other_bucket):
    m = mount("s3://", profile=None, profiles="test:other", uid=12, gid=34, dir_mode="0750")
    lines = tree.run("ls", "-lan", m.path).splitlines()[1:]
    assert sorted(line.split()[-1] for line in lines) == [".", "..", "other", "test"]
    for line in lines:
        assert line.startswith("drwxr-x---") and line.split()[2:4] == ["12", "34"] or line.endswith(" .."), line
    lines = tree.run("ls", "-lan", m.path / "test").splitlines()
    assert any(line.endswith(" " + bucket.name) and line.startswith("drwxr-x---") for line in lines)
    status = os.stat(m.path / "test" / bucket.name)
    created = next(entry["CreationDate"] for entry in bucket.client.list_buckets()["Buckets"]
                   if entry["Name"] == bucket.name)
    assert int(status.st_mtime) == int(created.timestamp()) and stat.S_ISDIR(status.st_mode)
    assert not state_dirs(m), "a look from outside enters no bucket"
    numbers = {os.stat(m.path / path).st_ino for path in (".", "test", "other", "test/" + bucket.name,
                                                          "other/" + other_bucket.name)}
    assert len(numbers) == 5
    (m.path / "test" / bucket.name / "f").write_bytes(b"x")
    assert os.stat(m.path / "test" / bucket.name / "f").st_ino not in numbers
    listed = {line.split()[-1]: int(line.split()[0])
              for line in tree.run("ls", "-ai", m.path / "test" / bucket.name).splitlines()}
    assert listed[".."] == os.stat(m.path / "test").st_ino and listed["."] == status.st_ino
    assert listed["f"] == os.stat(m.path / "test" / bucket.name / "f").st_ino
    os.chmod(m.path / "test" / bucket.name, 0o700)
    assert stat.S_IMODE(os.stat(m.path / "test" / bucket.name).st_mode) == 0o700
    assert int(os.stat(m.path / "test" / bucket.name).st_mtime) == int(created.timestamp())
    assert os.statvfs(m.path).f_blocks == os.statvfs(m.path / "test" / bucket.name).f_blocks > 0


def test_tops_take_nothing_else(all_buckets, bucket):
    m = all_buckets()
    inside = m.path / bucket.name
    for change in (lambda: (m.path / "file").write_bytes(b"x"), lambda: os.mkdir(m.path / "new-bucket"),
                   lambda: os.symlink("x", m.path / "link"), lambda: os.mkfifo(m.path / "fifo"),
                   lambda: os.rmdir(inside), lambda: os.rename(inside, m.path / "another"),
                   lambda: os.chmod(m.path, 0o700)):
        with raises(errno.EPERM):
            change()
    for name in (".git", ".Trash-0", "a", "x" * 255, "with blank", "lost+found"):
        assert not os.path.exists(m.path / name)
    with raises(errno.ENOENT):
        os.stat(m.path / "there-is-no-such-bucket")
    assert os.path.isdir(inside)
    (inside / "f").write_bytes(b"x")
    for source, target in ((inside / "f", m.path / "f"), (inside / "f", m.path / "other")):
        with raises(errno.EXDEV):
            os.rename(source, target)


def test_impossible_names_ask_nothing(mount, bucket, wire):
    m = mount("s3://", wire=wire)
    os.listdir(m.path)
    before = len(wire.requests())
    for name in (".git", ".Trash", "autorun inf", "-x-", "ab"):
        assert not os.path.exists(m.path / name)
    assert len(wire.requests()) == before


def test_ls_enters_nothing(mount, new_bucket, wire):
    """One list tells all of sixty buckets."""
    names = {new_bucket().name for _ in range(60)}
    m = mount("s3://", wire=wire, ttl="30s")
    before = len(wire.requests())
    listed = tree.run("ls", "-la", m.path).splitlines()
    assert names <= {line.split()[-1] for line in listed}
    kinds = [request.kind for request in wire.requests()[before:]]
    assert kinds == ["ListBuckets"], kinds


def test_sixty_buckets(mount, new_bucket):
    """find through all of them: threads and memory are those of one mount."""
    buckets = [new_bucket() for _ in range(60)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda bucket: bucket.put("d/in-" + bucket.name, b"x" * 1000), buckets))
    m = mount("s3://", memory_limit="64M", max_connections=16)
    found = tree.run("find", m.path, "-name", "in-*").split()
    assert {os.path.basename(path) for path in found} >= {"in-" + bucket.name for bucket in buckets}
    assert len(state_dirs(m)) >= 60
    peak = threads_of(m)
    tree.run("sh", "-c", "for d in */d; do cat $d/in-* > /dev/null & done; wait", cwd=m.path)
    assert max(peak, threads_of(m)) < 16 + 64 + 48 + 8 + 10
    time.sleep(3)
    assert threads_of(m) < 40, "the threads of the pools end when they are idle"


def test_memory_limit_is_of_the_mount(mount, new_bucket):
    buckets = [new_bucket() for _ in range(4)]
    for bucket in buckets:
        bucket.put("in", tree.random_bytes(32 * MIB, 1))
    m = mount("s3://", memory_limit="64M", program=build.plain_pail())
    words = " ".join(bucket.name for bucket in buckets)
    tree.run("sh", "-c", "for b in %s; do cat $b/in > /dev/null & cp $b/in $b/out & done; wait" % words, cwd=m.path)
    assert m.memory_bytes() < (64 + 64) * MIB
    for bucket in buckets:
        assert bucket.sha256("out") == bucket.sha256("in")


def has_room(file):
    try:
        return file.write(bytes(MIB)) == MIB
    except OSError as problem:
        assert problem.errno == errno.ENOSPC
        return False


def test_spool_limit_is_of_the_mount(mount, bucket, new_bucket):
    second = new_bucket()
    m = mount("s3://", spool_limit="16M", part_size="64M")
    with open(m.path / bucket.name / "f", "wb", buffering=0) as one:
        one.write(bytes(12 * MIB))
        with open(m.path / second.name / "f", "wb", buffering=0) as two:
            two.write(bytes(3 * MIB))
            with raises(errno.ENOSPC):
                for _ in range(4):
                    two.write(bytes(MIB))
            one.close()
            # The kernel tells of the last close when it comes to it.
            wait_for(lambda: has_room(two), 20, "room")
    assert bucket.head("f")["ContentLength"] == 12 * MIB


def test_what_was_sent_in_one_makes_room_in_another(mount, new_bucket):
    """Each of the files is larger than the limit."""
    one, two = new_bucket(), new_bucket()
    m = mount("s3://", spool_limit="32M", part_size="5M", program=build.plain_pail())
    tree.run("sh", "-ec", "head -c 48M /dev/zero > %s/f & head -c 48M /dev/zero > %s/f; wait $!" % (one, two), cwd=m.path)
    for bucket in (one, two):
        assert bucket.head("f")["ContentLength"] == 48 * MIB


# ---- work in them ----

def test_git_and_tar(all_buckets, bucket, tmp_path):
    m = all_buckets()
    work = m.path / bucket.name / "repository"
    git(m.path / bucket.name, "init", "-q", work)
    source = tree.make(work / "files", seed=5, files=30)
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "first")
    tree.run("tar", "-C", work, "-cf", m.path / bucket.name / "all.tar", "files")
    (tmp_path / "out").mkdir()
    tree.run("tar", "-C", tmp_path / "out", "-xf", m.path / bucket.name / "all.tar")
    assert tree.checksums(tmp_path / "out" / "files") == tree.checksums(source)
    m.remount()
    assert git(work, "status", "--porcelain") == ""
    git(work, "fsck", "--strict")


def test_between_buckets(all_buckets, bucket, new_bucket):
    second = new_bucket()
    m = all_buckets()
    one, two = m.path / bucket.name, m.path / second.name
    (one / "d").mkdir()
    (one / "d" / "f").write_bytes(b"moved")
    os.symlink("f", one / "d" / "link")
    with raises(errno.EXDEV):
        os.rename(one / "d" / "f", two / "f")
    with raises(errno.EXDEV):
        renameat2(one / "d", two / "d", 1)
    with raises(errno.EPERM, errno.EXDEV):
        os.link(one / "d" / "f", two / "f")
    tree.run("mv", one / "d", two / "d")
    assert bucket.keys() == [] and second.files() == ["d/f", "d/link"]
    assert (two / "d" / "link").read_bytes() == b"moved"
    os.rename(two / "d" / "f", two / "f")
    assert second.get("f") == b"moved"


def test_unmount_sends_in_all_buckets(all_buckets, bucket, new_bucket):
    second = new_bucket()
    m = all_buckets()
    files = [open(m.path / where.name / "f", "wb", buffering=0) for where in (bucket, second)]
    for number, file in enumerate(files):
        file.write(b"unsent %d" % number)
    listing = os.scandir(m.path / bucket.name)
    next(listing)
    os.scandir(m.path)
    m.signal(signal.SIGTERM)
    m.expect_end()
    for file in files:
        try:
            file.close()
        except OSError:
            pass
    listing.close()
    assert bucket.get("f") == b"unsent 0" and second.get("f") == b"unsent 1"


def test_unsent_of_all_buckets_is_counted(mount, bucket, new_bucket, wire):
    """Nothing can be sent at the end: one deadline for all, and the bytes are kept where each bucket's are."""
    second = new_bucket()
    m = mount("s3://", wire=wire, timeout="3s")
    m.may_lose_uploads()
    files = [open(m.path / where.name / "f", "wb", buffering=0) for where in (bucket, second)]
    for file in files:
        file.write(b"unsent")
    wire.rule("reset-before", kind="PutObject", count=0)
    began = time.monotonic()
    m.signal(signal.SIGTERM)
    m.expect_end()
    assert time.monotonic() - began < 3 * 3
    for file in files:
        try:
            file.close()
        except OSError:
            pass
    assert "2 files could not be sent" in m.log()
    assert [path.read_bytes() for path in m.lost_files()] == [b"unsent"] * 2


def test_many_enter_at_once(all_buckets, new_bucket):
    """The tree of a bucket is made once, however many come."""
    where = new_bucket()
    where.put("f", b"x")
    m = all_buckets()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda _: (m.path / where.name / "f").read_bytes() == b"x", range(32)))
    assert len([name for name in state_dirs(m) if name.startswith(where.name)]) == 1


def test_entering_can_be_interrupted_and_tried_again(mount, bucket, wire):
    bucket.put("f", b"x")
    m = mount("s3://", wire=wire)
    os.listdir(m.path)
    held = wire.rule("hold", kind="ListObjectsV2")
    child = subprocess.Popen(["cat", m.path / bucket.name / "f"])
    held.wait()
    child.kill()
    assert child.wait(60) == -signal.SIGKILL
    held.release()
    assert (m.path / bucket.name / "f").read_bytes() == b"x"


# ---- what may be entered ----

def test_a_bucket_that_no_list_shows(mount, bucket):
    bucket.put("f", b"let in")
    let_in(bucket, "s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject")
    m = mount("s3://", profile="other")
    assert bucket.name not in os.listdir(m.path)
    inside = m.path / bucket.name
    assert os.listdir(inside) == ["f"] and (inside / "f").read_bytes() == b"let in"
    (inside / "g").write_bytes(b"written")
    assert bucket.client.head_object(Bucket=bucket.name, Key="g")["ContentLength"] == 7
    os.unlink(inside / "g")
    assert bucket.name not in os.listdir(m.path)


def test_a_bucket_that_may_not_be_listed(mount, bucket):
    bucket.put("f", b"let in")
    let_in(bucket, "s3:GetObject")
    m = mount("s3://", profile="other")
    inside = m.path / bucket.name
    assert (inside / "f").read_bytes() == b"let in"
    with raises(errno.EACCES):
        os.listdir(inside)


def test_a_bucket_that_lets_nobody_in(mount, bucket):
    bucket.put("f", b"secret")
    m = mount("s3://", profile="other")
    with raises(errno.EACCES):
        os.listdir(m.path / bucket.name)
    with raises(errno.ENOENT, errno.EACCES):  # who may not list is not told which
        (m.path / bucket.name / "f").read_bytes()


def test_without_the_right_to_list_buckets(mount, bucket, wire):
    """An empty top that still lets names in, and a warning."""
    wire.rule("answer", kind="ListBuckets", status=403, code="AccessDenied", count=0)
    bucket.put("f", b"x")
    m = mount("s3://", wire=wire)
    assert os.listdir(m.path) == []
    assert (m.path / bucket.name / "f").read_bytes() == b"x"
    assert os.listdir(m.path / bucket.name) == ["f"]
    assert "ListAllMyBuckets" in m.log()


# ---- what the command line says ----

@pytest.mark.parametrize("source, options, words", [
    ("s3://", {"profiles": "test:other"}, "exclude each other"),
    ("a-bucket", {"profile": None, "profiles": "test:other"}, "s3://"),
    ("a-bucket", {"manage_buckets": True}, "s3://"),
    ("s3://", {"profile": None, "profiles": "test:test"}, "twice"),
    ("s3://", {"profile": None, "profiles": "test::other"}, "without a name"),
    ("s3://", {"profile": None, "profiles": "test:.."}, "directory"),
    ("s3://", {"profile": None, "profiles": "nobody:noone"}, "profile nobody: "),
    ("s3://", {"profile": "wrong"}, "secret access key"),
    ("s3://", {"profile": "unknown"}, "NOSUCHKEY"),
    ("s3:///prefix", {}, "names no bucket"),
])
def test_refused_in_words(mount, source, options, words):
    failure = mount.run_failing(source, log_level=None, **options)
    assert words in failure.text and failure.text.count("\n") == 1, failure.text


def test_in_the_background(mount, bucket):
    m = mount("s3://", foreground=False)
    (m.path / bucket.name / "f").write_bytes(b"x")
    assert bucket.get("f") == b"x"
    m.unmount()


def test_anonymous(mount, bucket):
    bucket.put("f", b"public", ACL="public-read")
    bucket.client.put_bucket_acl(Bucket=bucket.name, ACL="public-read")
    m = mount("s3://", no_sign_request=True, profile=None, region="us-east-1")
    assert os.listdir(m.path) == []
    assert (m.path / bucket.name / "f").read_bytes() == b"public"
