# SPDX-License-Identifier: Apache-2.0
"""The S3 server of the tests: started by scripts/s3-server, or one that runs already (PAIL_TEST_ENDPOINT)."""
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import urllib.parse

import boto3
from botocore.config import Config

from . import build

REGION = "us-east-1"
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


class Server:
    def __init__(self, endpoint, directory=None, ca_bundle=None):
        self.endpoint = endpoint
        self.directory = directory
        self.ca_bundle = ca_bundle
        url = urllib.parse.urlsplit(endpoint)
        self.host, self.port = url.hostname, url.port
        self.address = "%s:%d" % (self.host, self.port)
        self.tls_address = "%s:%d" % (self.host, self.port + 1)
        self.tls_endpoint = "https://" + self.tls_address

    @property
    def is_ours(self):
        """Whether it goes away with the tests, so that nothing needs to be tidied up on it."""
        return self.directory is not None

    def client(self, user="test", endpoint=None, verify=None, **config):
        """A boto3 client: the independent witness of what is in a bucket. verify: a CA bundle for https."""
        key, secret = USERS[user]
        settings = dict(signature_version="s3v4", s3={"addressing_style": "path"}, connect_timeout=10, read_timeout=60,
                        retries={"max_attempts": 2, "mode": "standard"}, max_pool_connections=32)
        settings.update(config)
        return boto3.session.Session().client("s3", endpoint_url=endpoint or self.endpoint, region_name=REGION,
                                              aws_access_key_id=key, aws_secret_access_key=secret, verify=verify,
                                              config=Config(**settings))


def start(**environment):
    """A server of our own in a temporary directory. Keywords become environment variables of scripts/s3-server."""
    directory = tempfile.mkdtemp(prefix="pail-server-")
    last = None
    for _ in range(3):  # another process may take a port between the look and the start
        last = subprocess.run([build.SOURCE_DIR / "scripts" / "s3-server", "up", directory, str(free_ports(31))],
                              env=dict(os.environ, **environment), capture_output=True, text=True, timeout=120)
        if last.returncode == 0:
            return Server(last.stdout.strip(), directory, os.path.join(directory, "cert.pem"))
        subprocess.run([build.SOURCE_DIR / "scripts" / "s3-server", "down", directory], timeout=60)
        os.makedirs(directory, exist_ok=True)
    shutil.rmtree(directory, ignore_errors=True)
    raise RuntimeError("scripts/s3-server up: " + last.stderr)


def stop(server):
    subprocess.run([build.SOURCE_DIR / "scripts" / "s3-server", "down", server.directory], check=True, timeout=60)


def find():
    """The server that the environment names, or None."""
    endpoint = os.environ.get("PAIL_TEST_ENDPOINT")
    return Server(endpoint, ca_bundle=os.environ.get("PAIL_TEST_CA_BUNDLE")) if endpoint else None


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}, separators=(",", ":"))


def start_with_short_role():
    """A server that has STS, and a role that the user test may take on for as little as a second."""
    started = start(RGW_STS="true", RGW_CONF="rgw_sts_min_session_duration = 1")
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
