# SPDX-License-Identifier: Apache-2.0
"""Many programs at once, on the build with ThreadSanitizer where there is one: its complaints fail the test."""
import os
import random
import threading

import pytest

from support import build, tree

MIB = 1 << 20


@pytest.fixture(params=["asan", "tsan"])
def program(request):
    if request.param == "asan":
        return build.pail()
    program = build.tsan_pail()
    if program is None:
        pytest.skip("PAIL_TEST_TSAN_BUILDDIR is not set: no build with ThreadSanitizer to test")
    assert program.exists(), "%s is not built" % program
    return program


def together(*functions):
    problems = []

    def guarded(function):
        try:
            function()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def test_parallel_cp(mount, bucket, program, tmp_path):
    m = mount(bucket, program=program, part_size="5M")
    source = tree.make(tmp_path / "source", files=40)
    (source / "large").write_bytes(tree.random_bytes(12 * MIB, 1))
    together(*[lambda i=i: tree.run("cp", "-a", source, m.path / ("copy%d" % i)) for i in range(4)])
    together(*[lambda i=i: tree.run("diff", "-r", "--no-dereference", source, m.path / ("copy%d" % i))
               for i in range(4)],
             lambda: tree.run("find", m.path, "-ls"), lambda: tree.run("du", "-s", m.path))
    m.remount()
    sums = tree.checksums(source)
    together(*[lambda i=i: check_equal(tree.checksums(m.path / ("copy%d" % i)), sums) for i in range(4)])
    together(*[lambda i=i: tree.run("rm", "-r", m.path / ("copy%d" % i)) for i in range(4)])
    assert bucket.keys() == []


def check_equal(left, right):
    assert left == right


def test_threads_on_one_file(mount, bucket, program):
    """Writers of disjoint ranges and readers through descriptors of their own."""
    m = mount(bucket, program=program, part_size="5M")
    size, piece = 8 * MIB, 64 * 1024
    (m.path / "f").write_bytes(bytes(size))
    expected = bytearray(size)
    generator = random.Random(1)
    pieces = [(offset, generator.randbytes(piece)) for offset in range(0, size, piece)]
    for offset, data in pieces:
        expected[offset:offset + piece] = data

    def write(mine):
        with open(m.path / "f", "r+b", buffering=0) as file:
            for offset, data in mine:
                os.pwrite(file.fileno(), data, offset)

    def read():
        for _ in range(3):
            with open(m.path / "f", "rb", buffering=0) as file:
                for offset in range(0, size, 3 * piece):
                    data = os.pread(file.fileno(), piece, offset)
                    assert data in (bytes(piece), expected[offset:offset + piece]) or len(data) == piece

    with open(m.path / "f", "r+b", buffering=0):
        together(*[lambda i=i: write(pieces[i::4]) for i in range(4)], read, read)
    assert bucket.get("f") == bytes(expected)


def test_names_under_contention(mount, bucket, program):
    """Create, rename over, stat, list and unlink the same few names from many threads."""
    m = mount(bucket, program=program, ttl="100ms")

    def churn(seed):
        generator = random.Random(seed)
        for step in range(30):
            name, other = (m.path / ("n%d" % generator.randrange(4)) for _ in range(2))
            try:
                action = generator.randrange(5)
                if action == 0:
                    name.write_bytes(b"%d" % step * 100)
                elif action == 1:
                    os.rename(name, other)
                elif action == 2:
                    os.unlink(name)
                elif action == 3:
                    os.listdir(m.path)
                else:
                    name.read_bytes()
            except (FileNotFoundError, FileExistsError):
                pass
            except OSError as error:
                assert error.errno == 116, error  # ESTALE: it was replaced while it was open

    together(*[lambda seed=seed: churn(seed) for seed in range(6)])
    left = {path.name for path in m.path.iterdir()}
    assert left == set(bucket.files())
    for name in left:
        assert (m.path / name).read_bytes() == bucket.get(name)


def test_all_buckets_at_once(mount, new_bucket, program, tmp_path):
    """Trees are entered, written, left and compared side by side, while buckets come and go beside them."""
    buckets = [new_bucket() for _ in range(4)]
    source = tree.make(tmp_path / "source", files=12)
    sums = tree.checksums(source)
    m = mount("s3://", program=program, manage_buckets=True, ttl="100ms")

    def come_and_go(number):
        for i in range(6):
            path = m.path / ("t%d-comes-%d-%d" % (os.getpid(), number, i))
            os.mkdir(path)
            (path / "f").write_bytes(b"x")
            os.unlink(path / "f")
            os.rmdir(path)

    def fill(where):
        tree.run("cp", "-a", source, m.path / where.name / "copy")
        check_equal(tree.checksums(m.path / where.name / "copy"), sums)

    together(*[lambda where=where: fill(where) for where in buckets], *[lambda i=i: come_and_go(i) for i in range(3)],
             *[lambda: [os.listdir(m.path) for _ in range(20)] for _ in range(2)])  # what comes and goes may be gone
    one, *others = [m.path / where.name for where in buckets]
    together(*[lambda other=other: tree.run("cp", "-a", one / "copy", other / "again") for other in others],
             *[lambda other=other: tree.run("cp", "-a", other / "copy", one / other.name) for other in others])
    m.unmount()
    for where in buckets[1:]:
        assert len(where.files("again/")) == len(buckets[0].files(where.name + "/")) == len(where.files("copy/"))
