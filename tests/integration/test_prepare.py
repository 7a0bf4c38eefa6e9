# SPDX-License-Identifier: Apache-2.0
"""pailctl check refuses what pail refuses, and in the same words: both are asked about generated sets of options."""
import os
import random
import re
import subprocess

import pytest

from support import build
from support.checker import Checker
from support.mount import MountFailed, option_string
from test_pailctl import ctl  # noqa: F401: a fixture

FLAG = ([True, "no"], ["maybe"])
FILE, CONFIG, BUNDLE, KEYS, HOME = "{file}", "{config}", "{bundle}", "{keys}", "{home}"

# Of each option: values that are taken, and values that are not (or that make the mount fail).
VALUES = {
    "profile": (["test"], ["nonesuch", "keyless", "half", "wrong", ""]),
    "region": (["us-east-1"], ["no region", ""]),
    "endpoint_url": ([], ["not a url", "ftp://host", "http://127.0.0.1:1", "http://"]),
    "addressing_style": (["path", "auto"], ["diagonal"]),
    "dualstack": (["no"], ["maybe"]),
    "fips": (["no"], ["maybe"]),
    "accelerate": (["no"], ["maybe"]),
    "config_file": ([CONFIG], ["/nonexistent/config", HOME]),
    "credentials_file": ([], ["/nonexistent/credentials"]),
    "no_sign_request": (["no"], [True, "maybe"]),
    "no_list": FLAG,
    "ca_bundle": ([BUNDLE], ["/nonexistent/bundle"]),
    "no_verify_ssl": FLAG,
    "profiles": ([], ["test", "test:wrong", "a:a", "a::b", "../a"]),
    "manage_buckets": (["no"], [True]),
    "requester_pays": FLAG,
    "expected_bucket_owner": (["123456789012"], ["caf\u00e9"]),
    "user_agent_suffix": (["for/1"], ["\u00e9"]),
    "uid": (["0", "1000"], ["no-such-user", "-1"]),
    "gid": (["0"], ["no-such-group", "4294967295"]),
    "umask": (["022"], ["9", "1000"]),
    "file_mode": (["0640"], ["rw"]),
    "dir_mode": (["0750"], ["10000"]),
    "ro": FLAG,
    "allow_other": FLAG,
    "storage_class": (["STANDARD", "STANDARD_IA"], ["COLD", "standard", "STANDARD GLACIER"]),
    "acl": (["private", "bucket-owner-full-control"], ["foo", "private public-read", "Private"]),
    "sse": (["aes256", "none"], ["rot13"]),
    "sse_kms_key_id": ([], ["a-key"]),
    "sse_c_key_file": ([], ["/nonexistent/keys", KEYS]),
    "checksum": (["auto", "crc32c", "crc64nvme", "md5", "none"], ["sha1"]),
    "content_type": (["auto", "none"], ["magic"]),
    "ttl": (["0", "2.5s"], ["-1", "soon"]),
    "timeout": (["30s"], ["1ms", "never"]),
    "request_timeout": (["10s"], ["10m", "500ms"]),
    "retry_mode": (["standard", "adaptive", "legacy"], ["never"]),
    "max_attempts": (["1", "3"], ["-1", "1000001"]),
    "max_connections": (["1", "8"], ["0", "1025"]),
    "part_size": (["5M", "16M"], ["4M", "6G"]),
    "copy_threshold": (["5M"], ["1K"]),
    "cache_dir": (["{new}/cache"], [FILE, FILE + "/below"]),
    "state_dir": (["{new}/state"], [FILE, FILE + "/below", "/proc/state"]),
    "spool_limit": (["16M", "0"], ["1M", "all"]),
    "memory_limit": (["64M", "0"], ["1M"]),
    "log_level": (["error", "debug"], ["loud"]),
    # Of every file system.
    "max_read": (["131072"], ["1", "much"]),
    "nosuid": ([True], ["yes"]),
    "fsname": (["name"], [""]),
    "auto_unmount": ([True], ["x"]),
    "allow_root": ([True], ["x"]),
    "remount": ([], [True]),
    "colour": ([], ["red"]),
}
SOURCES = ["{bucket}", "s3://{bucket}/prefix", "s3://", "arn:aws:s3:::{bucket}", "arn:", "s3://no_such_bucket/a//b", "x"]


def every_value():
    return [(name, value) for name, values in VALUES.items() for list_ in values for value in list_]


def pairs(count):
    """Two options each, of which the first is as often good as bad. The same ones every time."""
    chance = random.Random(7)
    values = every_value()
    while count > 0:
        one, other = chance.sample(values, 2)
        if one[0] != other[0]:
            count -= 1
            yield dict([one, other])


@pytest.fixture
def machine(tmp_path, bucket, server, aws_config):
    """What the values stand for."""
    home = tmp_path / "values"
    home.mkdir()
    (home / "file").write_text("a file\n")
    (home / "config").write_text(open(aws_config.config_file, encoding="utf-8").read())
    (home / "keys").write_text("no key\n")
    (home / "keys").chmod(0o644)
    return {"file": home / "file", "config": home / "config", "bundle": server.ca_bundle or "/etc/ssl/certs/ca-certificates.crt",
            "keys": home / "keys", "home": home, "new": home / "new", "bucket": bucket}


def plain(text):
    """Without what differs for good reasons: the mask of the key id, and which request it was."""
    text = re.sub(r", request \S+\)|\(request \S+\)|request \S+\)", "", text)
    return text.replace("TESTKEY", "****************TKEY").strip()


def what_pail_says(mount, source, options):
    """None: it mounts; else its last line."""
    try:
        m = mount(source, program=build.plain_pail(), **options)
    except MountFailed as failure:
        assert failure.status in (1, 2), "pail broke: %s" % failure
        return failure.text.strip().splitlines()[-1].removeprefix("pail: ")
    m.unmount()
    return None


def what_check_says(ctl, mount, machine, source, options):  # noqa: F811
    """None: nothing failed; else every line that did. The options are the same, and in the same order."""
    options = {**mount.defaults, **options}
    options.setdefault("cache_dir", machine["new"] / "of-check")
    options.setdefault("state_dir", machine["new"] / "of-check")
    result = ctl.run("check", source, "-o", option_string(options))
    if result.returncode == 0:
        assert not re.search(r"(?m)^failed", result.stdout)
        return None
    if result.returncode == 2:
        assert not result.stdout
        return [result.stderr.strip().removeprefix("pailctl: ")]
    assert result.returncode == 1 and not result.stderr
    return [line.split(None, 2)[2] for line in result.stdout.splitlines() if line.startswith("failed")]


def compare(mount, ctl, machine, source, options):  # noqa: F811
    source = source.format(**machine)
    options = {name: value.format(**machine) if isinstance(value, str) else value for name, value in options.items()}
    pail, check = what_pail_says(mount, source, options), what_check_says(ctl, mount, machine, source, options)
    case = "%s -o %s\npail:  %s\ncheck: %s" % (source, options, pail, check)
    assert (pail is None) == (check is None), case
    if pail is None:
        return True
    words = plain(pail).split("; ")[0]
    assert any(plain(line).split("; ")[0].replace("s3:ListBucket on ", "") == words for line in check), case
    return False


def compare_all(mount, ctl, machine, cases):  # noqa: F811
    """Neither side is right about everything by saying the same to all."""
    verdicts = [compare(mount, ctl, machine, source, options) for source, options in cases]
    assert min(verdicts.count(True), verdicts.count(False)) > len(cases) / 10
    return verdicts


def test_every_option_is_here():
    shown = subprocess.run([build.pail(), "-h"], capture_output=True, text=True, check=True).stdout
    table = shown[shown.index("\nAccess:"):shown.index("\nSizes take")]
    assert set(re.findall(r"(?m)^  ([a-z_]+)[= ]", table)) <= set(VALUES)


def test_sources(mount, ctl, machine):  # noqa: F811
    compare_all(mount, ctl, machine, [(source, {}) for source in SOURCES])


@pytest.mark.parametrize("source, options", [
    ("{bucket}", {"profiles": "test:other"}), ("{bucket}", {"manage_buckets": True}), ("{bucket}", {"sse_kms_key_id": "k"}),
    ("{bucket}", {"acl": "foo"}), ("{bucket}", {"storage_class": "FOO"}), ("{bucket}", {"state_dir": FILE}),
    ("{bucket}", {"cache_dir": FILE}), ("s3://", {"profile": None, "profiles": "wrong:keyless"}),
    ("s3://", {"profiles": "test:wrong"}), ("s3://", {"state_dir": FILE}), ("{bucket}", {"sse_c_key_file": KEYS}),
    ("no-such-bucket-at-all", {})])
def test_what_check_let_pass(mount, ctl, machine, source, options):  # noqa: F811
    assert not compare(mount, ctl, machine, source, options)


@pytest.mark.parametrize("profiles", ["test:other", "test:wrong", "nonesuch:other", "wrong:test:keyless"])
def test_profiles(mount, ctl, machine, profiles):  # noqa: F811
    assert compare(mount, ctl, machine, "s3://", {"profile": None, "profiles": profiles})


def test_checks_leave_nothing_behind(ctl, bucket, tmp_path):  # noqa: F811
    state = tmp_path / "state"
    assert ctl.check(bucket, state_dir=state, cache_dir=tmp_path / "cache")[0] == 0
    assert not os.listdir(state)


@pytest.mark.parametrize("kind, header", [("crc32c", "x-amz-checksum-crc32c"), ("crc64nvme", "x-amz-checksum-crc64nvme"),
                                          ("md5", "content-md5")])
def test_the_checksum_is_passed_on(ctl, bucket, server, kind, header):  # noqa: F811
    with Checker(server) as watched:
        assert ctl.check("--write", bucket, endpoint_url=watched.endpoint, checksum=kind)[0] == 0
        put = watched.seen("PUT")[0]
    assert put.get(header), put


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_every_value_of_every_option(mount, ctl, machine):  # noqa: F811
    compare_all(mount, ctl, machine, [("{bucket}", {name: value}) for name, value in every_value()])


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_pairs_of_options(mount, ctl, machine):  # noqa: F811
    compare_all(mount, ctl, machine, [("{bucket}", options) for options in pairs(200)])
