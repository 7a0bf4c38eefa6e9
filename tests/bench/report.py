# SPDX-License-Identifier: Apache-2.0
"""The tables, and where they are put."""
import collections
import os
import platform
import re
import shutil
import time

import botocore

import clients
from support import build

BEGIN = "<!-- scripts/bench writes from here -->"
END = "<!-- to here -->"

# wall_s of the command, cpu_s and peak_bytes of the daemon (of curl: its CPU time only), {kind: requests}
Measurement = collections.namedtuple("Measurement", "wall_s cpu_s peak_bytes requests")


class Row:
    """One client's runs of one work at one latency."""

    def __init__(self, latency_ms, work, client):
        self.latency_ms = latency_ms
        self.work = work
        self.client = client
        self.label = client
        self.runs = []
        self.failure = None

    def spent_s(self):
        return sum(run.wall_s for run in self.runs)

    def median(self):
        """The run whose wall time is the median, so that what is told of it belongs together."""
        return sorted(self.runs, key=lambda run: run.wall_s)[(len(self.runs) - 1) // 2] if self.runs else None

    def last_words(self):
        if self.failure:
            return "failed: " + self.failure
        run = self.runs[-1]
        return "%8.2f s  CPU %6.2f s  %s" % (run.wall_s, run.cpu_s, request_words(run.requests))


def request_words(requests):
    kinds = sorted(requests.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join("%d %s" % (count, kind) for kind, count in kinds if count) or "none"


def seconds(value):
    return "%.2f" % value if value < 100 else "%.0f" % value


def rate(row, run):
    value = row.work.amount / run.wall_s
    return "%s %s/s" % ("%.0f" % value if value >= 10 else "%.1f" % value, row.work.unit)


def other_row(row, rows, client):
    for other in rows:
        if (other.latency_ms, other.work.name, other.client) == (row.latency_ms, row.work.name, client):
            return other if not other.failure and other.runs else None
    return None


def ratio_words(row, rows):
    """How many times as fast as s3fs."""
    other = other_row(row, rows, "s3fs")
    if row.client == "s3fs" or not other:
        return ""
    return "%.2g×" % (other.median().wall_s / row.median().wall_s)


def table_line(row, rows, title):
    if row.failure:
        return "| %s | %s | failed: %s | | | | | | |" % (title, row.label, row.failure.replace("|", "/"))
    run = row.median()
    peak = "%.0f MiB" % (run.peak_bytes / (1 << 20)) if run.peak_bytes else ""
    return "| %s | %s | %s s | %s | %s | %.2f s | %s | %d | %s |" % (
        title, row.label, seconds(run.wall_s), rate(row, run), ratio_words(row, rows), run.cpu_s, peak, len(row.runs),
        request_words(run.requests))


def table(rows):
    lines = ["| work | client | wall | rate | × s3fs | CPU | peak memory | runs | requests |",
             "|---|---|--:|--:|--:|--:|--:|--:|---|"]
    title = None
    for row in rows:
        lines.append(table_line(row, rows, row.work.title if row.work.title != title else ""))
        title = row.work.title
    return "\n".join(lines)


def machine_words():
    """The class of machine, not its name."""
    with open("/proc/cpuinfo") as file:
        model = (re.findall(r"^model name\s*:\s*(.*)$", file.read(), re.MULTILINE) or ["unknown processor"])[0]
    with open("/proc/meminfo") as file:
        memory_kib = int(file.readline().split()[1])
    return "%d CPUs (%s), %d GiB of memory, Linux %s %s" % (
        os.cpu_count(), model, round(memory_kib / (1 << 20)), ".".join(platform.release().split(".")[:2]),
        platform.machine())


def version_words(options):
    words = []
    if "pail" in options.clients:
        words.append(clients.version(build.pail(), "-V"))
    if "s3fs" in options.clients:
        text = clients.version(shutil.which("s3fs"), "--version")
        words.append("s3fs " + (re.findall(r"V([\d.]+)", text) or ["of unknown version"])[0])
    if "curl" in options.clients:
        words.append(" ".join(clients.version("curl", "--version").split()[:2]))
    ceph = re.findall(r"version ([\d.]+)", clients.version("radosgw", "--version"))
    return words + ["Ceph RADOS Gateway " + (ceph or ["of unknown version"])[0], "botocore " + botocore.__version__]


def markdown(rows, options):
    parts = ["%s. Machine: %s. Versions: %s." % (time.strftime("%-d %B %Y", time.gmtime()), machine_words(),
                                                 ", ".join(version_words(options)))]
    for latency_ms in dict.fromkeys(row.latency_ms for row in rows):
        parts.append("### %d ms of latency" % latency_ms)
        parts.append(table([row for row in rows if row.latency_ms == latency_ms]))
    return "\n\n".join(parts)


def put_into(path, text):
    """Between the marks of a file, so that what people wrote around them stays; else the file is made of it."""
    block = "%s\n\n%s\n\n%s" % (BEGIN, text, END)
    old = path.read_text() if path.exists() else ""
    if BEGIN in old and END in old:
        before, rest = old.split(BEGIN, 1)
        new = before + block + rest.split(END, 1)[1]
    else:
        new = "# Benchmarks\n\n" + block + "\n"
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(new)
    temporary.replace(path)


def verdicts(rows):
    """Where Pail is slower than s3fs, and what failed."""
    for row in rows:
        where = "%s at %d ms" % (row.work.title, row.latency_ms)
        if row.failure:
            yield "failed: %s, %s: %s" % (row.client, where, row.failure)
        elif row.client == "pail" and (other := other_row(row, rows, "s3fs")):
            if row.median().wall_s > other.median().wall_s:
                yield "slower than s3fs: %s" % where
