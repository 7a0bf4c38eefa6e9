# SPDX-License-Identifier: Apache-2.0
"""No secret key, session token or signature in what others may see of a mount: core dumps, /proc, logs at the most talkative.

What was sent is known from a witness between the mount and the server; the memory is that of the plain build, since sanitizers
keep what was freed.
"""
import datetime
import hashlib
import hmac
import json
import os
import re
import socket
import ssl
import sys
import threading
import time

import pytest

from support import build, httpd, memory, server as s3_server

SIGNATURE = re.compile(rb"Signature=([0-9a-f]{64})")
TOKEN = re.compile(rb"(?i)x-amz-security-token: *([^\r\n]+)")
HEX = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
pytestmark = pytest.mark.timeout(900)
NO_KEYS = {"config_file": "/dev/null", "credentials_file": "/dev/null", "profile": None}


class Witness:
    """Passes everything on, and keeps what the client said, decrypted."""

    def __init__(self, server, tls):
        self.said = bytearray()
        self.answered = bytearray()
        self.target = (server.host, server.port)
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(os.path.join(server.directory, "cert.pem"),
                                         os.path.join(server.directory, "key.pem"))
        self.listener = httpd.Server(self.serve)
        self.endpoint = "%s://127.0.0.1:%d" % ("https" if tls else "http", self.listener.port)

    def serve(self, connection):
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True)
        with connection, socket.create_connection(self.target) as upstream:
            back = threading.Thread(target=self.pump, args=(upstream, connection, self.answered), daemon=True)
            back.start()
            self.pump(connection, upstream, self.said)
            back.join(60)

    @staticmethod
    def pump(source, target, record):
        try:
            while data := source.recv(1 << 16):
                record += data
                target.sendall(data)
        except OSError:
            pass
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def signatures(self):
        return set(SIGNATURE.findall(self.said))

    def tokens(self):
        return {token.strip() for token in TOKEN.findall(self.said)}


@pytest.fixture
def new_witness():
    made = []

    def make(server, tls=False):
        made.append(Witness(server, tls))
        return made[-1]

    yield make
    for witness in made:
        witness.listener.close()


@pytest.fixture
def plain():
    program = build.plain_pail()
    if build.is_sanitized(program):
        pytest.skip("the memory of a sanitized build is not its own: PAIL_TEST_PLAIN_BUILDDIR is needed")
    return program


def signing_keys(secret):
    """What secrets become for a day: these sign as well as the secret does."""
    keys = []
    for day in (-1, 0, 1):
        date = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=day)).strftime("%Y%m%d")
        key = b"AWS4" + secret
        for part in (date, "us-east-1", "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            keys.append(key)
    return keys


def work(path, ended, errors):
    """Big and small, each way."""
    body = os.urandom(2_000_000)
    number = 0
    try:
        while not ended.is_set():
            number += 1
            (path / ("file%d" % (number % 5))).write_bytes(body[:number * 77_777 % len(body)])
            os.listdir(path)
            if number > 5:
                (path / ("file%d" % ((number + 2) % 5))).read_bytes()
    except OSError as error:
        errors.append(error)


class Search:
    def __init__(self, m, secrets, witness):
        self.m = m
        self.secrets = secrets  # a function: more become known while it runs
        self.witness = witness
        self.planted = ("planted-%s" % os.urandom(8).hex()).encode()
        (m.path / self.planted.decode()).write_bytes(b"x")

    def everywhere(self):
        secrets = self.secrets()
        needles = set(secrets) | self.witness.tokens()
        for secret in secrets:
            needles |= set(signing_keys(secret))
        assert all(len(needle) >= 10 for needle in needles)
        image = memory.Image(self.m.pid)
        assert image.find([self.planted]), "the search does not find what is there, in %d bytes" % image.size()
        assert image.find(needles) == []
        assert image.find_hex(64, self.witness.signatures()) == []
        for name in ("cmdline", "environ"):
            with open("/proc/%d/%s" % (self.m.pid, name), "rb") as file:
                text = file.read()
            assert not [needle for needle in needles if needle in text], name
        log = self.m.log_path.read_bytes()
        assert not [needle for needle in needles if needle in log]
        assert not [word for word in (b"Authorization", b"Signature=", b"AWS4-HMAC", b"ecurity-token") if word in log]
        assert not self.witness.signatures() & set(HEX.findall(log))

    def idle_and_busy(self, rounds=8):
        ended, errors = threading.Event(), []
        worker = threading.Thread(target=work, args=(self.m.path, ended, errors), daemon=True)
        worker.start()
        for _ in range(rounds):
            time.sleep(0.4)
            self.everywhere()
        ended.set()
        worker.join(60)
        assert errors == []
        assert len(self.witness.signatures()) > 20
        self.everywhere()
        time.sleep(3)  # threads of pools end
        self.everywhere()


@pytest.fixture
def search(mount, new_bucket, server, new_witness, plain):
    """search(tls, environment, secrets, **options): mounts through a witness; ready to look around."""
    def make(tls, environment, secrets, on=server, **options):
        bucket = new_bucket(on=on)
        witness = new_witness(on, tls)
        if tls:
            options.setdefault("ca_bundle", on.ca_bundle)
        m = mount(bucket, program=plain, environment=environment, endpoint_url=witness.endpoint, log_level="trace", ttl=0,
                  region="us-east-1", **options)
        return Search(m, secrets, witness)

    return make


PROCESS = """
import datetime, json
end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=%d)
print(json.dumps({"Version": 1, "AccessKeyId": "TESTKEY", "SecretAccessKey": "TESTSECRET", "Expiration": end.isoformat()}))
"""

transports = pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])


@transports
def test_keys_of_a_file(search, tls):
    search(tls, {}, lambda: [b"TESTSECRET"]).idle_and_busy()


@transports
def test_keys_of_the_environment(search, tls):
    keys = {"AWS_ACCESS_KEY_ID": "TESTKEY", "AWS_SECRET_ACCESS_KEY": "TESTSECRET"}
    search(tls, keys, lambda: [b"TESTSECRET"], **NO_KEYS).idle_and_busy()


def test_debugging(search):
    """-d shows libfuse's own words, and lets everybody's debugger in."""
    found = search(False, {}, lambda: [b"TESTSECRET"], debug=True)
    found.idle_and_busy()


def test_keys_of_a_process(search, tmp_path, aws_config):
    script = tmp_path / "keys.py"
    script.write_text(PROCESS % 30)
    with open(aws_config.config_file, "a") as config:
        config.write("[profile process]\ncredential_process = %s %s\n" % (sys.executable, script))
    search(False, {}, lambda: [b"TESTSECRET"], profile="process").idle_and_busy()


def test_session_token_of_the_environment(search, short_role_server):
    found = s3_server.assume_short_role(short_role_server, 900)
    keys = {"AWS_ACCESS_KEY_ID": found["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
            "AWS_SESSION_TOKEN": found["SessionToken"]}
    search(False, keys, lambda: [found["SecretAccessKey"].encode(), found["SessionToken"].encode()],
           on=short_role_server, **NO_KEYS).idle_and_busy()


@transports
def test_roles_of_a_token_service(search, new_witness, short_role_server, aws_config, tls):
    """Keys and tokens out of answers in XML; on a slow machine new ones all the time."""
    source = new_witness(short_role_server, tls)
    with open(aws_config.config_file, "a") as config:
        config.write(s3_server.SHORT_ROLE_PROFILE % 12)

    def secrets():
        answers = bytes(source.answered)
        return [b"TESTSECRET", *re.findall(b"<SecretAccessKey>([^<]+)<", answers),
                *re.findall(b"<SessionToken>([^<]+)<", answers)]

    search(tls, {"AWS_ENDPOINT_URL_STS": source.endpoint}, secrets, on=short_role_server, profile="short").idle_and_busy()
    assert len(secrets()) >= 3
