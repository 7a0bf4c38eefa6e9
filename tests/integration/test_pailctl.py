# SPDX-License-Identifier: Apache-2.0
"""pailctl check and buckets, on a real server, and on one that has what the real one has not."""
import json
import re
import socket
import time

import pytest

from support import build, httpd
from support.ctl import Ctl
from support.s3stub import Stub
from test_policies import allow, may_list, set_policy

COMMANDS = ["check", "buckets", "cp", "versions", "tags", "presign", "restore", "configure"]
STEPS = ["fuse", "configuration", "credentials", "expiry", "state", "proxy", "dns", "connect", "tls", "endpoint", "clock", "authentication",
         "bucket", "region", "latency", "list", "directories", "put", "get", "conditional-put", "copy", "copy-part",
         "checksums", "delete", "bulk-delete"]
WRITING = ["put", "conditional-put", "copy", "copy-part", "checksums", "delete", "bulk-delete"]
SECRETS = ["TESTSECRET", "OTHERSECRET", "NOTTHESECRET", "THETOKEN"]

# A word of each fault that no other fault's line may have.
WORDS = {"authentication": "secret access key", "token": "session token", "clock": "clock", "region": "in region",
         "list": "s3:listbucket", "tls": "certificate", "proxy": "proxy", "bucket": "there is no bucket"}


@pytest.fixture
def ctl(tmp_path, server, aws_config):
    home, logs = tmp_path / "ctl-home", tmp_path / "ctl-logs"
    home.mkdir()
    logs.mkdir()
    return Ctl(home, logs, {"profile": "test", "endpoint_url": server.endpoint, "config_file": aws_config.config_file,
                            "credentials_file": aws_config.credentials_file}.items())


def assert_one_fault(result, name, word, remedy):
    """Exactly one line failed: it names the cause and the remedy, and none of the other causes."""
    status, lines = result
    failed = [line for line in lines if line.status == "failed"]
    assert status == 1 and [line.name for line in failed] == [name], lines
    detail, _, advice = re.sub(r"/[^\s;]+", "", failed[0].text).rpartition("; ")  # names of files are not words
    assert WORDS[word] in detail.lower(), failed
    assert re.search(remedy, advice), failed
    for other, text in WORDS.items():
        assert other == word or text not in (detail + advice).lower(), failed
    assert not any(secret in line.text for line in lines for secret in SECRETS)
    return lines


def skipped_after(lines, name):
    """Whether all that comes behind a step was left out."""
    names = [line.name for line in lines]
    return all(line.status == "skipped" for line in lines[names.index(name) + 1:])


# ---- nothing is wrong ----

def test_all_is_well(ctl, bucket):
    bucket.put("key", b"x")
    status, lines = ctl.check(bucket)
    assert status == 0 and [line.name for line in lines] == STEPS
    assert {line.name for line in lines if line.status == "skipped"} == set(WRITING)
    assert all(line.text.startswith("not tested: --write") for line in lines if line.status == "skipped")
    assert {line.status for line in lines if line.name not in WRITING} == {"ok"}
    assert bucket.keys() == ["key"]


def test_with_write_everything_is_tested_and_removed(ctl, bucket):
    bucket.put("prefix/key", b"x")
    status, lines = ctl.check("--write", "s3://%s/prefix" % bucket)
    assert status == 0 and [line.name for line in lines] == STEPS
    assert not [line for line in lines if line.status in ("failed", "skipped")]
    assert {line.status for line in lines if line.name not in ("checksums",)} == {"ok"}
    scratch = [line.text for line in lines if line.name == "put"][0]
    assert re.search(r"prefix/\.pail/check-[0-9a-f]{16}", scratch)
    assert bucket.keys() == ["prefix/key"] and not bucket.uploads()


def test_an_empty_bucket(ctl, bucket):
    status, lines = ctl.check(bucket)
    assert status == 0
    assert [line.status for line in lines if line.name == "get"] == ["skipped"]
    status, lines = ctl.check(bucket, "--write")
    assert status == 0 and [line.status for line in lines if line.name == "get"] == ["ok"]
    assert bucket.keys() == []


def test_without_source(ctl, bucket):
    status, lines = ctl.check()
    names = [line.name for line in lines]
    assert status == 0 and "buckets" in names and "list" not in names and "put" not in names
    assert {line.status for line in lines} == {"ok"}


def test_anonymous(ctl, bucket):
    bucket.put("key", b"x")
    bucket.client.put_bucket_acl(Bucket=bucket.name, ACL="public-read")
    status, lines = ctl.check(bucket, profile=None, no_sign_request=True)
    found = {line.name: line for line in lines}
    assert status == 0 or found["get"].status == "failed"  # the bucket is public, its objects need not be
    assert "anonymous" in found["credentials"].text and found["list"].status == "ok"


def test_key_id_is_masked_and_files_are_named(ctl, bucket, aws_config):
    lines = {line.name: line.text for line in ctl.check(bucket)[1]}
    assert "****************TKEY" in lines["credentials"] and "TESTKEY" not in "".join(lines.values())
    assert str(aws_config.credentials_file) in lines["credentials"]
    assert str(aws_config.config_file) in lines["configuration"] and "profile test" in lines["configuration"]


def test_tls(ctl, bucket, tls_server):
    status, lines = ctl.check(bucket, endpoint_url=tls_server.tls_endpoint, ca_bundle=tls_server.ca_bundle)
    assert status == 0 and [line.text for line in lines if line.name == "tls"][0].startswith("the certificate")
    status, lines = ctl.check(bucket, endpoint_url=tls_server.tls_endpoint)
    failed, = [line for line in lines if line.status == "failed"]
    assert failed.name == "tls" and "ca_bundle=" in failed.text


def test_json(ctl, bucket):
    bucket.put("key", b"x")
    status, answer = ctl.check_json("--write", "%s:/" % bucket)
    assert status == 0 and set(answer) == {"source", "checks", "failed"}
    assert answer["source"] == "%s:/" % bucket and answer["failed"] == 0
    assert [check["name"] for check in answer["checks"]] == STEPS
    for check in answer["checks"]:
        assert set(check) == {"name", "status", "detail", "remedy"}
        assert check["status"] in ("ok", "warning", "failed", "skipped") and check["detail"]
        assert check["remedy"] is None or check["remedy"]
    status, answer = ctl.check_json("no-such-bucket-at-all")
    failed, = [check for check in answer["checks"] if check["status"] == "failed"]
    assert status == 1 and answer["failed"] == 1 and failed["name"] == "bucket" and failed["remedy"]
    assert ctl.check_json()[1]["source"] is None


# ---- one fault at a time ----

def test_wrong_secret(ctl, bucket):
    lines = assert_one_fault(ctl.check(bucket, profile="wrong"), "authentication", "authentication",
                             "pailctl configure --profile wrong")
    assert skipped_after(lines, "authentication")


def test_expiry(ctl, bucket, tmp_path):
    """Keys that nobody renews, and those of a program that is asked again."""
    keys = {"AWS_ACCESS_KEY_ID": "TESTKEY", "AWS_SECRET_ACCESS_KEY": "TESTSECRET", "AWS_DEFAULT_REGION": "us-east-1"}
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3610))
    found, = [line for line in ctl.check(bucket, profile=None, environment=dict(keys, AWS_CREDENTIAL_EXPIRATION=end))[1]
              if line.name == "expiry"]
    assert found.status == "warning" and "60 minutes, at " + end in found.text and "nobody renews" in found.text
    answer = tmp_path / "answer"
    answer.write_text(json.dumps({"Version": 1, "AccessKeyId": "TESTKEY", "SecretAccessKey": "TESTSECRET",
                                  "Expiration": end}))
    config = tmp_path / "config"
    config.write_text("[profile p]\nregion = us-east-1\ncredential_process = cat %s\n" % answer)
    status, lines = ctl.check(bucket, profile="p", config_file=config, credentials_file=None)
    found, = [line for line in lines if line.name == "expiry"]
    assert status == 0 and found.status == "ok" and "60 minutes, at " + end in found.text


def test_wrong_secret_in_the_environment(ctl, bucket):
    keys = {"AWS_ACCESS_KEY_ID": "TESTKEY", "AWS_SECRET_ACCESS_KEY": "NOTTHESECRET", "AWS_DEFAULT_REGION": "us-east-1"}
    assert_one_fault(ctl.check(bucket, profile=None, environment=keys), "authentication", "authentication", "environment")


def test_expired_token(ctl):
    keys = {"AWS_ACCESS_KEY_ID": "AKIDTEMPORARY", "AWS_SECRET_ACCESS_KEY": "TESTSECRET", "AWS_SESSION_TOKEN": "THETOKEN",
            "AWS_DEFAULT_REGION": "us-east-1"}
    with Stub() as stub:
        status, _ = ctl.check("bucket", profile=None, endpoint_url=stub.endpoint, environment=keys)
        assert status == 0
    with Stub(has_expired_tokens=True) as stub:
        lines = assert_one_fault(ctl.check("bucket", profile=None, endpoint_url=stub.endpoint, environment=keys),
                                 "authentication", "token", "get a new one")
    assert "ExpiredToken" in "".join(line.text for line in lines)


@pytest.mark.parametrize("clock_s", [20 * 60, -20 * 60])
def test_clock(ctl, clock_s):
    """The server's clock is 20 minutes off ours, which is the same as ours being off. pail corrects for it: all else works."""
    with Stub(clock_s=clock_s) as stub:
        lines = assert_one_fault(ctl.check("bucket", endpoint_url=stub.endpoint), "clock", "clock",
                                 "set it right.*|other programs")
        assert any(status == 403 and "list-type" in path for _, path, status in stub.requests), "it did not judge"
    failed, = [line for line in lines if line.status == "failed"]
    assert re.search(r"is (119\d|120\d) s %s that of \S+; set it right; pail corrects for it" %
                     ("behind" if clock_s > 0 else "ahead of"), failed.text)
    assert [line.status for line in lines if line.name in ("list", "get")] == ["ok", "ok"]


def test_clock_that_is_a_little_off(ctl):
    with Stub(clock_s=120) as stub:
        status, lines = ctl.check("bucket", endpoint_url=stub.endpoint)
    assert status == 0 and [line.name for line in lines if line.status == "warning"] == ["clock"]


def test_wrong_region(ctl):
    with Stub(region="eu-west-3") as stub:
        lines = assert_one_fault(ctl.check("bucket", endpoint_url=stub.endpoint), "region", "region", "region=|pail finds it")
        failed, = [line for line in lines if line.status == "failed"]
        assert "not in region us-east-1, but in eu-west-3" in failed.text and "set region=" in failed.text
        assert [line.status for line in lines if line.name in ("list", "get")] == ["ok", "ok"]
        status, _ = ctl.check("bucket", endpoint_url=stub.endpoint, region="eu-west-3")
        assert status == 0


def test_no_permission_to_list(ctl, bucket):
    bucket.put("known", b"x")
    set_policy(bucket, allow(bucket, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]))
    for arguments in ([bucket], [bucket, "--write"]):
        status, lines = ctl.check(*arguments, profile="other")
        assert status == 0, "pail mounts it: names that are known can be opened"
        unlisted, = [line for line in lines if line.name == "list"]
        assert unlisted.status == "warning" and "s3:ListBucket on bucket '%s'" % bucket in unlisted.text
        assert unlisted.text.endswith("have its policy allow s3:ListBucket")
    found = {line.name: line.status for line in lines}
    assert found["put"] == found["get"] == found["delete"] == "ok" and found["directories"] == "skipped"
    assert found["bulk-delete"] in ("ok", "warning")  # Ceph wants it to be allowed on the bucket: test_deletions_that_are_allowed_one_by_one
    assert bucket.keys() == ["known"]
    found = {line.name: line for line in ctl.check(bucket, profile="other", no_list=True)[1]}
    assert found["list"].status == "skipped" and "no_list" in found["list"].text


@pytest.mark.parametrize("missing, name", [("s3:GetObject", "get"), ("s3:PutObject", "put"), ("s3:DeleteObject", "delete")])
def test_no_permission_to_do_one_thing(ctl, bucket, missing, name):
    bucket.put("known", b"x")
    others = {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"} - {missing}
    set_policy(bucket, may_list(bucket), allow(bucket, sorted(others)))
    status, lines = ctl.check(bucket, "--write", profile="other")
    failed, = [line for line in lines if line.status == "failed"]
    assert status == 1 and failed.name == name and failed.text.endswith("allow " + missing)
    left = [key for key in bucket.keys() if key != "known"]
    if name == "delete":
        assert len(left) == 1 and left[0] in failed.text
    else:
        assert not left


def test_deletions_that_are_allowed_one_by_one(ctl, bucket):
    statements = [may_list(bucket), allow(bucket, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"])]
    set_policy(bucket, *statements)
    line = ctl.check(bucket, "--write", profile="other")[1][-1]
    if line.status == "ok":
        pytest.skip("this server asks for no more than that")
    assert line[:2] == ("warning", "bulk-delete")
    assert "not several in one request" in line.text and "allow s3:DeleteObject on the bucket itself" in line.text
    set_policy(bucket, *statements, dict(statements[0], Action=["s3:DeleteObject"]))
    assert ctl.check(bucket, "--write", profile="other")[1][-1].status == "ok"


def test_name_in_the_certificate(ctl, bucket, tls_server):
    lines = assert_one_fault(ctl.check(bucket, endpoint_url="https://other.localhost:%d" % (tls_server.port + 1),
                                       ca_bundle=tls_server.ca_bundle), "tls", "tls", "another name")
    assert skipped_after(lines, "tls")


def closed_port():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        return nobody.getsockname()[1]


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy"])
def test_proxy_that_is_not_there(ctl, bucket, variable):
    proxy = "http://someone:TESTSECRET@127.0.0.1:%d" % closed_port()
    lines = assert_one_fault(ctl.check(bucket, environment={variable: proxy}), "proxy", "proxy", "no_proxy")
    assert variable in "".join(line.text for line in lines if line.status == "failed")
    assert skipped_after(lines, "proxy")
    status, _ = ctl.check(bucket, environment={variable: proxy, "no_proxy": "127.0.0.0/8"})
    assert status == 0


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("body", [b"<html>Forbidden</html>", b""], ids=["page", "nothing"])
def test_proxy_that_refuses(ctl, bucket, tls_server, tls, body):
    refusal = httpd.answer("403 Forbidden", body, ["Content-Type: text/html"] if body else [])
    options = {"endpoint_url": tls_server.tls_endpoint, "ca_bundle": tls_server.ca_bundle} if tls else {}
    with httpd.Server(httpd.always(refusal)) as proxy:
        variable = "https_proxy" if tls else "http_proxy"
        lines = assert_one_fault(ctl.check(bucket, environment={variable: proxy.endpoint}, **options), "proxy", "proxy",
                                 "no_proxy")
    assert "%s (%s)" % (variable, proxy.endpoint) in "".join(line.text for line in lines if line.status == "failed")


def test_no_such_bucket(ctl):
    lines = assert_one_fault(ctl.check("there-is-no-such-bucket"), "bucket", "bucket", "pailctl buckets")
    assert skipped_after(lines, "bucket")


@pytest.mark.parametrize("endpoint, name", [("http://no-such-host.invalid", "dns"), ("http://127.0.0.1:{closed}", "connect"),
                                            ("not a url", "configuration")])
def test_what_is_not_there(ctl, endpoint, name):
    status, lines = ctl.check("bucket", endpoint_url=endpoint.format(closed=closed_port()))
    failed, = [line for line in lines if line.status == "failed"]
    assert status == 1 and failed.name == name and skipped_after(lines, name)


def test_a_server_that_speaks_no_s3(ctl):
    with httpd.Server(httpd.always(httpd.answer("200 OK", b"<html>hello</html>", ["Content-Type: text/html"]))) as server:
        status, lines = ctl.check("bucket", endpoint_url=server.endpoint)
    failed, = [line for line in lines if line.status == "failed"]
    assert status == 1 and failed.name == "endpoint" and "endpoint_url" in failed.text


@pytest.mark.parametrize("profile, name", [("nonesuch", "configuration"), ("keyless", "credentials"), ("half", "credentials")])
def test_profiles_that_do_not_suffice(ctl, bucket, profile, name):
    status, lines = ctl.check(bucket, profile=profile)
    failed, = [line for line in lines if line.status == "failed"]
    assert status == 1 and failed.name == name and skipped_after(lines, name)


def test_the_same_words_as_at_mount(ctl, mount, bucket):
    """What pail says when it does not mount is the line of the check, but for the mask of the key id."""
    failure = mount.run_failing(bucket, profile="wrong", log_level=None)
    line, = [line for line in ctl.check(bucket, profile="wrong")[1] if line.status == "failed"]
    def plain(text):
        return re.sub(r"request \S+\)", "", text).replace("TESTKEY", "****************TKEY").strip()
    assert plain(line.text) in plain(failure.text)


# ---- buckets ----

def test_buckets(ctl, new_bucket):
    mine, theirs = new_bucket("test"), new_bucket("other")
    options = ctl.options(profile=None)
    result = ctl.run("buckets", "--profile", "test", "--profile", "other", "--json", *options)
    assert result.returncode == 0 and not result.stderr
    answer = json.loads(result.stdout)
    assert set(answer) == {"buckets", "errors"} and answer["errors"] == []
    found = {(entry["profile"], entry["bucket"]): entry for entry in answer["buckets"]}
    for key in (("test", mine.name), ("other", theirs.name)):
        assert set(found[key]) == {"profile", "bucket", "region", "creation_date"}
        assert found[key]["region"] and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found[key]["creation_date"])
    assert ("other", mine.name) not in found
    result = ctl.run("buckets", *ctl.options())
    assert result.returncode == 0 and mine.name in result.stdout and theirs.name not in result.stdout
    assert result.stdout.splitlines()[0].split() == ["PROFILE", "REGION", "CREATED", "BUCKET"]


def test_buckets_of_all_profiles(ctl, bucket, other_bucket):
    """Those that fail are told one by one, and do not hide the others."""
    result = ctl.run("buckets", "--all-profiles", *ctl.options(profile=None))
    assert result.returncode == 1 and bucket.name in result.stdout and other_bucket.name in result.stdout
    for profile in ("wrong", "unknown", "half", "keyless"):
        assert "profile %s: " % profile in result.stderr
    assert not any(secret in result.stdout + result.stderr for secret in SECRETS)
    answer = json.loads(ctl.run("buckets", "--all-profiles", "--json", *ctl.options(profile=None)).stdout)
    assert {error["profile"] for error in answer["errors"]} == {"wrong", "unknown", "half", "keyless"}


def test_usage(ctl):
    for arguments in ([], ["nonsense"], ["check", "--nonsense"], ["buckets", "surplus"], ["configure", "surplus"],
                      ["check", "-o", "colour=red"], ["check", "a", "b"], *([name, "--nonsense"] for name in COMMANDS)):
        result = ctl.run(*arguments)
        assert result.returncode == 2 and result.stderr and not result.stdout
    assert ctl.run("-V").stdout.startswith("pailctl (")


def test_help_and_manual(ctl):
    """Every option that the help names is in the manual, and the other way round; so are commands and steps."""
    manual = (build.SOURCE_DIR / "man" / "pailctl.1").read_text()
    helps = {command: ctl.run(*command, "-h") for command in [(), *((name,) for name in COMMANDS)]}
    assert all(result.returncode == 0 and result.stdout for result in helps.values())
    assert set(re.findall(r"(?m)^  ([a-z]+) ", helps[()].stdout)) == set(re.findall(r"(?m)^\.Ss pailctl (\w+)", manual))
    shown = {name for result in helps.values() for name in re.findall(r"--([a-z-]+)", result.stdout)}
    assert shown == set(re.findall(r"Fl -([a-z-]+)", manual))
    steps = re.search(r"(?s)The steps, in their order:(.*?)\.El", manual).group(1)
    names = re.findall(r"(?m)^\.It Cm (\S+)", steps)
    assert [name for name in names if name != "buckets"] == STEPS
