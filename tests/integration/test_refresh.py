# SPDX-License-Identifier: Apache-2.0
"""Credentials that end while the mount lives. Both sides are real: the gateway's own STS gives roles that last for seconds, and the gateway
refuses what has expired. The way to STS is a wire, which counts the questions and can be cut; S3 is asked directly.
"""
import collections
import errno
import os
import signal
import subprocess
import threading
import time

import pytest

from support.mount import MountFailed, wait_for
from support.posix import raises
from support.server import SHORT_ROLE_PROFILE, assume_short_role

class Source:
    """The way to the token service."""

    def __init__(self, wire):
        self.wire = wire
        self.start = time.monotonic()

    def count(self):
        """Questions that were answered."""
        return sum(request.status == 200 for request in self.wire.requests())

    def wait_for_next(self, timeout_s):
        before = self.count()
        wait_for(lambda: self.count() > before, timeout_s, "the next refresh")

    def check(self, lifetime_s, most_extra=0):
        """Never two at a time, and no more than the header of the refresher promises: a quarter of the lifetime before the end, of which
        the rounding of the expiry takes a second."""
        requests = self.wire.requests()
        spans = sorted((request.time_s, request.time_s + request.duration_ms / 1000) for request in requests)
        for (_, end), (begin, _) in zip(spans, spans[1:]):
            assert begin >= end - 0.005, spans
        life_s = lifetime_s - 1
        most = 1 + (time.monotonic() - self.start) / (life_s - min(900, life_s // 4))
        assert self.count() <= most + most_extra, spans
        return self.count()


@pytest.fixture
def short(mount, new_bucket, new_wire, short_role_server, aws_config):
    """short(lifetime_s, **options): (mount, bucket, source)."""
    bucket = new_bucket(on=short_role_server)

    def make(lifetime_s, refused=False, **options):
        wire = new_wire(short_role_server.address)
        if refused:
            wire.refuse()
        with open(aws_config.config_file, "a") as config:
            config.write(SHORT_ROLE_PROFILE % lifetime_s)
        options = {"endpoint_url": short_role_server.endpoint, "ttl": 0, **options}
        source = Source(wire)
        m = mount(bucket, profile="short", environment={"AWS_ENDPOINT_URL_STS": wire.endpoint}, **options)
        return m, bucket, source

    return make


def open_directory(path):
    os.mkdir(path)
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY)


def write(directory, name, body):
    with open(name, "wb", opener=lambda name, flags: os.open(name, flags, 0o644, dir_fd=directory)) as file:
        file.write(body)


def read(directory, name):
    with open(name, "rb", opener=lambda name, flags: os.open(name, flags, dir_fd=directory)) as file:
        return file.read()


class Load:
    """Writers, readers and listers, until stopped. Keeps every error, and counts the calls. Each works in a directory that
    it holds open: the kernel lets those who look up a name in one directory wait for each other, uninterruptibly."""

    def __init__(self, path, threads=4):
        self.ended = threading.Event()
        self.errors = []
        self.calls = collections.Counter()
        self.workers = [threading.Thread(target=self.work, args=(path / ("load%d" % number),), daemon=True)
                        for number in range(threads)]
        for worker in self.workers:
            worker.start()

    def work(self, path):
        body = os.urandom(300_000)
        try:
            directory = open_directory(path)
            while not self.ended.is_set():
                name = "f%d" % (self.calls["write"] % 7)
                self.counted("write", write, directory, name, body)
                assert self.counted("read", read, directory, name) == body
                self.counted("list", os.listdir, directory)
                time.sleep(0.05)
            os.close(directory)
        except Exception as error:
            self.errors.append(repr(error))

    def counted(self, what, call, *arguments):
        result = call(*arguments)
        self.calls[what] += 1
        return result

    def alive(self):
        return not self.errors and all(worker.is_alive() for worker in self.workers)

    def run(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.alive(), self.errors
            time.sleep(0.2)

    def stop(self, timeout_s=60):
        self.ended.set()
        for worker in self.workers:
            worker.join(timeout_s)
            assert not worker.is_alive()
        assert self.errors == []
        assert min(self.calls["read"], self.calls["list"]) > 10


def live_on_short_credentials(short, lifetime_s, seconds, outage_s):
    """Under load for a while; then without a source for a while, which begins right after a refresh."""
    m, _, source = short(lifetime_s)
    load = Load(m.path)
    load.run(seconds)
    source.wait_for_next(lifetime_s)
    source.wire.refuse()
    before = load.calls.copy()
    load.run(outage_s)
    during = load.calls - before
    source.wire.listen()
    load.run(lifetime_s / 2)
    assert min(during[what] for what in ("read", "write", "list")) >= 3, "calls waited for the source"
    load.stop()
    used_up = (time.monotonic() - source.start) / lifetime_s
    assert source.check(lifetime_s) >= used_up, "the server did not refuse what had expired?"
    assert "not renewed" not in m.log()


def test_short_lived(short):
    live_on_short_credentials(short, 12, 40, 5)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_ten_minutes(short):
    live_on_short_credentials(short, 200, 600, 90)


def outlive_the_source(short, lifetime_s, outage_s, outage):
    """The outage is longer than the credentials live. Calls wait, can be interrupted, and go on."""
    m, bucket, source = short(lifetime_s)
    directories = [open_directory(m.path / name) for name in "abc"]
    for name in "abc":
        bucket.put(name + "/f", b"x" * 1000)
    load = Load(m.path)
    source.wait_for_next(lifetime_s)
    start = time.monotonic()
    getattr(source.wire, outage)()
    load.run(lifetime_s + 1)
    programs = [subprocess.Popen(["cat", "/proc/self/fd/%d/f" % directory], stdout=subprocess.PIPE,
                                 pass_fds=[directory]) for directory in directories]
    time.sleep(1)
    assert [program.poll() for program in programs] == [None] * 3
    for program, number in zip(programs, (signal.SIGKILL, signal.SIGINT)):
        program.send_signal(number)
        program.wait(60)  # the outage goes on
    load.run(outage_s - (time.monotonic() - start))
    done = load.calls.copy()
    time.sleep(0.5)
    assert load.calls == done, "somebody did not wait"
    assert programs[2].poll() is None
    source.wire.listen() if outage == "refuse" else source.wire.resume()
    assert programs[2].communicate(timeout=60)[0] == b"x" * 1000
    load.run(lifetime_s / 2)
    load.stop()
    for directory in directories:
        os.close(directory)
    assert "were not renewed" in m.log() or outage == "pause"  # that one has but answered late
    source.check(lifetime_s, most_extra=1)


@pytest.mark.parametrize("outage", [pytest.param("refuse", marks=pytest.mark.long), "pause"])
def test_outage_beyond_the_expiry(short, outage):
    outlive_the_source(short, 12, 25, outage)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_long_outage_beyond_the_expiry(short):
    outlive_the_source(short, 200, 260, "refuse")


def test_until_the_deadline(short):
    """What waits for credentials waits no longer than the mount's timeout, and says so."""
    m, bucket, source = short(8, timeout="4s")
    bucket.put("f", b"x")
    assert (m.path / "f").read_bytes() == b"x"
    source.wire.refuse()
    time.sleep(9)
    start = time.monotonic()
    with raises(errno.ETIMEDOUT):
        os.stat(m.path / "f")
    assert 3 < time.monotonic() - start < 60
    source.wire.listen()
    wait_for(lambda: os.path.exists(m.path / "f"), 30, "credentials again")
    assert (m.path / "f").read_bytes() == b"x"


def test_refusal_is_told_at_once(short):
    """A role that is taken away: no call waits for what will not come; the same mount lives when it is given back."""
    m, bucket, source = short(8)
    bucket.put("f", b"x")
    rule = source.wire.rule("answer", status=403, code="AccessDenied", count=0)
    time.sleep(9)
    start = time.monotonic()
    with raises(errno.EACCES):
        os.stat(m.path / "f")
    for _ in range(50):
        with raises(errno.EACCES):
            os.stat(m.path / "f")
        time.sleep(0.05)
    took_s = time.monotonic() - start
    assert took_s < 60
    assert rule.fired < 8 + took_s
    source.wire.clear()
    wait_for(lambda: os.path.exists(m.path / "f"), 15, "credentials again")


def test_no_source_at_mount(short):
    """Nobody waits for what has never been there."""
    start = time.monotonic()
    with pytest.raises(MountFailed) as failure:
        short(12, refused=True)
    assert time.monotonic() - start < 60
    assert "STS" in failure.value.text


def test_what_s3_calls_expired_is_renewed_once(short, new_wire, short_role_server):
    """Whatever their own expiry says. HEAD has no body to say why in."""
    wire = new_wire(short_role_server.address)
    m, bucket, source = short(900, endpoint_url=wire.endpoint)
    bucket.put("f", b"x" * 1000)
    for kind, call in (("ListObjectsV2", lambda: os.listdir(m.path)), ("HeadObject", lambda: os.stat(m.path / "f")),
                       ("GetObject", (m.path / "f").read_bytes)):
        time.sleep(3.5)  # sooner than this after a refresh another is of no use
        before = source.count()
        rules = [wire.rule("answer", kind=kind, status=400, code="ExpiredToken")]
        if kind == "HeadObject":  # so the reason is asked for with GET
            rules.append(wire.rule("answer", kind="GetObject", status=400, code="ExpiredToken"))
        call()
        assert all(rule.fired == 1 for rule in rules)
        assert source.count() == before + 1
        wire.clear()
    before = source.count()
    time.sleep(3.5)
    wire.rule("answer", kind="ListObjectsV2", status=400, code="ExpiredToken", count=0)
    with raises(errno.EACCES):
        os.listdir(m.path)
    assert source.count() == before + 1


def test_idle_mount_asks_nobody(short):
    m, bucket, source = short(6)
    bucket.put("f", b"x")
    os.listdir(m.path)
    before = source.count()
    time.sleep(14)
    assert source.count() == before
    assert (m.path / "f").read_bytes() == b"x"
    assert source.count() == before + 1


# Keys that programs for people (aws-vault, saml2aws, a cron job) write into the credentials file while it is mounted.

class CredentialsFile:
    def __init__(self, path):
        self.path = path

    def write(self, key, secret, token=None, in_place=False):
        lines = ["[mine]", f"aws_access_key_id = {key}", f"aws_secret_access_key = {secret}"]
        text = "\n".join(lines + ([f"aws_session_token = {token}"] if token else [])) + "\n"
        if in_place:
            self.path.write_text(text)
            return
        fresh = self.path.with_name("fresh")
        fresh.write_text(text)
        fresh.rename(self.path)

    def write_role(self, server, lifetime_s, **how):
        role = assume_short_role(server, lifetime_s)
        self.write(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"], **how)


@pytest.fixture
def own_keys(mount, new_bucket, new_wire, short_role_server, tmp_path):
    """(mount, bucket, credentials file, way to S3): a mount with keys of the file that have expired."""
    bucket, wire = new_bucket(on=short_role_server), new_wire(short_role_server.address)
    file = CredentialsFile(tmp_path / "own-credentials")
    file.write_role(short_role_server, 4)
    m = mount(bucket, profile="mine", credentials_file=file.path, endpoint_url=wire.endpoint, ttl=0, region="us-east-1")
    bucket.put("f", b"x" * 1000)
    assert (m.path / "f").read_bytes() == b"x" * 1000
    time.sleep(5)
    with raises(errno.EACCES):
        os.stat(m.path / "f")
    return m, bucket, file, wire


@pytest.mark.parametrize("in_place", [True, False])
def test_new_keys_in_the_file(own_keys, short_role_server, in_place):
    m, _, file, wire = own_keys
    file.write_role(short_role_server, 900, in_place=in_place)
    time.sleep(1.1)  # files are looked at once a second
    assert (m.path / "f").read_bytes() == b"x" * 1000
    (m.path / "g").write_bytes(b"y")
    os.listdir(m.path)
    refused = [request for request in wire.requests() if request.status in (400, 403)]
    time.sleep(3.5)
    os.listdir(m.path)
    assert [request for request in wire.requests() if request.status in (400, 403)] == refused, "signed with the old ones"
    assert "were read again" in m.log() or "were renewed" in m.log()


def test_wrong_keys_and_then_right_ones(own_keys):
    """Each refusal looks at the file; what is there is used once, and when nothing has changed nothing is sent again."""
    m, _, file, wire = own_keys
    for key, secret in (("TESTKEY", "NOTTHESECRET"), ("NOSUCHKEY", "TESTSECRET")):
        file.write(key, secret)
        time.sleep(1.1)
        with raises(errno.EACCES):
            os.listdir(m.path)
        time.sleep(1.1)
        before = len(wire.requests())
        with raises(errno.EACCES):
            os.listdir(m.path)
        assert len(wire.requests()) == before + 1
    file.path.write_text("[mine]\naws_access_key_id = TEST")  # somebody writes it slowly
    time.sleep(1.1)
    with raises(errno.EACCES):
        os.listdir(m.path)
    assert "without aws_secret_access_key" in m.log()
    file.write("TESTKEY", "TESTSECRET")
    time.sleep(1.1)
    assert os.listdir(m.path) == ["f"]
    assert (m.path / "f").read_bytes() == b"x" * 1000


def test_many_calls_with_old_keys(own_keys):
    """All that are refused at the same time go on with the new keys."""
    m, _, file, _ = own_keys
    file.write("TESTKEY", "TESTSECRET")
    time.sleep(1.1)
    results = []

    def read():
        try:
            results.append((m.path / "f").read_bytes() == b"x" * 1000)
        except OSError as error:
            results.append(error)
    threads = [threading.Thread(target=read) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 24
