# SPDX-License-Identifier: Apache-2.0
"""The S3 server of the tests: one that we start, of the kind that PAIL_TEST_SERVER names (ceph, minio, versitygw), or one
that runs already (PAIL_TEST_ENDPOINT)."""
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import urllib.parse

import boto3
import pytest
from botocore.config import Config

from . import build

REGION = "us-east-1"
SCRIPTS = build.SOURCE_DIR / "scripts"
USERS = {"test": ("TESTKEY", "TESTSECRET"), "other": ("OTHERKEY", "OTHERSECRET")}


def free_ports(count):
    """The first of `count` adjacent free ports, below those that the kernel gives to clients."""
    for _ in range(200):
        first = random.randrange(20000, 32000 - count)
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
    raise RuntimeError("no free ports")


SHORT_ROLE = "arn:aws:iam:::role/short"
SHORT_ROLE_PROFILE = """\
[profile short]
region = us-east-1
role_arn = arn:aws:iam:::role/short
source_profile = test
duration_seconds = %d
"""


# What a kind of server may lack, in words. docs/servers.md tells the whole of it.
FEATURES = {
    "users": "several users",
    "acls": "access control lists of objects",
    "key below a key": "an object below another object's key (a and a/b)",
    "copies of directories": "CopyObject of a directory's marker (a key that ends in /)",
    "expires in copies": "the header Expires, when CopyObject is told to copy all headers",
}


class Server:
    """A server, and what tests may ask about its kind: has() and need()."""
    kind = None
    lacks = frozenset()      # of FEATURES
    is_in_memory = False     # what is stored costs memory

    def __init__(self, endpoint, directory=None, ca_bundle=None):
        self.endpoint = endpoint
        self.directory = directory
        self.ca_bundle = ca_bundle
        url = urllib.parse.urlsplit(endpoint)
        self.host, self.port = url.hostname, url.port
        self.address = "%s:%d" % (self.host, self.port)
        self.tls_address = "%s:%d" % (self.host, self.port + 1)
        self.tls_endpoint = "https://" + self.tls_address

    def has(self, feature):
        assert feature in FEATURES
        return feature not in self.lacks

    def need(self, feature):
        """Skips the test where its subject is missing."""
        if not self.has(feature):
            pytest.skip("%s lacks %s" % (self.kind, FEATURES[feature]))

    @property
    def is_ours(self):
        """Whether it goes away with the tests, so that nothing needs to be tidied up on it."""
        return self.directory is not None

    def client(self, user="test", endpoint=None, verify=None, **config):
        """A boto3 client: the independent witness of what is in a bucket. verify: a CA bundle for https."""
        key, secret = USERS[user]
        settings = dict(signature_version="s3v4", s3={"addressing_style": "path"}, connect_timeout=60, read_timeout=300,
                        retries={"max_attempts": 2, "mode": "standard"}, max_pool_connections=32)
        settings.update(config)
        return boto3.session.Session().client("s3", endpoint_url=endpoint or self.endpoint, region_name=REGION,
                                              aws_access_key_id=key, aws_secret_access_key=secret, verify=verify,
                                              config=Config(**settings))

    @classmethod
    def start(cls, **environment):
        """A server of our own in a temporary directory. Keywords become environment variables of its script."""
        directory = tempfile.mkdtemp(prefix="pail-server-")
        last = None
        for _ in range(3):  # another process may take a port between the look and the start
            last = subprocess.run(cls.up_command(directory, free_ports(31)), env=dict(os.environ, **environment),
                                  capture_output=True, text=True, timeout=300)
            if last.returncode == 0:
                return cls(last.stdout.strip(), directory, cls.certificate(directory))
            subprocess.run([SCRIPTS / cls.script, "down", directory], timeout=120)
            os.makedirs(directory, exist_ok=True)
        shutil.rmtree(directory, ignore_errors=True)
        raise RuntimeError("%s: %s" % (cls.script, last.stderr))

    def stop(self):
        subprocess.run([SCRIPTS / self.script, "down", self.directory], check=True, timeout=120)


class Ceph(Server):
    kind = "ceph"
    script = "s3-server"
    is_in_memory = True

    @classmethod
    def up_command(cls, directory, port):
        return [SCRIPTS / cls.script, "up", directory, str(port)]

    @classmethod
    def certificate(cls, directory):
        return os.path.join(directory, "cert.pem")


class GoServer(Server):
    """One user, no certificate."""
    script = "s3-server-go"

    @classmethod
    def up_command(cls, directory, port):
        return [SCRIPTS / cls.script, "up", cls.kind, directory, str(port)]

    @classmethod
    def certificate(cls, directory):
        return None


class Minio(GoServer):
    kind = "minio"
    lacks = frozenset(["users", "acls", "key below a key", "expires in copies"])


class Versitygw(GoServer):
    kind = "versitygw"
    lacks = frozenset(["users", "acls", "key below a key", "copies of directories"])


KINDS = {cls.kind: cls for cls in (Ceph, Minio, Versitygw)}


def kind():
    """The class of the servers that the tests run on: PAIL_TEST_SERVER."""
    return KINDS[os.environ.get("PAIL_TEST_SERVER") or "ceph"]


def start(**environment):
    return kind().start(**environment)


def stop(server):
    server.stop()


def find():
    """The server that the environment names, or None."""
    endpoint = os.environ.get("PAIL_TEST_ENDPOINT")
    return kind()(endpoint, ca_bundle=os.environ.get("PAIL_TEST_CA_BUNDLE")) if endpoint else None


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}, separators=(",", ":"))


def start_with_short_role():
    """A server that has STS, and a role that the user test may take on for as little as a second."""
    started = Ceph.start(RGW_STS="true", RGW_CONF="rgw_sts_min_session_duration = 1")
    key, secret = USERS["test"]
    iam = boto3.session.Session().client("iam", endpoint_url=started.endpoint, region_name=REGION,
                                         aws_access_key_id=key, aws_secret_access_key=secret)
    iam.create_role(RoleName="short", Path="/", AssumeRolePolicyDocument=policy(
        Principal={"AWS": ["arn:aws:iam:::user/test"]}, Action=["sts:AssumeRole"]))
    iam.put_role_policy(RoleName="short", PolicyName="all",
                        PolicyDocument=policy(Action=["s3:*"], Resource="arn:aws:s3:::*"))
    return started


def assume_short_role(server, duration_s):
    """{"AccessKeyId": …, "SecretAccessKey": …, "SessionToken": …}"""
    key, secret = USERS["test"]
    sts = boto3.session.Session().client("sts", endpoint_url=server.endpoint, region_name=REGION, aws_access_key_id=key,
                                         aws_secret_access_key=secret, config=Config(parameter_validation=False))
    return sts.assume_role(RoleArn=SHORT_ROLE, RoleSessionName="test", DurationSeconds=duration_s)["Credentials"]
