# SPDX-License-Identifier: Apache-2.0
"""The file systems that are compared, each mounted afresh for every measurement, and curl as the limit.

s3fs gets what its manual page tells to set for a server that is not Amazon's, and the same disk for its temporary
files; everything else is its default: 5 parallel requests of a transfer, 20 of a listing, no cache of file contents.
Pail runs with its defaults, too.
"""
import itertools
import os
import pathlib
import shutil
import subprocess

from support.mount import END_TIMEOUT_S, Mount, find_mount
from support.server import REGION, USERS

KEY, SECRET = USERS["test"]
TICKS_S = os.sysconf("SC_CLK_TCK")


class S3fsMount(Mount):
    def command(self):
        passwd = self.directory / "passwd"
        passwd.touch(mode=0o600)
        passwd.write_text("%s:%s\n" % (KEY, SECRET))
        temporary = self.directory / "tmp"
        temporary.mkdir()
        return [str(self.program), self.source, str(self.path), "-f", "-o", "url=" + self.options["endpoint_url"],
                "-o", "use_path_request_style", "-o", "passwd_file=%s" % passwd, "-o", "tmpdir=%s" % temporary]

    def expect_end(self, timeout_s=END_TIMEOUT_S):
        """s3fs 1.90 aborts now and then while it ends. Its work has been checked before: that is not held against it."""
        if self.pid is not None:
            self.reap(timeout_s)


class Mounter:
    """Makes mounts of one program; what support.mount.Mount calls its factory."""

    def __init__(self, name, mount_class, program, directory):
        self.name = name
        self.mount_class = mount_class
        self.program = pathlib.Path(program)
        self.directory = directory / name
        self.directory.mkdir()
        self.home = self.directory / "home"
        self.home.mkdir()
        self.numbers = itertools.count()

    def mount(self, bucket, endpoint):
        options = {"endpoint_url": endpoint, "region": REGION}
        environment = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        mount = self.mount_class(self, bucket, options, self.program, foreground=True, environment=environment,
                                 wrapper=(), mountpoint=None)
        try:
            return mount.start()
        except BaseException:
            mount.force_away()
            raise


def pail(program, directory):
    return Mounter("pail", Mount, program, directory)


def s3fs(directory):
    program = shutil.which("s3fs")
    if not program:
        raise FileNotFoundError("s3fs is not installed: scripts/setup --test")
    return Mounter("s3fs", S3fsMount, program, directory)


def cpu_s(mount):
    """User and system time of a mount's daemon so far."""
    with open("/proc/%d/stat" % mount.pid) as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_S


def take_away(mount):
    """Unmounts, and removes what the mount kept on disk: never through a mount that is still there."""
    try:
        mount.destroy()
    finally:
        if not find_mount(mount.path):
            shutil.rmtree(mount.directory, ignore_errors=True)


def version(program, *arguments):
    """The first line of what a program says of itself."""
    try:
        result = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=30)
        return (result.stdout or result.stderr).splitlines()[0].strip()
    except (OSError, IndexError, subprocess.SubprocessError):
        return "unknown"
