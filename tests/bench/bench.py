# SPDX-License-Identifier: Apache-2.0
"""Pail beside s3fs on the same local S3 server, through the same wire. See docs/benchmarks.md, and --help."""
import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
from subprocess import SubprocessError

from botocore.exceptions import BotoCoreError, ClientError

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
sys.dont_write_bytecode = True

import arguments as bench_arguments  # noqa: E402
import clients  # noqa: E402
import data as bench_data  # noqa: E402
import report  # noqa: E402
import workloads  # noqa: E402
from support import build, server as s3_server  # noqa: E402
from support.mount import MountFailed, abort_connection, find_mount, wait_for  # noqa: E402
from support.wire import Wire  # noqa: E402
from timing import Failure, run  # noqa: E402

BUCKET = "bench"
LARGE_IN_MEMORY_BYTES = 2 << 30  # above it the server stores on disk
PROBLEMS = (Failure, MountFailed, AssertionError, OSError, BotoCoreError, ClientError, SubprocessError)


def say(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options, directory, server, wire):
        self.options = options
        self.directory = directory
        self.wire = wire
        self.witness = server.client()
        self.through_wire = server.client(endpoint=wire.endpoint)
        self.witness.create_bucket(Bucket=BUCKET)
        self.mounters = {}
        if "pail" in options.clients:
            self.mounters["pail"] = clients.pail(build.pail(), directory)
        if "s3fs" in options.clients:
            self.mounters["s3fs"] = clients.s3fs(directory)
        self.data = bench_data.Data(directory, self.witness, BUCKET, options.size, options.files)

    def rows(self):
        """Every row of the tables, as it is measured."""
        for latency_ms in self.options.latency:
            for work in [make(self.data) for make in workloads.ALL if make.name in self.options.only]:
                yield from self.row_group(work, latency_ms)
                if not work.is_fresh:
                    self.data.delete(work.key)

    def row_group(self, work, latency_ms):
        """All clients, in turns, so that a machine that gets slower meanwhile is so for each of them."""
        rows = [report.Row(latency_ms, work, name) for name in self.options.clients]
        for number in range(self.options.runs):
            for row in rows if number % 2 == 0 else reversed(rows):
                if row.failure or row.spent_s() > self.options.budget:
                    continue
                self.measure(row)
                say("%3d ms  %-28s %-5s %s" % (latency_ms, work.title, row.client, row.last_words()))
        return rows

    def measure(self, row):
        work = row.work
        if isinstance(work, workloads.LargeWork):
            bench_data.wait_for_memory(3 * self.options.size + (1 << 30))
        self.wire.set(latency=0, connect=0)
        work.prepare()
        try:
            if row.client == "curl":
                row.runs.append(self.measure_curl(row))
            else:
                row.runs.append(self.measure_mount(row))
        except PROBLEMS as problem:
            row.failure = str(problem).splitlines()[0] if str(problem) else repr(problem)
        finally:
            work.tidy()

    def set_latency(self, latency_ms):
        """A connection takes a round trip to be made, then each request one."""
        self.wire.set(latency=latency_ms, connect=latency_ms)

    def measure_mount(self, row):
        self.set_latency(row.latency_ms)
        mount = self.mounters[row.client].mount(BUCKET, self.wire.endpoint)
        try:
            def abort():
                abort_connection(mount.path)

            run(["stat", mount.path], 60, on_timeout=abort)
            self.wait_until_quiet()
            self.wire.mark()
            cpu_before_s = clients.cpu_s(mount)
            with open(self.data.out / "stdout", "wb") as output:
                wall_s, _ = run(row.work.command(mount.path), self.options.timeout, output, on_timeout=abort)
            row.work.check()
            self.wait_until_quiet()
            return report.Measurement(wall_s, clients.cpu_s(mount) - cpu_before_s, mount.memory_bytes(),
                                      self.wire.counts())
        finally:
            clients.take_away(mount)

    def measure_curl(self, row):
        job = row.work.curl(self.through_wire)
        row.label = job.label
        try:
            job.prepare()
            self.set_latency(row.latency_ms)
            self.wire.mark()
            start_s = time.monotonic()
            _, cpu_s = run(job.command(), self.options.timeout)
            job.finish()
            wall_s = time.monotonic() - start_s
            counts = self.wire.counts()
            job.check()
            return report.Measurement(wall_s, cpu_s, None, counts)
        finally:
            job.tidy()

    def wait_until_quiet(self, timeout_s=10):
        """Until nothing is under way: what a mount does at its start is not the work's, what the work leaves is."""
        with contextlib.suppress(AssertionError):
            wait_for(lambda: self.wire.status()["busy"] == 0, timeout_s, "the wire to be quiet")


@contextlib.contextmanager
def local_server(size_bytes):
    environment = {"RGW_STORE": "bluestore"} if size_bytes > LARGE_IN_MEMORY_BYTES else {}
    server = s3_server.start(**environment)
    try:
        yield server
    finally:
        s3_server.stop(server)


@contextlib.contextmanager
def work_directory(size_bytes):
    """On a real disk, if TMPDIR says where one is; both file systems keep their unsent bytes in it."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="pail-bench-"))
    try:
        if shutil.disk_usage(directory).free < 4 * size_bytes + (1 << 30):
            raise SystemExit("scripts/bench: too little space in %s (TMPDIR chooses another place)" % directory.parent)
        yield directory
    finally:
        # A mount that could not be taken away is left alone: deleting through it would delete the bucket.
        if not any(find_mount(path) for path in directory.glob("*/mount*/mnt")):
            shutil.rmtree(directory, ignore_errors=True)


def check_programs(options):
    if "pail" in options.clients and not os.access(build.pail(), os.X_OK):
        raise SystemExit("scripts/bench: %s is not a program" % build.pail())
    if not os.access(build.wire(), os.X_OK):
        raise SystemExit("scripts/bench: %s is not built" % build.wire())
    if "pail" in options.clients and build.is_sanitized(build.pail()):
        say("warning: this pail was built with a sanitizer; its time and memory are not its own")


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def on_signal(number, _):
    """Ends the run in order; a second signal must not break that off."""
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main(arguments):
    options = bench_arguments.parse(arguments)
    if options.pail:
        os.environ["PAIL_BIN"] = str(options.pail.resolve())
    check_programs(options)
    for number in SIGNALS:
        signal.signal(number, on_signal)
    rows = []
    with work_directory(options.size) as directory, local_server(options.size) as server:
        wire = Wire(server.address, directory / "wire")
        try:
            for row in Bench(options, directory, server, wire).rows():
                rows.append(row)
        finally:
            wire.close()
    text = report.markdown(rows, options)
    print(text)
    if options.markdown:
        report.put_into(options.markdown, text)
    for words in report.verdicts(rows):
        say(words)
    return 1 if any(row.failure for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
