# SPDX-License-Identifier: Apache-2.0
"""What the server is told of objects: encryption, class, ACL, type, payer and owner. boto3 is the witness; what the gateway does not do
is seen in the requests."""
import base64
import errno
import hashlib
import os

import pytest
from botocore.exceptions import ClientError

from support import tree
from support.checker import Checker

KIB, MIB = 1 << 10, 1 << 20
OLD, NEW, OTHER = (hashlib.sha256(word).digest() for word in (b"old", b"new", b"other"))


@pytest.fixture
def checker(server):
    with Checker(server) as checker:
        yield checker


@pytest.fixture
def key_file(tmp_path):
    """key_file(NEW, OLD): its path."""
    def write(*keys, encode=lambda key: base64.b64encode(key) + b"\n"):
        path = tmp_path / "keys"
        path.write_bytes(b"".join(map(encode, keys)))
        path.chmod(0o600)
        return path
    return write


def with_key(key):
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}


def get_with(bucket, name, key):
    return bucket.client.get_object(Bucket=bucket.name, Key=name, **with_key(key))["Body"].read()


def refused(call, *arguments, **keywords):
    with pytest.raises(ClientError) as caught:
        call(*arguments, **keywords)
    return caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


# ---- keys of our own ----


def test_sse_c_life_of_a_file(mount, bucket, key_file):
    m = mount(bucket, sse_c_key_file=key_file(NEW), part_size="5M")
    small, large = tree.random_bytes(300 * KIB, 1), tree.random_bytes(12 * MIB, 2)
    (m.path / "small").write_bytes(small)
    (m.path / "large").write_bytes(large)
    (m.path / "dir").mkdir()
    os.symlink("small", m.path / "link")
    for name, data in (("small", small), ("large", large)):
        assert get_with(bucket, name, NEW) == data
        assert refused(bucket.get, name) in (400, 403)
        assert refused(get_with, bucket, name, OLD) in (400, 403)
    m.remount()
    assert sorted(os.listdir(m.path)) == ["dir", "large", "link", "small"]
    assert (m.path / "link").read_bytes() == small
    assert (m.path / "large").read_bytes() == large
    with open(m.path / "small", "r+b") as file:
        file.seek(200 * KIB)
        file.write(b"changed")
    changed = small[:200 * KIB] + b"changed" + small[200 * KIB + 7:]
    assert get_with(bucket, "small", NEW) == changed
    with open(m.path / "large", "rb") as file:
        assert os.pread(file.fileno(), 1000, 5 * MIB - 500) == large[5 * MIB - 500:5 * MIB + 500]
    m.remount()
    assert (m.path / "small").read_bytes() == changed


def test_sse_c_copies_carry_both_keys(mount, bucket, checker, key_file):
    """This gateway copies nothing whole that is encrypted (501), so it is asked for parts; of both what S3 wants is asked for."""
    m = mount(bucket, endpoint_url=checker.endpoint, sse_c_key_file=key_file(NEW, OLD), part_size="5M", checksum="none")
    (m.path / "small").write_bytes(b"x")
    (m.path / "empty").write_bytes(b"")
    for name, data in (("small", b"x"), ("empty", b"")):
        os.rename(m.path / name, m.path / (name + "-moved"))
        os.chmod(m.path / (name + "-moved"), 0o640)
        assert get_with(bucket, name + "-moved", NEW) == data
    assert sorted(bucket.keys()) == ["empty-moved", "small-moved"]
    metadata = bucket.client.head_object(Bucket=bucket.name, Key="small-moved", **with_key(NEW))["Metadata"]
    assert int(metadata["mode"]) & 0o7777 == 0o640
    large = tree.random_bytes(12 * MIB, 3)
    (m.path / "large").write_bytes(large)
    with open(m.path / "large", "r+b") as file:
        file.write(b"changed")
    assert get_with(bucket, "large", NEW) == b"changed" + large[7:]
    copies = [r for r in checker.seen("PUT") + checker.seen("PUT", "partNumber") if r.get("x-amz-copy-source")]
    assert {bool(r.query) for r in copies} == {True, False}
    for request in copies:
        for prefix in ("x-amz-server-side-encryption-customer-", "x-amz-copy-source-server-side-encryption-customer-"):
            assert request.get(prefix + "algorithm") == "AES256"
            assert base64.b64decode(request.get(prefix + "key")) == NEW
            assert base64.b64decode(request.get(prefix + "key-MD5")) == hashlib.md5(NEW).digest()


@pytest.mark.parametrize("encode", [lambda key: base64.b64encode(key) + b"\n", lambda key: key.hex().encode() + b"\n"])
def test_sse_c_with_older_keys(mount, bucket, key_file, encode):
    """All keys read, the first one writes."""
    bodies = {}
    for number in range(3):
        for name, key in (("old", OLD), ("new", NEW), ("other", OTHER), ("plain", None)):
            bodies["%s%d" % (name, number)] = body = tree.random_bytes(1000 + number, number)
            bucket.put("%s%d" % (name, number), body, **(with_key(key) if key else {}))
    m = mount(bucket, sse_c_key_file=key_file(NEW, OLD, encode=encode))
    for name, body in bodies.items():
        if name.startswith("other"):
            with pytest.raises(PermissionError):
                (m.path / name).read_bytes()
        else:
            assert (m.path / name).read_bytes() == body
    (m.path / "old1").write_bytes(b"again")
    assert get_with(bucket, "old1", NEW) == b"again"
    assert get_with(bucket, "old2", OLD) == bodies["old2"]


def test_sse_c_asks_once_for_many(mount, bucket, key_file, wire):
    """The key that fitted is tried first: a directory of old objects costs one question more, not one each."""
    for number in range(20):
        bucket.put("%02d" % number, b"x", **with_key(OLD))
    m = mount(bucket, wire=wire, sse_c_key_file=key_file(NEW, OLD))
    wire.mark()
    assert [(m.path / ("%02d" % number)).read_bytes() for number in range(20)] == [b"x"] * 20
    refusals = [r for r in wire.requests() if r.status in (400, 403)]
    assert 1 <= len(refusals) <= 10  # questions that were under way at the same time


def test_sse_c_key_is_nowhere_to_be_seen(mount, bucket, key_file):
    m = mount(bucket, sse_c_key_file=key_file(NEW))
    (m.path / "f").write_bytes(b"x")
    key = base64.b64encode(NEW).decode()
    with open("/proc/%d/cmdline" % m.pid) as arguments, open("/proc/%d/environ" % m.pid) as environment:
        assert key not in arguments.read() and key not in environment.read()
    m.unmount()
    assert key not in m.log() and NEW.hex() not in m.log()


@pytest.mark.parametrize("mode, content, words", [
    (0o644, base64.b64encode(NEW), "chmod 600"), (0o640, base64.b64encode(NEW), "chmod 600"),
    (0o600, b"", "holds no key"), (0o600, base64.b64encode(NEW) + b"\nshort\n", "in line 2"),
    (None, b"", "No such file")])
def test_sse_c_key_files_that_are_refused(mount, bucket, tmp_path, mode, content, words):
    path = tmp_path / "keys"
    if mode is not None:
        path.write_bytes(content)
        path.chmod(mode)
    text = mount.run_failing(bucket, sse_c_key_file=path).text
    assert words in text and str(path) in text
    assert content.decode().strip() == "" or content.decode().split()[0] not in text


def test_sse_c_needs_a_safe_way(mount, bucket, key_file):
    text = str(mount.run_failing(bucket, sse_c_key_file=key_file(NEW), endpoint_url="http://192.0.2.1:7480"))
    assert "https" in text and "192.0.2.1" in text


# ---- encryption by the server ----


def test_kms_with_a_key(mount, bucket):
    m = mount(bucket, sse="kms", sse_kms_key_id="testkey-1", part_size="5M")
    data = tree.random_bytes(6 * MIB, 3)
    (m.path / "small").write_bytes(b"secret")
    (m.path / "large").write_bytes(data)
    for name in ("small", "large"):
        head = bucket.head(name)
        assert head["ServerSideEncryption"] == "aws:kms" and head["SSEKMSKeyId"] == "testkey-1"
    m.remount(sse=None, sse_kms_key_id=None)
    assert (m.path / "small").read_bytes() == b"secret"
    assert (m.path / "large").read_bytes() == data
    (m.path / "small").write_bytes(b"again")  # keeps what it had
    head = bucket.head("small")
    assert head["ServerSideEncryption"] == "aws:kms" and head["SSEKMSKeyId"] == "testkey-1"


def test_kms_copies_keep_the_key(mount, bucket, checker):
    """This gateway copies nothing whole that is encrypted (501), but in parts."""
    m = mount(bucket, endpoint_url=checker.endpoint, sse="kms", sse_kms_key_id="testkey-1")
    (m.path / "f").write_bytes(b"x")
    os.rename(m.path / "f", m.path / "g")  # before the mount has asked for its headers
    assert bucket.keys() == ["g"] and bucket.get("g") == b"x"
    assert bucket.head("g")["SSEKMSKeyId"] == "testkey-1"
    copy, = [r for r in checker.seen("PUT") if r.get("x-amz-copy-source")]
    upload, = checker.seen("POST", "uploads")
    for request in (copy, upload):
        assert request.get("x-amz-server-side-encryption") == "aws:kms"
        assert request.get("x-amz-server-side-encryption-aws-kms-key-id") == "testkey-1"


@pytest.mark.parametrize("options, words", [
    ({"sse_kms_key_id": "k"}, "sse=kms"), ({"sse": "aes256", "sse_kms_key_id": "k"}, "sse=kms"),
    ({"sse": "rot13"}, "kms-dsse"), ({"sse": "kms", "sse_c_key_file": "/nonexistent"}, "leave one of them out"),
    ({"acl": "mine"}, "bucket-owner-full-control"), ({"requester_pays": True, "no_sign_request": True}, "billed"),
    ({"request_timeout": "10m"}, "request_timeout"), ({"checksum": "sha1"}, "crc64nvme"),
    ({"retry_mode": "never"}, "adaptive"), ({"max_attempts": "-1"}, "number"),
    ({"storage_class": "K\u00c4LTE"}, "ASCII"), ({"content_type": "magic"}, "auto none")])
def test_contradictions(mount, bucket, options, words):
    text = mount.run_failing(bucket, **options).text
    assert words in text and len(text.strip().splitlines()) == 1


# ---- headers ----


def content_puts(checker):
    return [r for r in checker.seen("PUT") if not r.get("x-amz-copy-source")]


def test_headers_of_new_content(mount, bucket, checker):
    m = mount(bucket, endpoint_url=checker.endpoint, storage_class="STANDARD", acl="bucket-owner-full-control",
              sse="aes256", part_size="5M", checksum="none")
    m.allowed_statuses = (0, 1)
    try:
        (m.path / "f").write_bytes(b"x")
    except OSError:
        pass  # this gateway has no keys of its own
    puts = content_puts(checker)
    assert puts
    for put in puts:
        assert put.get("x-amz-storage-class") == "STANDARD"
        assert put.get("x-amz-acl") == "bucket-owner-full-control"
        assert put.get("x-amz-server-side-encryption") == "AES256"


def test_class_and_acl_survive_copies(mount, bucket, checker):
    m = mount(bucket, endpoint_url=checker.endpoint, storage_class="STANDARD", acl="public-read", part_size="5M",
              checksum="none")
    (m.path / "f").write_bytes(b"x")
    (m.path / "f").chmod(0o600)
    os.rename(m.path / "f", m.path / "g")
    (m.path / "large").write_bytes(tree.random_bytes(6 * MIB, 4))
    create, = checker.seen("POST", "uploads")
    for request in content_puts(checker) + [create]:
        assert request.get("x-amz-storage-class") == "STANDARD" and request.get("x-amz-acl") == "public-read"
    for request in checker.seen("PUT"):
        if request.get("x-amz-copy-source"):
            assert request.get("x-amz-storage-class") == "STANDARD"
    for name in ("g", "large"):
        grants = bucket.client.get_object_acl(Bucket=bucket.name, Key=name)["Grants"]
        assert any(grant["Grantee"].get("URI", "").endswith("AllUsers") for grant in grants)
        assert bucket.head(name).get("StorageClass", "STANDARD") == "STANDARD"


def test_payer_and_owner_in_every_request(mount, bucket, checker):
    m = mount(bucket, endpoint_url=checker.endpoint, requester_pays=True, expected_bucket_owner="123456789012",
              part_size="5M", checksum="none")
    (m.path / "f").write_bytes(b"x")
    (m.path / "large").write_bytes(tree.random_bytes(6 * MIB, 5))
    m.remount()
    assert os.listdir(m.path) and (m.path / "f").read_bytes() == b"x"
    (m.path / "f").chmod(0o600)
    (m.path / "f").unlink()
    assert len(checker.requests) > 8
    for request in checker.requests:
        assert request.get("x-amz-request-payer") == "requester", vars(request)
        assert request.get("x-amz-expected-bucket-owner") == "123456789012"
        assert (request.get("x-amz-source-expected-bucket-owner") is not None) == \
            (request.get("x-amz-copy-source") is not None)


# ---- types ----


def test_types_by_name(mount, bucket):
    m = mount(bucket, part_size="5M")
    names = {"index.html": "text/html", "PHOTO.JPG": "image/jpeg", "notes.txt": "text/plain", "table.csv": "text/csv",
             "data": "application/octet-stream", "x.unheard-of": "application/octet-stream"}
    for name in names:
        (m.path / name).write_bytes(b"x")
    (m.path / "large.png").write_bytes(tree.random_bytes(6 * MIB, 6))
    os.mknod(m.path / "empty.html")
    for name, wanted in {**names, "large.png": "image/png", "empty.html": "text/html"}.items():
        assert bucket.head(name)["ContentType"] == wanted, name
    os.symlink("notes.txt", m.path / "link.html")
    (m.path / "dir.html").mkdir()
    assert bucket.head("dir.html/")["ContentType"] == "application/x-directory"


def test_types_are_kept(mount, bucket):
    """By rename, chmod and new content, with and without a look of the mount in between."""
    bucket.put("theirs.txt", b"x", ContentType="application/x-theirs")
    m = mount(bucket)
    for name in ("a.html", "b.html", "c.html"):
        (m.path / name).write_bytes(b"x")
    os.rename(m.path / "a.html", m.path / "a.txt")
    (m.path / "b.html").chmod(0o600)
    (m.path / "c.html").write_bytes(b"new")
    (m.path / "theirs.txt").write_bytes(b"new")
    m.remount()
    os.rename(m.path / "b.html", m.path / "b.txt")
    (m.path / "c.html").write_bytes(b"newer")
    wanted = {"a.txt": "text/html", "b.txt": "text/html", "c.html": "text/html", "theirs.txt": "application/x-theirs"}
    assert {name: bucket.head(name)["ContentType"] for name in wanted} == wanted


def test_a_name_given_before_the_first_byte_is_sent(mount, bucket):
    m = mount(bucket)
    with open(m.path / ".new.tmp", "wb") as file:
        file.write(b"x")
        os.rename(m.path / ".new.tmp", m.path / "page.html")
    assert bucket.head("page.html")["ContentType"] == "text/html"


def test_no_types(mount, bucket, checker):
    m = mount(bucket, endpoint_url=checker.endpoint, content_type="none")
    (m.path / "a.html").write_bytes(b"x")
    assert all(put.get("content-type") is None for put in content_puts(checker))


# ---- patience ----


def test_attempts_are_counted(mount, bucket, wire):
    m = mount(bucket, wire=wire, max_attempts=2)
    bucket.put("f", b"x")
    rule = wire.rule("answer", kind="HeadObject", status=500, code="InternalError", count=0)
    with pytest.raises(OSError) as caught:
        os.stat(m.path / "f")
    assert caught.value.errno == errno.ETIMEDOUT
    seen = rule.counters()["seen"]
    wire.clear()
    assert seen <= 4 and (m.path / "f").read_bytes() == b"x"


def test_attempts_of_the_profile(mount, bucket, wire):
    m = mount(bucket, wire=wire, environment={"AWS_MAX_ATTEMPTS": "1", "AWS_RETRY_MODE": "adaptive"})
    bucket.put("f", b"x")
    wire.rule("answer", kind="HeadObject", status=500, code="InternalError", count=0)
    with pytest.raises(OSError) as caught:
        os.stat(m.path / "f")
    assert caught.value.errno == errno.ETIMEDOUT


def test_one_silent_attempt(mount, bucket, wire):
    bucket.put("f", b"data")
    m = mount(bucket, wire=wire, request_timeout="1s")
    head = wire.rule("hold", kind="HeadObject", count=1)
    get = wire.rule("hold", kind="GetObject", count=1)
    assert (m.path / "f").read_bytes() == b"data"
    assert head.fired == 1 and get.fired == 1


def test_adaptive_bridges_throttling(mount, bucket, wire):
    m = mount(bucket, wire=wire, retry_mode="adaptive")
    wire.rule("answer", kind="PutObject", status=503, code="SlowDown", count=5)
    for number in range(4):
        (m.path / str(number)).write_bytes(b"x")
    assert [bucket.get(str(number)) for number in range(4)] == [b"x"] * 4
