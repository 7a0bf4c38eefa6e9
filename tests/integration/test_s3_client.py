# SPDX-License-Identifier: Apache-2.0
"""The s3 layer without a mount: every operation, on the real server, with boto3 as witness."""
import hashlib
import itertools

import pytest

from support.s3driver import MIB, PART, driver, in_bucket, new_driver, pattern, raises, tags, write

# Fixtures of this module are those of support/s3driver.py.
__all__ = ["driver", "in_bucket", "new_driver"]

# Every kind of key that a path, a query, a header, XML or a signature might spoil.
ODD_KEYS = ["plain", "with space", "a+b", "a%20b", "100%", "a&b=c?d#e", "ünïcödé/日本語/🎉", "e\u0301", "dir/", "//",
            "/lead", "a//b", "./x", "../x", "a/../b", "a/./b", "..", "quote'\"<>", "new\nline", "tab\tkey", "cr\rkey",
            "bell\x07", "back\\slash",
            "a;b,c:d@e!f$g(h)*i[j]{k}|l^m`n~", "x" * 1024, "é" * 512, " ", "trailing ", "=", "-", "+"]


# Operations


def test_buckets(driver, bucket, other_bucket):
    names = [item["name"] for item in driver("list-buckets").items]
    assert bucket.name in names and other_bucket.name not in names
    driver("head-bucket", bucket=bucket.name)
    with raises("ENOENT", "NoSuchBucket"):
        driver("head-bucket", bucket="no-such-bucket-here")
    with raises("EACCES", "AccessDenied"):
        driver("head-bucket", bucket=other_bucket.name)


def test_odd_keys(in_bucket, bucket, tmp_path):
    for i, key in enumerate(ODD_KEYS):
        body = b"body %d" % i
        in_bucket("put-object", key=key, file=write(tmp_path / "in", body))
        assert bucket.get(key) == body, key
        in_bucket("get-object", key=key, file=tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == body, key
        assert in_bucket("head-object", key=key).fields["size"] == str(len(body))
    assert sorted(item["key"] for item in in_bucket("list-objects-v2").items) == sorted(ODD_KEYS)
    for key in ODD_KEYS:
        listed = in_bucket("list-objects-v2", prefix=key).items
        assert key in [item["key"] for item in listed]
    page, found = in_bucket("list-objects-v2", max_keys=1), []
    while page.items:
        found += [item["key"] for item in page.items]
        token = page.fields.get("token")
        page = in_bucket("list-objects-v2", max_keys=1, token=token) if token else page._replace(items=[])
    assert sorted(found) == sorted(ODD_KEYS)
    in_bucket("delete-objects", key=ODD_KEYS)  # the witness cannot list them all


def test_copies_of_odd_keys(in_bucket, bucket):
    for key in ODD_KEYS:
        bucket.put(key, key.encode())
        copy = "copy-" + key if len(key.encode()) < 1000 else "copy-long"
        in_bucket("copy-object", key=copy, source_bucket=bucket.name, source_key=key)
        assert bucket.get(copy) == key.encode()
        in_bucket("copy", key=key, source_bucket=bucket.name, source_key=copy)
        assert bucket.get(key) == key.encode()
        in_bucket("delete-object", key=copy)
    in_bucket("objects", delete="yes")


def test_deletion_of_odd_keys(in_bucket, bucket):
    for key in ODD_KEYS:
        bucket.put(key)
    assert in_bucket("delete-objects", key=ODD_KEYS + ["never there"]).fields["failed"] == "0"
    assert bucket.keys() == []
    for key in ODD_KEYS:
        bucket.put(key)
        in_bucket("delete-object", key=key)
        in_bucket("delete-object", key=key)
    assert bucket.keys() == []


def test_deletion_is_refused(driver, bucket, other_bucket):
    other_bucket.put("a")
    other_bucket.put("b")
    with raises("EACCES", "AccessDenied"):
        driver("delete-objects", bucket=other_bucket.name, key=["a", "b"])
    with raises("ENOENT", "NoSuchBucket"):
        driver("delete-object", bucket="no-such-bucket-here", key="a")
    assert other_bucket.keys() == ["a", "b"]


def test_empty_names_are_refused(in_bucket, bucket):
    """An empty key would make an operation on the bucket."""
    bucket.put("a")
    for command in ("delete-object", "head-object"):
        with raises("EINVAL"):
            in_bucket(command, key="")
    assert bucket.keys() == ["a"]


def test_key_too_long(in_bucket, tmp_path):
    with raises("ENAMETOOLONG"):
        in_bucket("put-object", key="x" * 1025, file=write(tmp_path / "in", b""))


HEADERS = {"content_type": "text/x-odd; charset=utf-8", "content_encoding": "gzip",
           "cache_control": "no-cache, max-age=3",
           "content_disposition": "attachment; filename=\"x y\"", "content_language": "de-CH",
           "expires": "Wed, 21 Oct 2037 07:28:00 GMT", "website_redirect_location": "/elsewhere"}
METADATA = {"meta-mode": "33188", "meta-x-long": "v" * 500, "meta-utf": "ü€"}


def test_headers_there_and_back(in_bucket, bucket, tmp_path):
    in_bucket("put-object", key="k", file=write(tmp_path / "in", b"x"), **HEADERS, **METADATA,
              tagging="a=b&c%20d=e%26f")
    head = bucket.head("k")
    assert head["ContentType"] == HEADERS["content_type"]
    assert head["ContentEncoding"] == "gzip"
    assert head["CacheControl"] == HEADERS["cache_control"]
    assert head["ContentDisposition"] == HEADERS["content_disposition"]
    assert head["ContentLanguage"] == "de-CH"
    assert head["WebsiteRedirectLocation"] == "/elsewhere"
    assert head["Metadata"]["mode"] == "33188" and head["Metadata"]["x-long"] == "v" * 500
    assert tags(bucket, "k") == {"a": "b", "c d": "e&f"}
    seen = in_bucket("head-object", key="k").fields
    for name, value in itertools.chain(HEADERS.items(), METADATA.items()):
        assert seen[name.replace("_", "-")] == value
    assert seen["etag"] == hashlib.md5(b"x").hexdigest() and seen["tags"] == "2"
    assert in_bucket("get-object-tagging", key="k").fields["tagging"] in ("a=b&c%20d=e%26f", "c%20d=e%26f&a=b")


def test_ranges(in_bucket, bucket, tmp_path):
    body = pattern(300000)
    etag = bucket.put("k", body)["ETag"].strip('"')
    out = tmp_path / "out"
    for offset, size in [(0, 1), (0, 300000), (0, 400000), (299999, 1), (299999, 5), (1000, 131072), (0, 0)]:
        fields = in_bucket("get-object", key="k", offset=offset, size=size, file=out, if_match=etag).fields
        assert out.read_bytes() == (body[offset:offset + size] if size else body)
        assert fields["size"] == "300000" and fields["etag"] == etag
    with raises("ERANGE"):
        in_bucket("get-object", key="k", offset=300000, size=1, file=out)
    with raises("ESTALE", "PreconditionFailed"):
        in_bucket("get-object", key="k", offset=0, size=1, file=out, if_match="0" * 32)
    with raises("ENOENT", "NoSuchKey"):
        in_bucket("get-object", key="nothing", file=out)


def test_range_of_an_empty_object(in_bucket, bucket, tmp_path):
    bucket.put("k", b"", Metadata={"mode": "1"})
    fields = in_bucket("get-object", key="k", offset=0, size=131072, file=tmp_path / "out").fields
    assert fields["size"] == "0" and fields["meta-mode"] == "1"
    assert (tmp_path / "out").read_bytes() == b""


def test_conditional_put(in_bucket, bucket, tmp_path):
    one, two = write(tmp_path / "one", b"1"), write(tmp_path / "two", b"2")
    etag = in_bucket("put-object", key="k", file=one, if_none_match="*").fields["etag"]
    with raises("ESTALE", "PreconditionFailed"):
        in_bucket("put-object", key="k", file=two, if_none_match="*")
    in_bucket("put-object", key="k", file=two, if_match=etag)
    with raises("ESTALE", "PreconditionFailed"):
        in_bucket("put-object", key="k", file=one, if_match=etag)
    assert bucket.get("k") == b"2"


def test_large_body_is_announced(in_bucket, bucket, tmp_path, server):
    body = pattern(20 * MIB)
    in_bucket("put-object", key="k", file=write(tmp_path / "in", body))
    assert bucket.get("k") == body


def test_tls(new_driver, bucket, server, tmp_path):
    driver = new_driver(server.tls_endpoint, AWS_CA_BUNDLE=str(server.ca_bundle))
    body = pattern(3 * MIB)
    driver("put-object", bucket=bucket.name, key="k", file=write(tmp_path / "in", body))
    driver("get-object", bucket=bucket.name, key="k", file=tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == body == bucket.get("k")


def test_virtual_host_style(new_driver, bucket, server, tmp_path):
    """Path style is what a custom endpoint gets by itself; the other works where the server's name allows it."""
    config = write(tmp_path / "config", b"[default]\ns3 =\n  addressing_style = virtual\n")
    driver = new_driver("http://s3.localhost:%d" % server.port, AWS_CONFIG_FILE=str(config))
    driver("put-object", bucket=bucket.name, key="a b/c", file=write(tmp_path / "in", b"x"))
    assert bucket.get("a b/c") == b"x"
    assert [item["key"] for item in driver("list-objects-v2", bucket=bucket.name).items] == ["a b/c"]


def test_wrong_credentials(new_driver, bucket):
    driver = new_driver(secret="NOTTHESECRET")
    with raises("EACCES", "SignatureDoesNotMatch"):
        driver("objects", bucket=bucket.name)
    with raises("EACCES", "SignatureDoesNotMatch"):  # HEAD cannot tell it, but GET does
        driver("head-object", bucket=bucket.name, key="k")


def test_unknown_key(new_driver, bucket):
    with raises("EACCES", "InvalidAccessKeyId"):
        new_driver(key="NOSUCHKEY")("objects", bucket=bucket.name)


# Lists


def test_pages(in_bucket, bucket):
    names = ["k%03d" % i for i in range(25)] + ["d/x", "d/y", "e/z"]
    for name in names:
        bucket.put(name)
    answer = in_bucket("objects", page_size=10)
    assert [item["key"] for item in answer.items] == sorted(names) and answer.fields["pages"] == "3"
    assert [item["key"] for item in in_bucket("objects", page_size=10, limit=15).items] == sorted(names)[:15]
    assert [item["key"] for item in in_bucket("objects", limit=3).items] == sorted(names)[:3]
    assert [item["key"] for item in in_bucket("objects", prefix="k00").items] == names[:10]
    listed = in_bucket("objects", delimiter="/").items
    assert {item["key"] for item in listed if item["prefix"] == "1"} == {"d/", "e/"}
    assert in_bucket("objects", prefix="nothing").items == []
    after = in_bucket("list-objects-v2", start_after="k023").items
    assert [item["key"] for item in after] == ["k024"]
    first = in_bucket("list-objects-v2", max_keys=3).fields
    assert first["truncated"] == "1"
    second = in_bucket("list-objects-v2", max_keys=3, token=first["token"]).items
    assert [item["key"] for item in second] == sorted(names)[3:6]


def test_entries(in_bucket, bucket):
    bucket.put("k", b"12345")
    entry, = in_bucket("list-objects-v2").items
    witness = bucket.objects()["k"]
    assert entry["size"] == "5" and entry["etag"] == witness["ETag"].strip('"')
    assert entry["modified"] == str(int(witness["LastModified"].timestamp()))


def test_collection_is_deleted(in_bucket, bucket):
    for i in range(2500):
        bucket.put("d/%d" % i)
    bucket.put("kept")
    in_bucket("objects", prefix="d/", delete="yes")
    assert bucket.keys() == ["kept"]


# Multipart


def test_multipart_by_hand(in_bucket, bucket, tmp_path):
    body = pattern(2 * PART + 1000)
    file = write(tmp_path / "in", body)
    bucket.put("source", body)
    upload = in_bucket("create-multipart-upload", key="k ü", cache_control="no-store", **METADATA).fields["upload-id"]
    assert [item["id"] for item in in_bucket("list-multipart-uploads").items] == [upload]
    assert in_bucket("list-multipart-uploads").items[0]["key"] == "k ü"
    common = {"key": "k ü", "upload_id": upload}
    etags = [in_bucket("upload-part", **common, number=1, file=file, size=PART).fields["etag"],
             in_bucket("upload-part", **common, number=2, source_bucket=bucket.name, source_key="source",
                       source_offset=PART, source_size=PART).fields["etag"],
             in_bucket("upload-part", **common, number=3, file=file, offset=2 * PART, size=1000).fields["etag"]]
    parts = in_bucket("list-parts", **common).items
    assert [(part["number"], part["size"], part["etag"]) for part in parts] == \
        [("1", str(PART), etags[0]), ("2", str(PART), etags[1]), ("3", "1000", etags[2])]
    sizes = [PART, PART, 1000]
    etag = in_bucket("complete-multipart-upload", **common, etag=etags, size=sizes).fields["etag"]
    head = bucket.head("k ü")
    assert head["ETag"].strip('"') == etag and head["CacheControl"] == "no-store"
    assert bucket.get("k ü") == body
    # A second time: the upload is gone, and the object is the one that it made.
    assert in_bucket("complete-multipart-upload", **common, etag=etags, size=sizes).fields["etag"] == etag


def test_completion_of_an_upload_that_is_gone(in_bucket, bucket, tmp_path):
    """What is there is not what it would have made."""
    upload = in_bucket("create-multipart-upload", key="k").fields["upload-id"]
    file = write(tmp_path / "in", b"x")
    etag = in_bucket("upload-part", key="k", upload_id=upload, number=1, file=file, size=1).fields["etag"]
    bucket.abort_uploads()
    bucket.put("k", b"y")
    with raises("ENOENT", "NoSuchUpload"):
        in_bucket("complete-multipart-upload", key="k", upload_id=upload, etag=[etag], size=[1])
    assert bucket.get("k") == b"y"


def test_abort(in_bucket, bucket, tmp_path):
    upload = in_bucket("create-multipart-upload", key="k").fields["upload-id"]
    in_bucket("upload-part", key="k", upload_id=upload, number=1, file=write(tmp_path / "in", b"x" * 10), size=10)
    for _ in range(2):
        in_bucket("abort-multipart-upload", key="k", upload_id=upload)
    assert bucket.uploads() == [] and not bucket.exists("k")


# The copy that loses nothing


def make_rich(bucket, key, body):
    bucket.put(key, body, ContentType="text/x-odd", ContentEncoding="gzip", CacheControl="no-cache",
               ContentDisposition="inline", ContentLanguage="de", Expires="Wed, 21 Oct 2037 07:28:00 GMT",
               WebsiteRedirectLocation="/x", Metadata={"mode": "33188", "other": "thing"},
               Tagging="a=b&c%20d=e%26f%C3%BC")
    bucket.client.put_object_acl(Bucket=bucket.name, Key=key, ACL="public-read")


def rich(bucket, key):
    head = bucket.head(key)
    acl = bucket.client.get_object_acl(Bucket=bucket.name, Key=key)["Grants"]
    kept = {name: head.get(name) for name in ("ContentType", "ContentEncoding", "CacheControl", "ContentDisposition",
                                              "ContentLanguage", "Expires", "WebsiteRedirectLocation", "Metadata",
                                              "ContentLength", "StorageClass")}
    return {**kept, "tags": tags(bucket, key),
            "acl": sorted((grant["Grantee"].get("URI", grant["Grantee"].get("ID")), grant["Permission"])
                          for grant in acl)}


@pytest.mark.parametrize("threshold", [0, 6 * MIB])
@pytest.mark.parametrize("is_self", [False, True])
@pytest.mark.parametrize("replace", [False, True])
def test_copy_loses_nothing(in_bucket, bucket, threshold, is_self, replace):
    body = pattern(12 * MIB)
    make_rich(bucket, "from", body)
    before = rich(bucket, "from")
    assert len(before["acl"]) == 2 and before["tags"] == {"a": "b", "c d": "e&fü"}
    to = "from" if is_self else "to"
    changes = {"replace": "yes", "meta-mode": "16877", "content_type": "a/b"} if replace else {}
    etag = in_bucket("copy", key=to, source_bucket=bucket.name, source_key="from", threshold=threshold, part_size=PART,
                     **changes).fields["etag"]
    if replace:
        before.update(Metadata={"mode": "16877"}, ContentType="a/b")
    assert rich(bucket, to) == before
    assert bucket.get(to) == body
    assert bucket.head(to)["ETag"].strip('"') == etag
    assert ("-" in etag) == (threshold > 0)


def test_copy_of_a_plain_object_is_cheap(new_driver, bucket, wire):
    bucket.put("from", b"x" * 1000, Metadata={"mode": "1"})
    driver = new_driver(wire.endpoint)
    driver("copy", bucket=bucket.name, key="to", source_bucket=bucket.name, source_key="from")
    assert dict(wire.counts()) == {"HeadObject": 1, "CopyObject": 1, "GetObjectAcl": 1}


def test_copy_of_nothing(in_bucket, bucket):
    bucket.put("empty", b"")
    in_bucket("copy", key="to", source_bucket=bucket.name, source_key="empty", threshold=0)
    assert bucket.get("to") == b""
    with raises("ENOENT", "NoSuchKey"):
        in_bucket("copy", key="to2", source_bucket=bucket.name, source_key="nothing")
    assert not bucket.exists("to2")


def test_copy_of_another_version_is_refused(in_bucket, bucket):
    bucket.put("from", b"1")
    with raises("ESTALE"):
        in_bucket("copy", key="to", source_bucket=bucket.name, source_key="from", source_if_match="0" * 32)
    assert not bucket.exists("to")


def test_too_much_metadata(in_bucket, bucket):
    bucket.put("from", b"1", Metadata={"a": "x" * 1000})
    with raises("E2BIG"):
        in_bucket("copy", "meta-a=" + "x" * 2100, key="from", source_bucket=bucket.name, source_key="from",
                  replace="yes")
    assert bucket.head("from")["Metadata"] == {"a": "x" * 1000}


def test_copy_between_buckets(in_bucket, bucket, new_bucket):
    source = new_bucket()
    make_rich(source, "k", b"body")
    in_bucket("copy", key="k", source_bucket=source.name, source_key="k")
    assert rich(bucket, "k") == rich(source, "k")


def test_multipart_copy_notices_a_change(new_driver, bucket, wire):
    """The server ignores the condition on the copied parts: the look before the end has to see it."""
    bucket.put("from", pattern(12 * MIB))
    driver = new_driver(wire.endpoint)
    rule = wire.rule("hold", kind="UploadPartCopy", nth=2)
    driver.start("copy", bucket=bucket.name, key="to", source_bucket=bucket.name, source_key="from", threshold=MIB,
                 part_size=PART)
    rule.wait()
    bucket.put("from", pattern(12 * MIB, seed=1))
    rule.release()
    with raises("ESTALE"):
        driver.answer()
    assert not bucket.exists("to") and bucket.uploads() == []


def test_words_of_refusals(driver, bucket, other_bucket):
    other_bucket.put("k")
    with raises("EACCES") as caught:
        driver("head-object", bucket=other_bucket.name, key="k")
    assert caught.value.message == "access denied [AccessDenied] (GetObject of s3://%s/k)" % other_bucket.name
    with raises("ENOENT") as caught:
        driver("objects", bucket="no-such-bucket-here")
    assert "there is no such bucket" in caught.value.message
