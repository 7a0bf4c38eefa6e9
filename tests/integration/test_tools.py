# SPDX-License-Identifier: Apache-2.0
"""Unmodified programs on the mount: what they copy is there after a remount with nothing kept, to the nanosecond."""
import os
import pathlib
import shutil
import subprocess

import pytest

from support import build, tree

GIT = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "A",
       "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


def git(directory, *arguments):
    return tree.run("git", "-C", directory, *arguments, env={**os.environ, **GIT, "HOME": "/nonexistent"})


def assert_same(source, copy):
    assert tree.listing(copy) == tree.listing(source)
    assert tree.checksums(copy) == tree.checksums(source)
    tree.run("diff", "-r", "--no-dereference", source, copy)


@pytest.fixture
def source(tmp_path):
    """A tree with two owners, odd names, symlinks, and times with nanoseconds."""
    root = tree.make(tmp_path / "source", seed=3, files=120)
    lines = tree.listing(root)
    assert any(" 1000 1000 " in line for line in lines) and any(" 0 0 " in line for line in lines)
    assert any(" l 777 " in line for line in lines)
    return root


def test_cp_archive(mount, bucket, source):
    m = mount(bucket)
    tree.run("cp", "-a", source, m.path / "copy")
    assert_same(source, m.path / "copy")
    m.remount()
    assert_same(source, m.path / "copy")
    files = [path for path in source.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) == 120
    for file in files[::7]:
        assert bucket.get("copy/" + str(file.relative_to(source))) == file.read_bytes()


def test_rsync(mount, bucket, source):
    m = mount(bucket)
    tree.run("rsync", "-a", str(source) + "/", m.path / "copy")
    m.remount()
    assert_same(source, m.path / "copy")
    again = tree.run("rsync", "-a", "-i", "--checksum", str(source) + "/", m.path / "copy")
    assert [line for line in again.splitlines() if not line.startswith(".d..t")] == []
    victim = next(path for path in sorted(source.rglob("plain*")) if path.is_file() and not path.is_symlink())
    victim.write_bytes(b"changed")
    tree.run("rsync", "-a", "--delete", "--inplace", str(source) + "/", m.path / "copy")
    assert_same(source, m.path / "copy")


def test_tar(mount, bucket, source, tmp_path):
    m = mount(bucket)
    tree.run("tar", "-C", source, "-cf", tmp_path / "t.tar", "--format=posix", ".")
    os.mkdir(m.path / "copy")
    tree.run("tar", "-C", m.path / "copy", "-xpf", tmp_path / "t.tar", "--same-owner", "--numeric-owner")
    m.remount()
    assert_same(source, m.path / "copy")
    tree.run("tar", "-C", m.path / "copy", "-cf", m.path / "back.tar", "--format=posix", ".")
    os.mkdir(tmp_path / "back")
    tree.run("tar", "-C", tmp_path / "back", "-xpf", m.path / "back.tar", "--numeric-owner")
    assert_same(source, tmp_path / "back")


def test_du_and_find_agree(mount, bucket, source):
    m = mount(bucket)
    tree.run("cp", "-a", source, m.path / "copy")
    m.remount()

    def bytes_of_files(path):
        sizes = tree.run("find", path, "-type", "f", "-printf", "%s\\n").split()
        return sum(map(int, sizes))

    def blocks_of_files(path):
        """du of each file, as a whole number of KiB of content."""
        return tree.run("find", path, "-type", "f", "-size", "+0", "-exec", "du", "-b", "{}", "+").count("\n")

    assert bytes_of_files(m.path / "copy") == bytes_of_files(source)
    assert blocks_of_files(m.path / "copy") == blocks_of_files(source)
    largest = max((path for path in source.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    copy = m.path / "copy" / largest.relative_to(source)
    assert abs(copy.stat().st_blocks * 512 - largest.stat().st_size) <= 4096
    assert tree.run("find", m.path / "copy", "-newer", copy) is not None
    assert set(os.listdir(m.path / "copy")) == set(os.listdir(source))


@pytest.fixture
def repository(tmp_path):
    """A small repository with a history."""
    path = tmp_path / "repository"
    tree.make(path, seed=5, files=60, owners=((0, 0),))
    git(path, "init", "-q", "-b", "main")
    for i in range(4):
        (path / "counter").write_text("%d\n" % i)
        git(path, "add", "-A")
        git(path, "commit", "-q", "-m", "change %d" % i)
    return path


def test_git(mount, bucket, repository):
    m = mount(bucket)
    clone = m.path / "clone"
    git(m.path, "clone", "-q", repository, clone)
    assert git(clone, "status", "--porcelain") == ""
    (clone / "new").write_text("new\n")
    (clone / "counter").write_text("5\n")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "on the mount")
    git(clone, "branch", "side")
    git(clone, "checkout", "-q", "side")
    git(clone, "fsck", "--strict")
    m.remount()
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "log", "--format=%s").splitlines() == ["on the mount", "change 3", "change 2", "change 1",
                                                             "change 0"]
    git(repository, "pull", "-q", clone, "main")
    assert (repository / "new").read_text() == "new\n"
    assert tree.checksums(repository).get("counter") == tree.checksums(clone).get("counter")
    assert not [key for key in bucket.keys() if key.endswith(".lock")]


def test_git_in_place(mount, bucket):
    """init, gc and a stash: packs, renames and lock files made on the mount itself."""
    m = mount(bucket)
    work = m.path / "work"
    git(m.path, "init", "-q", "-b", "main", work)
    for i in range(3):
        (work / ("f%d" % i)).write_text("%d\n" % i)
        git(work, "add", "-A")
        git(work, "commit", "-q", "-m", "c%d" % i)
    (work / "f0").write_text("dirty\n")
    git(work, "stash", "-q")
    assert (work / "f0").read_text() == "0\n"
    git(work, "stash", "pop", "-q")
    git(work, "commit", "-q", "-am", "dirty")
    git(work, "gc", "-q")
    git(work, "fsck", "--strict")
    assert git(work, "log", "--oneline").count("\n") == 4
    m.remount()
    git(work, "fsck", "--strict")
    assert git(work, "status", "--porcelain") == ""


def test_editors(mount, bucket):
    m = mount(bucket)
    (m.path / "f").write_text("one\ntwo\n")
    editor = shutil.which("vi") or shutil.which("vim")
    assert editor, "no vi is installed (scripts/setup --test)"
    result = subprocess.run([editor, "-e", "-s", str(m.path / "f")], input="%s/two/three/\nwq\n", text=True,
                            capture_output=True, timeout=60, env={**os.environ, "TERM": "dumb", "HOME": str(m.directory)})
    assert result.returncode == 0, result.stderr
    assert bucket.get("f") == b"one\nthree\n"
    tree.run("sed", "-i", "s/one/1/", m.path / "f")
    assert bucket.get("f") == b"1\nthree\n"
    assert bucket.files() == ["f"]


def test_compile_on_the_mount(mount, bucket):
    """make, a compiler, and a program that runs from the mount."""
    m = mount(bucket)
    for name in ("wire.h", "http.c", "kind.c", "shaping.c"):
        shutil.copy(build.SOURCE_DIR / "tests" / "support" / "wire" / name, m.path / name)
    (m.path / "main.c").write_text('#include <stdio.h>\nint main(void) { puts("runs"); return 0; }\n')
    (m.path / "Makefile").write_text("CFLAGS = -D_GNU_SOURCE -O1 -g\nall: program http.o kind.o shaping.o\n"
                                     "program: main.o\n\t$(CC) -o $@ $^\n")
    tree.run("make", "-C", m.path)
    assert tree.run(m.path / "program") == "runs\n"
    assert "Nothing to be done" in tree.run("make", "-C", m.path)
    m.remount()
    assert "Nothing to be done" in tree.run("make", "-C", m.path)
    assert tree.run(m.path / "program") == "runs\n"


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_cp_archive_of_usr_include(mount, bucket):
    m = mount(bucket, program=build.plain_pail())
    source = pathlib.Path("/usr/include")
    tree.run("cp", "-a", source, m.path / "include", timeout=900)
    m.remount()
    assert_same(source, m.path / "include")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_pail_builds_itself_on_the_mount(mount, bucket, tmp_path):
    """A clone of this tree, configured, made and checked on the mount."""
    m = mount(bucket, program=build.plain_pail())
    archive = tmp_path / "source.tar"
    names = subprocess.run(["git", "-C", str(build.SOURCE_DIR), "ls-files", "-co", "--exclude-standard", "-z"],
                           check=True, capture_output=True).stdout
    subprocess.run(["tar", "-C", str(build.SOURCE_DIR), "--null", "-T", "-", "-cf", str(archive)], input=names,
                   check=True)
    tree.run("tar", "-C", m.path, "-xf", archive, timeout=600)
    os.mkdir(m.path / "build")
    tree.run("autoreconf", "-fi", cwd=m.path, timeout=1200)
    tree.run("../configure", cwd=m.path / "build", timeout=1200)
    tree.run("make", "-j2", cwd=m.path / "build", timeout=1800)
    tree.run("make", "check", cwd=m.path / "build", timeout=1800)
    m.remount()
    assert "usage" in tree.run(m.path / "build" / "pail", "-h").lower()
