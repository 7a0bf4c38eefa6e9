# SPDX-License-Identifier: Apache-2.0
"""pailctl restore, on a server of the test's own: the real one has no archive."""
import json
import re
import threading

import pytest

from support import httpd
from test_pailctl import ctl  # noqa: F401  pylint: disable=unused-import

UNTIL = "Fri, 31 Dec 2100 00:00:00 GMT"


class Archive(httpd.Server):
    """One object of some class. A restore is over when it has been looked at so many times."""

    def __init__(self, storage_class="GLACIER", looks=2, error=None):
        self.storage_class, self.looks, self.error = storage_class, looks, error
        self.state = "archived" if storage_class in ("GLACIER", "DEEP_ARCHIVE", "INTELLIGENT_TIERING") else "plain"
        self.lock = threading.Lock()
        self.heads = 0
        self.refuse_after = None
        self.outage = 0  # so many looks in vain, once it is being restored
        self.asked = []  # (target, body)
        super().__init__(self.talk)

    def talk(self, connection):
        reader = httpd.Reader(connection)
        while head := reader.head():
            method, target, _ = head[0].split()
            body = reader.body(head[1])
            with self.lock:
                status, text, fields = self.head() if method == "HEAD" else self.restore(target, body)
            answer = httpd.answer(status, text, [*fields, "x-amz-request-id: R"])
            connection.sendall(answer)

    def head(self):
        self.heads += 1
        if self.refuse_after and self.heads > self.refuse_after:
            return "403 Forbidden", b"", []
        if self.state == "restoring" and self.heads > 3 and self.outage > 0:
            self.outage -= 1
            return "503 Service Unavailable", b"", []
        if self.state == "restoring":
            self.looks -= 1
            if self.looks < 0:
                self.state = "readable"
        fields = ['ETag: "e"', "x-amz-storage-class: " + self.storage_class]
        if self.state == "restoring":
            fields.append('x-amz-restore: ongoing-request="true"')
        if self.state == "readable":
            fields.append('x-amz-restore: ongoing-request="false", expiry-date="%s"' % UNTIL)
        if self.storage_class == "INTELLIGENT_TIERING" and self.state != "readable":
            fields.append("x-amz-archive-status: ARCHIVE_ACCESS")
        return "200 OK", b"", fields

    def restore(self, target, body):
        self.asked.append((target, body.decode()))
        if self.error:
            return "403 Forbidden", b"<Error><Code>%s</Code><Message>m</Message></Error>" % self.error.encode(), ["Content-Type: application/xml"]
        if self.state == "readable":
            return "200 OK", b"", []
        self.state = "restoring"
        return "202 Accepted", b"", []


@pytest.fixture
def restore(ctl):
    def command(archive, *arguments, status=0):
        result = ctl.run("restore", "s3://bucket/a%20b/key", *arguments, *ctl.options(endpoint_url=archive.endpoint))
        assert result.returncode == status, (result.stdout, result.stderr)
        return result.stderr if status else result.stdout
    return command


def test_restore(restore):
    with Archive() as archive:
        assert "is being restored, which takes minutes to days; --wait waits for it" in restore(archive)
        target, body = archive.asked[0]
        assert target == "/bucket/a%2520b/key?restore"
        assert re.search(r"<Days>7</Days>", body) and "Tier" not in body
        assert "is being restored" in restore(archive)  # by the first: it is not asked for again
        assert len(archive.asked) == 1


def test_days_and_tier(restore):
    with Archive("DEEP_ARCHIVE") as archive:
        restore(archive, "--days", "30", "--tier", "bulk", "--version-id", "v 1")
        target, body = archive.asked[0]
        assert target.endswith("?restore&versionId=v%201") and "<Days>30</Days>" in body and "<Tier>Bulk</Tier>" in body


def test_wait(restore):
    with Archive(looks=3) as archive:
        lines = restore(archive, "--wait").splitlines()
        assert len(lines) == 2 and "is being restored" in lines[0] and "--wait" not in lines[0]
        assert lines[1] == "s3://bucket/a%20b/key can be read until 2100-12-31T00:00:00Z"
        assert len(archive.asked) == 1 and archive.heads >= 5


def test_wait_at_a_terminal(ctl):
    with Archive(looks=2) as archive:
        terminal = ctl.at_terminal("restore", "s3://bucket/key", "--wait", *ctl.options(endpoint_url=archive.endpoint))
        terminal.expect("being restored: 0:00:0")
        status, shown = terminal.end()
        assert status == 0 and "can be read until" in shown


def test_wait_outlasts_an_outage(ctl):
    with Archive(looks=4) as archive:
        archive.outage = 6  # more than the attempts of one look
        terminal = ctl.at_terminal("restore", "s3://bucket/key", "--wait", *ctl.options(endpoint_url=archive.endpoint))
        terminal.expect("no answer for now, still waiting: ")
        status, shown = terminal.end()
        assert status == 0 and "can be read until" in shown and archive.outage == 0


def test_wait_ends_with_what_does_not_pass(restore):
    with Archive(looks=1000) as archive:
        archive.refuse_after = 3
        assert "may not use s3:GetObject" in restore(archive, "--wait", status=1)


def test_readable_already(restore):
    with Archive() as archive:
        archive.state = "readable"
        assert "can be read until 2100-12-31" in restore(archive)
        assert not archive.asked
        assert "can be read until 2100-12-31" in restore(archive, "--days", "3")  # from now on
        assert "<Days>3</Days>" in archive.asked[0][1]


def test_what_is_not_archived_says_so(restore):
    for storage_class in ("STANDARD", "GLACIER_IR", "STANDARD_IA"):
        with Archive(storage_class) as archive:
            words = restore(archive, "--wait")
            assert "is not archived (storage class %s)" % storage_class in words and "can be read as it is" in words
            assert not archive.asked


def test_intelligent_tiering_stays_restored(restore):
    with Archive("INTELLIGENT_TIERING") as archive:
        assert "INTELLIGENT_TIERING" in restore(archive, "--days", "3", status=1)
        assert not archive.asked
        restore(archive)
        assert "Days" not in archive.asked[0][1]


def test_json(restore):
    with Archive(looks=0) as archive:
        assert json.loads(restore(archive, "--wait", "--json")) == {
            "uri": "s3://bucket/a%20b/key", "state": "readable", "storage_class": "GLACIER", "readable_until": "2100-12-31T00:00:00Z"}
    with Archive("STANDARD") as archive:
        answer = json.loads(restore(archive, "--json"))
        assert answer["state"] == "not-archived" and answer["readable_until"] is None


def test_refusals(restore):
    with Archive(error="AccessDenied") as archive:
        assert "s3:RestoreObject" in restore(archive, status=1)
    with Archive(error="InvalidObjectState") as archive:
        assert "not archived" in restore(archive, status=1)


@pytest.mark.parametrize("arguments", [("--days", "0"), ("--days", "x"), ("--days", "-1"), ("--days", "99999999999999999999"),
                                       ("--tier", "Fast"), ("--days",), ("s3://bucket/second",)])
def test_usage(restore, arguments):
    with Archive() as archive:
        assert "pailctl restore -h" in restore(archive, *arguments, status=2)
        assert archive.heads == 0
