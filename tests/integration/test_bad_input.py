# SPDX-License-Identifier: Apache-2.0
"""What cannot be mounted: one clear line on stderr, an exit status that is not 0, nothing mounted, nothing left."""
import os
import re
import socket
import stat
import subprocess
import threading
import time

import pytest

from support import build, httpd
from support.mount import PRIVATE_MOUNTS, children_of_ours, find_mount, need_private_mounts, run_pail, wait_for
from support.posix import as_user, open_parents


def assert_refused(mount, source, *patterns, was_mounted=False, **keywords):
    """Mounting must fail, with one line that matches every pattern. was_mounted: something works there, and still does."""
    keywords.setdefault("log_level", None)
    failure = mount.run_failing(source, **keywords)
    made = mount.mounts[-1]
    assert failure.status not in (0, None) and failure.status > 0, "ended by signal: %s" % failure
    assert made.pid is None and len(list(children_of_ours(made.program, made.path))) == int(was_mounted)
    assert bool(find_mount(made.path)) == was_mounted
    lines = [line for line in failure.text.splitlines() if line.strip()]
    assert len(lines) == 1, "not one line:\n" + failure.text
    for pattern in patterns:
        assert re.search(pattern, lines[0], re.IGNORECASE), "%r does not tell %r" % (lines[0], pattern)
    assert "TESTSECRET" not in failure.text and "NOTTHESECRET" not in failure.text
    return lines[0]


@pytest.fixture(params=[True, False], ids=["foreground", "daemon"])
def foreground(request):
    return request.param


# ---- configuration ----

def test_unknown_profile_lists_those_that_exist(mount, bucket, foreground):
    assert_refused(mount, bucket, "nonesuch", r"\btest\b", r"\bother\b", profile="nonesuch", foreground=foreground)


def test_missing_files(mount, bucket, tmp_path):
    """No file at all: there are no credentials, and it says where it looked. A file that was named must exist."""
    assert_refused(mount, bucket, "credentials", str(tmp_path / "home"), profile=None, region="us-east-1",
                   config_file=None, credentials_file=None)
    assert_refused(mount, bucket, "test", str(tmp_path / "home"), config_file=None, credentials_file=None)
    assert_refused(mount, bucket, "absent-config", config_file=tmp_path / "absent-config")
    assert_refused(mount, bucket, "absent-credentials", credentials_file=tmp_path / "absent-credentials")


@pytest.mark.parametrize("text, line", [
    ("[test]\naws_access_key_id = A\nnonsense without delimiter\n", 3),
    ("aws_access_key_id = A\n[test]\n", 1),
    ("[test]\naws_access_key_id = A\naws_access_key_id = B\n", 3),
    ("[test]\naws_access_key_id = A\n\n[test]\naws_secret_access_key = B\n", 4),
    ("[test\naws_access_key_id = A\n", 1),
])
def test_malformed_credentials_name_file_and_line(mount, bucket, aws_config, text, line):
    aws_config.credentials_file.write_text(text)
    assert_refused(mount, bucket, re.escape(str(aws_config.credentials_file)), r"\b%d\b" % line)


def test_unreadable_file(mount, bucket, tmp_path):
    directory = tmp_path / "is-a-directory"
    directory.mkdir()
    assert_refused(mount, bucket, "is-a-directory", credentials_file=directory)


def test_half_a_key(mount, bucket):
    assert_refused(mount, bucket, "half", "aws_secret_access_key", profile="half", region="us-east-1")


def test_profile_without_keys(mount, bucket):
    assert_refused(mount, bucket, "credentials", "keyless", profile="keyless")


def test_wrong_secret_and_unknown_key(mount, bucket, foreground):
    assert_refused(mount, bucket, "wrong", "secret|signature", profile="wrong", foreground=foreground)
    assert_refused(mount, bucket, "unknown", "key", profile="unknown", foreground=foreground)


@pytest.mark.parametrize("options, pattern", [
    ({"colour": "red"}, "colour"), ({"profil": "test"}, r"profil\b.*profile"), ({"ttl": "soon"}, "ttl"),
    ({"part_size": "1K"}, "part_size.*5"), ({"addressing_style": "vhost"}, "addressing_style.*path"),
    ({"umask": "9"}, "umask"), ({"max_connections": "0"}, "max_connections"), ({"uid": "no such user"}, "uid"),
    ({"timeout": "-1"}, "timeout"), ({"memory_limit": "lots"}, "memory_limit"),
])
def test_wrong_options(mount, bucket, options, pattern):
    assert_refused(mount, bucket, pattern, **options)


def test_wrong_command_lines():
    for arguments in ([], ["only-a-source"], ["b", "/tmp", "surplus"], ["b", "/tmp", "--nonsense"], ["b", "/tmp", "-o"]):
        result = run_pail(arguments)
        assert result.returncode not in (0, None) and result.returncode > 0
        assert result.stderr.strip()


@pytest.mark.parametrize("source", ["", ":", "UPPER", "a", "-bucket", "bucket:prefix-without-slash", "s3:/b",
                                    "http://b/c", "b/c", "x" * 300])
def test_wrong_sources(mount, source):
    assert_refused(mount, source, "bucket|source|name")


# ---- buckets and endpoints ----

def test_no_such_bucket(mount, foreground):
    assert_refused(mount, "there-is-no-such-bucket", "there-is-no-such-bucket", "exist|NoSuchBucket",
                   foreground=foreground)


def test_bucket_of_another_user(mount, other_bucket, foreground):
    assert_refused(mount, other_bucket, other_bucket.name, "denied|permission|policy", foreground=foreground)


def test_unreachable_endpoint(mount, bucket, foreground):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        start = time.monotonic()
        assert_refused(mount, bucket, str(port), "refused|connect", endpoint_url="http://127.0.0.1:%d" % port,
                       foreground=foreground)
        assert time.monotonic() - start < 20
    assert_refused(mount, bucket, "no-such-host.invalid", endpoint_url="http://no-such-host.invalid:80")


@pytest.mark.parametrize("url", ["127.0.0.1:7480", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999", "not a url"])
def test_malformed_endpoint(mount, bucket, url):
    assert_refused(mount, bucket, "endpoint", endpoint_url=url)


def test_wrong_clock_is_named(mount, bucket, new_wire):
    """A server that answers RequestTimeTooSkewed whatever we sign with."""
    wire = new_wire()
    wire.rule("answer", status=403, code="RequestTimeTooSkewed", count=0)
    assert_refused(mount, bucket, "clock|time", endpoint_url=wire.endpoint)


HTML = b"<!DOCTYPE html><html><head><title>It works</title></head><body><p>Welcome &amp; hello</body></html>"
BOMB = (b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">' +
        b"".join(b'<!ENTITY %c "&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;">' % ((c,) + (c - 1,) * 8)
                 for c in range(ord("b"), ord("k"))) +
        b']><ListBucketResult><Name>&j;</Name><IsTruncated>false</IsTruncated></ListBucketResult>')
EXTERNAL = (b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY f SYSTEM "file:///etc/passwd">]><ListBucketResult>'
            b"<Name>b</Name><IsTruncated>false</IsTruncated><Contents><Key>&f;</Key><Size>1</Size>"
            b"<ETag>e</ETag><LastModified>2020-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>")


@pytest.mark.parametrize("answer", [
    pytest.param(httpd.answer("200 OK", HTML, ["Content-Type: text/html"]), id="html"),
    pytest.param(httpd.answer("404 Not Found", HTML, ["Content-Type: text/html"]), id="html-404"),
    pytest.param(httpd.answer("301 Moved Permanently", b"", ["Location: http://127.0.0.1:1/"]), id="redirect"),
    pytest.param(httpd.answer("200 OK", b"\x00\xff\xfe" * 1000), id="binary"),
    pytest.param(httpd.answer("200 OK"), id="empty"),
    pytest.param(httpd.answer("200 OK", b"<Other/>"), id="other-xml"),
    pytest.param(httpd.answer("200 OK", BOMB), id="entities"),
    pytest.param(httpd.answer("200 OK", EXTERNAL), id="external-entity"),
    pytest.param(httpd.answer("401 Unauthorized", b"{}", ["WWW-Authenticate: Basic"]), id="401"),
    pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="ssh"),
    pytest.param(b"\x15\x03\x01\x00\x02\x02\x46", id="tls-alert"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", id="negative-length"),
    pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X-Header: " + b"x" * 5_000_000 + b"\r\n\r\n", id="huge-head"),
])
def test_endpoint_that_speaks_no_s3(mount, bucket, answer):
    with httpd.Server(httpd.always(answer)) as server:
        line = assert_refused(mount, bucket, endpoint_url=server.endpoint, timeout="6s")
    assert "root:" not in line


def endless(head, piece):
    def handle(connection):
        httpd.Reader(connection).head()
        connection.sendall(head)
        while True:
            connection.sendall(piece)
    return handle


@pytest.mark.parametrize("handle", [
    pytest.param(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536), id="body"),
    pytest.param(endless(b"HTTP/1.1 200 OK\r\n\r\n<ListBucketResult>", b"<Contents><Key>k</Key></Contents>" * 500),
                 id="xml"),
    pytest.param(endless(b"HTTP/1.1 200 OK\r\n", b"X-Field: " + b"y" * 1000 + b"\r\n"), id="head"),
    pytest.param(endless(b"HTTP/1.1 503 Slow\r\n\r\n", b"<e>" * 10000), id="error"),
])
def test_endless_answers(mount, bucket, handle):
    with httpd.Server(handle) as server:
        start = time.monotonic()
        assert_refused(mount, bucket, endpoint_url=server.endpoint, timeout="6s")
        assert time.monotonic() - start < 25


def test_silent_endpoint(mount, bucket):
    def handle(connection):
        time.sleep(60)

    with httpd.Server(handle) as server:
        start = time.monotonic()
        assert_refused(mount, bucket, "time|answer", endpoint_url=server.endpoint, timeout="5s")
        assert time.monotonic() - start < 25


PAGE = ('<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>'
        "<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
        "<Contents><Key>k{number}</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>"
        "<Size>1</Size></Contents></ListBucketResult>")


@pytest.mark.parametrize("same_token", [True, False])
def test_list_that_never_ends(mount, same_token):
    """With the same token again it is an error; with new ones for ever, who lists can be stopped, and the mount lives."""
    pages = [0]

    def handle(connection):
        reader = httpd.Reader(connection)
        while head := reader.head():
            reader.body(head[1])
            pages[0] += 1
            token = "same" if same_token else "token%d" % pages[0]
            body = PAGE.format(token=token, number=pages[0]).encode()
            if head[0].startswith("HEAD"):
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            else:
                time.sleep(0.002)
                connection.sendall(httpd.answer("200 OK", body))

    with httpd.Server(handle) as server:
        m = mount("bucket", endpoint_url=server.endpoint, timeout="10s", log_level="info")
        ls = subprocess.Popen(["ls", m.path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if same_token:
            assert ls.wait(60) == 2 and ls.stderr.read()
        else:
            time.sleep(2)
            if ls.poll() is None:
                ls.kill()
            ls.wait(60)  # the list has no end
        ls.stderr.close()
        assert m.memory_bytes("VmRSS") < 600 << 20
        m.unmount()


# ---- TLS ----

def test_tls(mount, bucket, tls_server, tmp_path):
    server = tls_server
    assert_refused(mount, bucket, "certificate", endpoint_url=server.tls_endpoint)
    assert_refused(mount, bucket, "absent.pem", endpoint_url=server.tls_endpoint, ca_bundle=tmp_path / "absent.pem")
    m = mount(bucket, endpoint_url=server.tls_endpoint, ca_bundle=server.ca_bundle)
    (m.path / "f").write_bytes(b"over tls")
    assert bucket.get("f") == b"over tls"
    m = mount(bucket, endpoint_url=server.tls_endpoint, no_verify_ssl=True)
    assert (m.path / "f").read_bytes() == b"over tls"
    assert_refused(mount, bucket, "TLS|SSL|certificate|answer|closed|HTTP", timeout="6s",
                   endpoint_url=server.endpoint.replace("http:", "https:"))


def test_wrong_host_in_the_certificate(mount, bucket, tls_server):
    """Names below localhost lead here, but the certificate does not know this one."""
    assert_refused(mount, bucket, "certificate|host name|other.localhost", timeout="6s",
                   endpoint_url="https://other.localhost:%d" % (tls_server.port + 1), ca_bundle=tls_server.ca_bundle)


# ---- mount points ----

def test_mount_point_missing_or_no_directory(mount, bucket, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    for path, pattern in ((tmp_path / "missing", "exist|no such"), (file, "directory")):
        result = run_pail([bucket, path])
        assert result.returncode > 0
        assert re.search(pattern, result.stderr, re.IGNORECASE) and path.name in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1


def test_mount_point_not_empty(mount, bucket, tmp_path):
    busy = tmp_path / "full"
    busy.mkdir()
    (busy / "file").write_bytes(b"x")
    assert_refused(mount, bucket, "empty", "full", mountpoint=busy)
    m = mount(bucket, mountpoint=busy, nonempty=True)
    assert os.listdir(m.path) == []
    m.unmount()
    assert (busy / "file").read_bytes() == b"x"


def test_mount_point_busy(mount, bucket):
    m = mount(bucket)
    assert_refused(mount, bucket, "mounted", mountpoint=m.path, was_mounted=True)
    assert os.listdir(m.path) == []


def test_mount_point_dead_from_an_earlier_crash(mount, bucket, tmp_path):
    """The remedy is a command in the message."""
    m = mount(bucket)
    os.kill(m.pid, 9)
    m.expected_status = -9
    m.expect_end()
    assert find_mount(m.path)
    failure = mount.run_failing(bucket, mountpoint=m.path, log_level=None)
    line, = failure.text.strip().splitlines()
    assert failure.status > 0
    command = re.search(r"(fusermount3 -u\w*|umount) (\S+)", line)
    assert command and command.group(2).strip("'\"`.,)") == str(m.path)
    subprocess.run(command.group(1).split() + [str(m.path)], check=True)
    m.start()
    m.expected_status = 0
    assert os.listdir(m.path) == []


def in_namespace(script):
    """A wrapper: runs a script in a mount namespace of its own, and then the program."""
    need_private_mounts()
    return PRIVATE_MOUNTS + ["sh", "-c", script + '; exec "$@"', "sh"]


def test_no_dev_fuse(mount, bucket):
    script = ("mkdir -p /tmp/dev.$$ && mount -t tmpfs tmpfs /tmp/dev.$$ && touch /tmp/dev.$$/null /tmp/dev.$$/urandom && "
              "mount --bind /dev/null /tmp/dev.$$/null && mount --bind /dev/urandom /tmp/dev.$$/urandom && "
              "mount --rbind /tmp/dev.$$ /dev")
    assert_refused(mount, bucket, "/dev/fuse", wrapper=in_namespace(script))


NOBODY = 65534  # an ordinary user that every root has: fusermount3 wants to know the name


def user_options(tmp_path, aws_config):
    """What an ordinary user needs to mount: directories and files of his own."""
    home = tmp_path / "user"
    home.mkdir()
    for name in ("mnt", "cache", "state"):
        (home / name).mkdir()
        os.chown(home / name, NOBODY, NOBODY)
    os.chown(home, NOBODY, NOBODY)
    open_parents(home / "mnt")
    for file in (aws_config.directory, aws_config.config_file, aws_config.credentials_file):
        os.chown(file, NOBODY, NOBODY)
    return {"mountpoint": home / "mnt", "cache_dir": home / "cache", "state_dir": home / "state"}


AS_USER = ["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups"]


@pytest.fixture
def open_device():
    """/dev/fuse with the mode that udev gives it, where there is no udev."""
    mode = stat.S_IMODE(os.stat("/dev/fuse").st_mode)
    if mode & 0o006 != 0o006:
        os.chmod("/dev/fuse", 0o666)
    yield
    os.chmod("/dev/fuse", mode)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")
def test_ordinary_user(mount, bucket, tmp_path, aws_config, open_device):
    """Mounting works through fusermount3; what it refuses is told in words."""
    program = install_for_users(tmp_path)
    options = user_options(tmp_path, aws_config)
    options["environment"] = {"HOME": str(tmp_path / "user")}
    m = mount(bucket, wrapper=AS_USER, program=program, **options)
    assert as_user(NOBODY, (m.path / "f").write_bytes, b"mine") == 0
    assert bucket.get("f") == b"mine" and bucket.head("f")["Metadata"]["uid"] == str(NOBODY)
    m.unmount()
    assert_refused(mount, bucket, "allow_other", "user_allow_other", "fuse.conf", wrapper=AS_USER, allow_other=True,
                   program=program, **options)
    script = "mount --bind /dev/null $(command -v fusermount3)"
    assert_refused(mount, bucket, "fusermount3", wrapper=in_namespace(script) + AS_USER, program=program, **options)


def install_for_users(tmp_path):
    """The build may lie where only its owner may look."""
    place = tmp_path / "bin"
    place.mkdir()
    open_parents(place / "x")
    (place / "pail").write_bytes(build.pail().read_bytes())
    (place / "pail").chmod(0o755)
    return place / "pail"


# ---- local directories ----

@pytest.mark.parametrize("option", ["cache_dir", "state_dir"])
def test_directory_not_writable(mount, bucket, tmp_path, option):
    file = tmp_path / "a-file"
    file.write_bytes(b"")
    assert_refused(mount, bucket, "a-file", **{option: file})
    assert_refused(mount, bucket, "a-file", **{option: file / "below"})
    assert_refused(mount, bucket, "/proc", **{option: "/proc/pail"})


@pytest.mark.parametrize("option", ["cache_dir", "state_dir"])
def test_directory_inside_the_mount_point(mount, bucket, tmp_path, option):
    place = tmp_path / "place"
    place.mkdir()
    assert_refused(mount, bucket, option, "inside|mount point", mountpoint=place, **{option: place / "x"})
    assert_refused(mount, bucket, option, "inside|mount point", mountpoint=place,
                   **{option: tmp_path / "place" / ".." / "place"})


def test_state_is_private(mount, bucket):
    m = mount(bucket)
    (m.path / "f").write_bytes(b"x")
    for directory in (m.state_dir, m.cache_dir):
        if directory.exists():
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700
            for path in directory.rglob("*"):
                assert stat.S_IMODE(path.lstat().st_mode) & 0o077 == 0, path


def test_interrupted_before_it_is_mounted(mount, bucket, new_wire):
    """Ctrl-C while the endpoint does not answer."""
    wire = new_wire()
    wire.pause()
    results = []
    thread = threading.Thread(target=lambda: results.append(
        mount.run_failing(bucket, endpoint_url=wire.endpoint, log_level=None)))
    thread.start()
    wait_for(lambda: mount.mounts and mount.mounts[-1].pid is not None, 10, "the program to be started")
    time.sleep(1)
    mount.mounts[-1].signal(2)
    thread.join(60)  # the endpoint does not answer before it is resumed, below
    assert results and results[0].status != 0
    wire.resume()
