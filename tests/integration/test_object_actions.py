# SPDX-License-Identifier: Apache-2.0
"""Tags, signed URLs, copies of versions and transfers by path: what the s3 layer can do beside what the file system needs."""
import datetime
import os
import random
import stat
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.auth
import pytest
from botocore.config import Config

from support.s3driver import MIB, PART, driver, in_bucket, new_driver, pattern, raises, tags, write  # noqa: F401
from test_sigv4_botocore import ALPHABETS, text


# ---- tags ----

def test_tags_are_put_and_deleted(in_bucket, bucket):
    bucket.put("k", b"x")
    in_bucket("put-object-tagging", key="k", tagging="a=1&b%20%26=%C3%A4%3D&empty=")
    assert tags(bucket, "k") == {"a": "1", "b &": "ä=", "empty": ""}
    in_bucket("put-object-tagging", key="k", tagging="c=2")
    assert tags(bucket, "k") == {"c": "2"}
    in_bucket("delete-object-tagging", key="k")
    assert not tags(bucket, "k")
    with raises("ENOENT", "NoSuchKey"):
        in_bucket("put-object-tagging", key="absent", tagging="a=1")


# ---- signed URLs ----

def fetch(url, data=None):
    with urllib.request.urlopen(urllib.request.Request(url, data, method="PUT" if data is not None else "GET"), timeout=60) as answer:
        return answer.read()


@pytest.mark.parametrize("key", ["k", "a/b c+&%2F?=#", "ä/\u4e2d//x", "..", "a'\"<>\\^`{|}~*()!$,;:@"])
def test_a_signed_url_is_good_for_anybody(in_bucket, bucket, key):
    bucket.put(key, b"bytes of it")
    url = in_bucket("presign", key=key, expires="60").fields["url"]
    assert fetch(url) == b"bytes of it"
    put = in_bucket("presign", key=key, put="1").fields["url"]
    fetch(put, b"others")
    assert bucket.get(key) == b"others"
    with pytest.raises(urllib.error.HTTPError, match="403"):  # what is signed for one cannot be used for the other
        fetch(put)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        fetch(url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"))


def test_a_signed_url_ends(in_bucket, bucket):
    bucket.put("k", b"x")
    url = in_bucket("presign", key="k", expires="1").fields["url"]
    deadline = datetime.datetime.now() + datetime.timedelta(seconds=60)
    while True:
        try:
            fetch(url)
        except urllib.error.HTTPError as error:
            assert error.code == 403
            break
        assert datetime.datetime.now() < deadline


def by_botocore(client, monkeypatch, url, **arguments):
    """What botocore signs at the time that is in the URL."""
    query = parse_qs(urlsplit(url).query)
    now = datetime.datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")

    class Clock(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return now

    with monkeypatch.context() as patch:
        patch.setattr(botocore.auth.datetime, "datetime", Clock)
        return client.generate_presigned_url(**arguments)


# Of a bucket in a host's name botocore signs for the global endpoint, which sends on to the region, where the signature is of no use;
# not so in us-east-1, with dual stack, and in other partitions.
PLACES = [
    {"endpoint": "http://127.0.0.1:9000", "bucket": "bucket", "style": "path"},
    {"endpoint": "https://s3.example.org:8443/base", "bucket": "bucket", "style": "path"},
    {"endpoint": "https://s3.example.org", "bucket": "bucket", "style": "virtual"},
    {"endpoint": None, "bucket": "bucket", "region": "us-east-1"},
    {"endpoint": None, "bucket": "bucket", "region": "eu-west-1", "dualstack": True},
    {"endpoint": None, "bucket": "with.dots", "region": "eu-west-1", "style": "path"},
    {"endpoint": None, "bucket": "bucket", "region": "us-east-1", "style": "path"},
    {"endpoint": None, "bucket": "bucket", "region": "cn-north-1"},
    {"endpoint": None, "bucket": "arn:aws:s3:eu-west-1:123456789012:accesspoint/point", "region": "eu-west-1"},
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: "%s %s" % (place["endpoint"] or place["region"], place["bucket"]))
@pytest.mark.parametrize("token", [None, "to/ken+=="], ids=["", "token"])
def test_signed_urls_are_those_of_botocore(new_driver, tmp_path, monkeypatch, place, token):
    region, style = place.get("region", "us-east-1"), place.get("style", "auto")
    config = tmp_path / "config"
    config.write_text("[default]\ns3 =\n    addressing_style = %s\n" % style)
    environment = {"AWS_SESSION_TOKEN": token} if token else {}
    environment |= {"AWS_ENDPOINT_URL": place["endpoint"] or "", "AWS_DEFAULT_REGION": region, "AWS_CONFIG_FILE": str(config)}
    if place.get("dualstack"):
        environment["AWS_USE_DUALSTACK_ENDPOINT"] = "true"
    ours = new_driver(**environment)
    theirs = boto3.client("s3", region_name=region, endpoint_url=place["endpoint"], aws_access_key_id="TESTKEY",
                          aws_secret_access_key="TESTSECRET", aws_session_token=token,
                          config=Config(signature_version="s3v4", s3={"addressing_style": style, "us_east_1_regional_endpoint": "regional",
                                                                           "use_dualstack_endpoint": place.get("dualstack", False)}))
    chance = random.Random(str(place))
    for _ in range(40):
        key = text(chance, ALPHABETS, 200).lstrip("/")[:300] or "k"
        is_put, expires = chance.random() < 0.5, chance.choice([1, 3600, 604800])
        version = "v/%s+ " % chance.randrange(9) if not is_put and chance.random() < 0.3 else None
        parameters = {"Bucket": place["bucket"], "Key": key, **({"VersionId": version} if version else {})}
        url = ours("presign", bucket=place["bucket"], key=key, version=version, put="1" if is_put else None, expires=expires).fields["url"]
        assert url == by_botocore(theirs, monkeypatch, url, ClientMethod="put_object" if is_put else "get_object", Params=parameters,
                                  ExpiresIn=expires)


# ---- versions ----

def versions_of(bucket, key):
    answer = bucket.client.list_object_versions(Bucket=bucket.name, Prefix=key)
    return [item["VersionId"] for item in answer.get("Versions", [])]


@pytest.mark.parametrize("threshold", [None, 1], ids=["whole", "in parts"])
def test_a_version_is_copied_with_all_that_belongs_to_it(in_bucket, bucket, threshold):
    bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    bucket.put("a b+", b"first", Metadata={"m": "1"}, ContentType="text/x", Tagging="t=1")
    bucket.put("a b+", b"second")
    first = versions_of(bucket, "a b+")[-1]
    in_bucket("copy-version", key="a b+", version=first, threshold=threshold)
    head = bucket.client.head_object(Bucket=bucket.name, Key="a b+")
    assert bucket.get("a b+") == b"first" and head["Metadata"] == {"m": "1"} and head["ContentType"] == "text/x"
    assert tags(bucket, "a b+") == {"t": "1"}
    assert len(versions_of(bucket, "a b+")) == 3


# ---- transfers by path ----

@pytest.mark.parametrize("size", [0, 1, PART, 20 * MIB + 1])
def test_files_come_back_as_they_went(in_bucket, bucket, tmp_path, size):
    data = pattern(size)
    path, back = write(tmp_path / "file.css", data), tmp_path / "back"
    in_bucket("upload-path", key="k", file=path)
    head = bucket.client.head_object(Bucket=bucket.name, Key="k")
    assert bucket.get("k") == data and head["ContentType"] == "text/css"
    before = os.umask(0o027)
    try:
        in_bucket("download-path", key="k", file=back)
    finally:
        os.umask(before)
    assert back.read_bytes() == data
    assert sorted(name for name in os.listdir(tmp_path) if name.startswith(".pail")) == []
    back.chmod(0o604)
    bucket.put("k", b"other")
    in_bucket("download-path", key="k", file=back)
    assert back.read_bytes() == b"other" and stat.S_IMODE(back.stat().st_mode) == 0o604
    with raises("ENOENT", "NoSuchKey"):
        in_bucket("download-path", key="absent", file=back)
    assert back.read_bytes() == b"other"
