# SPDX-License-Identifier: Apache-2.0
"""Uploads that grow while they are sent, downloads, and what faults on the way do to the s3 layer."""
import itertools

import pytest

from support.s3driver import MIB, PART, driver, in_bucket, new_driver, pattern, raises, tags, write

# Fixtures of this module are those of support/s3driver.py.
__all__ = ["driver", "in_bucket", "new_driver"]

# The upload that grows while it is sent


class Upload:
    """A local file that is written and sent, and what the object must be."""

    def __init__(self, driver, bucket, path, *arguments, key="k", **options):
        self.driver, self.bucket, self.path, self.key = driver, bucket, path, key
        path.write_bytes(b"")
        driver("upload-new", *arguments, bucket=bucket.name, key=key, file=path, **options)

    def write(self, offset, data):
        with open(self.path, "r+b") as file:
            file.seek(offset)
            file.write(data)

    def __call__(self, command, *arguments, **fields):
        return self.driver("upload-" + command, *arguments, **fields).fields

    def finish(self, size, **fields):
        etag = self("finish", size=size, **fields)["etag"]
        expected = self.path.read_bytes()[:size]
        assert self.bucket.get(self.key) == expected
        assert self.bucket.head(self.key)["ETag"].strip('"') == etag
        assert self.bucket.uploads() == []
        return etag


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART])
def test_upload_of_one_part_is_one_put(new_driver, bucket, wire, tmp_path, size):
    upload = Upload(new_driver(wire.endpoint), bucket, tmp_path / "f", "meta-mode=1", content_type="a/b", tagging="a=b")
    upload.write(0, pattern(size))
    assert upload("advance", available=size)["started"] == "0"
    upload.finish(size)
    assert bucket.head("k")["Metadata"] == {"mode": "1"} and tags(bucket, "k") == {"a": "b"}
    assert dict(wire.counts()) == {"PutObject": 1}


@pytest.mark.parametrize("size", [PART + 1, 2 * PART, 4 * PART - 1, 23 * MIB])
def test_upload_while_it_grows(new_driver, bucket, wire, tmp_path, size):
    upload = Upload(new_driver(wire.endpoint), bucket, tmp_path / "f", "meta-mode=1")
    body = pattern(size)
    for offset in range(0, size, MIB):
        upload.write(offset, body[offset:offset + MIB])
        started = upload("advance", available=min(offset + MIB, size))["started"]
        assert started == ("1" if min(offset + MIB, size) > PART else "0")
    upload.finish(size)
    parts = -(-size // PART)
    assert dict(wire.counts()) == {"CreateMultipartUpload": 1, "UploadPart": parts, "CompleteMultipartUpload": 1}


def test_upload_keeps_tags_of_its_own(driver, bucket, tmp_path):
    upload = Upload(driver, bucket, tmp_path / "f", tagging="a=b&c=d%20e")
    upload.write(0, pattern(12 * MIB))
    upload.finish(12 * MIB)
    assert tags(bucket, "k") == {"a": "b", "c": "d e"}


def test_upload_goes_on_after_it_was_finished(driver, bucket, tmp_path):
    """An fsync, and more writing."""
    upload = Upload(driver, bucket, tmp_path / "f")
    for size in (3 * MIB, 12 * MIB, 19 * MIB, 4 * MIB, 13 * MIB):
        upload.write(0, pattern(size, seed=size))
        upload("advance", available=size)
        upload.finish(size)


def test_upload_of_a_sparse_file(driver, bucket, tmp_path):
    upload = Upload(driver, bucket, tmp_path / "f")
    upload.write(17 * MIB, b"end")
    upload.finish(17 * MIB + 3)


def test_upload_is_aborted(driver, bucket, tmp_path):
    upload = Upload(driver, bucket, tmp_path / "f")
    upload.write(0, pattern(22 * MIB))
    upload("advance", available=22 * MIB)
    upload("abort")
    assert bucket.uploads() == [] and not bucket.exists("k")
    upload.finish(22 * MIB)


def test_upload_that_someone_aborted(driver, bucket, tmp_path):
    """A life-cycle rule, or a zealous administrator."""
    upload = Upload(driver, bucket, tmp_path / "f")
    upload.write(0, pattern(16 * MIB))
    upload("advance", available=16 * MIB)
    bucket.abort_uploads()
    for _ in range(3):
        upload("advance", available=16 * MIB)
    upload.finish(16 * MIB)


@pytest.mark.parametrize("size", [100, 12 * MIB])
def test_conditions_of_an_upload(driver, bucket, tmp_path, size):
    upload = Upload(driver, bucket, tmp_path / "f")
    upload.write(0, pattern(size))
    etag = upload.finish(size, if_none_match="*")
    with raises("ESTALE"):
        upload("finish", size=size, if_none_match="*")
    with raises("ESTALE"):
        upload("finish", size=size, if_match="0" * 32)
    upload("abort")
    upload.finish(size, if_match=etag)


@pytest.mark.parametrize("size", [0, 1, 8 * MIB, 30 * MIB])
def test_download(in_bucket, bucket, tmp_path, size):
    body = pattern(size)
    bucket.put("k", body)
    in_bucket("download", key="k", file=tmp_path / "out", part_size=4 * MIB)
    assert (tmp_path / "out").read_bytes() == body


# Bad days


def test_get_is_resumed(new_driver, bucket, wire, tmp_path):
    body = pattern(4 * MIB)
    bucket.put("k", body)
    driver = new_driver(wire.endpoint)
    faults = list(itertools.product(("truncate", "reset-body"), (0, 1, 100000, 3 * MIB - 1)))
    for action, at in faults + [("overlong", 1), ("overlong", 1000)]:
        wire.clear()
        wire.rule(action, kind="GetObject", at=at, count=2)
        driver("get-object", bucket=bucket.name, key="k", file=tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == body
        driver("get-object", bucket=bucket.name, key="k", offset=5, size=3 * MIB, file=tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == body[5:5 + 3 * MIB]


def test_get_of_a_version_that_goes_away(new_driver, bucket, wire, tmp_path):
    """Bytes of two versions never mix."""
    bucket.put("k", pattern(4 * MIB))
    driver = new_driver(wire.endpoint)
    wire.rule("truncate", kind="GetObject", at=100000)
    rule = wire.rule("hold", kind="GetObject", nth=2)
    driver.start("get-object", bucket=bucket.name, key="k", file=tmp_path / "out")
    rule.wait()
    bucket.put("k", pattern(4 * MIB, seed=1))
    rule.release()
    with raises("ESTALE", "PreconditionFailed"):
        driver.answer()


FAULTS = [dict(action="answer", status=503, code="SlowDown"), dict(action="answer", status=500, code="InternalError"),
          dict(action="answer-after", status=500, code="InternalError"), dict(action="reset-before"),
          dict(action="reset-after"), dict(action="truncate", at=1)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "%(action)s-%(status)s" % {"status": "", **fault})
def test_every_operation_survives(new_driver, bucket, wire, tmp_path, fault):
    """Each request meets the fault once."""
    driver = new_driver(wire.endpoint)
    body = pattern(12 * MIB)
    for kind in ("PutObject", "HeadObject", "GetObject", "ListObjectsV2", "CopyObject", "DeleteObject", "DeleteObjects",
                 "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload", "GetObjectAcl",
                 "ListBuckets", "HeadBucket"):
        wire.rule(kind=kind, **fault)
    common = {"bucket": bucket.name}
    driver("head-bucket", **common)
    driver("list-buckets")
    upload = Upload(driver, bucket, tmp_path / "f", key="large")
    upload.write(0, body)
    upload("advance", available=len(body))
    driver("upload-finish", size=len(body))
    driver("put-object", **common, key="a", file=write(tmp_path / "in", b"a"), if_none_match="*")
    driver("copy", **common, key="b", source_bucket=bucket.name, source_key="a")
    driver("copy", **common, key="large2", source_bucket=bucket.name, source_key="large", threshold=MIB, part_size=PART)
    driver("get-object", **common, key="large2", file=tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == body
    assert [item["key"] for item in driver("objects", **common).items] == ["a", "b", "large", "large2"]
    driver("delete-object", **common, key="a")
    driver("delete-objects", **common, key=["b", "large"])
    assert bucket.keys() == ["large2"]
    wire.clear()
    bucket.abort_uploads()  # a CreateMultipartUpload whose answer was lost leaves one behind


@pytest.mark.parametrize("action", ["reset-after", "answer-after"])
def test_end_of_an_upload_is_settled(new_driver, bucket, wire, tmp_path, action):
    """The answer is lost; sent again, the server knows no such upload."""
    driver = new_driver(wire.endpoint)
    upload = Upload(driver, bucket, tmp_path / "f")
    upload.write(0, pattern(12 * MIB))
    more = {"status": 500, "code": "InternalError"} if action == "answer-after" else {}
    wire.rule(action, kind="CompleteMultipartUpload", **more)
    upload.finish(12 * MIB, if_none_match="*")


def test_conditional_put_is_settled(new_driver, bucket, wire, tmp_path):
    """Our own object does not read as a conflict; another's does."""
    driver = new_driver(wire.endpoint)
    wire.rule("reset-after", kind="PutObject", count=1)
    driver("put-object", "meta-a=b", bucket=bucket.name, key="k", file=write(tmp_path / "in", b"mine"),
           if_none_match="*")
    assert bucket.get("k") == b"mine"
    wire.clear()
    bucket.delete("k")
    rule = wire.rule("reset-before", kind="PutObject", count=1)
    hold = wire.rule("hold", kind="PutObject", nth=2)
    driver.start("put-object", bucket=bucket.name, key="k", file=tmp_path / "in", if_none_match="*")
    hold.wait()
    assert rule.fired == 1
    bucket.put("k", b"theirs")
    hold.release()
    with raises("ESTALE", "PreconditionFailed"):
        driver.answer()
    assert bucket.get("k") == b"theirs"


def test_failed_part_is_sent_again(new_driver, bucket, wire, tmp_path):
    """A refusal is reported until the upload is finished anew, and what S3 has is kept."""
    driver = new_driver(wire.endpoint)
    upload = Upload(driver, bucket, tmp_path / "f", in_flight=1)
    size = 4 * PART
    upload.write(0, pattern(size))
    wire.rule("answer", kind="UploadPart", nth=3, count=1, status=403, code="AccessDenied")
    upload("advance", available=PART + 1)
    with raises("EACCES", "AccessDenied"):
        upload("finish", size=size)
    with raises("EACCES", "AccessDenied"):
        upload("advance", available=size)
    upload.finish(size)
    assert len([r for r in wire.requests("UploadPart") if r.status == 200]) == 4


def test_outage_ends(new_driver, bucket, wire):
    driver = new_driver(wire.endpoint, DRIVER_TIMEOUT_MS="2000")
    driver("head-bucket", bucket=bucket.name)
    wire.refuse()
    with raises("ETIMEDOUT"):
        driver("head-bucket", bucket=bucket.name)
    wire.listen()
    driver("head-bucket", bucket=bucket.name)
    wire.pause()
    with raises("ETIMEDOUT"):
        driver("head-bucket", bucket=bucket.name)
    wire.resume()
    driver("head-bucket", bucket=bucket.name)


def test_deletion_without_delete_objects(new_driver, bucket, wire):
    """A server that does not know DeleteObjects, or fails at some keys."""
    driver = new_driver(wire.endpoint)
    wire.rule("answer", kind="DeleteObjects", count=0, status=501, code="NotImplemented")
    keys = ["k%d" % i for i in range(40)]
    for key in keys:
        bucket.put(key)
    driver("delete-objects", bucket=bucket.name, key=keys[:20])
    driver("delete-objects", bucket=bucket.name, key=keys[20:])
    assert bucket.keys() == []
    assert wire.counts()["DeleteObjects"] == 1 and wire.counts()["DeleteObject"] == 40


def test_completion_whose_answers_are_lost(new_driver, bucket, wire, tmp_path):
    """Twice: the server then has a lock of its own in the way."""
    driver = new_driver(wire.endpoint)
    body = pattern(PART + 1)
    upload = Upload(driver, bucket, tmp_path / "f")
    upload.write(0, body)
    wire.rule("answer-after", kind="CompleteMultipartUpload", count=4, status=500, code="InternalError")
    upload.finish(PART + 1)
