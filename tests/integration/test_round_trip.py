# SPDX-License-Identifier: Apache-2.0
"""What a server must be good for: a tree that comes back as it went in, and a large file that is changed in every way."""
import os

import pytest

from support import build, tree

pytestmark = pytest.mark.core

MIB = 1 << 20


def long(*values):
    return pytest.param(*values, marks=[pytest.mark.long, pytest.mark.timeout(1800)])


@pytest.mark.parametrize("files", [300, long(5000)])
def test_tree_comes_back(mount, new_bucket, disk_server, tmp_path, files):
    """cp -a, a fresh mount, and no difference in names, modes, owners, times, links or bytes."""
    where = new_bucket(on=disk_server)
    source = tree.make(tmp_path / "source", seed=files, files=files)
    m = mount(where, program=build.plain_pail(), endpoint_url=disk_server.endpoint)
    tree.run("cp", "-a", source, m.path / "copy", timeout=900)
    m.remount()
    assert tree.listing(m.path / "copy") == tree.listing(source)
    tree.run("diff", "-r", "--no-dereference", source, m.path / "copy", timeout=900)


@pytest.mark.parametrize("size_mib", [40, long(200)])
def test_large_file_is_changed(mount, new_bucket, new_wire, disk_server, tmp_path, size_mib):
    """Appended to, changed in place and renamed: what stays is copied on the server, and every byte is right."""
    where = new_bucket(on=disk_server)
    wire = new_wire(disk_server.address)
    m = mount(where, program=build.plain_pail(), wire=wire, copy_threshold="16M")
    size = size_mib * MIB
    assert tree.write_random(m.path / "f", size, 1) == where.sha256("f")
    with open(tmp_path / "model", "w+b") as model:
        tree.write_random(tmp_path / "model", size, 1)
        for where_to, piece, change in ((size, b"appended" * 5000, append), (size // 2 + 12345, b"in place" * 5000, patch)):
            os.pwrite(model.fileno(), piece, where_to)
            wire.mark()
            change(m.path / "f", piece, where_to)
            sent = sum(request.up_bytes for request in wire.requests() if request.kind in ("UploadPart", "PutObject"))
            assert wire.counts()["UploadPartCopy"] >= 1 and sent < size
            assert where.sha256("f") == tree.sha256(tmp_path / "model")
    wire.mark()
    os.rename(m.path / "f", m.path / "g")
    counts = wire.counts()
    assert counts["UploadPartCopy"] >= 2 and counts["UploadPart"] == counts["PutObject"] == counts["GetObject"] == 0
    assert where.keys() == ["g"] and where.sha256("g") == tree.sha256(tmp_path / "model")
    m.remount()
    tree.run("cmp", m.path / "g", tmp_path / "model")


def append(path, piece, _):
    with open(path, "ab") as file:
        file.write(piece)


def patch(path, piece, offset):
    with open(path, "r+b", buffering=0) as file:
        assert os.pwrite(file.fileno(), piece, offset) == len(piece)
