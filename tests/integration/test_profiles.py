# SPDX-License-Identifier: Apache-2.0
"""SOURCE s3:// with several profiles, of which one fails: it takes nothing else down, says why, and may be mended."""
import errno
import os
import stat
import threading
import time

import pytest

from support.mount import wait_for
from support.posix import raises

RETRY_S = 5


def write_profile(path, name, secret):
    path.write_text("[test]\naws_access_key_id = TESTKEY\naws_secret_access_key = TESTSECRET\n"
                    "[%s]\naws_access_key_id = OTHERKEY\naws_secret_access_key = %s\n" % (name, secret))


@pytest.mark.parametrize("broken", ["wrong", "keyless", "nonesuch"])
@pytest.mark.parametrize("comes_first", [True, False])
def test_one_profile_fails(mount, bucket, broken, comes_first):
    """Its directory is there and refuses; the log has the reason, and the other profile works."""
    bucket.put("f", b"x")
    m = mount("s3://", profile=None, profiles="%s:test" % broken if comes_first else "test:" + broken)
    assert sorted(os.listdir(m.path)) == sorted([broken, "test"])
    assert (m.path / "test" / bucket.name / "f").read_bytes() == b"x"
    (m.path / "test" / bucket.name / "g").write_bytes(b"y")
    for look in (lambda: os.listdir(m.path / broken), lambda: os.stat(m.path / broken / bucket.name),
                 lambda: os.listdir(m.path / broken / bucket.name)):
        with raises(errno.EACCES):
            look()
    assert stat.S_ISDIR(os.stat(m.path / broken).st_mode)
    line, = [line for line in m.log().splitlines() if "profile %s cannot be used" % broken in line]
    assert {"wrong": "secret access key", "keyless": "no credentials", "nonesuch": "neither in"}[broken] in line
    assert bucket.get("g") == b"y"


def test_all_profiles_fail(mount):
    text = mount.run_failing("s3://", profile=None, profiles="wrong:keyless").text
    line = text.strip().splitlines()[-1]
    assert "none of the profiles can be used (wrong:keyless); profile wrong: " in line and "secret access key" in line


def test_a_profile_is_mended(mount, bucket, other_bucket, tmp_path):
    """Looked at again after a while, it works, without the help of the mount's owner."""
    bucket.put("f", b"x")
    other_bucket.put("f", b"z")
    credentials = tmp_path / "credentials"
    write_profile(credentials, "later", "NOTTHESECRET")
    m = mount("s3://", profile=None, profiles="later:test", credentials_file=credentials, region="us-east-1",
              config_file=None)
    with raises(errno.EACCES):
        os.listdir(m.path / "later")
    said = m.log().count("profile later cannot be used")
    time.sleep(RETRY_S + 0.2)
    with raises(errno.EACCES):
        os.listdir(m.path / "later")
    assert m.log().count("profile later cannot be used") == said, "the same reason is told once"
    write_profile(credentials, "later", "OTHERSECRET")
    wait_for(lambda: can_list(m.path / "later"), 4 * RETRY_S, "the profile to work again")
    assert other_bucket.name in os.listdir(m.path / "later")
    assert (m.path / "later" / other_bucket.name / "f").read_bytes() == b"z"
    assert (m.path / "test" / bucket.name / "f").read_bytes() == b"x"
    assert "profile later can be used again" in m.log()


def in_directory(path):
    return ["env", "--chdir=%s" % path]


def test_a_profile_is_mended_where_it_was_mounted(mount, other_bucket, tmp_path):
    """Files that the environment names relative to the working directory are the same ones later; what is odd in them is told once."""
    (tmp_path / "config").write_text("[profile later]\nregion = us-east-1\ns3 =\n  no_such_key = 1\n[profile test]\nregion = us-east-1\n")
    write_profile(tmp_path / "credentials", "later", "NOTTHESECRET")
    m = mount("s3://", profile=None, profiles="later:test", config_file=None, credentials_file=None, foreground=False,
              wrapper=in_directory(tmp_path), environment={"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"})
    with raises(errno.EACCES):
        os.listdir(m.path / "later")
    write_profile(tmp_path / "credentials", "later", "OTHERSECRET")
    wait_for(lambda: can_list(m.path / "later"), 4 * RETRY_S, "the profile to work again")
    assert other_bucket.name in os.listdir(m.path / "later")


def test_a_profile_that_takes_its_keys_from_the_environment(mount, tmp_path, aws_config):
    """The keys are taken out of the environment once there is a mount; what fails later fails for the same reason as before."""
    config = tmp_path / "config"
    config.write_text("[profile role]\nregion = us-east-1\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n"
                      "s3 =\n  no_such_key = 1\n[profile test]\nregion = us-east-1\n")
    m = mount("s3://", profile=None, profiles="role:test", config_file=config,
              environment={"AWS_ACCESS_KEY_ID": "TESTKEY", "AWS_SECRET_ACCESS_KEY": "TESTSECRET",
                           "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1"})
    for _ in range(2):
        with raises(errno.EACCES):
            os.listdir(m.path / "role")
        time.sleep(RETRY_S + 0.2)
    lines = [line for line in m.log().splitlines() if "profile role cannot be used" in line]
    assert lines and all("127.0.0.1" in line for line in lines), lines
    assert m.log().count("no_such_key") == 1


def can_list(path):
    try:
        return bool(os.listdir(path))
    except PermissionError:
        return False


def test_many_look_at_a_profile_that_is_mended(mount, bucket, other_bucket, tmp_path):
    """Threads at once, while one of them tries: none waits for ever, and none sees anything but a refusal or the buckets."""
    credentials = tmp_path / "credentials"
    write_profile(credentials, "later", "NOTTHESECRET")
    m = mount("s3://", profile=None, profiles="later:test", credentials_file=credentials, region="us-east-1",
              config_file=None, ttl=0)
    write_profile(credentials, "later", "OTHERSECRET")
    ends = time.monotonic() + 3 * RETRY_S
    seen = [False] * 8

    def look(number):
        while time.monotonic() < ends and not seen[number]:
            seen[number] = can_list(m.path / "later")
            os.listdir(m.path / "test" / bucket.name)
            time.sleep(0.05)

    threads = [threading.Thread(target=look, args=(number,)) for number in range(len(seen))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(seen)
