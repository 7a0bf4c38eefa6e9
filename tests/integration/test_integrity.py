# SPDX-License-Identifier: Apache-2.0
"""Bytes that are damaged on their way, in either direction, and the checksums that show it."""
import errno
import os

import pytest

from support import tree
from support.checker import CHECKSUMS, Checker

KIB, MIB = 1 << 10, 1 << 20


@pytest.fixture
def checker(server):
    with Checker(server) as checker:
        yield checker


@pytest.fixture
def damaged(checker, new_wire):
    """A wire before the checker."""
    return new_wire(checker.address)


def known(request):
    return [name for name in CHECKSUMS if request.get(name)]


@pytest.mark.parametrize("kind, header", [("auto", "x-amz-checksum-crc32c"), ("crc32c", "x-amz-checksum-crc32c"),
                                          ("crc64nvme", "x-amz-checksum-crc64nvme"), ("md5", "content-md5"),
                                          ("none", None)])
def test_uploads_carry_a_checksum(mount, bucket, checker, kind, header):
    m = mount(bucket, endpoint_url=checker.endpoint, checksum=kind)
    small, large = tree.random_bytes(100 * KIB, 1), tree.random_bytes(20 * MIB, 2)
    (m.path / "small").write_bytes(small)
    (m.path / "empty").write_bytes(b"")
    if kind in ("md5", "none"):  # the checker computes in Python
        (m.path / "large").write_bytes(large)
    (m.path / "dir").mkdir()
    assert bucket.get("small") == small
    puts = checker.seen("PUT")
    assert len(puts) >= 3
    if kind in ("md5", "none"):
        assert bucket.get("large") == large
        puts += checker.seen("PUT", "partNumber")
    for put in puts:
        if put.get("x-amz-copy-source"):
            continue
        assert (header is None) == (known(put) == [] and put.get("content-md5") is None)
        assert header is None or put.get(header)
        # A plain body, all of it signed.
        assert put.get("content-encoding") is None and put.get("x-amz-trailer") is None
        assert len(put.get("x-amz-content-sha256")) == 64
    assert checker.compared == (len([put for put in puts if known(put)]))


def test_parts_carry_a_checksum(mount, bucket, checker):
    m = mount(bucket, endpoint_url=checker.endpoint, part_size="5M")
    data = tree.random_bytes(6 * MIB, 3)
    (m.path / "file").write_bytes(data)
    assert bucket.get("file") == data
    created, = checker.seen("POST", "uploads")
    assert created.get("x-amz-checksum-algorithm") == "CRC32C"
    parts = checker.seen("PUT", "partNumber")
    assert len(parts) == 2 and all(part.get("x-amz-checksum-crc32c") for part in parts)


def test_a_refusing_server_is_found_out_once(mount, bucket, server, new_wire):
    with Checker(server, refuses=lambda r: bool(known(r)) or r.get("x-amz-checksum-algorithm")) as checker:
        m = mount(bucket, endpoint_url=checker.endpoint, part_size="5M")
        for number in range(3):
            (m.path / str(number)).write_bytes(b"%d" % number)
        data = tree.random_bytes(12 * MIB, 4)
        (m.path / "large").write_bytes(data)
        assert [bucket.get(str(number)) for number in range(3)] == [b"0", b"1", b"2"]
        assert bucket.get("large") == data
        refused = [r for r in checker.requests if checker.refuses(r)]
        assert len(refused) == 1
        m.unmount()
        assert m.log().count("refuses uploads with a CRC32C checksum") == 1


def test_who_asks_for_a_checksum_gets_it_or_an_error(mount, bucket, server):
    with Checker(server, refuses=lambda r: bool(known(r))) as checker:
        m = mount(bucket, endpoint_url=checker.endpoint, checksum="crc32c")
        m.allowed_statuses = (1,)
        with pytest.raises(OSError) as caught:
            (m.path / "f").write_bytes(b"x")
        assert caught.value.errno == errno.EINVAL
        assert bucket.head("f") is None


@pytest.mark.parametrize("at", [0, 70000, 200 * KIB - 1])
def test_a_damaged_upload_is_sent_again(mount, bucket, damaged, checker, at):
    """The checker compares the CRC, and S3 would; without it, the gateway compares the hash of the signature."""
    m = mount(bucket, wire=damaged)
    data = tree.random_bytes(200 * KIB, 5)
    rule = damaged.rule("corrupt-upload", kind="PutObject", at=at)
    (m.path / "f").write_bytes(data)
    assert rule.fired == 1
    assert bucket.get("f") == data
    assert len(checker.seen("PUT")) == 2


@pytest.mark.parametrize("kind", ["none", "md5", "auto"])
def test_the_gateway_finds_damage_too(mount, bucket, wire, kind):
    """Over http, by the SHA-256 that is signed."""
    m = mount(bucket, wire=wire, checksum=kind)
    data = tree.random_bytes(200 * KIB, 6)
    rule = wire.rule("corrupt-upload", kind="PutObject", at=1000)
    (m.path / "f").write_bytes(data)
    assert rule.fired == 1
    assert bucket.get("f") == data


def test_damaged_parts_are_sent_again(mount, bucket, wire):
    m = mount(bucket, wire=wire, part_size="5M")
    data = tree.random_bytes(16 * MIB, 7)
    rule = wire.rule("corrupt-upload", kind="UploadPart", at=3 * MIB, nth=2)
    (m.path / "f").write_bytes(data)
    assert rule.fired == 1
    assert bucket.get("f") == data


def test_an_upload_that_stays_damaged_fails(mount, bucket, damaged):
    m = mount(bucket, wire=damaged)
    m.allowed_statuses = (1,)
    damaged.rule("corrupt-upload", kind="PutObject", at=1, count=0)
    with pytest.raises(OSError) as caught:
        (m.path / "f").write_bytes(b"12345")
    assert caught.value.errno == errno.EAGAIN
    assert bucket.head("f") is None


@pytest.fixture
def reader(mount, bucket, damaged):
    """A mount that has written files of these sizes, and one that has yet to read them."""
    writer = mount(bucket, wire=damaged)
    files = {str(size): tree.random_bytes(size, size) for size in (1, 1000, 128 * KIB, 300 * KIB, MIB)}
    for name, data in files.items():
        (writer.path / name).write_bytes(data)
    writer.unmount()
    return mount(bucket, wire=damaged, ro=True), files


@pytest.mark.parametrize("size, at", [(1, 0), (1000, 999), (128 * KIB, 0), (300 * KIB, 0), (300 * KIB, 299 * KIB),
                                      (MIB, 0), (MIB, 500000), (MIB, MIB - 1)])
def test_a_damaged_download_is_asked_for_again(reader, damaged, checker, size, at):
    m, files = reader
    rule = damaged.rule("corrupt", kind="GetObject", at=at)
    assert (m.path / str(size)).read_bytes() == files[str(size)]
    assert rule.fired == 1
    gets = [r for r in checker.seen("GET") if r.path.endswith("/%d" % size)]
    assert [(r.get("range"), r.get("x-amz-checksum-mode")) for r in gets] == [(None, "ENABLED")] * 2


@pytest.mark.parametrize("size", [1, 300 * KIB, MIB])
def test_no_damaged_byte_reaches_a_reader(reader, damaged, size):
    m, files = reader
    damaged.rule("corrupt", kind="GetObject", at=size - 1, count=0)
    with open(m.path / str(size), "rb", buffering=0) as file:
        with pytest.raises(OSError) as caught:
            file.read(1)  # of the first block, which is good itself
        assert caught.value.errno == errno.EIO
        damaged.clear()
        assert os.pread(file.fileno(), MIB, 0) == files[str(size)]
    m.unmount()
    assert "the bytes were damaged on the way" in m.log()


def test_other_writers_checksums_are_compared(mount, bucket, checker, damaged):
    """CRC32, which the SDKs send since 2025, and CRC64NVME."""
    data = tree.random_bytes(50 * KIB, 8)
    for name in ("x-amz-checksum-crc32", "x-amz-checksum-crc64nvme"):
        bucket.put(name, data)
        checker.stored["/%s/%s" % (bucket.name, name)] = (name, CHECKSUMS[name](data))
    m = mount(bucket, wire=damaged, ro=True)
    for name in ("x-amz-checksum-crc32", "x-amz-checksum-crc64nvme"):
        rule = damaged.rule("corrupt", kind="GetObject", at=7)
        assert (m.path / name).read_bytes() == data
        assert rule.fired == 1


def test_checksums_of_parts_say_nothing(mount, bucket, checker):
    data = tree.random_bytes(50 * KIB, 9)
    bucket.put("f", data)
    checker.stored["/%s/f" % bucket.name] = ("x-amz-checksum-crc32c", "AAAAAA==-2")
    m = mount(bucket, endpoint_url=checker.endpoint, ro=True)
    assert (m.path / "f").read_bytes() == data


@pytest.mark.parametrize("how", ["option", "environment"])
def test_checking_can_be_left_out(mount, bucket, checker, how):
    options = {"checksum": "none"} if how == "option" else {
        "environment": {"AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
                        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required"}}
    m = mount(bucket, endpoint_url=checker.endpoint, **options)
    (m.path / "f").write_bytes(b"x")
    bucket.put("g", b"data")
    assert (m.path / "g").read_bytes() == b"data"
    assert not any(known(r) or r.get("x-amz-checksum-mode") for r in checker.requests)


def test_words_after_the_user_agent(mount, bucket, checker):
    m = mount(bucket, endpoint_url=checker.endpoint, user_agent_suffix="backup/7 (nightly)")
    (m.path / "f").write_bytes(b"x")
    agents = {r.get("user-agent") for r in checker.requests}
    assert len(agents) == 1
    name, suffix = agents.pop().split(" ", 1)
    assert name.startswith("pail/") and suffix == "backup/7 (nightly)"
