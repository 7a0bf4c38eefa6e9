# SPDX-License-Identifier: Apache-2.0
"""Runs a program to its end, or to a limit, and says what it took."""
import collections
import os
import resource
import select
import signal
import subprocess
import time

# wall_s of the program, cpu_s and peak_bytes of the daemon (of curl itself: its CPU time only), {kind: requests}
Measurement = collections.namedtuple("Measurement", "wall_s cpu_s peak_bytes requests")


class Failure(Exception):
    """A measurement that is none: the program failed, took too long, or its result is wrong."""


def children_cpu_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(command, timeout_s, output=None, on_timeout=None):
    """Runs a program; returns (wall seconds, its CPU seconds). Popen.wait(timeout) would look only every 50 ms.
    on_timeout: called before the program is killed, to end what it may be waiting for in the kernel."""
    cpu_before_s = children_cpu_s()
    start_s = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                               stdout=output or subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    watch = os.pidfd_open(process.pid)
    try:
        wait_readable(watch, process.stderr, start_s + timeout_s)
        wall_s = time.monotonic() - start_s
        words = process.stderr.read(4000).decode(errors="replace").strip()
    except BaseException:
        if on_timeout:
            on_timeout()
        os.killpg(process.pid, signal.SIGKILL)
        raise
    finally:
        process.wait(30)
        process.stderr.close()
        os.close(watch)
    if process.returncode != 0:
        raise Failure("%s: exit status %d %s" % (command[0], process.returncode, words.splitlines()[:1]))
    return wall_s, children_cpu_s() - cpu_before_s


def wait_readable(watch, stderr, deadline_s):
    """Until the process has ended. What it says of errors is few words, which fit into the pipe; more would block it
    until the deadline, so that is drained as it comes and lost."""
    poll = select.poll()
    poll.register(watch, select.POLLIN)
    remaining_s = deadline_s - time.monotonic()
    if not poll.poll(max(0, remaining_s) * 1000):
        raise Failure("gave up after %d s" % remaining_s)
