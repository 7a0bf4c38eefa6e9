# SPDX-License-Identifier: Apache-2.0
"""Descriptors that several processes hold: no version is ever published that no program meant to be one.

The bucket is versioned, so that the witness sees every version that there ever was, however short its life.
"""
import os
import subprocess
import sys
import time

import pytest

from support import tree

FORKING = """
import os, sys, time
file = os.open(sys.argv[1], os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o644)
os.write(file, b"parent ")
child = os.fork()
if child == 0:
    os.write(file, b"child ")
    os.close(file)
    os._exit(0)
os.waitpid(child, 0)
time.sleep(0.3)
os.write(file, b"parent again")
os.close(file)
"""

SPAWNING = """
import os, subprocess, sys
file = os.open(sys.argv[1], os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o644)
for i in range(3):
    os.write(file, b"line %d\\n" % i)
    subprocess.run(["sh", "-c", "echo from the shell"], stdout=file, check=True)
os.close(file)
"""


def published(bucket, key):
    """The content of every version of a key, oldest first."""
    answer = bucket.client.list_object_versions(Bucket=bucket.name, Prefix=key)
    versions = sorted((entry for entry in answer.get("Versions", ()) if entry["Key"] == key),
                      key=lambda entry: entry["LastModified"])
    return [bucket.client.get_object(Bucket=bucket.name, Key=key, VersionId=entry["VersionId"])["Body"].read()
            for entry in versions]


@pytest.fixture
def path(mount, bucket):
    bucket.enable_versioning()
    return mount(bucket).path


def shell(path, script):
    tree.run("sh", "-c", script, cwd=path)


@pytest.mark.parametrize("exists", [False, True])
def test_commands_in_a_subshell(path, bucket, exists):
    if exists:
        bucket.put("f", b"old")
        time.sleep(1.1)
    shell(path, "(echo one; sleep 0.4; echo two) > f")
    assert published(bucket, "f") == [b"old"] * exists + [b"one\ntwo\n"]


def test_external_commands_in_a_group(path, bucket):
    shell(path, "{ /bin/echo one; sleep 0.4; /bin/echo two; } > f; cat f")
    assert published(bucket, "f") == [b"one\ntwo\n"]


def test_appending_twice(path, bucket):
    shell(path, "echo one >> f")
    time.sleep(1.1)
    shell(path, "/bin/echo two >> f")
    assert published(bucket, "f") == [b"one\n", b"one\ntwo\n"]


def test_appending_twice_at_once(path, bucket):
    shell(path, "echo one >> f; echo two >> f; /bin/echo three >> f")
    assert published(bucket, "f")[-1] == b"one\ntwo\nthree\n"
    assert all(b"one\ntwo\nthree\n".startswith(body) and body.endswith(b"\n") for body in published(bucket, "f"))


def test_forked_writer(path, bucket):
    subprocess.run([sys.executable, "-c", FORKING, path / "f"], check=True, timeout=60)
    assert published(bucket, "f") == [b"parent child parent again"]


def test_children_that_inherit(path, bucket):
    subprocess.run([sys.executable, "-c", SPAWNING, path / "f"], check=True, timeout=60)
    expected = b"".join(b"line %d\nfrom the shell\n" % i for i in range(3))
    assert published(bucket, "f") == [expected]


def test_opener_that_ends_before_its_child(path, bucket):
    """The last descriptor belongs to a process that outlives the one that opened the file."""
    shell(path, "( (sleep 0.7; echo late) & echo early ) > f")
    deadline = time.monotonic() + 15
    while published(bucket, "f")[-1:] != [b"early\nlate\n"] and time.monotonic() < deadline:
        time.sleep(0.2)
    versions = published(bucket, "f")
    assert versions[-1] == b"early\nlate\n"
    assert set(versions) <= {b"early\n", b"early\nlate\n"}  # what the opener closed was complete to it


def test_pipeline_into_a_file(path, bucket):
    shell(path, "seq 1 50000 | sort -rn | tee f > g")
    expected = "".join("%d\n" % i for i in range(50000, 0, -1)).encode()
    assert published(bucket, "f") == [expected] and published(bucket, "g") == [expected]


def test_reader_never_sees_half(mount, bucket, new_bucket):
    """While a file is written over again and again, whoever reads the bucket sees one whole version or another."""
    where = new_bucket()
    m = mount(where, part_size="5M")
    writer = subprocess.Popen(["sh", "-c", "for i in 1 2 3 4 5 6; do for p in 1 2 3 4 5 6 7 8; do "
                               "head -c 1000000 /dev/zero | tr '\\0' $i; done > f; done"], cwd=m.path)
    seen = set()
    while writer.poll() is None:
        if where.exists("f"):
            body = where.get("f")
            assert len(body) == 8_000_000 and body == body[:1] * len(body), "%d bytes" % len(body)
            seen.add(body[:1])
        time.sleep(0.02)
    assert writer.returncode == 0
    assert where.get("f") == b"6" * 8_000_000
    assert len(seen) >= 2
    assert os.stat(m.path / "f").st_size == 8_000_000
