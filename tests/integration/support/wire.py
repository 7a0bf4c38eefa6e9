# SPDX-License-Identifier: Apache-2.0
"""The wire between client and server, steered from Python. See tests/support/wire/README.md for its language."""
import collections
import pathlib
import socket
import subprocess
import urllib.parse

from . import build, sanitizer

Request = collections.namedtuple("Request", "time_s connection kind method path query status up_bytes down_bytes "
                                            "duration_ms range rule action note")


def parse_line(line):
    """One line of the log."""
    fields = line.rstrip("\n").split("\t")
    time_s, connection, kind, method, path, query, status, up, down, duration, byte_range, rule, note = fields
    rule, action = rule.split(":", 1)
    empty = {"-": ""}
    return Request(float(time_s), int(connection), kind, method, urllib.parse.unquote(path), empty.get(query, query),
                   int(status), int(up), int(down), float(duration), empty.get(byte_range, byte_range), int(rule),
                   action, note)


class Rule:
    def __init__(self, wire, number):
        self.wire = wire
        self.number = number

    def wait(self, times=1, timeout=120):
        """Until the fault has taken effect so often: held, reset, answered…"""
        with Control(self.wire.control_path, timeout) as control:
            control.command("wait %d %d" % (self.number, times))

    def release(self):
        self.wire.command("release %d" % self.number)

    def drop(self):
        """Resets what it holds: after the client was killed, so that nothing of it arrives late."""
        self.wire.command("drop %d" % self.number)

    def counters(self):
        """{"seen": …, "given": …, "fired": …}"""
        for line in self.wire.command("rules"):
            words = line.split()
            if words[0] == str(self.number):
                return {key: int(value) for key, value in (word.split("=") for word in words[3:])}
        raise KeyError("rule %d is gone" % self.number)

    @property
    def fired(self):
        return self.counters()["fired"]


class Control:
    def __init__(self, path, timeout=120):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("r")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def command(self, line):
        """The data lines of the answer; the last is the word after ok, if there is one."""
        self.socket.sendall(line.encode() + b"\n")
        lines = []
        for answer in self.file:
            answer = answer.rstrip("\n")
            if answer.startswith("error"):
                raise ValueError("wire: %s: %s" % (line, answer))
            if answer == "ok":
                return lines
            if answer.startswith("ok "):
                return lines + [answer[3:]]
            lines.append(answer)
        raise ConnectionError("the wire is gone")


class Wire:
    def __init__(self, server_address, directory, raw=False, seed=1, script=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.control_path = self.directory / "control"
        self.log_path = self.directory / "log"
        arguments = [build.wire(), "--server", server_address, "--control", self.control_path, "--log", self.log_path,
                     "--seed", str(seed), "--die-with-parent"]
        if raw:
            arguments.append("--raw")
        if script:
            arguments += ["--script", script]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True,
                                        env=sanitizer.environment(self.directory))
        words = self.process.stdout.readline().split()
        if len(words) != 2:
            raise RuntimeError("the wire does not start: exit status %r" % self.process.wait())
        self.port = int(words[1])
        self.endpoint = "%s://127.0.0.1:%d" % ("https" if raw else "http", self.port)
        self.control = Control(self.control_path)
        self.mark_offset = 0

    def command(self, line):
        return self.control.command(line)

    def set(self, **values):
        """latency, connect, jitter in ms; rate, total_rate in bytes a second; seed."""
        self.command("set " + " ".join("%s=%s" % item for item in values.items()))

    def rule(self, action, kind="*", **values):
        """nth, every, count, probability, path, query, at, ms, status, code"""
        words = ["kind=" + kind, "action=" + action] + ["%s=%s" % item for item in values.items()]
        return Rule(self, int(self.command("rule " + " ".join(words))[-1]))

    def clear(self):
        self.command("clear")

    def pause(self):
        """The network is pulled: nothing moves, nothing is refused."""
        self.command("pause")

    def resume(self):
        self.command("resume")

    def refuse(self):
        """Nobody listens any more, and all connections are reset."""
        self.command("refuse")

    def listen(self):
        self.command("listen")

    def cut(self):
        self.command("cut")

    def status(self):
        words = self.command("status")[0].split()
        return {key: int(value) for key, value in (word.split("=") for word in words)}

    def mark(self):
        """counts() and requests() begin again here."""
        self.command("mark")
        self.mark_offset = self.log_path.stat().st_size if self.log_path.exists() else 0

    def counts(self):
        """Finished requests by kind since mark()."""
        counts = collections.Counter()
        for line in self.command("counts"):
            kind, requests, _, _ = line.split()
            counts[kind] = int(requests)
        return counts

    def requests(self, kind=None):
        """The log since mark(), of one kind or whole."""
        self.command("sync")
        if not self.log_path.exists():
            return []
        with open(self.log_path, encoding="utf-8", errors="surrogateescape") as log:
            log.seek(self.mark_offset)
            requests = [parse_line(line) for line in log if not line.startswith("#")]
        return [request for request in requests if kind in (None, request.kind)]

    def close(self):
        """Ends it, and checks that it ended well."""
        if self.process.poll() is None:
            self.command("quit")
        self.control.__exit__()
        status = self.process.wait(timeout=10)
        self.process.stdout.close()
        sanitizer.check(self.directory, "wire")
        if status != 0:
            raise AssertionError("the wire ended with status %d" % status)
