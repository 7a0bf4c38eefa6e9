# SPDX-License-Identifier: Apache-2.0
"""Where things are: the source tree and the builds under test.

PAIL_TEST_BUILDDIR is the build whose mounts are tested (usually the one with sanitizers), PAIL_TEST_PLAIN_BUILDDIR one
without them, for tests that measure memory or time, and PAIL_TEST_TSAN_BUILDDIR one with ThreadSanitizer. PAIL_BIN
overrides the program itself.
"""
import os
import pathlib

SOURCE_DIR = pathlib.Path(os.environ.get("PAIL_TEST_SRCDIR") or pathlib.Path(__file__).resolve().parents[3])


def directory(variable="PAIL_TEST_BUILDDIR"):
    """The build directory that an environment variable names; the first one is what the others default to."""
    value = os.environ.get(variable) or os.environ.get("PAIL_TEST_BUILDDIR") or os.environ.get("PAIL_BUILD_DIR")
    return pathlib.Path(value) if value else SOURCE_DIR / "build" / "asan"


def pail():
    return pathlib.Path(os.environ.get("PAIL_BIN") or directory() / "pail")


def pailctl():
    return directory() / "pailctl"


def plain_pail():
    return pathlib.Path(os.environ.get("PAIL_BIN") or directory("PAIL_TEST_PLAIN_BUILDDIR") / "pail")


def tsan_pail():
    """None where no such build is known: the test that needs it says so."""
    value = os.environ.get("PAIL_TEST_TSAN_BUILDDIR")
    return pathlib.Path(value) / "pail" if value else None


def wire():
    return directory() / "tests" / "support" / "wire" / "wire"


def is_sanitized(program):
    """Whether a program has a sanitizer built in: memory and time are then not its own."""
    data = program.read_bytes()
    return b"__asan_init" in data or b"__tsan_init" in data
