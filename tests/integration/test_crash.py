# SPDX-License-Identifier: Apache-2.0
"""kill -9 at exact points, and at random ones: afterwards the mount point can be unmounted and mounted again, a key that
existed is absent only if it was unlinked, one name of a rename holds all bytes, and every key is the old version or a
complete new one.

The wire holds the request at which the daemon is to die: before it was passed on, or with the answer at hand.
"""
import errno
import os
import random
import subprocess
import sys
import time

import pytest

from support import tree
from support.mount import wait_for
from support.posix import raises

MIB = 1 << 20
OPTIONS = {"copy_threshold": "8M", "part_size": "5M"}
OLD, NEW = tree.random_bytes(300_000, 1), tree.random_bytes(300_001, 2)
OLD_LARGE, NEW_LARGE = tree.random_bytes(13 * MIB, 3), tree.random_bytes(14 * MIB, 4)


class Case:
    """What is there before, what is done, and what may be there afterwards (None: absent)."""

    def __init__(self, before, script, allowed, pairs=(), points=()):
        self.before = before
        self.script = script
        self.allowed = allowed
        self.pairs = pairs  # (old name, new name, content): one of them must hold it
        self.points = points  # (kind, nth)


def save(name, mode, data):
    """With the error of close(), which the end of a file object would swallow."""
    with open(name, mode, buffering=0) as file:
        while data:
            data = data[file.write(data):]


def spread(name, count):
    return {"%s/f%d" % (name, i): b"%d" % i * 1000 for i in range(count)}


CASES = {
    "create": Case({}, "save('f', 'wb', NEW)", {"f": [None, NEW]}, points=[("PutObject", 1)]),
    "overwrite": Case({"f": OLD}, "save('f', 'wb', NEW)", {"f": [OLD, NEW]}, points=[("PutObject", 1)]),
    "create large": Case({}, "save('f', 'wb', NEW_LARGE)", {"f": [None, NEW_LARGE]}, points=[
        ("CreateMultipartUpload", 1), ("UploadPart", 1), ("UploadPart", 3), ("CompleteMultipartUpload", 1)]),
    "overwrite large": Case({"f": OLD_LARGE}, "save('f', 'wb', NEW_LARGE)", {"f": [OLD_LARGE, NEW_LARGE]}, points=[
        ("CreateMultipartUpload", 1), ("UploadPart", 1), ("UploadPart", 2), ("UploadPart", 3),
        ("CompleteMultipartUpload", 1)]),
    "append large": Case({"f": OLD_LARGE}, "save('f', 'ab', NEW)", {"f": [OLD_LARGE, OLD_LARGE + NEW]}, points=[
        ("UploadPartCopy", 1), ("CompleteMultipartUpload", 1)]),
    "chmod": Case({"f": OLD}, "os.chmod('f', 0o600)", {"f": [OLD]}, points=[("CopyObject", 1)]),
    "rename": Case({"f": OLD}, "os.rename('f', 'g')", {"f": [None, OLD], "g": [None, OLD]}, [("f", "g", OLD)],
                   points=[("CopyObject", 1), ("DeleteObject", 1)]),
    "rename over": Case({"f": OLD, "g": NEW}, "os.rename('f', 'g')", {"f": [None, OLD], "g": [NEW, OLD]},
                        [("f", "g", OLD)], points=[("CopyObject", 1), ("DeleteObject", 1)]),
    "rename large": Case({"f": OLD_LARGE}, "os.rename('f', 'g')", {"f": [None, OLD_LARGE], "g": [None, OLD_LARGE]},
                         [("f", "g", OLD_LARGE)], points=[("UploadPartCopy", 1), ("UploadPartCopy", 2),
                                                          ("CompleteMultipartUpload", 1), ("DeleteObject", 1)]),
    "rename directory": Case(
        spread("d", 6), "os.rename('d', 'e')",
        {**{key: [None, body] for key, body in spread("d", 6).items()},
         **{key: [None, body] for key, body in spread("e", 6).items()}},
        [("d/f%d" % i, "e/f%d" % i, b"%d" % i * 1000) for i in range(6)],
        points=[("CopyObject", 1), ("CopyObject", 4), ("CopyObject", 6), ("Delete*", 1)]),
    "unlink": Case({"f": OLD, "g": NEW}, "os.unlink('f')", {"f": [None, OLD], "g": [NEW]}, points=[("DeleteObject", 1)]),
}
PROGRAM = """
import os, sys
sys.path.insert(0, %r)
from test_crash import NEW, NEW_LARGE, save
os.chdir(sys.argv[1])
%s
""" % (os.path.dirname(__file__), "exec(sys.argv[2])")


def check(bucket, case):
    """The bucket after the crash; returns what is there."""
    there = {key: bucket.get(key) for key in bucket.files() if not key.startswith(".pail/")}
    for key, allowed in case.allowed.items():
        assert there.get(key) in allowed, "%s is %s" % (key, "absent" if key not in there else "torn")
    assert set(there) <= set(case.allowed)
    for old, new, body in case.pairs:
        assert body in (there.get(old), there.get(new)), "neither %s nor %s holds all bytes" % (old, new)
    return there


def list_cases():
    for name, case in CASES.items():
        for kind, nth in case.points:
            for action in ("hold", "hold-after"):
                yield pytest.param(name, kind, nth, action, id="%s-%s%d-%s" % (
                    name.replace(" ", "-"), kind, nth, "before" if action == "hold" else "after"))


@pytest.mark.parametrize("name, kind, nth, action", list_cases())
def test_killed_at_a_request(mount, bucket, wire, name, kind, nth, action):
    case = CASES[name]
    bucket.allow_uploads = True
    for key, body in case.before.items():
        bucket.put(key, body)
    m = mount(bucket, wire=wire, **OPTIONS)
    list(os.walk(m.path))
    rule = wire.rule(action, kind=kind, nth=nth)
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, str(m.path), case.script], stderr=subprocess.DEVNULL)
    rule.wait()
    m.kill()
    rule.drop()
    wire.cut()
    assert program.wait(60) != 0, "the program was told of success"
    wait_for(lambda: wire.status()["connections"] == 0, 10, "the dead daemon's connections to end")
    there = check(bucket, case)
    m.start()
    assert {str(path.relative_to(m.path)) for path in m.path.rglob("*") if path.is_file()} == set(there)
    check(bucket, case)
    for key, body in there.items():
        assert (m.path / key).read_bytes() == body
    (m.path / "again").write_bytes(b"works")
    assert bucket.get("again") == b"works"


WORKLOAD = """
import os, random, sys
os.chdir(sys.argv[1])
generator = random.Random(int(sys.argv[2]))
log = open(sys.argv[3], "a", buffering=1)
for step in range(100000):
    name = "f%d" % generator.randrange(6)
    action = generator.choice("wwwwrrud")
    size = generator.choice([100, 5000, 200000, 6 << 20])
    body = b"%08d" % step * (size // 8)
    try:
        if action == "w":
            print("begin write", name, step, size // 8, file=log)
            with open(name, "wb", buffering=0) as file:
                file.write(body)
            print("end write", name, step, size // 8, file=log)
        elif action == "r":
            other = "f%d" % generator.randrange(6)
            if os.path.exists(name) and name != other:
                print("begin rename", name, other, file=log)
                os.rename(name, other)
                print("end rename", name, other, file=log)
        elif action == "u" and os.path.exists(name):
            print("begin unlink", name, file=log)
            os.unlink(name)
            print("end unlink", name, file=log)
    except FileNotFoundError:
        sys.exit("a file is missing: " + name)
    except OSError:
        sys.exit(0)
"""


def replay(lines):
    """{name: [contents that it may have]} after the log of the workload; a content is (step, count), None is absent.
    Also the content that a rename under way must still have somewhere."""
    state = {"f%d" % i: None for i in range(6)}
    pending = None
    for line in lines:
        words = line.split()
        if words[0] == "begin":
            pending = words[1:]
            continue
        apply(state, pending)
        pending = None
    allowed = {name: [content] for name, content in state.items()}
    moving = None
    if pending:
        moving = state[pending[1]] if pending[0] == "rename" else None
        after = dict(state)
        apply(after, pending)
        for name in state:
            if after[name] != state[name]:
                allowed[name].append(after[name])
    return allowed, moving


def apply(state, words):
    if words[0] == "write":
        state[words[1]] = (int(words[2]), int(words[3]))
    elif words[0] == "unlink":
        state[words[1]] = None
    else:
        state[words[2]], state[words[1]] = state[words[1]], None


def body_of(content):
    return None if content is None else b"%08d" % content[0] * content[1]


@pytest.mark.parametrize("seed", range(8))
def test_killed_at_random(mount, bucket, wire, tmp_path, seed):
    generator = random.Random(seed)
    bucket.allow_uploads = True
    wire.set(latency=2, jitter=2, seed=seed)
    m = mount(bucket, wire=wire, **OPTIONS)
    log = tmp_path / "workload"
    program = subprocess.Popen([sys.executable, "-c", WORKLOAD, str(m.path), str(seed), str(log)],
                               stderr=subprocess.PIPE, text=True)
    time.sleep(generator.uniform(0.3, 1.3))
    m.kill()
    wire.cut()
    assert program.wait(60) == 0, program.stderr.read()
    program.stderr.close()
    time.sleep(0.3)  # a request that had reached the server may still be at work there
    allowed, moving = replay(log.read_text().splitlines())
    there = {key: bucket.get(key) for key in bucket.files() if not key.startswith(".pail/")}
    for name, contents in allowed.items():
        assert there.get(name) in [body_of(content) for content in contents], name
    assert set(there) <= set(allowed)
    if moving:
        assert body_of(moving) in there.values(), "a rename lost its bytes"
    m.start()
    assert {path.name for path in m.path.iterdir()} == set(there)
    for name, body in there.items():
        assert (m.path / name).read_bytes() == body


def test_spooled_bytes_are_kept_for_a_person(mount, bucket, wire):
    """What a killed daemon had not sent lies in lost+found after the next mount, and is not sent by itself."""
    m = mount(bucket, wire=wire, **OPTIONS)
    file = open(m.path / "f", "wb", buffering=0)
    file.write(b"precious unsent bytes")
    m.kill(unmount=False)
    with raises(errno.ENOTCONN):
        file.close()
    assert m.unmount_dead()
    m.start()
    assert os.listdir(m.path) == []
    lost, = m.lost_files()
    assert lost.read_bytes() == b"precious unsent bytes"
    assert "f" in lost.with_name(lost.name + ".txt").read_text()
    m.unmount()
    assert bucket.keys() == []
