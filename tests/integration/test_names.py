# SPDX-License-Identifier: Apache-2.0
"""Names: all that S3 allows and a path can express go both ways; what no path can express is hidden and never touched."""
import errno
import os

import pytest

from support.posix import raises

GOOD = ["with space", " leading", "trailing ", "ümlaut ü", "日本語", "e\u0301 decomposed", "\u00e9 composed",
        "new\nline", "tab\there", "percent%20", "%", "%%", "%zz", "plus+plus", "a&b=c?d#e;f", "<xml>&amp;</xml>",
        "quote\"'`", "back\\slash", "$(touch x)", "*?[a]", "~tilde", "-dash", ".hidden", "..twodots", "...",
        "\x01\x02\x1f", "\x7f", "n" * 255, "emoji \U0001f600", "comma,semi;colon:", "d i r/with/f i l e",
        "deep/" + "/".join("d%02d" % i for i in range(40)) + "/f", "%2F", "a%00b", "control\rreturn"]
LONG = "/".join(["k" * 200] * 5) + "/" + "e" * 19  # 1024 bytes
HIDDEN = ["double//slash", "dot/./here", "dot/../there", "/leading", "./start", "../up", "l" * 256, "d/" + "l" * 256,
          "trail//", "x/./", "a/..", "ends/."]


def test_names_of_boto3_are_files(mount, bucket):
    for i, key in enumerate(GOOD + [LONG]):
        bucket.put(key, b"%d" % i)
    m = mount(bucket)
    for i, key in enumerate(GOOD + [LONG]):
        assert (m.path / key).read_bytes() == b"%d" % i, repr(key)
    found = [os.path.relpath(os.path.join(directory, name), m.path)
             for directory, _, names in os.walk(m.path) for name in names]
    assert sorted(found) == sorted(GOOD + [LONG])


def test_names_of_files_are_keys(mount, bucket):
    m = mount(bucket)
    for i, key in enumerate(GOOD + [LONG]):
        (m.path / key).parent.mkdir(parents=True, exist_ok=True)
        (m.path / key).write_bytes(b"%d" % i)
    assert sorted(bucket.files()) == sorted(GOOD + [LONG])
    for i, key in enumerate(GOOD + [LONG]):
        assert bucket.get(key) == b"%d" % i
        os.rename(m.path / key, m.path / "other name")
        os.rename(m.path / "other name", m.path / key)
    assert sorted(bucket.files()) == sorted(GOOD + [LONG])
    for key in GOOD + [LONG]:
        os.unlink(m.path / key)
    assert bucket.files() == []


def test_what_no_path_can_express_is_hidden_and_untouched(mount, bucket):
    for key in HIDDEN:
        bucket.put(key, b"hidden " + key.encode())
    bucket.put("double/visible", b"x")
    bucket.put("visible", b"y")
    m = mount(bucket)
    seen = []
    for directory, directories, names in os.walk(m.path):
        for name in directories + names:
            assert name not in (".", "..", "") and len(os.fsencode(name)) <= 255
        seen += [os.path.relpath(os.path.join(directory, name), m.path) for name in names]
    assert sorted(seen) == ["double/visible", "visible"]
    os.unlink(m.path / "visible")
    os.unlink(m.path / "double" / "visible")
    with raises(errno.ENOTEMPTY):
        os.rmdir(m.path / "double")
    with raises(errno.EXDEV, errno.ENOTEMPTY):
        os.rename(m.path / "double", m.path / "elsewhere")
    assert {key: bucket.get(key) for key in HIDDEN} == {key: b"hidden " + key.encode() for key in HIDDEN}
    assert not bucket.keys("elsewhere")


def test_too_long_for_s3(mount, bucket):
    m = mount(bucket)
    path = m.path
    for i in range(5):
        path = path / ("d" * 200)
        if len(str(path.relative_to(m.path))) + 1 > 1024:
            break
        path.mkdir()
    with raises(errno.ENAMETOOLONG):
        (path / ("f" * 200)).write_bytes(b"x")
    with raises(errno.ENAMETOOLONG):
        (m.path / ("l" * 256)).write_bytes(b"x")
    assert bucket.files() == []


def test_trailing_slash_is_a_directory(mount, bucket):
    bucket.put("marker/", b"")
    bucket.put("with-body/", b"some body")
    m = mount(bucket)
    assert sorted(os.listdir(m.path)) == ["marker", "with-body"]
    assert (m.path / "marker").is_dir() and (m.path / "with-body").is_dir()
    os.rmdir(m.path / "marker")
    assert bucket.keys() == ["with-body/"]


def test_not_utf8(mount, bucket):
    """S3 keys are UTF-8: other bytes cannot be stored, and that is said, not mangled."""
    m = mount(bucket)
    with raises(errno.EILSEQ, errno.EINVAL):
        with open(os.fsencode(str(m.path)) + b"/\xff\xfe", "wb") as file:
            file.write(b"x")
    assert bucket.keys() == []


@pytest.mark.parametrize("prefix", ["with space/ü", "a%20b", "plus+"])
def test_prefixes(mount, bucket, prefix):
    bucket.put(prefix + "/f", b"x")
    m = mount("%s:/%s" % (bucket, prefix))
    assert os.listdir(m.path) == ["f"]
    (m.path / "g").write_bytes(b"y")
    assert bucket.get(prefix + "/g") == b"y"
