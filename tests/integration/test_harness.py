# SPDX-License-Identifier: Apache-2.0
"""That the tests would see it: planted bugs must fail them."""
import os
import shutil
import subprocess

import pytest

from support import build, sanitizer
from support.mount import Factory, Mount, MountFailed, run_pail

PLANTED = {
    "heap": "char *p = malloc(10); p[argc * 10] = 1; free(p);",
    "leak": "char *volatile p = malloc(100); p[0] = (char)argc; p = NULL;",
    "undefined": "volatile int i = 2147483647; i += argc;",
}


@pytest.fixture
def compiled(tmp_path):
    """A program with a bug of a kind, under the name of pail."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    assert compiler, "no C compiler is installed"

    def compile_one(bug):
        source = tmp_path / "planted.c"
        source.write_text("#include <stdlib.h>\nint main(int argc, char **argv)\n{\n(void)argv;\n%s\nreturn 0;\n}\n" % bug)
        subprocess.run([compiler, "-g", "-O0", "-fsanitize=address,undefined", "-o", tmp_path / "pail", source], check=True)
        return tmp_path / "pail"

    return compile_one


@pytest.mark.parametrize("kind", PLANTED)
def test_planted_bug_is_seen(compiled, kind):
    program = compiled(PLANTED[kind])
    with pytest.raises(AssertionError, match="a sanitizer complained"):
        run_pail(["bucket", "mnt"], program=program)


def test_planted_bug_of_a_mount_is_seen(compiled, tmp_path):
    """The daemon's own way to end: here it ends before it mounts anything, which must not hide the complaint."""
    factory = Factory(tmp_path, {}, tmp_path)
    with pytest.raises(AssertionError, match="a sanitizer complained"):
        factory("bucket", program=compiled(PLANTED["undefined"]))


def test_exit_status_of_a_daemon_is_seen(tmp_path):
    program = tmp_path / "pail"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    factory = Factory(tmp_path, {}, tmp_path)
    failure = factory.run_failing("bucket", program=program)
    assert isinstance(failure, MountFailed) and failure.status == 3


def test_bad_end_of_a_mount_is_seen(mount, bucket):
    """A daemon that dies on the way is not a test that passes."""
    m = mount(bucket)
    os.kill(m.pid, 11 if not build.is_sanitized(m.program) else 9)
    with pytest.raises(AssertionError, match="ended with status"):
        m.expect_end(20)
    m.force_away()
    for path in m.directory.glob(sanitizer.PREFIX + "*"):
        path.unlink()


def test_forgotten_upload_is_seen(bucket):
    bucket.client.create_multipart_upload(Bucket=bucket.name, Key="k")
    assert [key for key, _ in bucket.uploads()] == ["k"]
    bucket.abort_uploads()
    assert bucket.uploads() == []


def test_build_under_test_is_sanitized():
    """The suite's mounts run with sanitizers, unless someone chose a build without on purpose."""
    if os.environ.get("PAIL_TEST_PLAIN_BUILDDIR", "") == "":
        pytest.skip("PAIL_TEST_PLAIN_BUILDDIR is not set: one build is tested, whichever it is")
    assert build.is_sanitized(build.pail())
    assert Mount is not None
