# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the integration tests.

    def test_it(mount, bucket, wire):
        m = mount(bucket, wire=wire, ttl=0)
        (m.path / "file").write_bytes(b"x")
        assert bucket.get("file") == b"x"

A mount is taken away at the end of the test; every daemon must then have ended with the status that the test expects
and without a word from a sanitizer, and no multipart upload may be left in the bucket.
"""
import itertools
import os
import signal
import threading

import pytest

from support import build, server as s3_server
from support.bucket import Bucket
from support.mount import Factory
from support.wire import Wire

# Modules of tests that take long, for what they wait for or for what they do; the longest first.
SLOW = ["test_refresh", "test_secrets", "test_sts", "test_threads", "test_big_directory", "test_large"]

bucket_numbers = itertools.count(1)

# A shell that starts us in the background, or nohup, has these ignored, and so would every program that we start.
for ignored in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(ignored) == signal.SIG_IGN:
        signal.signal(ignored, signal.SIG_DFL if ignored != signal.SIGINT else signal.default_int_handler)

CREDENTIALS = """\
[test]
aws_access_key_id = TESTKEY
aws_secret_access_key = TESTSECRET
[other]
aws_access_key_id = OTHERKEY
aws_secret_access_key = OTHERSECRET
[wrong]
aws_access_key_id = TESTKEY
aws_secret_access_key = NOTTHESECRET
[unknown]
aws_access_key_id = NOSUCHKEY
aws_secret_access_key = TESTSECRET
[half]
aws_access_key_id = TESTKEY
"""

CONFIG = """\
[profile test]
region = us-east-1
[profile other]
region = us-east-1
[profile wrong]
region = us-east-1
[profile unknown]
region = us-east-1
[profile full]
region = us-east-1
aws_access_key_id = TESTKEY
aws_secret_access_key = TESTSECRET
services = local
[services local]
s3 =
    endpoint_url = {endpoint}
[profile keyless]
region = us-east-1
"""


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    """Lets fixtures see how their test went."""
    outcome = yield
    setattr(item, "report_" + call.when, outcome.get_result())


SERVERS_OF_THEIR_OWN = ("short_role_server", "sts_server", "disk_server")


def pytest_collection_modifyitems(items):
    """In several processes: tests that want a certain server go to the one that has started it, and what takes longest
    begins first, so that nobody is left to wait for it at the end."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    for item in items:
        for name in SERVERS_OF_THEIR_OWN:
            if name in item.fixturenames:
                item.add_marker(pytest.mark.xdist_group(name))
    items.sort(key=lambda item: SLOW.index(item.path.stem) if item.path.stem in SLOW else len(SLOW))


def test_failed(request):
    report = getattr(request.node, "report_call", None)
    return report is None or report.failed


test_failed.__test__ = False


@pytest.fixture(scope="session")
def server():
    found = s3_server.find()
    if found:
        yield found
        return
    started = s3_server.start()
    yield started
    s3_server.stop(started)


@pytest.fixture
def tls_server(server):
    if server.ca_bundle is None:
        pytest.skip("PAIL_TEST_ENDPOINT is given without PAIL_TEST_CA_BUNDLE: there is no certificate to trust")
    return server


@pytest.fixture(scope="session")
def disk_server(server):
    """A server that stores on disk, for what is too large for memory."""
    if not server.is_in_memory:
        yield server
        return
    started = s3_server.start(RGW_STORE="bluestore")
    yield started
    s3_server.stop(started)


@pytest.fixture(scope="session")
def short_role_server():
    """A server whose role "short" lasts for as long as one asks."""
    started = s3_server.start_with_short_role()
    yield started
    s3_server.stop(started)


@pytest.fixture(scope="session")
def s3(server):
    return server.client("test")


@pytest.fixture(scope="session")
def other_s3(server):
    server.need("users")
    return server.client("other")


@pytest.fixture
def new_bucket(request, server):
    """Makes buckets: new_bucket(user="test")."""
    made = []

    def make(user="test", on=server):
        if user != "test":
            on.need("users")
        name = "t%d-%d" % (os.getpid(), next(bucket_numbers))
        client = on.client(user)
        client.create_bucket(Bucket=name)
        made.append((Bucket(client, name, on), on))
        return made[-1][0]

    yield make
    left = [(bucket.name, bucket.uploads()) for bucket, _ in made if not bucket.allow_uploads]
    for bucket, where in made:
        bucket.destroy(where.is_ours)
    left = [entry for entry in left if entry[1]]
    if left and not test_failed(request):
        pytest.fail("multipart uploads were left behind: %r" % left)


@pytest.fixture
def bucket(new_bucket):
    return new_bucket()


@pytest.fixture
def other_bucket(new_bucket):
    """A bucket of the other user."""
    return new_bucket("other")


@pytest.fixture
def new_wire(server, tmp_path):
    """Puts wires in front of servers: new_wire(address=…, raw=False, seed=1)."""
    wires = []

    def make(address=None, **keywords):
        wires.append(Wire(address or server.address, tmp_path / ("wire%d" % len(wires)), **keywords))
        return wires[-1]

    yield make
    for wire in wires:
        wire.close()


@pytest.fixture
def wire(new_wire):
    return new_wire()


class AwsConfig:
    """A configuration and a credentials file with the profiles test, other (another user), wrong (a wrong secret),
    unknown (no such key), half (no secret), full (all in the configuration file, with the endpoint), keyless."""

    def __init__(self, directory, endpoint):
        directory.mkdir()
        self.directory = directory
        self.config_file = directory / "config"
        self.credentials_file = directory / "credentials"
        self.config_file.write_text(CONFIG.format(endpoint=endpoint))
        self.credentials_file.write_text(CREDENTIALS)


@pytest.fixture
def aws_config(tmp_path, server):
    return AwsConfig(tmp_path / "aws", server.endpoint)


@pytest.fixture
def mount(request, tmp_path, server, aws_config, bucket_guard):
    """Mounts: mount(bucket, wire=…, ttl=0, ro=True, …), see support/mount.py."""
    program = build.pail()
    if not program.exists():
        pytest.fail("%s is not built" % program)
    home = tmp_path / "home"
    home.mkdir()
    defaults = {"profile": "test", "endpoint_url": server.endpoint, "config_file": aws_config.config_file,
                "credentials_file": aws_config.credentials_file, "log_level": "debug"}
    factory = Factory(tmp_path, defaults, home)
    bucket_guard.append(factory)
    # pytest-timeout cannot end a call that waits on a mount that hangs; ending the mount can.
    limit = request.node.get_closest_marker("timeout")
    limit_s = limit.args[0] if limit and limit.args else float(request.config.getini("timeout") or 600)
    watchdog = threading.Timer(max(1.0, limit_s - 10), factory.abort_all)
    watchdog.daemon = True
    watchdog.start()
    yield factory
    watchdog.cancel()
    show_logs(request, factory)


@pytest.fixture
def bucket_guard(request, new_bucket, new_wire):
    """Mounts end before buckets are looked at and deleted, and before wires go, whatever the order of a test's fixtures."""
    factories = []
    yield factories
    for factory in factories:
        factory.destroy(quietly=test_failed(request))


def show_logs(request, factory):
    """The logs of the mounts belong to the report of a test that failed."""
    if test_failed(request):
        for mount in factory.mounts:
            print("---- %s %s ----\n%s" % (mount.source, mount.path, mount.log()[-8000:]))
