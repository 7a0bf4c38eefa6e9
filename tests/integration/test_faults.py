# SPDX-License-Identifier: Apache-2.0
"""Bad days, made by the wire: programs on the mount must not notice what can be retried, and must be told of the rest."""
import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from support import tree
from support.mount import wait_for
from support.posix import raises

pytestmark = pytest.mark.core

MIB = 1 << 20


def rename_directory(server, source, target):
    """In one call, or file by file where the server cannot copy its marker."""
    if server.has("copies of directories"):
        os.rename(source, target)
        return
    os.mkdir(target)
    for name in os.listdir(source):
        os.rename(source / name, target / name)
    os.rmdir(source)


def everyday(path, seed, server):
    """A little of everything; returns {relative path: content} of what must be there afterwards."""
    generator = random.Random(seed)
    small, large = generator.randbytes(5000), generator.randbytes(12 * MIB)
    os.mkdir(path / "d")
    (path / "d" / "small").write_bytes(small)
    (path / "large").write_bytes(large)
    assert (path / "large").read_bytes() == large
    with open(path / "d" / "small", "ab") as file:
        file.write(b"appended")
    os.chmod(path / "d" / "small", 0o600)
    os.rename(path / "large", path / "d" / "moved")
    os.symlink("small", path / "d" / "link")
    (path / "gone").write_bytes(b"x")
    os.unlink(path / "gone")
    fd = os.open(path / "d" / "exclusive", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    os.write(fd, b"exclusive")
    os.close(fd)
    os.mkdir(path / "d" / "e")
    for i in range(5):
        (path / "d" / "e" / str(i)).write_bytes(b"%d" % i)
    rename_directory(server, path / "d" / "e", path / "f")
    assert sorted(os.listdir(path)) == ["d", "f"]
    with open(path / "d" / "moved", "r+b", buffering=0) as file:
        os.pwrite(file.fileno(), b"patched", 7 * MIB)
    large = large[:7 * MIB] + b"patched" + large[7 * MIB + 7:]
    expected = {"d/small": small + b"appended", "d/moved": large, "d/link": b"small", "d/exclusive": b"exclusive"}
    expected.update({"f/%d" % i: b"%d" % i for i in range(5)})
    return expected


def assert_bucket(bucket, expected):
    assert {key: bucket.get(key) for key in bucket.files()} == expected


def assert_uploads(bucket, wire):
    """None is left behind, but those of which we were never told: S3 began them, and the answer was lost."""
    lost = [request for request in wire.requests("CreateMultipartUpload") if request.rule]
    assert len(bucket.uploads()) <= len(lost)
    bucket.abort_uploads()


FAULTS = {
    "503": dict(action="answer", status=503, code="SlowDown", every=11),
    "500": dict(action="answer", status=500, code="InternalError"),
    "500 after doing it": dict(action="answer-after", status=500, code="InternalError"),
    "reset before": dict(action="reset-before"),
    "reset after": dict(action="reset-after"),
    "truncated": dict(action="truncate", at=3),
    "reset in the answer": dict(action="reset-body", at=1),
    "too long": dict(action="overlong", at=1000),
    "reset in the upload": dict(action="reset-upload", at=1000),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_request_may_fail_once(mount, bucket, wire, fault):
    """Every third request meets the fault (those that slow us down, less often)."""
    m = mount(bucket, wire=wire, copy_threshold="8M", part_size="5M")
    wire.rule(**{"every": 3, "count": 0, **FAULTS[fault]})
    expected = everyday(m.path, fault, bucket.server)
    wire.clear()
    assert_bucket(bucket, expected)
    assert_uploads(bucket, wire)
    m.remount()
    assert tree.checksums(m.path).keys() == expected.keys() - {"d/link"}
    for key, body in expected.items():
        if key != "d/link":
            assert (m.path / key).read_bytes() == body


@pytest.mark.parametrize("seed", range(4))
def test_a_bad_day(mount, bucket, new_wire, seed):
    """All faults at once, by chance from a seed."""
    wire = new_wire(seed=seed)
    m = mount(bucket, wire=wire, copy_threshold="8M", part_size="5M")
    wire.set(latency=1, jitter=3)
    for fault in FAULTS.values():
        wire.rule(**{**fault, "every": 1, "probability": 0.04, "count": 0})
    expected = everyday(m.path, seed, bucket.server)
    wire.clear()
    assert_bucket(bucket, expected)
    assert_uploads(bucket, wire)


@pytest.mark.parametrize("kind", ["CopyObject", "CompleteMultipartUpload", "UploadPartCopy"])
def test_error_in_a_200(mount, bucket, wire, kind):
    """S3 may answer 200 and tell of the failure in the body."""
    m = mount(bucket, wire=wire, copy_threshold="8M", part_size="5M")
    data = tree.random_bytes(12 * MIB, 1)
    rule = wire.rule("answer", kind=kind, status=200, code="InternalError", count=2)
    (m.path / "large").write_bytes(data)
    (m.path / "small").write_bytes(b"small")
    os.rename(m.path / "large", m.path / "large2")
    os.rename(m.path / "small", m.path / "small2")
    assert rule.fired == 2
    assert_bucket(bucket, {"large2": data, "small2": b"small"})


@pytest.mark.parametrize("action", ["reset-after", "answer-after"])
@pytest.mark.parametrize("kind", ["PutObject", "CompleteMultipartUpload", "CopyObject", "DeleteObject", "DeleteObjects"])
def test_ambiguous_ends_are_settled(mount, bucket, wire, kind, action):
    """The server did it, and the client was not told: never an error to the program, never done to someone's loss."""
    m = mount(bucket, wire=wire, part_size="5M")
    bucket.put("dir/a", b"a")
    bucket.put("dir/b", b"b")
    rule = wire.rule(action, kind=kind, status=500, code="InternalError", count=0, every=2)
    for i in range(2):
        fd = os.open(m.path / ("exclusive%d" % i), os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        os.write(fd, b"mine")
        os.close(fd)
        (m.path / ("large%d" % i)).write_bytes(b"L" * (6 * MIB))
        os.rename(m.path / ("exclusive%d" % i), m.path / ("renamed%d" % i))
        (m.path / ("gone%d" % i)).write_bytes(b"x")
        os.unlink(m.path / ("gone%d" % i))
        with open(m.path / ("renamed%d" % i), "ab") as file:
            file.write(b" and more")
    os.rename(m.path / "dir", m.path / "moved")
    if kind not in ("DeleteObjects",):
        assert rule.fired >= 1
    assert_bucket(bucket, {"renamed0": b"mine and more", "renamed1": b"mine and more", "large0": b"L" * (6 * MIB),
                           "large1": b"L" * (6 * MIB), "moved/a": b"a", "moved/b": b"b"})


def test_refusals_are_told(mount, bucket, wire):
    """What is no use to retry reaches the program as an errno, and nothing is pretended."""
    bucket.put("archived", b"x")
    m = mount(bucket, wire=wire)
    m.may_lose_uploads()
    (m.path / "f").write_bytes(b"old")
    wire.rule("answer", kind="PutObject", status=403, code="AccessDenied", count=0)
    with raises(errno.EACCES):
        fd = os.open(m.path / "f", os.O_WRONLY | os.O_TRUNC)
        os.write(fd, b"new")
        os.close(fd)
    with raises(errno.EACCES):
        os.mkdir(m.path / "d")
    wire.clear()
    assert bucket.get("f") == b"old" and bucket.keys() == ["archived", "f"]
    time.sleep(1.1)
    assert (m.path / "f").read_bytes() == b"old"
    wire.rule("answer", kind="DeleteObject", status=403, code="AccessDenied", count=0)
    with raises(errno.EACCES):
        os.unlink(m.path / "f")
    assert (m.path / "f").read_bytes() == b"old"
    wire.rule("answer", kind="CopyObject", status=403, code="AccessDenied", count=0)
    with raises(errno.EACCES):
        os.rename(m.path / "f", m.path / "g")
    assert bucket.keys() == ["archived", "f"]
    wire.rule("answer", kind="GetObject", status=403, code="InvalidObjectState", count=0)
    with raises(errno.EACCES, errno.EIO, errno.EPERM):
        (m.path / "archived").read_bytes()
    wire.clear()


def test_failed_close_is_not_sent_later(mount, bucket, wire):
    """write-through: when close failed, those bytes never appear on their own."""
    bucket.put("f", b"old")
    m = mount(bucket, wire=wire)
    m.may_lose_uploads()
    wire.rule("answer", kind="PutObject", status=403, code="AccessDenied", count=0)
    with raises(errno.EACCES):
        with open(m.path / "f", "wb", buffering=0) as file:
            file.write(b"never")
    wire.clear()
    m.unmount()
    assert bucket.get("f") == b"old"
    assert m.lost_files()


def test_failed_bytes_are_not_sent_at_the_end(mount, bucket, wire):
    """The same when the file is still open as the mount ends: its writer was told by fsync."""
    bucket.put("f", b"old")
    m = mount(bucket, wire=wire)
    m.may_lose_uploads()
    wire.rule("answer", kind="PutObject", status=403, code="AccessDenied", count=0)
    file = open(m.path / "f", "wb", buffering=0)
    file.write(b"never")
    with raises(errno.EACCES):
        os.fsync(file.fileno())
    wire.clear()
    m.signal(signal.SIGTERM)
    m.expect_end()
    try:
        file.close()
    except OSError:
        pass
    assert bucket.get("f") == b"old"
    assert m.lost_files()


def test_outage_is_waited_out(mount, bucket, wire):
    """Refused connections, and then a network that answers nothing: calls wait, and go on by themselves."""
    m = mount(bucket, wire=wire, timeout="60s")
    for outage, end in ((wire.refuse, wire.listen), (wire.pause, wire.resume)):
        over = threading.Event()

        def end_it():
            over.set()
            end()

        outage()
        threading.Timer(2, end_it).start()
        (m.path / "f").write_bytes(outage.__name__.encode())
        assert over.is_set()
        assert bucket.get("f") == outage.__name__.encode()
    wire.rule("answer", status=503, code="SlowDown", count=0)
    threading.Timer(2, wire.clear).start()
    (m.path / "f").write_bytes(b"503 for a while")
    assert bucket.get("f") == b"503 for a while"


def test_outage_longer_than_the_timeout(mount, bucket, wire):
    bucket.put("f", b"x" * MIB)
    m = mount(bucket, wire=wire, timeout="2s", ttl=0)
    (m.path / "g").write_bytes(b"before")
    wire.pause()
    for call in (lambda: os.stat(m.path / "f"), lambda: os.listdir(m.path),
                 lambda: (m.path / "g").write_bytes(b"during")):
        start = time.monotonic()
        with raises(errno.ETIMEDOUT):
            call()
        assert 1.5 < time.monotonic() - start < 60  # the default is five minutes
    wire.resume()
    assert (m.path / "f").read_bytes() == b"x" * MIB
    (m.path / "g").write_bytes(b"after")
    assert bucket.get("g") == b"after"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("what", ["cat", "ls", "cp"])
def test_blocked_program_dies_at_once(mount, bucket, wire, number, what):
    bucket.put("f", b"x" * (4 * MIB))
    m = mount(bucket, wire=wire, ttl=0)
    os.listdir(m.path)
    wire.pause()
    command = {"cat": ["cat", m.path / "f"], "ls": ["ls", "-l", m.path], "cp": ["cp", "/bin/true", m.path / "new"]}[what]
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.7)
    assert program.poll() is None
    program.send_signal(number)
    program.wait(60)  # without an answer: nothing passes before the wire is resumed
    wire.resume()
    assert (m.path / "f").read_bytes() == b"x" * (4 * MIB)


INTERVAL_TIMER = """
import os, signal, sys, time
signal.signal(signal.SIGALRM, lambda *_: None)
signal.siginterrupt(signal.SIGALRM, True)
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
os.chdir(sys.argv[1])
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
def check(result):
    if result < 0:
        sys.exit("errno %d" % ctypes.get_errno())
    return result
for i in range(4):
    fd = check(libc.open(b"f%d" % i, os.O_CREAT | os.O_WRONLY, 0o644))
    check(libc.write(fd, b"x" * 100, 100))
    check(libc.close(fd))
    check(libc.rename(b"f%d" % i, b"g%d" % i))
    check(libc.unlink(b"g%d" % i) if i % 2 else 0)
signal.setitimer(signal.ITIMER_REAL, 0)
"""


def test_interval_timers_do_not_disturb(mount, bucket, wire):
    """git's progress meter has one: its calls must not see EINTR."""
    m = mount(bucket, wire=wire)
    wire.set(latency=150)
    result = subprocess.run([sys.executable, "-c", INTERVAL_TIMER, str(m.path)], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    wire.set(latency=0)
    assert_bucket(bucket, {"g0": b"x" * 100, "g2": b"x" * 100})


def test_interrupted_mutation_is_never_half_done(mount, bucket, wire):
    bucket.put("d/a", b"a")
    bucket.put("d/b", b"b")
    m = mount(bucket, wire=wire)
    os.listdir(m.path / "d")
    rule = wire.rule("hold", kind="CopyObject", nth=2)
    program = subprocess.Popen(["mv", m.path / "d", m.path / "e"])
    rule.wait()
    program.kill()
    program.wait(60)
    rule.release()
    wait_for(lambda: bucket.files() == ["e/a", "e/b"], 20, "the rename to go on to its end")
    wait_for(lambda: os.listdir(m.path) == ["e"], 5, "the mount to show it")


def test_stalled_transfer_is_given_up(mount, bucket, wire):
    """A GET that stops in the middle, without any word, is asked for again."""
    data = tree.random_bytes(3 * MIB, 1)
    bucket.put("f", data)
    m = mount(bucket, wire=wire, timeout="100s")
    rule = wire.rule("stall", kind="GetObject", at=5000)
    start = time.monotonic()
    assert (m.path / "f").read_bytes() == data
    assert rule.fired == 1 and time.monotonic() - start < 60


def test_slow_network_is_no_stall(mount, bucket, wire):
    data = tree.random_bytes(3 * MIB, 1)
    m = mount(bucket, wire=wire)
    wire.set(latency=30, jitter=20, total_rate="600K")
    (m.path / "f").write_bytes(data)
    wire.set(latency=0, jitter=0, total_rate=0)
    assert bucket.get("f") == data


def test_corrupt_listing(mount, bucket, wire):
    """XML that does not parse is asked for again; it is never an empty directory."""
    for i in range(20):
        bucket.put("d/%d" % i, b"x")
    m = mount(bucket, wire=wire, timeout="5s", ttl=0)
    for at in (5, 300, 1000):
        wire.rule("corrupt", kind="ListObjectsV2", at=at)
        wire.rule("truncate", kind="ListObjectsV2", at=at, nth=2)
        assert sorted(os.listdir(m.path / "d"), key=int) == [str(i) for i in range(20)]
    wire.clear()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MiB for the spool."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a tmpfs of limited size")
    path = tmp_path / "small disk"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24M", "tmpfs", path], check=True)
    yield path
    subprocess.run(["umount", "-l", path], check=True)


@pytest.mark.parametrize("limit", ["disk", "option"])
def test_full_spool(mount, bucket, small_disk, limit):
    """ENOSPC to the writer; nothing that was reported as saved is lost; space comes back."""
    options = {"state_dir": small_disk / "state"} if limit == "disk" else {"spool_limit": "24M"}
    m = mount(bucket, part_size="5M", **options)
    (m.path / "saved").write_bytes(b"saved" * 1000)
    bucket.put("old", b"old version")
    with raises(errno.ENOSPC):
        with open(m.path / "backwards", "wb", buffering=0) as file:
            for offset in range(60 * MIB, 0, -MIB):  # parts cannot be sent while the beginning is missing
                os.pwrite(file.fileno(), b"x" * MIB, offset)
    with raises(errno.ENOSPC):
        with open(m.path / "old", "wb", buffering=0) as file:
            for offset in range(60 * MIB, 0, -MIB):
                os.pwrite(file.fileno(), b"x" * MIB, offset)
    assert bucket.get("saved") == b"saved" * 1000
    head = bucket.head("backwards")
    assert head is None or head["ContentLength"] in (0, 61 * MIB)
    (m.path / "small").write_bytes(b"after")
    assert bucket.get("small") == b"after"
    digest = tree.write_random(m.path / "forwards", 60 * MIB, 1)
    assert bucket.sha256("forwards") == digest
