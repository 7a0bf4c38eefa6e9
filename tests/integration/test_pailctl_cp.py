# SPDX-License-Identifier: Apache-2.0
"""pailctl cp, on the real server with boto3 as witness."""
import os
import re
import signal
import stat
import subprocess
import time

import pytest

from support import build, httpd, sanitizer
from support.quirks import Quirky, is_copy
from support.s3driver import MIB, pattern, tags
from test_pailctl import ctl  # noqa: F401  pylint: disable=unused-import
from test_pailctl_restore import Archive
from test_policies import allow, set_policy

LARGE = 20 * MIB + 3


@pytest.fixture
def cp(ctl):
    """Takes bytes for standard input, and returns those of standard output."""
    def command(source, target, stdin=b"", status=0, **options):
        done = subprocess.run([build.pailctl(), "cp", source, target, *ctl.options(**options)], input=stdin, capture_output=True,
                              timeout=120, env=ctl.environment(), check=False)
        sanitizer.check(ctl.logs, "pailctl", done.stderr.decode())
        assert done.returncode == status, done.stderr
        return done.stderr.decode() if status else done.stdout
    return command


def uri(bucket, key):
    return "s3://%s/%s" % (bucket, key)


@pytest.mark.parametrize("size", [0, 1, LARGE])
def test_there_and_back(cp, bucket, tmp_path, size):
    data = pattern(size)
    path, back = tmp_path / "page.html", tmp_path / "back"
    path.write_bytes(data)
    assert cp(path, uri(bucket, "a b/ä")) == b""  # nothing is said where no terminal is
    assert bucket.get("a b/ä") == data and bucket.head("a b/ä")["ContentType"] == "text/html"
    assert cp(uri(bucket, "a b/ä"), back) == b"" and back.read_bytes() == data
    cp(uri(bucket, "a b/ä"), uri(bucket, "copy"))
    assert bucket.get("copy") == data and bucket.head("copy")["ContentType"] == "text/html"


@pytest.mark.parametrize("size", [0, 1, LARGE])
def test_standard_input_and_output(cp, bucket, tmp_path, size):
    data = pattern(size)
    cp("-", uri(bucket, "k.css"), stdin=data)
    assert bucket.get("k.css") == data and bucket.head("k.css")["ContentType"] == "text/css"
    assert cp(uri(bucket, "k.css"), "-") == data
    assert os.listdir(tmp_path / "ctl-home") == []


def test_no_room_for_standard_input(ctl, bucket, tmp_path):
    """Of that file, and not of standard input, is said what is wrong with it."""
    command = [build.pailctl(), "cp", "-", uri(bucket, "k"), *ctl.options()]
    small = ["bash", "-c", "ulimit -f 1; trap '' XFSZ; exec \"$@\"", "bash"]
    for place, wrapper, words in ((tmp_path / "absent", [], "No such file"), (tmp_path, small, "File too large")):
        done = subprocess.run([*wrapper, *command], input=pattern(MIB), stderr=subprocess.PIPE, timeout=120, check=False,
                              env=ctl.environment(TMPDIR=str(place)))
        assert done.returncode == 1
        assert "cannot keep what is read in %s (TMPDIR names another place): %s" % (place, words) in done.stderr.decode()
    assert bucket.keys() == []


def test_what_is_there_is_replaced(cp, bucket, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"new")
    path.chmod(0o640)
    bucket.put("k", b"old", Tagging="t=1")
    cp(path, uri(bucket, "k"))
    assert bucket.get("k") == b"new" and tags(bucket, "k") == {}
    bucket.put("k", b"newer")
    (tmp_path / "link").symlink_to("file")
    cp(uri(bucket, "k"), tmp_path / "link")
    assert path.read_bytes() == b"newer" and stat.S_IMODE(path.stat().st_mode) == 0o640 and (tmp_path / "link").is_symlink()


def test_directories_give_the_name(cp, bucket, tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "dir").mkdir()
    cp(tmp_path / "file", "s3://%s" % bucket)
    cp(tmp_path / "file", uri(bucket, "d/"))
    cp(uri(bucket, "d/file"), uri(bucket, "e/f/"))
    assert bucket.keys() == ["d/file", "e/f/file", "file"]
    cp(uri(bucket, "d/file"), tmp_path / "dir")
    assert (tmp_path / "dir" / "file").read_bytes() == b"x"


def test_options_of_a_mount(cp, bucket, tmp_path):
    (tmp_path / "file.txt").write_bytes(pattern(LARGE))
    cp(tmp_path / "file.txt", uri(bucket, "k"), content_type="none", part_size="5M")
    assert bucket.head("k")["ETag"].endswith('-5"') and bucket.head("k")["ContentType"] in ("binary/octet-stream", "")
    cp(uri(bucket, "k"), uri(bucket, "copy"), copy_threshold="6M")
    assert bucket.sha256("copy") == bucket.sha256("k") and "-" in bucket.head("copy")["ETag"]


def test_a_copy_keeps_what_belongs_to_it(cp, bucket, new_bucket):
    other = new_bucket()
    bucket.put("k", b"x", Metadata={"m": "1"}, Tagging="t=1", ContentType="text/x")
    cp(uri(bucket, "k"), uri(other, "k"))
    head = other.head("k")
    assert head["Metadata"] == {"m": "1"} and head["ContentType"] == "text/x" and tags(other, "k") == {"t": "1"}


def test_a_denial_is_about_the_side_that_refuses(cp, bucket, new_bucket):
    readable, other = bucket, new_bucket()
    readable.put("k", b"x")
    other.put("k", b"x")
    set_policy(readable, allow(readable, ["s3:GetObject"]))
    words = cp(uri(readable, "k"), uri(other, "new"), status=1, profile="other")
    assert "may not use s3:PutObject on bucket '%s'" % other in words and "'%s'" % readable not in words
    words = cp(uri(other, "k"), uri(readable, "new"), status=1, profile="other")
    assert "may not use s3:GetObject on bucket '%s'" % other in words


def test_options_of_a_copy(cp, bucket, server):
    """Class and encryption are asked for; what cannot be is refused, and nothing is passed over."""
    etag = bucket.put("k", b"x", ContentType="text/x")["ETag"].strip('"')
    copied = httpd.answer("200 OK", b"<CopyObjectResult><ETag>%s</ETag></CopyObjectResult>" % etag.encode(),
                          ["Content-Type: application/xml"])
    asked = []

    def answer(request, _):
        if not is_copy(request):
            return None
        asked.append([request.get("x-amz-storage-class"), request.get("x-amz-server-side-encryption")])
        return copied

    with Quirky(server, answer) as proxy:
        for options in ({}, {"storage_class": "GLACIER_IR"}, {"storage_class": "STANDARD_IA", "sse": "kms"}):
            cp(uri(bucket, "k"), uri(bucket, "new"), endpoint_url=proxy.endpoint, **options)
    assert asked[1:] == [["GLACIER_IR", None], ["STANDARD_IA", "aws:kms"]] and asked[0][0] in (None, "STANDARD")
    assert "acl= has no effect on a copy of an object" in cp(uri(bucket, "k"), uri(bucket, "new"), status=2, acl="private")
    assert "content_type= has no effect" in cp(uri(bucket, "k"), uri(bucket, "new"), status=2, content_type="none")
    assert len(asked) == 3 and bucket.keys() == ["k"]


@pytest.mark.parametrize("source, target, words", [
    ("file", "other", "one of them must be s3://BUCKET/KEY"),
    ("-", "-", "one of them must be s3://BUCKET/KEY"),
    ("s3://bucket/", "file", "names no object"),
    ("s3://bucket/dir/", "file", "names no object"),
    ("s3://bucket/..", "/tmp", "needs the name"),
    ("-", "s3://bucket", "needs the name"),
    ("..", "s3://bucket/dir/", "needs the name"),
    ("file", "s3://", "names no bucket"),
    ("", "s3://bucket/key", "names no file"),
    ("s3://bucket/key", "", "names no file"),
])
def test_usage(cp, source, target, words):
    assert words in cp(source, target, status=2)


def test_what_cannot_be_copied(cp, bucket, tmp_path):
    (tmp_path / "dir").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").write_bytes(b"x")
    bucket.put("k", b"x")
    assert "dir: Is a directory" in cp(tmp_path / "dir", uri(bucket, "new"), status=1)
    assert "fifo is no regular file, but a FIFO" in cp(tmp_path / "fifo", uri(bucket, "new"), status=1)
    assert "/dev/null is no regular file, but a device" in cp("/dev/null", uri(bucket, "new"), status=1)
    assert "no regular file" in cp(uri(bucket, "k"), "/dev/null", status=1)
    assert "No such file" in cp(tmp_path / "absent", uri(bucket, "new"), status=1)
    assert "No such file" in cp(uri(bucket, "k"), tmp_path / "absent" / "file", status=1)
    assert "there is no object" in cp(uri(bucket, "absent"), tmp_path / "new", status=1)
    assert "there is no object s3://%s/absent" % bucket in cp(uri(bucket, "absent"), uri(bucket, "new"), status=1)
    assert "no-such-bucket-here" in cp(uri(bucket, "k"), "s3://no-such-bucket-here/k", status=1)
    assert "are the same object" in cp(uri(bucket, "k"), uri(bucket, "k"), status=1)
    assert "access denied: profile other" in cp(tmp_path / "file", uri(bucket, "new"), status=1, profile="other")
    assert bucket.keys() == ["k"] and not (tmp_path / "new").exists()
    with Archive() as archive:
        archive.state = "archived"
        assert "is archived" in cp(uri(bucket, "k"), uri(bucket, "new"), status=1, endpoint_url=archive.endpoint)


def test_progress_at_a_terminal(ctl, bucket, tmp_path, new_wire):
    path = tmp_path / "file"
    path.write_bytes(pattern(LARGE))
    slow = new_wire()
    slow.set(total_rate=10 * MIB)
    terminal = ctl.at_terminal("cp", path, uri(bucket, "k"), *ctl.options(endpoint_url=slow.endpoint))
    status, shown = terminal.end()
    assert status == 0 and bucket.sha256("k")
    lines = re.split(r"\r", shown)
    assert re.search(r"^k +\[=*> *\] +\d+%  [\d.]+ [KM]iB of 20\.0 MiB  [\d.]+ [KM]iB/s  \d:\d\d left", "\n".join(lines), re.MULTILINE), shown
    assert re.search(r"^k  20\.0 MiB  [\d.]+ [KM]iB/s", lines[-2] or lines[-1], re.MULTILINE), shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("kind", ["upload", "stdin", "download"])
def test_interrupted(ctl, bucket, tmp_path, new_wire, kind, number):
    """Nothing is left of it: no upload on the server, no file beside the target; and what was there stays."""
    path, target = tmp_path / "file", tmp_path / "dir" / "target"
    path.write_bytes(pattern(LARGE))
    target.parent.mkdir()
    target.write_bytes(b"before")
    bucket.put("k", pattern(LARGE))
    before = bucket.sha256("k")
    slow = new_wire()
    slow.set(total_rate=MIB)
    sides = {"upload": [path, uri(bucket, "k")], "stdin": ["-", uri(bucket, "k")], "download": [uri(bucket, "k"), target]}[kind]
    process = subprocess.Popen([build.pailctl(), "cp", *sides, *ctl.options(endpoint_url=slow.endpoint)], stdin=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=ctl.environment())
    if kind == "stdin":
        process.stdin.write(pattern(LARGE))
        process.stdin.flush()
    wait_for(lambda: (bucket.uploads() if kind != "download" else any(".pail." in name for name in os.listdir(target.parent))))
    process.send_signal(number)
    _, words = process.communicate(timeout=60)
    sanitizer.check(ctl.logs, "pailctl", words.decode())
    assert process.returncode == -number and b"interrupted" in words
    assert bucket.sha256("k") == before and target.read_bytes() == b"before"
    assert os.listdir(target.parent) == ["target"] and not bucket.uploads()


@pytest.fixture
def interrupt(ctl, bucket, new_wire, tmp_path):
    """Ends a command by a signal once a rule of the wire has fired; then release() does what it does. Returns the status and the words."""
    def command(source, target, action, kind, release=lambda rule: None, at=None, **options):
        wire = new_wire()
        rule = wire.rule(action, kind, **({} if at is None else {"at": at}))
        process = subprocess.Popen([build.pailctl(), "cp", source, target, *ctl.options(endpoint_url=wire.endpoint, **options)],
                                   stderr=subprocess.PIPE, env=ctl.environment())
        rule.wait()
        process.send_signal(signal.SIGINT)
        release(rule)
        _, words = process.communicate(timeout=60)
        sanitizer.check(ctl.logs, "pailctl", words.decode())
        assert not bucket.uploads()
        return process.returncode, words.decode()
    return command


UNCHANGED = "pailctl: interrupted; what was there before is unchanged\n"


def test_interrupted_upload_in_one_request(interrupt, bucket, tmp_path):
    bucket.put("k", b"before")
    (tmp_path / "file").write_bytes(pattern(40 * MIB))  # more than the buffers between us and the wire
    ended = interrupt(tmp_path / "file", uri(bucket, "k"), "stall-upload", "PutObject", at=MIB, part_size="64M")
    assert ended == (-signal.SIGINT, UNCHANGED) and bucket.get("k") == b"before"


def test_interrupted_when_the_server_has_all_of_it(interrupt, bucket, tmp_path):
    (tmp_path / "file").write_bytes(b"new")
    status, words = interrupt(tmp_path / "file", uri(bucket, "k"), "hold-after", "PutObject")
    assert status == -signal.SIGINT and words == "pailctl: interrupted before the server had answered; %s may be the new one already\n" \
        % uri(bucket, "k")
    assert bucket.get("k") == b"new"


def test_interrupted_copy_in_parts(interrupt, bucket):
    bucket.put("source", pattern(LARGE))
    bucket.put("k", b"before")
    ended = interrupt(uri(bucket, "source"), uri(bucket, "k"), "hold", "UploadPartCopy", copy_threshold="6M")
    assert ended == (-signal.SIGINT, UNCHANGED) and bucket.get("k") == b"before"


def test_interrupted_copy_in_one_request(interrupt, bucket):
    """Its answer is waited for, and says that there was nothing left to end."""
    bucket.put("source", b"new")
    ended = interrupt(uri(bucket, "source"), uri(bucket, "k"), "hold-after", "CopyObject", lambda rule: rule.release())
    assert ended == (0, "pailctl: the signal came too late: the copy is complete\n") and bucket.get("k") == b"new"


def wait_for(condition):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)
