# SPDX-License-Identifier: Apache-2.0
"""Directory buckets of AWS, as a fake of its endpoints has them."""
import json
import os

import pytest

from support.ctl import Ctl
from support.fakeaws import FakeAws
from support.tree import random_bytes

NAME = "data--usw2-az1--x-s3"
OTHER = "logs--usw2-az2--x-s3"
CONTROL = "s3express-control.us-west-2.amazonaws.com"


@pytest.fixture
def aws(tmp_path):
    with FakeAws(tmp_path, ["ordinary"], [NAME, OTHER]) as fake:
        yield fake


@pytest.fixture
def mount_aws(mount, aws):
    def make(source, **options):
        return mount(source, environment=aws.environment, no_verify_ssl=True, endpoint_url=None, region="us-west-2", **options)
    return make


@pytest.fixture
def buckets(tmp_path, aws_config, aws):
    """pailctl buckets: the names that it shows, and what it says."""
    for name in ("ctl-home", "ctl-logs"):
        (tmp_path / name).mkdir()
    ctl = Ctl(tmp_path / "ctl-home", tmp_path / "ctl-logs")
    options = ctl.options(no_verify_ssl=True, region="us-west-2", config_file=aws_config.config_file,
                          credentials_file=aws_config.credentials_file, profile="test")

    def run():
        result = ctl.run("buckets", "--json", *options, environment=aws.environment)
        assert result.returncode == 0, result.stderr
        return {entry["bucket"]: entry["region"] for entry in json.loads(result.stdout)["buckets"]}, result.stderr
    return run


def renames(aws):
    return [path for method, _, path in aws.requests if "renameObject" in path]


def test_all_buckets_show_them(aws, mount_aws):
    m = mount_aws("s3://")
    assert sorted(os.listdir(m.path)) == sorted(["ordinary", NAME, OTHER])
    (m.path / NAME / "file").write_bytes(b"bytes")
    assert aws.objects[NAME]["file"][0] == b"bytes" and not aws.objects[OTHER]
    assert os.listdir(m.path / NAME) == ["file"]


def test_pailctl_shows_them(aws, buckets):
    assert buckets() == ({"ordinary": "us-west-2", NAME: "us-west-2", OTHER: "us-west-2"}, "")
    aws.unreachable.add(CONTROL)  # as in a network that has a way to S3 alone
    assert buckets()[0] == {"ordinary": "us-west-2"}


def test_not_reachable_costs_once(aws, mount_aws):
    aws.unreachable.add(CONTROL)
    m = mount_aws("s3://")
    for _ in range(3):
        assert os.listdir(m.path) == ["ordinary"]
    (m.path / NAME / "file").write_bytes(b"x")  # by its name it can be entered
    assert m.log().count("directory buckets are not shown") == 1


@pytest.mark.parametrize("has_rename", [True, False])
def test_rename(aws, mount_aws, has_rename):
    aws.has_rename = has_rename
    m = mount_aws(NAME)
    data = random_bytes(300000, 1)
    (m.path / "old").write_bytes(data)
    (m.path / "old").chmod(0o640)
    (m.path / "victim").write_bytes(b"replaced")
    before = aws.objects[NAME]["old"]
    with open(m.path / "old", "rb", buffering=0) as reader:
        assert reader.read(10) == data[:10]
        (m.path / "old").rename(m.path / "new ü")
        reader.seek(200000)
        assert reader.read(10) == data[200000:200010]
    assert aws.objects[NAME]["new ü"] == before and "old" not in aws.objects[NAME]
    (m.path / "new ü").rename(m.path / "victim")
    assert (m.path / "victim").read_bytes() == data and (m.path / "victim").stat().st_mode & 0o777 == 0o640
    assert sorted(aws.objects[NAME]) == ["victim"] and sorted(os.listdir(m.path)) == ["victim"]
    copies = sum(method == "PUT" and "renameObject" not in path and "victim" in path for method, _, path in aws.requests)
    assert len(renames(aws)) == (2 if has_rename else 1)  # that there is none is found out once
    assert copies == (1 if has_rename else 2)
    m.remount()
    assert (m.path / "victim").read_bytes() == data


def test_rename_of_what_somebody_else_has_replaced(aws, mount_aws):
    """The condition: theirs is what the name means now."""
    m = mount_aws(NAME, ttl="1m")
    (m.path / "new").write_bytes(b"replaced")
    (m.path / "old").write_bytes(b"ours")
    other = mount_aws(NAME)
    (other.path / "old").write_bytes(b"theirs, later")
    (m.path / "old").rename(m.path / "new")
    assert aws.objects[NAME]["new"][0] == b"theirs, later" and "old" not in aws.objects[NAME]
    assert len(renames(aws)) == 2
