# SPDX-License-Identifier: Apache-2.0
"""Rights given by bucket policies: least privilege suffices, and what is refused is EACCES, never a loss."""
import errno
import json
import os

import pytest

from support.posix import raises

ALL = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]


def owner_may(bucket):
    """In a bucket of one user, objects of another are the other's: the witness must be allowed to look."""
    return {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/test"]}, "Action": ["s3:*"],
            "Resource": ["arn:aws:s3:::%s" % bucket, "arn:aws:s3:::%s/*" % bucket]}


def allow(bucket, actions, resource="*", **condition):
    statement = {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/other"]}, "Action": actions,
                 "Resource": ["arn:aws:s3:::%s/%s" % (bucket, resource)]}
    return dict(statement, **condition)


def may_list(bucket, prefix=None):
    statement = {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/other"]}, "Action": ["s3:ListBucket"],
                 "Resource": ["arn:aws:s3:::%s" % bucket]}
    if prefix:
        statement["Condition"] = {"StringLike": {"s3:prefix": [prefix + "*"]}}
    return statement


def set_policy(bucket, *statements):
    bucket.set_policy(json.dumps({"Version": "2012-10-17", "Statement": [owner_may(bucket), *statements]}))


def test_only_the_mounted_prefix(mount, bucket):
    bucket.put("mine/f", b"x")
    bucket.put("theirs/f", b"y")
    set_policy(bucket, may_list(bucket, "mine/"), allow(bucket, ALL, "mine/*"))
    m = mount("%s:/mine" % bucket, profile="other")
    assert os.listdir(m.path) == ["f"] and (m.path / "f").read_bytes() == b"x"
    (m.path / "g").write_bytes(b"new")
    os.mkdir(m.path / "d")
    os.rename(m.path / "g", m.path / "d" / "g")
    os.unlink(m.path / "f")
    assert bucket.keys() == ["mine/d/", "mine/d/g", "theirs/f"]
    failure = mount.run_failing(bucket, profile="other", log_level=None)
    assert "denied" in failure.text.lower() or "permission" in failure.text.lower()


def test_without_list(mount, bucket):
    bucket.put("known", b"x")
    set_policy(bucket, allow(bucket, ALL))
    m = mount(bucket, profile="other", no_list=True)
    assert (m.path / "known").read_bytes() == b"x"
    with raises(errno.EACCES):
        os.listdir(m.path)
    with raises(errno.ENOENT, errno.EACCES):
        (m.path / "absent").read_bytes()
    (m.path / "new").write_bytes(b"made")
    assert bucket.get("new") == b"made"
    os.unlink(m.path / "new")
    assert not bucket.exists("new")


def test_without_delete(mount, bucket):
    bucket.put("f", b"x")
    set_policy(bucket, may_list(bucket), allow(bucket, ["s3:GetObject", "s3:PutObject"]))
    m = mount(bucket, profile="other")
    (m.path / "g").write_bytes(b"new")
    assert bucket.get("g") == b"new"
    with raises(errno.EACCES):
        os.unlink(m.path / "f")
    with raises(errno.EACCES):
        os.rename(m.path / "f", m.path / "h")
    assert bucket.get("f") == b"x"
    assert (m.path / "f").read_bytes() == b"x"


def test_without_write(mount, bucket):
    bucket.put("f", b"x")
    set_policy(bucket, may_list(bucket), allow(bucket, ["s3:GetObject"]))
    m = mount(bucket, profile="other")
    m.may_lose_uploads()
    assert (m.path / "f").read_bytes() == b"x"
    for change in (lambda: (m.path / "g").write_bytes(b"y"), lambda: os.mkdir(m.path / "d"),
                   lambda: os.unlink(m.path / "f"), lambda: os.chmod(m.path / "f", 0o600),
                   lambda: os.truncate(m.path / "f", 0)):
        with raises(errno.EACCES):
            change()
    assert bucket.keys() == ["f"] and bucket.get("f") == b"x"
    assert "AccessDenied" in m.log()


def test_without_read(mount, bucket):
    bucket.put("f", b"secret")
    set_policy(bucket, may_list(bucket), allow(bucket, ["s3:PutObject", "s3:DeleteObject"]))
    m = mount(bucket, profile="other")
    assert os.listdir(m.path) == ["f"]
    with raises(errno.EACCES):
        (m.path / "f").read_bytes()


def test_anonymous(mount, bucket):
    bucket.put("f", b"public", ACL="public-read")
    bucket.client.put_bucket_acl(Bucket=bucket.name, ACL="public-read")
    m = mount(bucket, no_sign_request=True, profile=None, region="us-east-1")
    m.may_lose_uploads()
    assert os.listdir(m.path) == ["f"]
    assert (m.path / "f").read_bytes() == b"public"
    with raises(errno.EACCES):
        (m.path / "g").write_bytes(b"x")


@pytest.mark.parametrize("order", [("test", "other"), ("other", "test")])
def test_two_users_at_once(mount, bucket, other_bucket, order):
    """Two mounts with two profiles: each sees its own bucket, and is refused the other's in words."""
    buckets = {"test": bucket, "other": other_bucket}
    bucket.put("f", b"of test")
    other_bucket.put("f", b"of other")
    mounts = {profile: mount(buckets[profile], profile=profile) for profile in order}
    for profile, m in mounts.items():
        assert (m.path / "f").read_bytes() == b"of " + profile.encode()
        (m.path / "g").write_bytes(profile.encode())
    for profile in order:
        assert buckets[profile].get("g") == profile.encode()
    for profile, theirs in ((order[0], order[1]), (order[1], order[0])):
        failure = mount.run_failing(buckets[theirs], profile=profile, log_level=None)
        assert failure.status > 0
        assert buckets[theirs].name in failure.text and profile in failure.text
        assert "denied" in failure.text.lower() or "permission" in failure.text.lower()
    for profile, m in mounts.items():
        assert (m.path / "f").read_bytes() == b"of " + profile.encode()


def test_rights_withdrawn_while_mounted(mount, bucket):
    """EACCES to the program, in the log the reason; and again when they are back."""
    bucket.put("f", b"x")
    set_policy(bucket, may_list(bucket), allow(bucket, ALL))
    m = mount(bucket, profile="other", ttl=0)
    assert (m.path / "f").read_bytes() == b"x"
    m.may_lose_uploads()
    set_policy(bucket)
    with raises(errno.EACCES):
        (m.path / "g").write_bytes(b"y")
    with raises(errno.EACCES):
        os.listdir(m.path)
    set_policy(bucket, may_list(bucket), allow(bucket, ALL))
    (m.path / "g").write_bytes(b"y")
    assert bucket.get("g") == b"y"
