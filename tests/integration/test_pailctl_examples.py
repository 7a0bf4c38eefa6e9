# SPDX-License-Identifier: Apache-2.0
"""What pailctl(1) and the README show of commands on objects is run as it stands there, by a shell, in the order of the text."""
import re
import subprocess

import pytest

from support import build, documents, sanitizer
from support.s3driver import tags
from test_pailctl import ctl  # noqa: F401  pylint: disable=unused-import

VERSION = "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"  # as Amazon's documentation has one


def of_manual():
    text = (build.SOURCE_DIR / "man" / "pailctl.1").read_text().partition("\n.Sh EXAMPLES")[2]
    for block in re.findall(r"(?ms)^\.Bd -literal[^\n]*\n(.*?)^\.Ed", text):
        for command in re.split(r"(?m)^\$ ", block.replace("\\e\n", "\\\n"))[1:]:
            if documents.ON_OBJECTS.search(command):
                yield command


def of_readme():
    for line in (build.SOURCE_DIR / "README.md").read_text().splitlines():
        if line.startswith("    ") and documents.ON_OBJECTS.search(line):
            yield line.partition(" # ")[0].strip()


@pytest.fixture
def shell(ctl, server, tmp_path):
    (ctl.home / ".aws").mkdir()
    keys = "aws_access_key_id = TESTKEY\naws_secret_access_key = TESTSECRET\nregion = us-east-1\nendpoint_url = %s\n" % server.endpoint
    (ctl.home / ".aws" / "config").write_text("[default]\n%s[profile work]\n%s" % (keys, keys))
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "pailctl").symlink_to(build.pailctl())
    environment = ctl.environment()
    environment["PATH"] = "%s:%s" % (programs, environment["PATH"])

    def run(command):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=ctl.home, env=environment, capture_output=True, text=True,
                              timeout=120, check=False)
        sanitizer.check(ctl.logs, "pailctl", done.stderr)
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout
    run.home = ctl.home
    return run


@pytest.fixture
def my_bucket(s3, shell, bucket):
    """The bucket of the examples, with what they take for granted."""
    s3.create_bucket(Bucket="my-bucket")
    own_name, bucket.name = bucket.name, "my-bucket"
    bucket.enable_versioning()
    for body in (b"last week", b"today"):
        bucket.put("report.ods", body, Tagging="owner=me")
    bucket.put("2019.tar", b"archive")
    for name in ("backup.tar.gz", "big.iso", "thesis.pdf"):
        (shell.home / name).write_bytes(name.encode())
    (shell.home / "photos").mkdir()
    (shell.home / "photos" / "one.jpg").write_bytes(b"jpeg")
    yield bucket
    bucket.destroy(False)
    bucket.name = own_name


def test_examples(shell, my_bucket):
    commands = [*of_manual(), *of_readme()]
    assert len(commands) >= 11
    first = my_bucket.client.list_object_versions(Bucket="my-bucket", Prefix="report.ods")["Versions"][-1]["VersionId"]
    shown = {}
    for command in commands:
        shown[command] = shell(command.replace(VERSION, first).replace(" /tmp", " " + str(shell.home / "photos")))
    assert my_bucket.get("backups/backup.tar.gz") == b"backup.tar.gz" == (shell.home / "photos" / "backup.tar.gz").read_bytes()
    assert my_bucket.get("photos.tar.gz")[:2] == b"\x1f\x8b"
    assert my_bucket.get("report.ods") == b"last week" and tags(my_bucket, "report.ods") == {"owner": "me", "project": "alpha"}
    assert my_bucket.get("in/thesis.pdf") == b"thesis.pdf" and my_bucket.get("isos/big.iso") == b"big.iso"
    assert (shell.home / "2019.tar").read_bytes() == b"archive"
    assert any(text.startswith("http") and "Expires=86400" in text for text in shown.values())
