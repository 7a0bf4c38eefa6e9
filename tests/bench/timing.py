# SPDX-License-Identifier: Apache-2.0
"""Runs a program to its end, or to a limit, and says what it took."""
import os
import resource
import select
import signal
import subprocess
import tempfile
import time


class Failure(Exception):
    """A measurement that is none: the program failed, took too long, or its result is wrong."""


def children_cpu_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def has_ended(watch, timeout_s):
    """Whether a process ends within so many seconds. Popen.wait(timeout) would look only every 50 ms."""
    poll = select.poll()
    poll.register(watch, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


def run(command, timeout_s, output=None, on_timeout=None):
    """Runs a program; returns (wall seconds, its CPU seconds). It has a process group of its own, so that all of it
    can be killed; on_timeout is called before, to end what it may be waiting for in the kernel."""
    cpu_before_s = children_cpu_s()
    with tempfile.TemporaryFile() as errors:
        start_s = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                   stdout=output or subprocess.DEVNULL, stderr=errors, start_new_session=True)
        watch = os.pidfd_open(process.pid)
        try:
            ended = has_ended(watch, timeout_s)
            wall_s = time.monotonic() - start_s
            if not ended:
                raise Failure("gave up after %d s" % timeout_s)
        except BaseException:
            if on_timeout:
                on_timeout()
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            os.close(watch)
            process.wait(30)
        if process.returncode != 0:
            errors.seek(0)
            words = errors.read(300).decode(errors="replace").strip()
            raise Failure("%s: exit status %d: %s" % (command[0], process.returncode, words))
    return wall_s, children_cpu_s() - cpu_before_s
