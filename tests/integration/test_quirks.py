# SPDX-License-Identifier: Apache-2.0
"""What other servers, and proxies before them, do otherwise; each made of the server at hand by a proxy."""
import errno
import os
import stat

import pytest

from support import httpd, tree
from support.quirks import HTML, CopiesWithoutChecksums, Quirky, error, is_copy, is_part, without
from test_pailctl import ctl  # noqa: F401

KIB, MIB = 1 << 10, 1 << 20


@pytest.fixture
def quirky(server):
    made = []

    def make(**arguments):
        made.append(Quirky(server, **arguments))
        return made[-1]

    yield make
    for proxy in made:
        proxy.close()


def found(ctl, bucket, proxy, *arguments):  # noqa: F811
    """The lines of the check by name."""
    return {line.name: line for line in ctl.check(bucket, *arguments, endpoint_url=proxy.endpoint)[1]}


def append(path, data):
    with open(path, "ab") as file:
        file.write(data)


def change(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


# ---- copies ----

def test_copied_parts_without_checksums(mount, bucket, quirky, ctl):  # noqa: F811
    """Append, change in place, rename in parts: what is refused once is begun otherwise from then on."""
    minio = CopiesWithoutChecksums()
    proxy = quirky(answer=minio.answer, change=minio.change)
    m = mount(bucket, endpoint_url=proxy.endpoint, part_size="5M", copy_threshold="6M")
    data = tree.random_bytes(17 * MIB, 1)
    (m.path / "f").write_bytes(data)
    assert minio.declared and bucket.get("f") == data
    append(m.path / "f", b"more")
    data += b"more"
    assert minio.refused > 0 and bucket.get("f") == data
    refused = minio.refused
    change(m.path / "f", 6 * MIB, b"changed")
    data = data[:6 * MIB] + b"changed" + data[6 * MIB + 7:]
    assert bucket.get("f") == data
    os.rename(m.path / "f", m.path / "g")
    assert minio.refused == refused and bucket.keys() == ["g"] and bucket.get("g") == data
    m.remount()
    assert (m.path / "g").read_bytes() == data
    assert found(ctl, bucket, proxy, "--write")["copy-part"].status == "ok"


def no_part_copies(request, body):
    return error("501 Not Implemented", "NotImplemented") if is_copy(request) and is_part(request) else None


def test_a_server_that_does_not_copy_parts(mount, bucket, quirky, ctl):  # noqa: F811
    """What could be copied is fetched and sent; a rename is one copy."""
    proxy = quirky(answer=no_part_copies)
    m = mount(bucket, endpoint_url=proxy.endpoint, part_size="5M", copy_threshold="6M")
    data = tree.random_bytes(17 * MIB, 1)
    bucket.put("f", data)
    append(m.path / "f", b"more")
    data += b"more"
    assert bucket.get("f") == data
    change(m.path / "f", 6 * MIB, b"changed")
    data = data[:6 * MIB] + b"changed" + data[6 * MIB + 7:]
    assert bucket.get("f") == data
    os.rename(m.path / "f", m.path / "g")
    assert bucket.keys() == ["g"] and bucket.get("g") == data
    refused = [r for r in proxy.seen("PUT", "partNumber") if is_copy(r)]
    assert 1 <= len(refused) <= 4  # of the first upload, those that were under way at once
    assert "the server cannot copy parts" in m.log()
    lines = found(ctl, bucket, proxy, "--write")
    assert lines["copy"].status == "ok" and lines["copy-part"].status == "warning"
    assert "sends large files whole" in lines["copy-part"].text


@pytest.mark.parametrize("refusal", [error("405 Method Not Allowed", "MethodNotAllowed"), httpd.answer("405 Not Allowed", b"<html>no</html>", HTML),
                                     error("501 Not Implemented", "NotImplemented")], ids=["405", "page", "501"])
def test_a_server_that_does_not_copy(mount, bucket, quirky, ctl, refusal):  # noqa: F811
    whole_only = []
    proxy = quirky(answer=lambda r, body: refusal if is_copy(r) and not (whole_only and is_part(r)) else None)
    m = mount(bucket, endpoint_url=proxy.endpoint)
    (m.path / "f").write_bytes(b"x")
    for call in (lambda: os.rename(m.path / "f", m.path / "g"), lambda: os.chmod(m.path / "f", 0o600)):
        with pytest.raises(OSError) as caught:
            call()
        assert caught.value.errno == errno.EOPNOTSUPP
    assert bucket.keys() == ["f"] and bucket.get("f") == b"x"
    lines = found(ctl, bucket, proxy, "--write")
    assert lines["copy"].status == lines["copy-part"].status == "warning"
    assert "does not copy objects" in lines["copy"].text and "does not copy parts" in lines["copy-part"].text
    assert not [line for line in lines.values() if line.status == "failed"]
    # Not whole, but in parts.
    whole_only.append(True)
    m.remount()
    os.rename(m.path / "f", m.path / "g")
    os.chmod(m.path / "g", 0o600)
    assert bucket.keys() == ["g"] and bucket.get("g") == b"x"
    lines = found(ctl, bucket, proxy, "--write")
    assert lines["copy"].status == "warning" and "in parts" in lines["copy"].text
    assert lines["copy-part"].status == "ok"


# ---- conditions ----

def refuse_conditions(request, body):
    if request.method in ("PUT", "POST") and (request.get("if-none-match") or request.get("if-match")):
        return error("400 Bad Request", "InvalidArgument", "Unsupported header")
    return None


def test_conditions_that_are_refused(mount, bucket, quirky, ctl):  # noqa: F811
    """It looks before it writes: what another has written meanwhile is not overwritten all the same."""
    proxy = quirky(answer=refuse_conditions)
    m = mount(bucket, endpoint_url=proxy.endpoint, part_size="5M")
    for name, size in (("small", 10), ("large", 12 * MIB)):
        data = tree.random_bytes(size, 1)
        descriptor = os.open(m.path / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        os.write(descriptor, data[:10])
        os.pwrite(descriptor, data[10:], 10)
        os.close(descriptor)
        assert bucket.get(name) == data
        change(m.path / name, 2, b"xy")
        assert bucket.get(name) == data[:2] + b"xy" + data[4:]
    for header in ("If-Match", "If-None-Match"):
        assert m.log().count("takes no conditional writes (%s): pail looks" % header) == 1
    descriptor = os.open(m.path / "new", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    os.write(descriptor, b"ours")
    bucket.put("new", b"theirs")
    with pytest.raises(FileExistsError):
        os.close(descriptor)
    assert bucket.get("new") == b"theirs"
    m.may_lose_uploads()
    lines = found(ctl, bucket, proxy, "--write")
    assert lines["conditional-put"].status == "warning" and "does not heed If-None-Match and If-Match" in lines["conditional-put"].text


# ---- deletions ----

def test_a_server_that_deletes_one_by_one(bucket, quirky, ctl):  # noqa: F811
    def no_bulk(request, _):
        return error("501 Not Implemented", "NotImplemented") if request.method == "POST" and "delete" in request.query else None
    line = found(ctl, bucket, quirky(answer=no_bulk), "--write")["bulk-delete"]
    assert line.status == "warning" and "does not delete several objects in one request" in line.text
    asked = []
    proxy = quirky(answer=lambda request, body: asked.append(body) if "delete" in request.query else None)
    line = found(ctl, bucket, proxy, "--write")["bulk-delete"]
    assert line.status == "ok" and len(asked) == 1 and asked[0].count(b"<Key>") == 2
    assert bucket.keys() == []


# ---- proxies ----

def test_a_proxy_that_takes_no_large_bodies(mount, bucket, quirky):
    page = httpd.answer("413 Request Entity Too Large", b"<html>413 Request Entity Too Large</html>", HTML)
    proxy = quirky(answer=lambda request, body: page if len(body) > 5.5 * MIB else None)
    m = mount(bucket, endpoint_url=proxy.endpoint)
    m.may_lose_uploads()
    for size, words in ((6 * MIB, "6 MiB"), (30 * MIB, "8 MiB")):
        with pytest.raises(OSError) as caught:
            (m.path / "f").write_bytes(bytes(size))
        assert caught.value.errno == errno.EFBIG
        assert "takes no bodies of %s: lower part_size or raise its limit" % words in m.log()
    assert "does not speak S3" not in m.log() and bucket.keys() == []
    m.remount(part_size="5M")
    (m.path / "f").write_bytes(bytes(30 * MIB))
    assert bucket.head("f")["ContentLength"] == 30 * MIB


def test_pailctl_cp_through_it(bucket, quirky, ctl, tmp_path):  # noqa: F811
    page = httpd.answer("413 Request Entity Too Large", b"<html>413 Request Entity Too Large</html>", HTML)
    proxy = quirky(answer=lambda request, body: page if len(body) > 5.5 * MIB else None)
    (tmp_path / "f").write_bytes(bytes(6 * MIB))
    result = ctl.run("cp", tmp_path / "f", "s3://%s/f" % bucket, *ctl.options(endpoint_url=proxy.endpoint))
    assert result.returncode == 1 and "takes no bodies of 6 MiB: lower part_size or raise its limit" in result.stderr
    assert "does not answer as S3" not in result.stderr


def moto(request, text):
    """Empty answers are called text/html, and nothing bears the id of a request."""
    text = without("x-amz-request-id", "content-type")(request, text)
    head, end, body = text.partition(b"\r\n\r\n")
    return head + (b"\r\nContent-Type: " + (b"application/xml" if body.startswith(b"<") else b"text/html")) + end + body


def test_empty_answers_that_are_called_pages(mount, bucket, quirky, ctl):  # noqa: F811
    proxy = quirky(change=moto)
    m = mount(bucket, endpoint_url=proxy.endpoint, part_size="5M")
    data = tree.random_bytes(12 * MIB, 1)
    (m.path / "dir").mkdir()
    (m.path / "dir" / "small").write_bytes(b"x")
    (m.path / "large").write_bytes(data)
    os.rename(m.path / "large", m.path / "dir" / "large")
    os.chmod(m.path / "dir" / "small", 0o600)
    m.remount()
    assert (m.path / "dir" / "small").read_bytes() == b"x" and (m.path / "dir" / "large").read_bytes() == data
    for name in ("small", "large"):
        os.unlink(m.path / "dir" / name)
    os.rmdir(m.path / "dir")
    assert bucket.keys() == []
    assert not [line for line in found(ctl, bucket, proxy, "--write").values() if line.status == "failed"]


@pytest.mark.parametrize("names", [["content-length"], ["content-length", "content-range"]], ids=["length", "range"])
def test_head_without_length(mount, bucket, quirky, names):
    """From the GET of a byte, or, where that has no range either, from a list."""
    strip = without(*names)

    def chunk(request, text):
        head, end, body = text.partition(b"\r\n\r\n")
        return head + b"\r\nTransfer-Encoding: chunked" + end + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)

    def change(request, text):
        if request.method == "HEAD":
            return strip(request, text).replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n", 1)
        return chunk(request, strip(request, text)) if request.get("range") == "bytes=0-0" else text

    data = tree.random_bytes(300 * KIB, 1)
    bucket.put("f", data)
    bucket.put("other", b"x")
    proxy = quirky(change=change)
    m = mount(bucket, endpoint_url=proxy.endpoint)
    assert os.stat(m.path / "f").st_size == len(data)
    assert (m.path / "f").read_bytes() == data
    os.rename(m.path / "f", m.path / "g")
    os.unlink(m.path / "other")
    assert bucket.keys() == ["g"] and bucket.get("g") == data


# ---- HEAD without words ----

def test_the_reason_why_stat_fails(mount, bucket, quirky):
    bucket.put("f", b"x")
    mode = {}

    def answer(request, body):
        if not mode or request.method not in ("GET", "HEAD") or request.path.count("/") < 2 or not request.path.endswith("/f"):
            return None
        refusal = error(mode["status"], mode["code"], mode["words"])
        return refusal.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if request.method == "HEAD" else refusal

    proxy = quirky(answer=answer)
    m = mount(bucket, endpoint_url=proxy.endpoint, ttl=0)
    for status, code, words, number in (("400 Bad Request", "ExpiredToken", "The provided token has expired.", errno.EACCES),
                                        ("400 Bad Request", "InvalidRequest", "The correct parameters must be provided", errno.EACCES),
                                        ("400 Bad Request", "Odd", "Oddly put", errno.EIO),
                                        ("403 Forbidden", "AccessDenied", "with an explicit deny in a policy", errno.EACCES)):
        mode.update(status=status, code=code, words=words)
        with pytest.raises(OSError) as caught:
            os.stat(m.path / "f")
        assert caught.value.errno == number, code
        assert words in m.log(), m.log()
    mode.clear()
    assert stat.S_ISREG(os.stat(m.path / "f").st_mode)


def test_a_customer_key_that_is_not_given(mount, bucket):
    bucket.put("f", b"x", SSECustomerAlgorithm="AES256", SSECustomerKey=b"k" * 32)
    m = mount(bucket)
    with pytest.raises(PermissionError):
        os.stat(m.path / "f")
    assert "Server Side Encryption" in m.log()  # the gateway's own sentence
