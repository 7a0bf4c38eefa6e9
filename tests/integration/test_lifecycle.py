# SPDX-License-Identifier: Apache-2.0
"""How a mount begins and ends: the daemon, mount(8), signals, and what the exit status tells."""
import os
import shutil
import signal
import subprocess
import threading
import time

import pytest

from support import build, tree
from support.mount import (PRIVATE_MOUNTS, children_of_ours, find_mount, need_private_mounts, option_string, run_pail,
                           wait_for)

MIB = 1 << 20


def test_help_and_version():
    result = run_pail(["-h"])
    assert result.returncode == 0 and result.stdout.lower().startswith("usage")
    for option in ("profile", "region", "endpoint_url", "addressing_style", "cache_dir", "state_dir", "config_file",
                   "credentials_file", "uid", "gid", "umask", "file_mode", "dir_mode", "ro", "ttl", "timeout", "log_level",
                   "max_connections", "part_size", "memory_limit", "no_sign_request", "ca_bundle", "no_verify_ssl",
                   "allow_other"):
        assert option in result.stdout, option
    version = run_pail(["-V"])
    assert version.returncode == 0 and version.stdout.startswith("pail ")


def test_daemon(mount, bucket):
    """The parent ends with 0 when the mount works; the daemon has let go of everything of the terminal."""
    m = mount(bucket, foreground=False)
    (m.path / "f").write_bytes(b"x")
    assert bucket.get("f") == b"x"
    assert os.getsid(m.pid) == m.pid or os.getsid(m.pid) != os.getsid(0)
    assert os.readlink("/proc/%d/cwd" % m.pid) == "/"
    for fd in (0, 1, 2):
        assert os.readlink("/proc/%d/fd/%d" % (m.pid, fd)) == "/dev/null"
    m.unmount()
    assert not find_mount(m.path)


def test_output_to_a_pipe_ends(mount, bucket, tmp_path):
    """`pail … | cat` must not hang: the daemon keeps no end of the caller's pipe."""
    m = mount(bucket, foreground=False)
    other = tmp_path / "other"
    other.mkdir()
    options = dict(m.options, cache_dir=tmp_path / "cache", state_dir=tmp_path / "state")
    result = subprocess.run([build.pail(), bucket.name, other, "-o", option_string(options)], capture_output=True,
                            timeout=120, env=m.environment())
    assert result.returncode == 0, result.stderr
    pid = wait_for(lambda: list(children_of_ours(build.pail(), other)), 5, "the daemon")[0]
    subprocess.run(["fusermount3", "-u", other], check=True)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_in_order(mount, bucket, number):
    """What is open counts as closed: its bytes are sent first."""
    m = mount(bucket)
    file = open(m.path / "f", "wb", buffering=0)
    file.write(b"unsent")
    m.signal(number)
    m.expect_end()
    try:
        file.close()
    except OSError:
        pass
    assert not find_mount(m.path)
    assert bucket.get("f") == b"unsent"


def test_an_unlinked_file_does_not_hold_up_the_end(mount, bucket):
    """It is open and was written, but its bytes go nowhere: there is nothing to wait `timeout` for."""
    m = mount(bucket, timeout="60s")
    file = open(m.path / "f", "wb", buffering=0)
    file.write(b"for nobody")
    os.unlink(m.path / "f")
    file.write(b" at all")
    began = time.monotonic()
    m.signal(signal.SIGTERM)
    m.expect_end(30)
    assert time.monotonic() - began < 15
    try:
        file.close()
    except OSError:
        pass
    assert bucket.keys() == [] and not m.lost_files()


def test_unmount_sends_what_is_open(mount, bucket):
    m = mount(bucket)
    child = subprocess.Popen(["sh", "-c", "exec 3> f; echo held >&3; exec sleep 1000"], cwd=m.path)
    wait_for(lambda: os.path.exists(m.path / "f") and os.stat(m.path / "f").st_size == 5, 10, "the child to write")
    subprocess.run(["fusermount3", "-u", "-z", m.path], check=True)
    child.kill()
    child.wait()
    m.expect_end()
    assert bucket.get("f") == b"held\n"


def test_busy_mount_stays(mount, bucket):
    m = mount(bucket)
    with open(m.path / "f", "wb", buffering=0) as file:
        file.write(b"x")
        result = subprocess.run(["fusermount3", "-u", m.path], capture_output=True, text=True)
        assert result.returncode != 0 and "busy" in result.stderr.lower()
        file.write(b"y")
    assert bucket.get("f") == b"xy"


def test_lazy_unmount_while_writing(mount, bucket, wire):
    m = mount(bucket, wire=wire)
    wire.set(total_rate="4M")
    writer = threading.Thread(target=lambda: (m.path / "f").write_bytes(bytes(8 * MIB)))
    writer.start()
    time.sleep(0.5)
    subprocess.run(["fusermount3", "-u", "-z", m.path], check=True)
    writer.join(60)
    m.expect_end()
    assert bucket.head("f")["ContentLength"] == 8 * MIB


def test_next_mount_waits_for_one_that_still_sends(mount, bucket, wire):
    """umount and mount in a row, with the same state directory."""
    m = mount(bucket, wire=wire)
    file = open(m.path / "f", "wb", buffering=0)
    file.write(tree.random_bytes(2 * MIB, 1))
    wire.set(total_rate="1M")
    subprocess.run(["fusermount3", "-u", "-z", m.path], check=True)
    closer = threading.Thread(target=file.close)
    closer.start()
    again = mount(bucket, cache_dir=m.cache_dir, state_dir=m.state_dir)
    closer.join(60)
    m.expect_end()
    wait_for(lambda: bucket.exists("f"), 20, "the first mount to send")
    time.sleep(1.1)
    assert (again.path / "f").read_bytes() == tree.random_bytes(2 * MIB, 1)


def test_two_mounts_of_one_source(mount, bucket):
    """Both with the default directories: neither harms the other."""
    one = mount(bucket)
    two = mount(bucket, cache_dir=one.cache_dir, state_dir=one.state_dir)
    (one.path / "f").write_bytes(b"one")
    (two.path / "g").write_bytes(b"two")
    time.sleep(1.1)
    assert (one.path / "g").read_bytes() == b"two" and (two.path / "f").read_bytes() == b"one"


# ---- mount(8) ----

@pytest.fixture
def installed(tmp_path):
    """A directory with the program under all its names, for PATH."""
    place = tmp_path / "installed"
    place.mkdir()
    shutil.copy(build.pail(), place / "pail")
    for name in ("mount.pail", "mount.fuse.pail", "umount.fuse.pail", "umount.pail"):
        os.symlink("pail", place / name)
    return place


def mount_with(command, environment, path):
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert result.returncode == 0, result.stdout + result.stderr
    assert find_mount(path)[1] == "fuse.pail"


def daemons_on(path):
    """Processes with a path among their arguments; orphans of ours that have ended are taken away on the way."""
    return [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and has_argument(pid, path)]


def end(path):
    pids = daemons_on(path)
    subprocess.run(["umount", "-i", path], check=True, timeout=60)
    for pid in pids:
        try:
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        except ChildProcessError:
            wait_for(lambda: not os.path.exists("/proc/%d" % pid), 30, "the daemon to end")


def has_argument(pid, path):
    try:
        with open("/proc/%s/cmdline" % pid, "rb") as arguments:
            return os.fsencode(str(path)) in arguments.read().split(b"\0")
    except OSError:
        return False


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "place"
    path.mkdir()
    yield path
    if find_mount(path):
        subprocess.run(["fusermount3", "-u", "-z", path])


@pytest.fixture
def options(server, aws_config, tmp_path):
    return {"profile": "test", "endpoint_url": server.endpoint, "config_file": aws_config.config_file,
            "credentials_file": aws_config.credentials_file, "cache_dir": tmp_path / "cache", "state_dir": tmp_path / "state"}


FSTAB = "rw,_netdev,user,nofail,noauto,defaults,x-systemd.automount,x-gvfs-show,comment=mine,exec,suid,dev"


def test_mount_pail_helper(bucket, installed, place, options):
    """As mount(8) calls a helper: SOURCE MOUNTPOINT [-sfnv] -o OPTIONS, and no environment at all."""
    mount_with([installed / "mount.pail", bucket.name, place, "-n", "-v", "-o", FSTAB + "," + option_string(options)],
               {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, place)
    (place / "f").write_bytes(b"x")
    assert bucket.get("f") == b"x"
    end(place)


@pytest.mark.parametrize("name", ["umount.fuse.pail", "umount.pail"])
def test_umount_helper_waits_until_all_is_sent(bucket, installed, place, options, new_wire, name):
    """What a child wrote after the opener had closed is sent when the last descriptor is gone, while nobody waits."""
    wire = new_wire()
    options["endpoint_url"] = wire.endpoint
    mount_with([installed / "mount.pail", bucket.name, place, "-o", option_string(options)],
               {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, place)
    delay = wire.rule("delay", kind="PutObject", nth=2, ms=1500)
    subprocess.run(["sh", "-c", "( (sleep 0.3; echo late) & echo early ) > f; wait; sleep 0.4"], cwd=place, check=True)
    wait_for(lambda: delay.counters()["given"] == 1, 10, "the late bytes to be on their way")
    result = subprocess.run([installed / name, place], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert bucket.get("f") == b"early\nlate\n"
    assert not find_mount(place)
    wait_for(lambda: not daemons_on(place), 10, "the daemon to end")


def in_namespace(installed, script, *arguments):
    """Runs a script where the program is installed: mount(8) looks for it in the usual directories only, so they are
    covered in a mount namespace of our own, in which everything that is mounted goes away by itself."""
    need_private_mounts()
    assert shutil.which("mount.fuse3") or shutil.which("mount.fuse"), "fuse3's mount.fuse is not installed"
    cover = 'mount --bind "$1" /usr/local/bin; shift; '
    return subprocess.run([*PRIVATE_MOUNTS, "sh", "-ec", cover + script, "sh", installed, *arguments], capture_output=True, text=True, timeout=60,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


def test_mount_t_fuse_pail_and_fstab(bucket, installed, place, options, tmp_path):
    """mount -t fuse.pail and a line of fstab; as root without HOME."""
    words = FSTAB + "," + option_string(options)
    fstab = tmp_path / "fstab"
    fstab.write_text("%s %s fuse.pail %s 0 0\n" % (bucket, place, words))
    script = """
        mount -t fuse.pail "$1" "$2" -o "$3"
        findmnt -n -o FSTYPE "$2"
        echo 1 > "$2/f"
        umount "$2"
        mount -T "$4" "$2"
        cat "$2/f"
        umount "$2"
        """
    result = in_namespace(installed, script, bucket.name, place, words, fstab)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["fuse.pail", "1"]
    assert bucket.get("f") == b"1\n"
    wait_for(lambda: not daemons_on(place), 30, "the daemons to end")


def test_mount_t_tells_of_failure(installed, place, options):
    result = in_namespace(installed, 'mount -t fuse.pail there-is-no-such-bucket "$1" -o "$2"', place,
                          option_string(options))
    assert result.returncode != 0 and "there-is-no-such-bucket" in result.stderr
    assert not find_mount(place)


def test_without_home_or_environment(bucket, place, options):
    """As from fstab or a service: everything named by options."""
    mount_with([build.pail(), bucket.name, place, "-o", option_string(options)], {}, place)
    (place / "f").write_bytes(b"x")
    assert bucket.get("f") == b"x"
    end(place)


def test_environment_and_default_files(mount, bucket, server, tmp_path, aws_config):
    """No option but what is needed: the profile from AWS_PROFILE, the endpoint from the profile's services section."""
    environment = {"AWS_PROFILE": "full", "AWS_CONFIG_FILE": str(aws_config.config_file)}
    m = mount(bucket, environment=environment, profile=None, endpoint_url=None, config_file=None, credentials_file=None)
    (m.path / "f").write_bytes(b"x")
    assert bucket.get("f") == b"x"
    m.unmount()
    keys = {"AWS_ACCESS_KEY_ID": "TESTKEY", "AWS_SECRET_ACCESS_KEY": "TESTSECRET", "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_S3": server.endpoint}
    m = mount(bucket, environment=keys, profile=None, endpoint_url=None, config_file=None, credentials_file=None)
    assert (m.path / "f").read_bytes() == b"x"


@pytest.mark.parametrize("scheme, port", [("http", 0), ("https", 1)])
def test_virtual_addressing(mount, bucket, tls_server, scheme, port):
    """The bucket's name goes into the host's, which below localhost is known without a name server."""
    m = mount(bucket, addressing_style="virtual", ca_bundle=tls_server.ca_bundle,
              endpoint_url="%s://s3.localhost:%d" % (scheme, tls_server.port + port))
    (m.path / "f").write_bytes(b"x")
    os.rename(m.path / "f", m.path / "g")
    assert bucket.get("g") == b"x" and os.listdir(m.path) == ["g"]


def test_secrets_are_in_no_log(mount, bucket):
    m = mount(bucket, log_level="trace")
    (m.path / "f").write_bytes(b"x" * 1000)
    assert (m.path / "f").read_bytes() == b"x" * 1000
    m.unmount()
    log = m.log()
    assert log, "a trace that says nothing"
    assert "TESTSECRET" not in log
    assert "Signature=" not in log
