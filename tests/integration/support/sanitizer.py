# SPDX-License-Identifier: Apache-2.0
"""The logs of AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer: each program gets a directory of its own
for them, and anything in it is a failure, whatever the exit status was.

GCC's UndefinedBehaviorSanitizer next to AddressSanitizer ignores log_path and writes to stderr: so that is read too, and
halt_on_error makes the exit status tell of it where stderr goes nowhere, as in a daemon.
"""
import os
import re

PREFIX = "sanitizer"
COMPLAINT = re.compile(r": runtime error: |ERROR: \w+Sanitizer|WARNING: ThreadSanitizer")


def environment(directory, base=None):
    environment = dict(os.environ if base is None else base)
    log_path = "log_path=%s/%s" % (directory, PREFIX)
    common = [log_path, "print_stacktrace=1"]
    environment["ASAN_OPTIONS"] = ":".join(common + ["detect_leaks=1", "detect_stack_use_after_return=1",
                                                     "strict_string_checks=1", "abort_on_error=0"])
    environment["UBSAN_OPTIONS"] = ":".join(common + ["halt_on_error=1"])
    environment["TSAN_OPTIONS"] = ":".join([log_path, "second_deadlock_stack=1", "history_size=4"])
    return environment


def logs(directory):
    """What sanitizers wrote below a directory."""
    texts = []
    for name in sorted(os.listdir(directory)):
        if name.startswith(PREFIX):
            with open(os.path.join(directory, name), errors="replace") as log:
                text = log.read()
            if text.strip():
                texts.append(text)
    return texts


def check(directory, what, stderr=""):
    texts = logs(directory)
    if COMPLAINT.search(stderr):
        texts.append(stderr[-20000:])
    if texts:
        raise AssertionError("a sanitizer complained about %s:\n%s" % (what, "\n".join(texts)[:20000]))
