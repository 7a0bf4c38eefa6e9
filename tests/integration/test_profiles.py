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
