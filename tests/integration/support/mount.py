# SPDX-License-Identifier: Apache-2.0
"""Mounts: starts the program under test, waits until it serves, and sees to it that it ends and ended well.

This process declares itself the reaper of orphans, so that the exit status of a daemon that went into the background
is ours to check too. Nothing here touches a mount point by its path to find out whether it is alive: a mount that
hangs would hang the tests.
"""
import ctypes
import itertools
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import pytest

from . import build, sanitizer

PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

START_TIMEOUT_S = 120
END_TIMEOUT_S = 180
PATIENCE_S = 60  # how long anything may take on a machine that is busy with other things


class MountFailed(Exception):
    """The program ended instead of mounting."""

    def __init__(self, status, text):
        super().__init__("exit status %s: %s" % (status, text))
        self.status = status
        self.text = text


def find_mount(path):
    """(device minor, type) of what is mounted last at a path, or None. Reads /proc only."""
    found = None
    wanted = os.fsencode(str(path)).decode("latin-1")
    with open("/proc/self/mountinfo", encoding="latin-1") as table:
        for line in table:
            fields = line.split(" ")
            mountpoint = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n")
            if mountpoint.replace("\\134", "\\") == wanted:
                found = int(fields[2].split(":")[1]), fields[fields.index("-") + 1]
    return found


def abort_connection(path):
    """Ends every call that waits on a mount, without any help of its daemon."""
    mount = find_mount(path)
    if not mount:
        return
    connections = "/sys/fs/fuse/connections"
    if not find_mount(connections) and os.geteuid() == 0:
        subprocess.run(["mount", "-t", "fusectl", "fusectl", connections], stderr=subprocess.DEVNULL)
    try:
        with open("%s/%d/abort" % (connections, mount[0]), "w") as control:
            control.write("1")
    except OSError:
        pass


PRIVATE_MOUNTS = ["unshare", "-m", "--propagation", "private"]


def need_private_mounts():
    """A mount namespace of our own; a chroot whose root is no mount point cannot have one."""
    if os.geteuid() != 0:
        pytest.skip("a mount namespace needs root")
    attempt = subprocess.run(PRIVATE_MOUNTS + ["true"], capture_output=True, text=True)
    if attempt.returncode != 0:
        pytest.skip("no mount namespace of its own is to be had here: " + attempt.stderr.strip())


def option_string(options):
    """{"ttl": 1, "ro": True, "rw": False} as "ttl=1,ro"."""
    words = []
    for key, value in options.items():
        if value is True:
            words.append(key)
        elif value is not False and value is not None:
            words.append("%s=%s" % (key, str(value).replace("\\", "\\\\").replace(",", "\\,")))
    return ",".join(words)


def wait_for(condition, timeout_s, what):
    """Polls until the condition is true, and returns what it was. timeout_s: for what takes more than PATIENCE_S."""
    timeout_s = max(timeout_s, PATIENCE_S)
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("waited %g s for %s" % (timeout_s, what))
        time.sleep(0.01)


def children_of_ours(program, mountpoint):
    """Processes that run a program with a mount point among their arguments."""
    for directory in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            arguments = (directory / "cmdline").read_bytes().split(b"\0")
            parent = int((directory / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if parent == os.getpid() and os.fsencode(str(mountpoint)) in arguments and \
                os.path.basename(arguments[0]) == os.fsencode(program.name):
            yield int(directory.name)


class Mount:
    def __init__(self, factory, source, options, program, foreground, environment, wrapper, mountpoint):
        number = next(factory.numbers)
        self.factory = factory
        self.source = source
        self.options = options
        self.program = program
        self.foreground = foreground
        self.extra_environment = environment
        self.wrapper = wrapper
        self.directory = factory.directory / ("mount%d" % number)
        self.directory.mkdir()
        self.path = pathlib.Path(mountpoint) if mountpoint else self.directory / "mnt"
        if not mountpoint:
            self.path.mkdir()
        self.log_path = self.directory / "stderr"
        self.generations = itertools.count()
        self.pid = None
        self.was_mounted = False
        self.expected_status = 0
        self.allowed_statuses = ()
        self.fresh_directories()

    # ---- life ----

    def fresh_directories(self):
        """New, empty cache and state directories for the next start."""
        generation = next(self.generations)
        self.cache_dir = self.directory / ("cache%d" % generation)
        self.state_dir = self.directory / ("state%d" % generation)

    def command(self):
        options = dict(self.options)
        options.setdefault("cache_dir", self.cache_dir)
        options.setdefault("state_dir", self.state_dir)
        words = [*self.wrapper, str(self.program), self.source, str(self.path), "-o", option_string(options)]
        return words + ["-f"] if self.foreground else words

    def environment(self):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("AWS_", "XDG_")) and not key.lower().endswith("_proxy")}
        environment["HOME"] = str(self.factory.home)
        environment["AWS_EC2_METADATA_DISABLED"] = "true"  # this machine's credentials, if it has any, are not ours
        environment.update(self.extra_environment)
        return sanitizer.environment(self.directory, environment)

    def start(self):
        self.expected_status = 0
        covered = find_mount(self.path)
        log = open(self.log_path, "ab")
        process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env=self.environment(), start_new_session=True)
        log.close()
        self.pid = process.pid
        process.returncode = 0  # we wait for it ourselves
        if self.foreground:
            self.wait_until_mounted(covered)
        else:
            status = self.reap(START_TIMEOUT_S)
            if status != 0:
                raise MountFailed(status, self.log())
            if find_mount(self.path) == covered:
                raise AssertionError("exit status 0, but nothing is mounted on %s" % self.path)
            self.pid = next(children_of_ours(self.program, self.path))
        self.was_mounted = True
        return self

    def wait_until_mounted(self, covered):
        """covered: what is mounted there already, which a mount that must fail leaves as it is."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while find_mount(self.path) == covered:
            status = self.poll()
            if status is not None:
                sanitizer.check(self.directory, self.program.name, self.log())
                raise MountFailed(status, self.log())
            if time.monotonic() > deadline:
                raise AssertionError("not mounted after %d s; its log:\n%s" % (START_TIMEOUT_S, self.log()))
            time.sleep(0.005)

    def poll(self):
        """The exit status (-N for signal N) once it has ended, None before. Reaps it."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            return None
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def reap(self, timeout_s):
        result = wait_for(lambda: (self.poll(),) if self.pid is None or self.has_ended() else None, timeout_s,
                          "the end of %s; its log:\n%s" % (self.program.name, self.log()[-4000:]))
        return result[0]

    def has_ended(self):
        """Whether it is a zombie, waiting for poll()."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def unmount(self, timeout_s=END_TIMEOUT_S):
        """In order: the daemon sends what it has and ends. Its exit status is checked, and its sanitizers' logs."""
        subprocess.run(["fusermount3", "-u", str(self.path)], check=True, timeout=timeout_s)
        self.expect_end(timeout_s)

    def expect_end(self, timeout_s=END_TIMEOUT_S):
        if self.pid is None:
            return
        status = self.reap(timeout_s)
        sanitizer.check(self.directory, self.program.name, self.log())
        if status != self.expected_status and status not in self.allowed_statuses:
            raise AssertionError("%s ended with status %d, not %d; its log:\n%s" % (
                self.program.name, status, self.expected_status, self.log()[-8000:]))

    def may_lose_uploads(self):
        """The test makes S3 refuse bytes: they lie in lost+found at the end, and the daemon may say so by ending with 1."""
        self.allowed_statuses = (1,)

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self, unmount=True):
        """kill -9; then the dead mount is taken away, as a user would, once the programs on it have met their errors."""
        self.signal(signal.SIGKILL)
        self.expected_status = -signal.SIGKILL
        self.expect_end(30)
        if unmount:
            wait_for(self.unmount_dead, 20, "the dead mount to be free")

    def unmount_dead(self):
        if find_mount(self.path):
            subprocess.run(["fusermount3", "-u", str(self.path)], stderr=subprocess.DEVNULL, timeout=120)
        return not find_mount(self.path)

    def remount(self, fresh=True, **options):
        """Unmounts and mounts again; fresh: with empty cache and state directories. Keywords change options."""
        if self.pid is not None:
            self.unmount()
        if fresh:
            self.fresh_directories()
        self.options.update(options)
        return self.start()

    def destroy(self):
        """At the end of a test, in whatever state it left the mount: takes it away. Raises what was wrong."""
        try:
            if self.pid is not None and find_mount(self.path):
                self.unmount()
            self.expect_end()
        except (AssertionError, subprocess.SubprocessError):
            self.force_away()
            raise
        finally:
            if self.pid is not None or (self.was_mounted and find_mount(self.path)):
                self.force_away()
        sanitizer.check(self.directory, self.program.name, self.log())

    def force_away(self):
        abort_connection(self.path)
        if find_mount(self.path):
            subprocess.run(["fusermount3", "-uz", str(self.path)], timeout=120)
        if self.pid is not None:
            try:
                self.signal(signal.SIGKILL)
                self.reap(10)
            except (ProcessLookupError, AssertionError):
                pass
            self.pid = None

    # ---- what it tells ----

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def memory_bytes(self, field="VmHWM"):
        """The peak resident size (or another field of /proc/PID/status) as of now."""
        with open("/proc/%d/status" % self.pid) as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
        raise KeyError(field)

    def lost_files(self):
        """What was kept for a person: files in lost+found, their notes apart."""
        return [path for path in self.state_dir.rglob("lost+found/*") if path.is_file() and path.suffix != ".txt"]


class Factory:
    """Makes mounts; see the fixture `mount`."""

    def __init__(self, directory, defaults, home):
        self.directory = directory
        self.defaults = defaults
        self.home = home
        self.numbers = itertools.count()
        self.mounts = []

    def __call__(self, source, *, program=None, foreground=True, environment=None, wrapper=(), mountpoint=None,
                 wire=None, **options):
        """Mounts a source. wire: the wire to go through; options: those of -o, over the defaults (None drops one)."""
        if wire is not None:
            options.setdefault("endpoint_url", wire.endpoint)
        mount = Mount(self, str(source), {**self.defaults, **options}, program or build.pail(), foreground,
                      environment or {}, wrapper, mountpoint)
        self.mounts.append(mount)
        return mount.start()

    def abort_all(self):
        for mount in self.mounts:
            abort_connection(mount.path)

    def destroy(self, quietly=False):
        """Takes all mounts away. quietly: the test has failed already, perhaps with files still open."""
        problems = []
        for mount in reversed(self.mounts):
            try:
                mount.destroy()
            except Exception as problem:  # the others must still be taken away
                problems.append(problem)
        if problems and not quietly:
            raise problems[0]
        for problem in problems:
            print("while a mount was taken away:", problem)

    def run_failing(self, source, **keywords):
        """Mounts what must not mount: returns the MountFailed with its exit status and its words."""
        try:
            self(source, **keywords)
        except MountFailed as failure:
            return failure
        raise AssertionError("this was mounted: " + str(source))


def run_pail(arguments, directory=None, environment=None, timeout_s=START_TIMEOUT_S, program=None):
    """Runs the program with arguments of a test's own, to its end."""
    with tempfile.TemporaryDirectory(dir=directory) as logs:
        result = subprocess.run([program or build.pail(), *map(str, arguments)], capture_output=True, text=True,
                                errors="replace", stdin=subprocess.DEVNULL, timeout=timeout_s,
                                env=sanitizer.environment(logs, environment))
        sanitizer.check(logs, "pail", result.stderr)
    return result
