# SPDX-License-Identifier: Apache-2.0
"""Every command that the documents, the manuals and scripts/try print is run as it stands there, or stands below with the reason why not.

It runs in a home directory of its own where each profile that a document names has the keys of the test's user, with the test's server in
the place of AWS and of every server that is named. A command that nobody has thought of fails test_every_command_is_thought_of.
"""
import os
import re
import shlex
import subprocess

import pytest

from support import build, documents, sanitizer
from support.ctl import Terminal
from support.mount import children_of_ours, find_mount, wait_for
from support.server import USERS
import test_examples

EXPLAINED = {
    "./scripts/try": "builds, and starts a server of its own; what it prints is run here",
    "./scripts/try s3://my-bucket ~/bucket -o profile=work": "builds; then it runs pail with the same words",
    "./scripts/try s3://BUCKET MOUNTPOINT -o profile=NAME": "the same, with words to be filled in",
    "./scripts/try --stop": "stops the server of scripts/try",
    "./scripts/test": "is what runs this test",
    "./scripts/test -k rename": "is what runs this test",
    "./scripts/test --server minio": "is what runs this test, on a server that is built with Go",
    "./scripts/setup --test": "installs packages",
    "autoreconf -fi": "builds; scripts/test does the same",
    "mkdir -p build/mine && cd build/mine": "builds",
    "../../configure --enable-werror --enable-asan": "builds",
    'make -j"$(nproc)" && make check': "builds",
    "scripts/bench": "takes half an hour",
    "scripts/bench --quick": "takes minutes",
    "scripts/bench --only read,ls --latency 0,20,80 --runs 5": "takes minutes",
    "scripts/bench --markdown docs/benchmarks.md": "takes half an hour, and writes into the source tree",
    "pail arn:aws:s3:us-west-2:123456789012:accesspoint/data /mnt/data -o profile=work": "access points are AWS's alone",
    "pail s3://arn:aws:s3:us-west-2:123456789012:accesspoint/data/photos /mnt/photos -o profile=work": "access points are AWS's alone",
    "pail s3://my-bucket /mnt/bucket -o sse_c_key_file=/etc/pail/keys": "needs that file, and https: test_integrity mounts like this",
}
PROFILES = ("default", "work", "home", "dev", "archive", "data", "pod", "me", "vault", "minio", "r2", "web")
BUCKETS = ("my-bucket", "data", "archive", "try")
SERVERS = re.compile(r"http://127\.0\.0\.1:9000|https://(s3|minio)\.example\.org(:\d+)?")
# "s3://my-bucket/photos", but not the end of a path and not the value of an option
BUCKET = re.compile(r"(?<![\w./=-])(s3://|)(%s)(?=[:/\s]|$)" % "|".join(BUCKETS))


def is_of_an_example(line):
    """Exported variables, each way to credentials: test_examples resolves them as botocore does."""
    names = {"%s=%s" % pair for example in test_examples.EXAMPLES for pair in example.environment.items()}
    return line.removeprefix("export ") in names


ENVIRONMENT_OF_EXAMPLES = {command.line for command in documents.all_commands()
                           if command.line.startswith("export ") and is_of_an_example(command.line)}


class World:
    def __init__(self, home, server, names):
        self.home, self.server, self.names = home, server, names
        self.logs = home / "logs"
        self.daemons = {}  # by what they are mounted on
        for directory in ("logs", "bin", "mnt", "mnt/bucket", "mnt/data", "mnt/s3", "srv/s3", "srv/old", "bucket", "photos", "s3", "data", "try",
                          ".aws"):
            (home / directory).mkdir(parents=True)
        (home / "try" / "mnt").mkdir()
        self.add_program("aws", 'echo "aws $*" >>%s/ran' % home)  # the AWS CLI: what it would do was done
        self.add_program("pass", "echo TESTSECRET")
        for name, target in (("pail", "pail"), ("pailctl", "pailctl"), ("mount.fuse.pail", "pail"), ("mount.pail", "pail")):
            (home / "bin" / name).symlink_to(build.directory() / target)
        key, secret = USERS["test"]
        config = "".join("[%s]\nregion = us-east-1\nendpoint_url = %s\n" % (name if name == "default" else "profile " + name, server.endpoint)
                         for name in PROFILES)
        (home / ".aws/config").write_text(config)
        (home / ".aws/credentials").write_text("".join("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n" % (name, key, secret)
                                                       for name in PROFILES))

    def add_program(self, name, text):
        (self.home / "bin" / name).write_text("#!/bin/sh\n%s\n" % text)
        (self.home / "bin" / name).chmod(0o755)

    def environment(self):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("AWS_", "XDG_")) and not key.lower().endswith("_proxy")}
        return sanitizer.environment(self.logs, {**environment, "HOME": str(self.home), "AWS_ENDPOINT_URL": self.server.endpoint,
                                                 "AWS_EC2_METADATA_DISABLED": "true", "XDG_STATE_HOME": str(self.home / "state"),
                                                 "XDG_CACHE_HOME": str(self.home / "cache"),
                                                 "PATH": "%s:%s" % (self.home / "bin", environment["PATH"])})

    def localize(self, line):
        """With our directories, buckets and server in the place of those that are printed."""
        line = SERVERS.sub(self.server.endpoint, line)
        line = BUCKET.sub(lambda found: found[1] + self.names[found[2]], line)
        return re.sub(r"(?<=\s)/(?=mnt/|srv/)", "%s/" % self.home, line)

    def run(self, line, cwd=None):
        arguments = documents.fstab_arguments(line)
        text = self.localize(" ".join(map(shlex.quote, arguments)) if arguments else line)
        given = self.mountpoint_of(text)
        mountpoint = given and os.path.normpath(self.home / given)
        if mountpoint:
            self.unmount(mountpoint)  # another example's
            if os.geteuid() == 0:  # whose directories are not below HOME
                text += " -o state_dir=%s/state,cache_dir=%s/cache" % (self.home, self.home)
        done = subprocess.run(["bash", "-euc", "set -o pipefail; " + text], capture_output=True, text=True, timeout=60, cwd=cwd or self.home,
                              stdin=subprocess.DEVNULL, env=self.environment())
        sanitizer.check(self.logs, "pail", done.stderr)
        assert done.returncode == 0, (text, done.stdout, done.stderr)
        if mountpoint:
            assert find_mount(mountpoint), text
            self.daemons[mountpoint] = [pid for name in ("pail", "mount.fuse.pail")
                                        for pid in children_of_ours(self.home / "bin" / name, given)]
            assert len(self.daemons[mountpoint]) == 1
            os.listdir(mountpoint)
        return done.stdout

    def mountpoint_of(self, text):
        found = re.search(r"(?:^|&& )(?:pail|mount\.\S*pail) \S+ +(\S+)", text)
        return found[1].replace("~", str(self.home)) if found else None

    def unmount(self, mountpoint):
        """And waits for the daemon, which must have ended well."""
        if find_mount(mountpoint):
            subprocess.run(["fusermount3", "-u", mountpoint], check=True, timeout=60)
        for pid in self.daemons.pop(mountpoint, ()):
            wait_for(lambda pid=pid: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT), 60, "the end of pail")
            assert os.waitpid(pid, 0)[1] == 0, mountpoint

    def close(self):
        for mountpoint in [*self.daemons]:
            self.unmount(mountpoint)


@pytest.fixture
def world(tmp_path, server, new_bucket):
    buckets = {name: new_bucket() for name in BUCKETS}
    for bucket in buckets.values():
        bucket.client.put_bucket_acl(Bucket=bucket.name, ACL="public-read")
        for key in ("photos/cat.jpg", "public/page", "2026/report"):
            bucket.put(key, b"x")
    made = World(tmp_path / "world", server, {name: bucket.name for name, bucket in buckets.items()})
    made.buckets = buckets
    yield made
    made.close()


def is_run(line):
    first = line.split()[0]
    return first in ("pail", "pailctl", "umount", "fusermount3", "aws", "pass") or documents.ON_OBJECTS.search(line) is not None or \
        documents.fstab_arguments(line) is not None


def commands_to_run(document):
    return [command.line for command in documents.all_commands()
            if command.document == document and not documents.ON_OBJECTS.search(command.line) and command.line not in EXPLAINED and command.line not in ENVIRONMENT_OF_EXAMPLES]


def test_every_command_is_thought_of():
    for command in documents.all_commands():
        assert command.document == "scripts/try" or command.line in EXPLAINED or command.line in ENVIRONMENT_OF_EXAMPLES or \
            is_run(command.line), "nobody runs this, or says why not: %s: %s" % command
    found = {command.line for command in documents.all_commands()}
    assert not set(EXPLAINED) - found, "explained, and printed nowhere"
    assert len(found) > 50


def test_how_commands_are_found():
    """A document that prints a new command is noticed, in whatever block it stands."""
    text = "Text.\n\n    pail a b   # words\n\n```sh\npailctl x \\\n   y\n```\n\n```\nscripts/bench --z\nsrc/   the sources\n```\n\n```ini\n# ~/f\nk = v\n```\n"
    assert [line for kind, block in documents.blocks_of_markdown(text) for line in documents.commands_of_block(kind, block)] == [
        "pailctl x y", "scripts/bench --z", "pail a b"]
    text = ".Bd -literal\n$ pail a b\nprinted\n$ pailctl c \\e\n    d\n.Ed\n.Dl pail e f\n.Bd -literal\n# ~/f\nk = v\n.Ed\n"
    assert [line for kind, block in documents.blocks_of_manual(text) for line in documents.commands_of_block(kind, block)] == [
        "pail a b", "pailctl c d", "pail e f"]


def configure(world, line):
    """What asks questions gets answers."""
    terminal = Terminal(["/bin/sh", "-c", line], world.environment(), world.logs)
    for question, answer in (("key ID", "AKIDEXAMPLE"), ("secret", "ASECRET"), ("region", "eu-west-1"), ("ndpoint", "")):
        terminal.answer(question, answer)
    assert terminal.end()[0] == 0
    assert "aws_access_key_id = AKIDEXAMPLE" in (world.home / ".aws/credentials").read_text()


@pytest.mark.parametrize("document", sorted({command.document for command in documents.all_commands()} - {"scripts/try", "CONTRIBUTING.md",
                                                                                                          "docs/benchmarks.md"}))
@pytest.mark.timeout(300)
def test_commands(world, document):
    lines = commands_to_run(document)
    assert lines
    for line in [line for line in lines if not line.startswith("pailctl configure")]:
        world.run(line)
    world.close()
    for line in [line for line in lines if line.startswith("pailctl configure")]:
        if "--" in line.replace("--profile", ""):
            world.run(line)
        else:
            configure(world, line)


def test_what_the_commands_did(world):
    """They are run, and not only accepted: those of the manual of pailctl show and write what it says."""
    for line in commands_to_run("man/pailctl.1"):
        if line.startswith("pass "):
            world.run(line)
            text = (world.home / ".aws/credentials").read_text()
            assert re.search(r"\[minio\]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = TESTSECRET\n", text)
        elif line.startswith("pailctl buckets"):
            assert world.names["my-bucket"] in world.run(line)
        elif "jq" in line:
            assert world.run(line) == ""  # nothing failed
            assert "failed" not in world.run(line.replace("jq -r", "jq -e").replace('"failed"', '"ok"'))


def test_what_try_prints(world):
    """In the directory of scripts/try, with the bucket mounted on mnt as it does."""
    directory = world.home / "try"
    world.run("pail try %s/mnt" % directory)
    ran = []
    for _, line in documents.commands_of_try(endpoint=world.server.endpoint, bucket=world.names["try"]):
        if not line.startswith("./scripts/"):
            ran.append((line.split()[0], world.run(line, cwd=directory)))
    assert [name for name, _ in ran] == ["cp", "ls", "curl"]
    assert "os-release" in ran[1][1]
    with open("/etc/os-release", encoding="utf-8") as file:
        assert ran[2][1] == file.read()
