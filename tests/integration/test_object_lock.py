# SPDX-License-Identifier: Apache-2.0
"""Retention and legal hold (Object Lock): the operations, and what becomes of them when a file is changed."""
import datetime
import os
import time

import pytest

from support.bucket import Bucket
from support.s3driver import MIB, PART, driver, new_driver, pattern, raises

# Fixtures of this module are those of support/s3driver.py.
__all__ = ["driver", "new_driver"]

UNTIL = datetime.datetime(2040, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)


class LockedBucket(Bucket):
    def lock(self, key, mode="GOVERNANCE", until=UNTIL, hold="ON", **which):
        if mode:
            self.client.put_object_retention(Bucket=self.name, Key=key, **which,
                                             Retention={"Mode": mode, "RetainUntilDate": until})
        if hold:
            self.client.put_object_legal_hold(Bucket=self.name, Key=key, LegalHold={"Status": hold}, **which)

    def locks(self, key, **which):
        """(mode, until, legal hold) as HEAD shows them."""
        head = self.client.head_object(Bucket=self.name, Key=key, **which)
        return head.get("ObjectLockMode"), head.get("ObjectLockRetainUntilDate"), head.get("ObjectLockLegalHoldStatus")

    def entries(self, key):
        """Versions and delete markers of one key, the latest first."""
        answer = self.client.list_object_versions(Bucket=self.name, Prefix=key)
        found = [dict(entry, marker=False) for entry in answer.get("Versions", [])] + \
            [dict(entry, marker=True) for entry in answer.get("DeleteMarkers", [])]
        return sorted((entry for entry in found if entry["Key"] == key), key=lambda entry: not entry["IsLatest"])

    def destroy(self, is_disposable=True):
        """In spite of what is locked."""
        self.abort_uploads()
        for entry in list(self.versions()):
            try:
                self.client.put_object_legal_hold(Bucket=self.name, LegalHold={"Status": "OFF"}, **entry)
            except self.client.exceptions.ClientError:
                pass  # a delete marker
            self.client.delete_object(Bucket=self.name, BypassGovernanceRetention=True, **entry)
        self.client.delete_bucket(Bucket=self.name)


@pytest.fixture
def locked(s3, bucket_guard):
    bucket = LockedBucket(s3, "lock%d-%d" % (os.getpid(), time.monotonic_ns()))
    s3.create_bucket(Bucket=bucket.name, ObjectLockEnabledForBucket=True)
    yield bucket
    while bucket_guard:
        bucket_guard.pop().destroy()
    bucket.destroy()


HELD = ("GOVERNANCE", UNTIL, "ON")
FREE = (None, None, None)


def test_operations(driver, locked):
    locked.put("k", b"1")
    first = locked.entries("k")[0]["VersionId"]
    locked.put("k", b"2")
    of_key = {"bucket": locked.name, "key": "k"}
    assert driver("get-object-retention", **of_key).fields == {"mode": "", "until": "0"}
    assert driver("get-object-legal-hold", **of_key).fields["held"] == "0"
    until = int(UNTIL.timestamp())
    driver("put-object-retention", **of_key, version=first, mode="GOVERNANCE", until=until)
    driver("put-object-legal-hold", **of_key, on="yes")
    assert locked.locks("k", VersionId=first)[:2] == HELD[:2]
    assert locked.client.get_object_retention(Bucket=locked.name, Key="k", VersionId=first)["Retention"] == \
        {"Mode": "GOVERNANCE", "RetainUntilDate": UNTIL}
    assert locked.client.get_object_legal_hold(Bucket=locked.name, Key="k")["LegalHold"] == {"Status": "ON"}
    assert locked.locks("k") == (None, None, "ON")
    assert driver("get-object-retention", **of_key, version=first).fields == {"mode": "GOVERNANCE", "until": str(until)}
    assert driver("get-object-retention", **of_key).fields["mode"] == ""
    assert driver("get-object-legal-hold", **of_key).fields["held"] == "1"
    with raises("(EACCES|EINVAL)"):  # InvalidRequest, to MinIO
        driver("put-object-retention", **of_key, version=first, mode="GOVERNANCE", until=until - 1000)
    driver("put-object-retention", **of_key, version=first, mode="GOVERNANCE", until=until - 1000, bypass="yes")
    driver("put-object-legal-hold", **of_key)
    assert driver("get-object-legal-hold", **of_key).fields["held"] == "0"
    head = driver("head-object", **of_key).fields
    assert "object-lock-mode" not in head


def test_operations_on_an_ordinary_bucket(driver, bucket):
    bucket.put("k")
    with raises("EINVAL"):
        driver("get-object-retention", bucket=bucket.name, key="k")
    with raises("EINVAL"):
        driver("put-object-legal-hold", bucket=bucket.name, key="k", on="yes")


def test_put_with_lock(driver, locked, tmp_path):
    (tmp_path / "in").write_bytes(b"x")
    driver("put-object", bucket=locked.name, key="k", file=tmp_path / "in", object_lock_mode="GOVERNANCE",
           object_lock_retain_until_date="2040-01-02T03:04:05Z", object_lock_legal_hold="ON")
    assert locked.locks("k") == HELD


@pytest.mark.parametrize("size", [10, 3 * PART + 1])
def test_copy(driver, locked, size):
    locked.put("k", pattern(size), Tagging="a=b")
    locked.lock("k")
    for target in ("other", "k"):
        driver("copy", bucket=locked.name, key=target, source_bucket=locked.name, source_key="k", threshold=PART,
               part_size=PART)
        assert locked.locks(target) == HELD
        assert locked.client.get_object_tagging(Bucket=locked.name, Key=target)["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert len(locked.entries("k")) == 2
    assert locked.get("k") == pattern(size) == locked.get("other")


def test_copy_to_another_bucket_has_the_lock_of_that(driver, locked, bucket):
    locked.put("k", b"x")
    locked.lock("k")
    driver("copy", bucket=bucket.name, key="k", source_bucket=locked.name, source_key="k")
    assert bucket.get("k") == b"x"


def test_retention_that_is_over_is_not_asked_for(driver, locked):
    locked.put("k", b"x")
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
    locked.lock("k", until=soon, hold=None)
    time.sleep(4)
    assert locked.locks("k")[0] == "GOVERNANCE"
    driver("copy", bucket=locked.name, key="k2", source_bucket=locked.name, source_key="k")
    mode, until, _ = locked.locks("k2")
    assert mode is None or until <= soon  # which Ceph copies by itself


def test_chmod_and_rename_keep_the_lock(mount, locked):
    locked.put("f", b"bytes")
    locked.lock("f")
    m = mount(locked)
    (m.path / "f").chmod(0o600)
    assert locked.locks("f") == HELD and locked.head("f")["Metadata"]["mode"] == str(0o100600)
    os.utime(m.path / "f", (1, 2))
    assert locked.locks("f") == HELD
    (m.path / "f").rename(m.path / "g")
    assert locked.locks("g") == HELD and locked.get("g") == b"bytes"
    # What the old name was is still there, behind a delete marker.
    marker, *versions = locked.entries("f")
    assert marker["marker"] and len(versions) == 3 and not locked.exists("f")
    assert all(locked.locks("f", VersionId=version["VersionId"]) == HELD for version in versions)


def test_rename_of_a_directory_keeps_the_lock(mount, locked):
    for name in ("d/a", "d/b", "d/c"):
        locked.put(name, b"x")
    locked.lock("d/a")
    locked.lock("d/b", mode=None)
    m = mount(locked)
    (m.path / "d").rename(m.path / "e")
    assert [locked.locks("e/" + name) for name in "abc"] == [HELD, (None, None, "ON"), FREE]


def test_lock_that_the_mount_has_not_seen(mount, locked):
    """Put on an object that the mount has looked at, and trusts for an hour: a copy asks again."""
    locked.put("f", b"x")
    m = mount(locked, ttl="1h")
    (m.path / "f").stat()
    (m.path / "new").write_bytes(b"y")
    locked.lock("f")
    locked.lock("new", mode=None)
    (m.path / "f").chmod(0o600)
    (m.path / "new").chmod(0o600)
    assert locked.locks("f") == HELD and locked.locks("new") == (None, None, "ON")
    locked.lock("f", mode=None, hold="OFF")
    (m.path / "f").chmod(0o640)
    assert locked.locks("f")[2] in (None, "OFF")


def test_large_file(mount, locked):
    locked.put("f", pattern(12 * MIB))
    locked.lock("f")
    m = mount(locked, copy_threshold="6M")
    (m.path / "f").rename(m.path / "g")
    assert locked.locks("g") == HELD and locked.get("g") == pattern(12 * MIB)


def test_new_bytes_are_a_version_without(mount, locked):
    """The lock protects the bytes that it was put on, which stay."""
    locked.put("f", b"protected")
    locked.lock("f")
    m = mount(locked)
    with open(m.path / "f", "ab") as file:
        file.write(b" and more")
    assert locked.get("f") == b"protected and more" and locked.locks("f") == FREE
    old = locked.entries("f")[1]["VersionId"]
    assert locked.locks("f", VersionId=old) == HELD
    (m.path / "f").chmod(0o600)
    assert locked.locks("f") == FREE


def test_default_retention(mount, locked):
    """Every version gets it, copies too, and an explicit one is not shortened by it."""
    locked.client.put_object_lock_configuration(Bucket=locked.name, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}})
    m = mount(locked)
    (m.path / "f").write_bytes(b"x")
    assert locked.locks("f")[0] == "GOVERNANCE"
    locked.lock("f", hold=None)
    (m.path / "f").chmod(0o600)
    assert locked.locks("f")[:2] == HELD[:2]


def test_copy_aside_of_an_open_file_is_not_locked(mount, locked):
    """unlink of an open file copies it aside for as long as it is open: that copy must not stay for years."""
    locked.put("f", pattern(8 * MIB))
    locked.lock("f")
    m = mount(locked)
    with open(m.path / "f", "r+b", buffering=0) as file:
        assert file.read(10) == pattern(8 * MIB)[:10]
        os.unlink(m.path / "f")
        aside = [key for key in locked.keys() if key.startswith(".pail/open/")]
        assert [locked.locks(key) for key in aside] == [FREE] * len(aside)
        file.seek(4 * MIB)
        assert file.read(10) == pattern(8 * MIB)[4 * MIB:4 * MIB + 10]
