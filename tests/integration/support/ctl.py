# SPDX-License-Identifier: Apache-2.0
"""Runs pailctl: to its end, or at a terminal of its own."""
import collections
import json
import os
import pty
import select
import signal
import subprocess
import time

from . import build, sanitizer

Line = collections.namedtuple("Line", "status name text")
LIMIT_S = 60


class Ctl:
    """pailctl with a home directory of its own, and without the AWS and proxy variables of whoever runs the tests."""

    def __init__(self, home, logs, defaults=()):
        self.home = home
        self.logs = logs
        self.defaults = list(defaults)  # of -o, for commands that reach a server

    def environment(self, **more):
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("AWS_", "XDG_")) and not key.lower().endswith("_proxy")}
        environment["HOME"] = str(self.home)
        environment.update(more)
        return sanitizer.environment(self.logs, environment)

    def run(self, *arguments, stdin="", environment=()):
        result = subprocess.run([build.pailctl(), *map(str, arguments)], input=stdin, capture_output=True, text=True,
                                timeout=LIMIT_S, env=self.environment(**dict(environment)))
        sanitizer.check(self.logs, "pailctl", result.stderr)
        return result

    def options(self, **options):
        merged = dict(self.defaults, **options)
        return ["-o", ",".join(name if value is True else "%s=%s" % (name, value) for name, value in merged.items()
                               if value is not None)]

    def check(self, *arguments, environment=(), **options):
        """The exit status and the lines."""
        result = self.run("check", *arguments, *self.options(**options), environment=environment)
        assert result.stderr == ""
        return result.returncode, [Line(*line.split(None, 2)) for line in result.stdout.splitlines()]

    def check_json(self, *arguments, environment=(), **options):
        result = self.run("check", "--json", *arguments, *self.options(**options), environment=environment)
        assert result.stderr == ""
        return result.returncode, json.loads(result.stdout)

    def configure(self, *arguments, stdin="", environment=()):
        return self.run("configure", *arguments, stdin=stdin, environment=environment)

    def at_terminal(self, *arguments, **environment):
        return Terminal([str(build.pailctl()), *map(str, arguments)], self.environment(**environment), self.logs)


class Terminal:
    """A program with a terminal: expect() what it shows, then type."""

    def __init__(self, arguments, environment, logs):
        self.logs = logs
        self.shown = ""
        self.position = 0
        self.status = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(arguments[0], arguments, environment)

    def read(self, until):
        ready, _, _ = select.select([self.fd], [], [], max(0, until - time.monotonic()))
        if not ready:
            raise AssertionError("nothing more after: %r" % self.shown[self.position:])
        try:
            data = os.read(self.fd, 4096)
        except OSError:  # the other side is closed
            data = b""
        self.shown += data.decode()
        return bool(data)

    def expect(self, text):
        until = time.monotonic() + LIMIT_S
        while text not in self.shown[self.position:]:
            if not self.read(until):
                raise AssertionError("the program ended after: %r" % self.shown[self.position:])
        self.position = self.shown.index(text, self.position) + len(text)

    def type(self, text):
        os.write(self.fd, text.encode())

    def answer(self, prompt, text):
        self.expect(prompt)
        self.type(text + "\n")

    def end(self):
        """The exit status, or minus the signal; and everything that was shown."""
        until = time.monotonic() + LIMIT_S
        while self.read(until):
            pass
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        sanitizer.check(self.logs, "pailctl", self.shown)
        return self.status, self.shown

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.fd)
