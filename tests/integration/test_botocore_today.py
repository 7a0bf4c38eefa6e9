# SPDX-License-Identifier: Apache-2.0
"""The comparisons with botocore once more, with one of today, which knows what that of the distribution does not: "aws login", the
regional endpoints of STS, $HOME in more places, partitions of later years. It lives in a virtual environment that is made for the
test from the package index; where that cannot be reached there is nothing to compare with.
"""
import os
import subprocess
import sys
import venv

import pytest

from support import build

TODAY = "1.44"
MODULES = ["test_chain_botocore.py", "test_session_botocore.py", "test_endpoint_botocore.py", "test_sigv4_botocore.py"]
# [crt]: without it "aws login" and version 4A of signatures are not looked at.
PACKAGES = [f"botocore[crt]=={TODAY}.*", f"boto3=={TODAY}.*", "pytest", "pytest-timeout"]


def run(words, timeout_s, **more):
    return subprocess.run([str(word) for word in words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout_s,
                          check=False, **more)


def make_environment(directory):
    """The interpreter of a virtual environment that has botocore of today; skips where there cannot be one."""
    try:
        venv.create(directory, with_pip=True)
    except (subprocess.CalledProcessError, ImportError) as problem:
        pytest.skip(f"no virtual environment can be made (is python3-venv installed?): {problem}")
    python = directory / "bin" / "python"
    installed = run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], 900)
    if installed.returncode != 0:
        pytest.skip(f"botocore {TODAY} cannot be had from the package index: {installed.stdout.strip().splitlines()[-1]}")
    return python


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_comparisons(tmp_path):
    python = make_environment(tmp_path / "environment")
    version = run([python, "-c", "import botocore; print(botocore.__version__)"], 60).stdout.strip()
    assert version.startswith(TODAY + "."), version
    where = build.SOURCE_DIR / "tests" / "integration"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHONPATH"))}
    done = run([python, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-o", "timeout=1200", f"--basetemp={tmp_path / 'runs'}",
                *(where / module for module in MODULES)], 2400, env=environment)
    print(done.stdout[-20000:])
    summary = done.stdout.strip().splitlines()[-1]
    assert done.returncode == 0, f"botocore {version}: {summary}"
    assert "skipped" not in summary and "passed" in summary
    print(f"botocore {version}, Python {sys.version.split()[0]}: {summary}", file=sys.stderr)
