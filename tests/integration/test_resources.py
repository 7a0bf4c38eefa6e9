# SPDX-License-Identifier: Apache-2.0
"""Collections, resources and waiters without a mount, on the real server, with boto3 as witness."""
import threading
import time

import boto3
import pytest

from support.s3driver import MIB, PART, driver, in_bucket, new_driver, pattern, raises, write

# Fixtures of this module are those of support/s3driver.py.
__all__ = ["driver", "in_bucket", "new_driver"]

NAMES = ["a", "a/b", "a/c", "b/1", "b/2", "b/3", "c", "d/x/1", "d/y", "é", "e f", "e%20f", "e+f", "z"]


@pytest.fixture
def resource(bucket):
    """The same bucket as boto3's resource."""
    frozen = bucket.client._request_signer._credentials.get_frozen_credentials()
    session = boto3.session.Session(frozen.access_key, frozen.secret_key, region_name="us-east-1")
    return session.resource("s3", endpoint_url=bucket.client.meta.endpoint_url).Bucket(bucket.name)


def keys(answer):
    return [item["key"] for item in answer.items if item["prefix"] == "0"]


def prefixes(answer):
    return [item["key"] for item in answer.items if item["prefix"] == "1"]


def in_bites(command, *words, **fields):
    """All items, in runs that each go on where the one before stopped."""
    items, token, runs = [], None, 0
    while True:
        answer = command(*words, token=token, **fields)
        items += answer.items
        runs += 1
        token = answer.fields.get("token")
        if not token:
            return items, runs
        assert runs < 200


# Collections


def test_objects_as_boto3_lists_them(in_bucket, bucket, resource):
    names = [name for name in NAMES if name not in ("e+f", "e%20f")]  # boto3 takes these markers for "e f"
    for name in names:
        bucket.put(name, name.encode())
    assert keys(in_bucket("objects")) == [entry.key for entry in resource.objects.all()]
    assert keys(in_bucket("objects", entries="yes")) == [entry.key for entry in resource.objects.all()]
    for prefix in ("a", "a/", "b/", "e", "none"):
        assert keys(in_bucket("objects", prefix=prefix)) == [e.key for e in resource.objects.filter(Prefix=prefix)]
    for limit in (1, 3, len(names), 100):
        for page_size in (1, 2, 5, 1000):
            wanted = [entry.key for entry in resource.objects.page_size(page_size).limit(limit)]
            assert keys(in_bucket("objects", limit=limit, page_size=page_size)) == wanted
    pages = [[entry.key for entry in page] for page in resource.objects.page_size(4).pages()]
    assert in_bucket("objects", page_size=4).fields["pages"] == str(len(pages))


@pytest.mark.parametrize("limit,page_size", [(1, 1), (2, 5), (3, 2), (5, 1000), (7, 3)])
def test_limit_and_token_are_those_of_botocore(in_bucket, bucket, limit, page_size):
    """MaxItems counts Contents and not CommonPrefixes; going on with the token gives every item once."""
    for name in NAMES:
        bucket.put(name)
    paginator = bucket.client.get_paginator("list_objects_v2")
    pages = paginator.paginate(Bucket=bucket.name, Delimiter="/",
                               PaginationConfig={"MaxItems": limit, "PageSize": page_size}).build_full_result()
    answer = in_bucket("objects", delimiter="/", limit=limit, page_size=page_size)
    assert keys(answer) == [entry["Key"] for entry in pages["Contents"]]
    assert prefixes(answer) == [entry["Prefix"] for entry in pages.get("CommonPrefixes", [])]
    assert ("token" in answer.fields) == ("NextToken" in pages)
    items, _ = in_bites(in_bucket, "objects", delimiter="/", limit=limit, page_size=page_size)
    top = sorted(name for name in NAMES if "/" not in name)
    assert [item["key"] for item in items if item["prefix"] == "0"] == sorted(top, key=str.encode)
    assert sorted(item["key"] for item in items if item["prefix"] == "1") == ["a/", "b/", "d/"]
    with raises("EINVAL"):
        in_bucket("object-versions", token=answer.fields.get("token", "o0"))


def test_a_stopped_iteration_goes_on(in_bucket, bucket):
    for name in NAMES:
        bucket.put(name)
    first = in_bucket("objects", page_size=3, stop_after=2)
    rest = in_bucket("objects", token=first.fields["token"])
    assert len(first.items) == 6
    assert keys(first) + keys(rest) == sorted(NAMES, key=str.encode)
    assert "token" not in rest.fields


def test_look_ahead(new_driver, bucket, wire):
    """While a page is used the next one is on its way, and nothing is asked for that nobody wants."""
    bucket.fill("k", 35)
    quick = new_driver(endpoint=wire.endpoint)
    wire.mark()
    assert len(quick("objects", bucket=bucket.name, page_size=10).items) == 35
    assert wire.counts()["ListObjectsV2"] == 4
    for arguments in ({"limit": 10, "page_size": 10}, {"limit": 1}, {"limit": 35}):
        wire.mark()
        assert len(quick("objects", bucket=bucket.name, **arguments).items) == arguments["limit"]
        assert wire.counts()["ListObjectsV2"] == 1
    wire.mark()
    assert len(quick("objects", bucket=bucket.name, page_size=10, stop_after=1).items) == 10
    assert wire.counts()["ListObjectsV2"] <= 2


def test_version_1(driver, in_bucket, bucket):
    """As boto3 has it, page by page, with and without a delimiter."""
    for name in NAMES:
        bucket.put(name)
    for delimiter in (None, "/"):
        for max_keys in (1, 2, 5, 1000):
            found, token = [], None
            while True:
                answer = in_bucket("list-objects", delimiter=delimiter, max_keys=max_keys, token=token)
                found += answer.items
                token = answer.fields.get("token")
                if not token:
                    break
                assert len(found) < 100
            told, arguments = [], {"Delimiter": delimiter} if delimiter else {}
            for page in bucket.client.get_paginator("list_objects").paginate(Bucket=bucket.name, **arguments):
                told += [entry["Key"] for entry in page.get("Contents", [])]
                told += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
            assert sorted(item["key"] for item in found) == sorted(told)
    assert keys(in_bucket("list-objects", start_after="c", prefix="d")) == ["d/x/1", "d/y"]


def test_server_without_version_2(new_driver, bucket, wire):
    """It is found out with the first list, and everything works as before."""
    for name in NAMES:
        bucket.put(name)
    wire.rule("answer", kind="ListObjectsV2", status=501, code="NotImplemented", count=0)
    through = new_driver(endpoint=wire.endpoint)
    for arguments in ({"page_size": 3}, {"limit": 5}, {"start_after": "c"}, {"delimiter": "/", "page_size": 2}):
        answer = through("objects", bucket=bucket.name, **arguments)
        assert sorted(keys(answer)) == sorted(keys(new_driver()("objects", bucket=bucket.name, **arguments)))
    assert wire.counts()["ListObjectsV2"] == 1 and wire.counts()["ListObjects"] > 5


def versioned(bucket):
    bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})


def make_versions(bucket):
    bucket.put("unversioned", b"0")
    versioned(bucket)
    for i in range(3):
        for name in ("v/a", "v/b", "100%", "with space"):
            bucket.put(name, b"%d" % i)
    bucket.delete("v/a")
    bucket.put("unversioned", b"1")


def seen_versions(items):
    return [(item["key"], item["id"], item["latest"] == "1", item["delete-marker"] == "1") for item in items]


def told_versions(bucket, **arguments):
    """In the order of the answer, which boto3 takes apart: by key, then the latest first."""
    listed = []
    for page in bucket.client.get_paginator("list_object_versions").paginate(Bucket=bucket.name, **arguments):
        for entry in page.get("Versions", []):
            listed.append((entry["Key"], entry["VersionId"], entry["IsLatest"], False))
        for entry in page.get("DeleteMarkers", []):
            listed.append((entry["Key"], entry["VersionId"], entry["IsLatest"], True))
    return listed


def test_versions(in_bucket, bucket, resource):
    make_versions(bucket)
    listed = in_bucket("object-versions")
    assert sorted(seen_versions(listed.items)) == sorted(told_versions(bucket))
    assert [item["key"] for item in listed.items] == sorted(item["key"] for item in listed.items)
    assert sum(item["delete-marker"] == "1" for item in listed.items) == 1
    for page_size in (1, 2, 5):
        assert in_bucket("object-versions", page_size=page_size).items == listed.items
        assert in_bites(in_bucket, "object-versions", page_size=page_size, limit=3)[0] == listed.items
    assert len(in_bucket("object-versions", limit=4).items) == 4
    assert sorted(seen_versions(in_bucket("object-versions", prefix="v/").items)) == \
        sorted(told_versions(bucket, Prefix="v/"))
    grouped = in_bucket("object-versions", delimiter="/")
    assert prefixes(grouped) == ["v/"] and "v/a" not in keys(grouped)


def test_version_resource(in_bucket, bucket):
    make_versions(bucket)
    marker, *versions = [item for item in in_bucket("object-versions", prefix="v/a").items]
    assert marker["delete-marker"] == "1" and marker["latest"] == "1"
    bodies = [in_bucket("object-body", key="v/a", version=item["id"]).fields["body"] for item in versions]
    assert bodies == ["2", "1", "0"]
    loaded = in_bucket("object-load", key="v/a", version=versions[1]["id"]).fields
    witness = bucket.client.head_object(Bucket=bucket.name, Key="v/a", VersionId=versions[1]["id"])
    assert loaded["type"] == "ObjectVersion" and loaded["id"] == versions[1]["id"]
    assert loaded["version-id"] == versions[1]["id"] and loaded["etag"] == witness["ETag"].strip('"')
    assert not bucket.exists("v/a")
    in_bucket("object-delete", key="v/a", version=marker["id"])
    assert bucket.get("v/a") == b"2"
    in_bucket("object-delete", key="v/a", version=versions[0]["id"])
    assert bucket.get("v/a") == b"1"
    assert in_bucket("object-body", key="unversioned", version="null").fields["body"] == "0"
    with raises("ENOENT"):
        in_bucket("object-load", key="v/a", version=versions[0]["id"])


def test_versions_are_deleted(in_bucket, bucket, new_driver, wire):
    make_versions(bucket)
    kept = told_versions(bucket, Prefix="with")
    through = new_driver(endpoint=wire.endpoint)
    wire.mark()
    through("object-versions", bucket=bucket.name, prefix="v/", delete="yes")
    assert wire.counts()["DeleteObjects"] == 1 and wire.counts()["DeleteObject"] == 0
    assert told_versions(bucket, Prefix="v/") == []
    assert told_versions(bucket, Prefix="with") == kept
    # Page by page, while the list behind the page is being read.
    in_bucket("object-versions", page_size=2, delete="yes")
    assert told_versions(bucket) == []


def test_objects_are_deleted_page_by_page(bucket, new_driver, wire):
    bucket.fill("d/k", 25)
    bucket.put("kept")
    through = new_driver(endpoint=wire.endpoint)
    wire.mark()
    through("objects", bucket=bucket.name, prefix="d/", page_size=10, delete="yes")
    assert wire.counts()["DeleteObjects"] == 3
    assert bucket.keys() == ["kept"]


def test_bucket_versioning(in_bucket, bucket, other_bucket):
    assert in_bucket("bucket-versioning").fields == {"status": "", "mfa": "0"}
    for status in ("Enabled", "Suspended"):
        bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": status})
        assert in_bucket("bucket-versioning").fields == {"status": status, "mfa": "0"}
    with raises("EACCES"):
        in_bucket("bucket-versioning", bucket=other_bucket.name)


def test_attributes_of_a_server_that_has_none(in_bucket, bucket):
    """It sends the object itself, whatever that is."""
    for key, body in (("small", b"x"), ("xml", b"<Error><Code>SlowDown</Code></Error>"), ("large", bytes(6 * MIB))):
        bucket.put(key, body)
        with raises("EOPNOTSUPP", "NotImplemented"):
            in_bucket("object-attributes", key=key)


def test_uploads_and_their_parts(in_bucket, bucket, resource):
    begun = {}
    for key in ("k ü", "k ü", "dir/one", "dir/two", "50%", "z"):
        upload = bucket.client.create_multipart_upload(Bucket=bucket.name, Key=key)["UploadId"]
        begun[upload] = key
    listed = in_bucket("multipart-uploads")
    assert [(item["key"], item["id"]) for item in listed.items] == \
        [(upload.object_key, upload.id) for upload in resource.multipart_uploads.all()]
    assert {item["id"]: item["key"] for item in listed.items} == begun
    assert all(abs(int(item["modified"]) - time.time()) < 600 for item in listed.items)
    for page_size in (1, 2, 4):
        assert in_bucket("multipart-uploads", page_size=page_size).items == listed.items
        assert in_bites(in_bucket, "multipart-uploads", page_size=page_size, limit=2)[0] == listed.items
    assert {item["key"] for item in in_bucket("multipart-uploads", prefix="dir/").items} == {"dir/one", "dir/two"}

    upload = next(upload for upload, key in begun.items() if key == "z")
    for number in (1, 2, 3, 5, 8, 13):
        bucket.client.upload_part(Bucket=bucket.name, Key="z", UploadId=upload, PartNumber=number, Body=b"x" * number)
    parts = in_bucket("parts", key="z", upload_id=upload)
    told = bucket.client.list_parts(Bucket=bucket.name, Key="z", UploadId=upload)["Parts"]
    assert [(int(item["number"]), int(item["size"]), item["etag"]) for item in parts.items] == \
        [(part["PartNumber"], part["Size"], part["ETag"].strip('"')) for part in told]
    for page_size in (1, 2, 4):
        assert in_bucket("parts", key="z", upload_id=upload, page_size=page_size).items == parts.items
        assert in_bites(in_bucket, "parts", key="z", upload_id=upload, page_size=page_size, limit=4)[0] == parts.items
    with raises("ENOENT"):
        in_bucket("parts", key="z", upload_id="2~nobody")
    for upload, key in begun.items():
        in_bucket("multipart-abort", key=key, upload_id=upload)
        in_bucket("multipart-abort", key=key, upload_id=upload)
    assert bucket.uploads() == []


def test_buckets(driver, bucket, new_bucket, other_bucket):
    new_bucket()
    answer = driver("buckets")
    told = {entry["Name"]: entry["CreationDate"] for entry in bucket.client.list_buckets()["Buckets"]}
    assert {item["key"] for item in answer.items} == set(told)
    assert {item["key"]: int(item["modified"]) for item in answer.items}[bucket.name] == \
        int(told[bucket.name].timestamp())
    assert other_bucket.name not in told
    assert [item["key"] for item in driver("buckets", prefix=bucket.name).items] == \
        sorted(name for name in told if name.startswith(bucket.name))
    assert len(driver("buckets", limit=1).items) == 1
    items, runs = in_bites(driver, "buckets", limit=1)
    assert sorted(item["key"] for item in items) == sorted(told) and runs >= len(told)


# Resources


def test_bucket_resource(driver, bucket, other_bucket):
    fields = driver("bucket-load", bucket=bucket.name).fields
    told = {entry["Name"]: entry["CreationDate"] for entry in bucket.client.list_buckets()["Buckets"]}
    assert fields["created"] == str(int(told[bucket.name].timestamp()))
    assert (fields["service"], fields["type"], fields["name"]) == ("s3", "Bucket", bucket.name)
    assert driver("exists", bucket=bucket.name).fields["exists"] == "1"
    assert driver("exists", bucket=other_bucket.name).fields["exists"] == "1"  # as 403 says
    assert driver("exists", bucket="no-such-bucket-here").fields["exists"] == "0"
    with raises("EACCES"):
        driver("bucket-load", bucket=other_bucket.name)


def test_object_and_summary(in_bucket, bucket):
    bucket.put("k", b"12345", Metadata={"a": "b"})
    loaded = in_bucket("object-load", key="k").fields
    assert (loaded["type"], loaded["bucket_name"], loaded["key"]) == ("Object", bucket.name, "k")
    assert loaded["meta-a"] == "b" and loaded["has-data"] == "1"
    listed, after = in_bucket("summaries").items
    assert (listed["type"], listed["has-data"]) == ("ObjectSummary", "0")
    assert (after["type"], after["has-data"]) == ("Object", "1")
    for name in ("size", "etag", "modified"):
        assert listed[name] == after[name]
    assert in_bucket("exists", key="k").fields["exists"] == "1"
    assert in_bucket("exists", key="l").fields["exists"] == "0"


def test_multipart_resource(in_bucket, bucket, tmp_path):
    body = pattern(2 * PART + 1000)
    file = write(tmp_path / "in", body)
    bucket.put("source", body)
    begun = in_bucket("multipart-initiate", key="k ü", cache_control="no-store", meta_a="b").fields
    assert (begun["type"], begun["object_key"]) == ("MultipartUpload", "k ü")
    common = {"key": "k ü", "upload_id": begun["id"]}
    in_bucket("multipart-part", **common, number=3, file=file, offset=2 * PART, size=1000)
    in_bucket("multipart-part", **common, number=1, file=file, offset=PART, size=PART)  # replaced below
    in_bucket("multipart-part", **common, number=1, file=file, size=PART)
    part = in_bucket("multipart-part", **common, number=2, source_key="source", offset=PART, size=PART).fields
    assert (part["type"], part["multipart_upload_id"], part["part_number"]) == \
        ("MultipartUploadPart", begun["id"], "2")
    assert [item["number"] for item in in_bucket("parts", **common).items] == ["1", "2", "3"]
    etag = in_bucket("multipart-complete", **common).fields["etag"]
    head = bucket.head("k ü")
    assert head["ETag"].strip('"') == etag and head["CacheControl"] == "no-store" and head["Metadata"] == {"a": "b"}
    assert bucket.get("k ü") == body


# Waiters


def later(seconds, action):
    timer = threading.Timer(seconds, action)
    timer.start()
    return timer


def test_object_waiters(in_bucket, bucket):
    timer = later(0.7, lambda: bucket.put("k"))
    in_bucket("wait", key="k", delay=100, attempts=100)
    timer.join()
    in_bucket("wait", key="k", delay=100, attempts=1)
    timer = later(0.7, lambda: bucket.delete("k"))
    in_bucket("wait", key="k", absent="yes", delay=100, attempts=100)
    timer.join()
    assert not bucket.exists("k")
    with raises("ETIMEDOUT"):
        in_bucket("wait", key="k", delay=50, attempts=3)
    began = time.monotonic()
    with raises("ETIMEDOUT"):
        in_bucket("wait", key="k", within=500)
    assert 0.4 < time.monotonic() - began < 30  # without a limit, a hundred seconds


def test_bucket_waiters(driver, bucket, other_bucket):
    name = bucket.name + "-later"
    timer = later(0.7, lambda: bucket.client.create_bucket(Bucket=name))
    driver("wait", bucket=name, delay=100, attempts=100)
    timer.join()
    driver("wait", bucket=other_bucket.name, attempts=1)  # 403 will do
    with raises("EACCES"):
        driver("wait", bucket=other_bucket.name, absent="yes", attempts=1)
    timer = later(0.7, lambda: bucket.client.delete_bucket(Bucket=name))
    driver("wait", bucket=name, absent="yes", delay=100, attempts=100)
    timer.join()
    with raises("ETIMEDOUT"):
        driver("wait", bucket=name, delay=50, attempts=2)


# Progress


@pytest.mark.parametrize("size", [0, 1, 5 * MIB, 23 * MIB + 7])
def test_progress(in_bucket, bucket, tmp_path, size):
    body = pattern(size)
    up = in_bucket("upload-file", key="k", file=write(tmp_path / "in", body), part_size=PART).fields
    assert bucket.get("k") == body
    down = in_bucket("download-file", key="k", file=tmp_path / "out", part_size=PART).fields
    assert (tmp_path / "out").read_bytes() == body
    for progress in (up, down):
        assert progress["progress"] == str(size) == progress["peak"] and progress["went-back"] == "0"
        assert size == 0 or int(progress["calls"]) > size // (2 * MIB)  # as the bytes move, not part by part


def test_progress_of_parts_that_fail(new_driver, bucket, wire, tmp_path):
    """What an attempt sent in vain is taken back."""
    body = pattern(23 * MIB)
    through = new_driver(endpoint=wire.endpoint)
    wire.rule("reset-upload", kind="UploadPart", nth=2, count=2, at=3 * MIB)
    up = through("upload-file", bucket=bucket.name, key="k", file=write(tmp_path / "in", body), part_size=PART).fields
    assert bucket.get("k") == body
    assert up["progress"] == str(len(body)) and up["went-back"] == "1"
