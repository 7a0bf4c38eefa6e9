# SPDX-License-Identifier: Apache-2.0
"""pailctl tags, versions and presign, on the real server with boto3 as witness."""
import json
import re
import time
import urllib.request

import pytest

from support import zoo
from support.httpd import Server
from support.s3driver import tags
from support.s3stub import Stub
from test_pailctl import ctl  # noqa: F401  pylint: disable=unused-import

ODD_KEYS = ["a b/ä+&%2F?=#", "a//b/../.", "-k"]


@pytest.fixture
def run(ctl):
    """The outcome of a command that is to end with status 0."""
    def command(*arguments, status=0, environment=(), **options):
        result = ctl.run(*arguments, *ctl.options(**options), environment=environment)
        assert result.returncode == status, (result.stdout, result.stderr)
        assert "TESTSECRET" not in result.stdout + result.stderr
        assert status == 0 or result.stderr.count("\n") == 1 and result.stderr.startswith("pailctl: "), result.stderr
        return result.stderr if status else result.stdout
    return command


def uri(bucket, key):
    return "s3://%s/%s" % (bucket, key)


# ---- tags ----

@pytest.mark.parametrize("key", ODD_KEYS)
def test_tags(run, bucket, key):
    bucket.put(key, b"x")
    it = uri(bucket, key)
    assert run("tags", it) == ""
    assert run("tags", it, "project=alpha beta", "empty=", "formula=a=b&c") == ""
    assert tags(bucket, key) == {"project": "alpha beta", "empty": "", "formula": "a=b&c"}
    assert run("tags", it) == "empty=\nformula=a=b&c\nproject=alpha beta\n"
    run("tags", it, "project=ä", "new=1")  # the others stay
    assert tags(bucket, key) == {"project": "ä", "empty": "", "formula": "a=b&c", "new": "1"}
    answer = json.loads(run("tags", it, "--remove", "empty", "--remove", "formula", "--json"))
    assert answer == {"uri": it, "tags": {"project": "ä", "new": "1"}}
    run("tags", it, "--remove", "project", "--remove", "new")
    assert tags(bucket, key) == {} and run("tags", it) == "" and json.loads(run("tags", it, "--json"))["tags"] == {}
    assert bucket.get(key) == b"x"


def test_tags_that_are_refused(run, bucket):
    bucket.put("k", b"x", Tagging="a=1")
    it = uri(bucket, "k")
    assert "there is no tag 'b'" in run("tags", it, "c=2", "--remove", "b", status=1)
    assert "no tag: write KEY=VALUE" in run("tags", it, "word", status=2)
    assert "no tag: write KEY=VALUE" in run("tags", it, "=value", status=2)
    assert "refuses" in run("tags", it, *("k%d=v" % i for i in range(60)), status=1)
    assert tags(bucket, "k") == {"a": "1"}


# ---- versions ----

def test_versions(run, bucket):
    bucket.enable_versioning()
    for key in ("k", "k2", "j"):
        bucket.put(key, b"of another")
    first = bucket.put("k", b"first", Metadata={"m": "1"}, ContentType="text/x", Tagging="t=1")["VersionId"]
    second = bucket.put("k", b"number two")["VersionId"]
    bucket.delete("k")
    it = uri(bucket, "k")
    lines = [line.split() for line in run("versions", it).splitlines()]
    assert lines[0] == ["DATE", "SIZE", "KIND", "VERSION"] and len(lines) == 5
    assert [line[1:3] for line in lines[1:]] == [["-", "delete-marker"], ["10", "old"], ["5", "old"], ["10", "old"]]
    assert lines[2][3] == second and lines[3][3] == first and re.fullmatch(r"\d{4}(-\d\d){2}T(\d\d:){2}\d\dZ", lines[1][0])
    answer = json.loads(run("versions", it, "--json"))
    assert answer["uri"] == it and [item["size"] for item in answer["versions"]] == [None, 10, 5, 10]
    assert [item["is_delete_marker"] for item in answer["versions"]] == [True, False, False, False]
    marker = answer["versions"][0]
    assert marker["is_latest"] and marker["etag"] is None

    # A marker is no version to bring back: what was before it is.
    words = run("versions", it, "--restore", marker["version_id"], status=1)
    assert "is a delete marker" in words and "--restore " + second in words and bucket.head("k") is None
    assert first in run("versions", it, "--restore", first)
    head = bucket.head("k")
    assert bucket.get("k") == b"first" and head["Metadata"] == {"m": "1"} and head["ContentType"] == "text/x"
    assert tags(bucket, "k") == {"t": "1"}
    current = json.loads(run("versions", it, "--json"))["versions"]
    assert len(current) == 5 and current[0]["is_latest"] and current[0]["size"] == 5
    assert "already" in run("versions", it, "--restore", current[0]["version_id"])
    assert len(json.loads(run("versions", it, "--json"))["versions"]) == 5


@pytest.mark.parametrize("key", ODD_KEYS)
def test_versions_of_odd_keys(run, bucket, key):
    bucket.enable_versioning()
    first = bucket.put(key, b"first")["VersionId"]
    bucket.put(key, b"second")
    run("versions", uri(bucket, key), "--restore", first)
    assert bucket.get(key) == b"first"


def test_versions_without_versioning(run, bucket):
    bucket.put("k", b"x")
    bucket.put("k", b"xy")
    version, = json.loads(run("versions", uri(bucket, "k"), "--json"))["versions"]
    assert version["version_id"] == "null" and version["is_latest"] and version["size"] == 2


def test_absent_versions(run, bucket):
    bucket.put("k", b"x")
    bucket.put("kk", b"x")
    assert "there is no version 'NOSUCH'" in run("versions", uri(bucket, "k"), "--restore", "NOSUCH", status=1)
    assert "no version of one" in run("versions", uri(bucket, "absent"), status=1)
    assert "no version of one" in run("versions", uri(bucket, "k" * 1024), status=1)
    assert "there is no bucket" in run("versions", "s3://no-such-bucket-here/k", status=1)


# ---- presign ----

def fetch(url, data=None):
    with urllib.request.urlopen(urllib.request.Request(url, data, method="PUT" if data is not None else "GET"), timeout=60) as answer:
        return answer.read()


@pytest.mark.parametrize("key", ODD_KEYS)
def test_presign(run, bucket, key):
    bucket.put(key, b"bytes")
    url = run("presign", uri(bucket, key))
    assert url.endswith("\n") and url.count("\n") == 1 and "X-Amz-Expires=3600&" in url
    assert fetch(url.strip()) == b"bytes"
    fetch(run("presign", uri(bucket, key), "--put", "--expires", "7d").strip(), b"put")
    assert bucket.get(key) == b"put"


def test_presign_of_what_is_not_there_as_yet(run, bucket):
    fetch(run("presign", uri(bucket, "new"), "--put").strip(), b"put")
    assert bucket.get("new") == b"put"


def test_presign_of_a_version(run, bucket):
    bucket.enable_versioning()
    first = bucket.put("k", b"first")["VersionId"]
    bucket.put("k", b"second")
    assert fetch(run("presign", uri(bucket, "k"), "--version-id", first).strip()) == b"first"


@pytest.mark.parametrize("text, seconds", [("1", 1), ("90s", 90), ("15m", 900), ("2h", 7200), ("7d", 604800), ("168h", 604800)])
def test_presign_expires(run, bucket, text, seconds):
    answer = json.loads(run("presign", uri(bucket, "k"), "--expires", text, "--json"))
    assert "X-Amz-Expires=%d&" % seconds in answer["url"] and answer["method"] == "GET" and not answer["expires_with_credentials"]
    ends_at = time.mktime(time.strptime(answer["expires"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    assert seconds - 120 < ends_at - time.time() <= seconds


@pytest.mark.parametrize("text", ["0", "0.5s", "8d", "169h", "7.5d", "-1", "x", "", "99999999999999d", "9223372036854775807"])
def test_presign_limits(run, text):
    assert "--expires is " in run("presign", "s3://bucket/key", "--expires", text, status=2)


def test_presign_says_when_the_credentials_end(ctl, bucket, tmp_path):
    process = tmp_path / "config-process"
    process.write_text('[profile short]\nregion = us-east-1\ncredential_process = printf \'{"Version": 1, "AccessKeyId": "TESTKEY", '
                       '"SecretAccessKey": "TESTSECRET", "Expiration": "%s"}\'\n'
                       % time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7200)))
    result = ctl.run("presign", uri(bucket, "k"), "--expires", "1d", *ctl.options(profile="short", config_file=process))
    assert result.returncode == 0 and "when the credentials of profile short" in result.stderr and result.stderr.count("\n") == 1
    assert result.stdout.startswith("http")
    result = ctl.run("presign", uri(bucket, "k"), "--expires", "1h", *ctl.options(profile="short", config_file=process))
    assert result.returncode == 0 and result.stderr == ""


def test_presign_without_keys(run):
    assert "no keys to sign" in run("presign", "s3://bucket/key", status=1, profile=None, no_sign_request=True)


def test_presign_for_the_bucket_s_own_region(run):
    """The server tells it with its refusal; a server that is away leaves the configured one."""
    with Stub(region="eu-west-3") as stub:
        assert "%2Feu-west-3%2Fs3%2F" in run("presign", "s3://bucket/key", endpoint_url=stub.endpoint)
    assert "%2Fus-east-1%2Fs3%2F" in run("presign", "s3://bucket/key", endpoint_url="http://127.0.0.1:1")


# ---- what all of them say ----

@pytest.mark.parametrize("command", ["tags", "versions", "presign", "restore"])
def test_what_is_no_object(run, command):
    assert "is missing" in run(command, status=2)
    assert "names no object" in run(command, "s3://bucket", status=2)
    assert "names no object" in run(command, "s3://bucket/", status=2)
    assert "write s3://BUCKET/KEY" in run(command, "bucket:/key", status=2)
    assert "write s3://BUCKET/KEY" in run(command, "/tmp", status=2)
    assert "sse_kms_key_id" in run(command, "s3://bucket/key", status=1, sse_kms_key_id="x")


@pytest.mark.parametrize("command", ["tags", "restore"])
def test_absent_object(run, bucket, command):
    assert "there is no object s3://%s/absent" % bucket in run(command, uri(bucket, "absent"), status=1)
    assert "there is no bucket 'no-such-bucket-here'" in run(command, "s3://no-such-bucket-here/k", status=1)


@pytest.mark.parametrize("command", ["tags", "versions", "restore"])
def test_denied(run, bucket, command):
    bucket.put("k", b"x")
    words = run(command, uri(bucket, "k"), status=1, profile="other")
    assert "access denied: profile other" in words and "****************RKEY" in words and "s3:" in words


def test_wrong_secret(run, bucket):
    assert "secret access key of profile wrong" in run("tags", uri(bucket, "k"), status=1, profile="wrong")


def test_an_access_point_is_named_as_by_a_mount(run):
    """Where it goes is tested with signed URLs: no server here has access points."""
    point = "arn:aws:s3:eu-west-1:123456789012:accesspoint/point"
    with Stub() as stub:  # as a proxy that refuses: no request leaves this machine
        url = run("presign", point + "/a/b", endpoint_url=None, environment={"https_proxy": stub.endpoint})
    assert url.startswith("https://point-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/a/b?")


# ---- all of them ----

@pytest.mark.parametrize("command", [("buckets",), ("tags", "s3://bucket/k"), ("cp", "s3://bucket/k", "-")])
def test_the_other_scheme(run, command):
    with Server(zoo.page("200 OK")) as server:
        words = run(*command, status=1, endpoint_url="https://" + server.address)
        assert "speaks plain http" in words and "write http:// in endpoint_url: %s" % server.endpoint in words


def test_buckets_takes_the_limit_of_one_attempt(run):
    asked = []

    def hear(connection):
        asked.append(True)
        zoo.wait_for_end(connection)

    with Server(hear) as server:
        assert "in time" in run("buckets", status=1, endpoint_url=server.endpoint, timeout="5s", request_timeout="1s")
    assert len(asked) > 1
