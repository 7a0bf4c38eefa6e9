# SPDX-License-Identifier: Apache-2.0
"""The FUSE driver alone, over a file system in memory (tests/support/fakefs): interrupts, many hung calls at once, and
the ends of a mount. A file whose name begins with "hang" never answers a read."""
import errno
import os
import select
import signal
import subprocess
import sys
import time

import pytest

from support import build, sanitizer, tree
from support.mount import abort_connection, find_mount
from support.posix import raises


class Fake:
    def __init__(self, directory, threads):
        self.directory = directory
        self.path = directory / "mnt"
        self.path.mkdir()
        program = build.directory() / "tests" / "support" / "fakefs" / "fakefs"
        self.process = subprocess.Popen([program, self.path, str(threads)], stdout=subprocess.PIPE, text=True,
                                        env=sanitizer.environment(directory, dict(os.environ)))
        assert self.process.stdout.readline() == "ready\n"
        (self.path / "hang").touch()
        os.truncate(self.path / "hang", 1 << 20)

    def end(self, timeout_s=60):
        """Waits for its end, and returns what it printed then."""
        text, _ = self.process.communicate(timeout=timeout_s)
        assert self.process.returncode == 0
        sanitizer.check(self.directory, "fakefs")
        return text

    def unmount(self):
        subprocess.run(["fusermount3", "-u", self.path], check=True)
        return self.end()

    def clean_up(self):
        if self.process.poll() is None:
            abort_connection(self.path)
            self.process.terminate()
            self.process.wait(60)
        self.process.stdout.close()


@pytest.fixture
def fake(tmp_path):
    made = []

    def make(threads=8):
        directory = tmp_path / ("fake%d" % len(made))
        directory.mkdir()
        made.append(Fake(directory, threads))
        return made[-1]

    yield make
    for each in made:
        each.clean_up()


def reader(path, setup="", on_error="print(error.errno)"):
    """A program that prints "go", reads from a file that hangs, and then says how that ended."""
    script = """
import mmap, os, signal, sys, time
flags = 0
%s
fd = os.open(sys.argv[1], os.O_RDONLY | flags)
print("go", flush=True)
start = time.monotonic()
try:
    os.readv(fd, [mmap.mmap(-1, 4096)])
    print("read")
except OSError as error:
    %s
print(time.monotonic() - start, flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", script % (setup, on_error), path], stdout=subprocess.PIPE,
                               text=True)
    assert process.stdout.readline() == "go\n"
    time.sleep(0.3)
    return process


def seconds_until_end(process):
    start = time.monotonic()
    process.wait(60)
    process.stdout.close()
    return time.monotonic() - start


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_fatal_signal_ends_a_hung_call_at_once(fake, number):
    setup = "signal.signal(signal.SIGINT, signal.SIG_DFL); import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"
    process = reader(fake().path / "hang", setup)
    process.send_signal(number)
    assert seconds_until_end(process) < 1.5
    assert process.returncode == -number


# A handler that raises ends Python's own repetition of the call.
HANDLER = """
class Interrupted(OSError):
    pass
def handle(number, frame):
    raise Interrupted(%d, "interrupted")
signal.signal(signal.SIGUSR1, handle)
""" % errno.EINTR


@pytest.mark.parametrize("setup, limit_s", [("flags = os.O_DIRECT", 3), ("", 7)], ids=["direct", "cached"])
def test_other_signal_ends_it_after_two_seconds(fake, setup, limit_s):
    """Twice as late through the page cache, where a second request follows the first."""
    process = reader(fake().path / "hang", HANDLER + setup)
    process.send_signal(signal.SIGUSR1)
    start = time.monotonic()
    assert process.stdout.readline() == "%d\n" % errno.EINTR
    assert 1.5 < time.monotonic() - start < limit_s
    process.wait(60)
    process.stdout.close()


@pytest.mark.parametrize("setup, number", [
    ("signal.signal(signal.SIGUSR1, signal.SIG_IGN)", signal.SIGUSR1),
    ("signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])", signal.SIGUSR1),
    ("", signal.SIGCHLD), ("", signal.SIGWINCH),
])
def test_signals_that_do_nothing_do_not_interrupt(fake, setup, number):
    process = reader(fake().path / "hang", setup)
    process.send_signal(number)
    assert not select.select([process.stdout], [], [], 3.5)[0]
    process.kill()
    assert seconds_until_end(process) < 1.5


def test_dead_readers_hold_no_thread(fake):
    """The kernel tells nobody that the reader of a cached read was killed."""
    mount = fake(threads=4)
    for _ in range(10):
        reader(mount.path / "hang").kill()
    # With a thread held by each of them, nobody would ever answer.
    tree.run("ls", mount.path, timeout=60)
    tree.run("touch", mount.path / "f", timeout=60)
    time.sleep(3)  # files are released behind their readers' back
    assert "handles 0" in mount.unmount()


def test_job_control_does_not_fail_the_call(fake):
    """Ctrl-Z and fg: the program must not see EINTR."""
    process = reader(fake().path / "hang")
    process.send_signal(signal.SIGTSTP)
    time.sleep(3)
    process.send_signal(signal.SIGCONT)
    assert not select.select([process.stdout], [], [], 1)[0]
    process.kill()
    assert seconds_until_end(process) < 1.5


def test_more_hung_calls_than_threads(fake):
    """With every thread busy the device is still read: others are served late, but all can be killed at once."""
    mount = fake(threads=4)
    readers = []
    for number in range(12):
        path = mount.path / ("hang%d" % number)
        path.touch()
        os.truncate(path, 4096)
    for number in range(12):
        readers.append(subprocess.Popen(["cat", mount.path / ("hang%d" % number)], stdout=subprocess.DEVNULL))
    time.sleep(1)
    for process in readers:
        process.kill()
    for process in readers:
        process.wait(60)  # their files never answer
    assert sorted(os.listdir(mount.path)) == sorted(["hang"] + ["hang%d" % number for number in range(12)])
    time.sleep(2)  # files are released behind their readers' back
    assert "handles 0" in mount.unmount()


def test_cut_connection_ends_everything(fake):
    mount = fake()
    process = reader(mount.path / "hang")
    abort_connection(mount.path)
    assert process.stdout.readline() in ("%d\n" % errno.ECONNABORTED, "%d\n" % errno.ENOTCONN)
    process.wait(60)
    process.stdout.close()
    assert mount.end().startswith("result 0 ")
    assert not find_mount(mount.path)


def test_stop_with_a_hung_call(fake):
    mount = fake()
    process = reader(mount.path / "hang")
    mount.process.terminate()
    assert mount.end().startswith("result 0 ")
    assert not find_mount(mount.path)
    assert process.stdout.readline() != "read\n"
    process.wait(60)
    process.stdout.close()


def test_lookups_and_handles_are_balanced(fake):
    """Killed at random moments while they open, list and make files: the kernel and the driver must agree on what is open."""
    mount = fake()
    directory = mount.path / "d"
    directory.mkdir()
    for number in range(300):
        (directory / ("f%d" % number)).write_bytes(b"x" * number)
    script = 'while :; do ls -l "$0" >/dev/null; echo x > "$0/new$$"; cat "$0"/f1* >/dev/null; rm "$0/new$$"; done'
    for delay in range(10):
        shell = subprocess.Popen(["sh", "-c", script, directory], stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(0.03 + delay * 0.007)
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait(60)
    with open("/proc/sys/vm/drop_caches", "w") as control:
        control.write("2")
    assert "handles 0" in mount.unmount()


def test_what_is_not_supported(fake):
    mount = fake()
    path = mount.path / "f"
    path.write_bytes(b"12345")
    with raises(errno.EPERM):
        os.link(path, mount.path / "g")
    with raises(errno.EOPNOTSUPP):
        os.setxattr(path, "user.a", b"b")
    with raises(errno.EOPNOTSUPP):
        os.listxattr(path) or os.getxattr(path, "user.a")
    with open(path, "r+b") as file:
        os.posix_fallocate(file.fileno(), 0, 10)  # libc's own way, by writing
        assert file.seek(2, os.SEEK_DATA) == 2
    assert path.read_bytes() == b"12345" + bytes(5)


def test_requests_are_large(fake):
    """One write of 1 MiB is one request, whatever the file's name holds; the read-ahead is as large."""
    mount = fake()
    data = os.urandom((5 << 20) + 13)
    name = mount.path / "a b\nc,d"
    name.write_bytes(data)
    with open("/proc/sys/vm/drop_caches", "w") as control:
        control.write("1")
    assert name.read_bytes() == data
    device = os.stat(mount.path).st_dev
    with open("/sys/class/bdi/%d:%d/read_ahead_kb" % (os.major(device), os.minor(device))) as setting:
        assert setting.read() == "1024\n"
