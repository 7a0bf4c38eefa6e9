# SPDX-License-Identifier: Apache-2.0
"""pailctl configure: what it writes is what botocore and pail read, and it changes nothing else."""
import os
import pathlib
import random
import re
import signal
import stat
import subprocess
import termios
import time

import botocore.configloader
import botocore.session
import pytest

from support import build, sanitizer
from support.ctl import Ctl

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEBYaDHqa0AP=="


@pytest.fixture
def ctl(tmp_path):
    home, logs = tmp_path / "home", tmp_path / "logs"
    home.mkdir()
    logs.mkdir()
    return Ctl(home, logs)


def read_back(ctl, profile):
    """What botocore makes of the profile: its settings, and its keys."""
    paths = {"AWS_CONFIG_FILE": str(ctl.home / ".aws/config"),
             "AWS_SHARED_CREDENTIALS_FILE": str(ctl.home / ".aws/credentials"), "HOME": str(ctl.home)}
    before = {key: os.environ.pop(key) for key in list(os.environ) if key.startswith("AWS_") or key == "HOME"}
    os.environ.update(paths)
    try:
        session = botocore.session.Session(profile=profile)
        return session.get_scoped_config(), session.get_credentials()
    finally:
        for key in paths:
            del os.environ[key]
        os.environ.update(before)


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


@pytest.mark.parametrize("profile", ["default", "work", "my work", "über-uns", "a.b_c@d"])
def test_read_back_by_botocore(ctl, profile):
    result = ctl.configure("--profile", profile, "--access-key-id", "AKIDEXAMPLE", "--secret-access-key-stdin",
                           "--session-token-stdin", "--region", "eu-central-1", "--endpoint-url", "https://s3.example.org",
                           stdin="%s\n%s\n" % (SECRET, TOKEN))
    assert result.returncode == 0, result.stderr
    config, credentials = read_back(ctl, profile)
    assert config["region"] == "eu-central-1" and config["endpoint_url"] == "https://s3.example.org"
    assert credentials.get_frozen_credentials() == ("AKIDEXAMPLE", SECRET, TOKEN)
    assert SECRET not in result.stdout + result.stderr and TOKEN not in result.stdout + result.stderr
    assert mode(ctl.home / ".aws") == 0o700
    assert mode(ctl.home / ".aws/config") == mode(ctl.home / ".aws/credentials") == 0o600
    # and by pail: the line that says which profile and keys it found
    lines = ctl.run("check", "-o", "endpoint_url=http://127.0.0.1:1", "--profile", profile).stdout
    assert re.search(r"(?m)^ok +configuration +profile %s;" % re.escape(profile), lines)
    assert re.search(r"(?m)^ok +credentials +access key id \*+MPLE ", lines)


def test_a_role(ctl):
    arn = "arn:aws:iam::123456789012:role/reader"
    assert ctl.configure("--profile", "role", "--role-arn", arn, "--source-profile", "default", "--external-id", "e x",
                         "--duration-seconds", "3600").returncode == 0
    config = botocore.configloader.load_config(str(ctl.home / ".aws/config"))
    assert config["profiles"]["role"] == {"role_arn": arn, "source_profile": "default", "external_id": "e x", "duration_seconds": "3600"}
    assert not (ctl.home / ".aws/credentials").exists()


def test_what_is_mounted_with_it(ctl, server, bucket):
    """On a real server: the buckets of the profile that was configured."""
    ctl.configure("--profile", "p", "--access-key-id", "TESTKEY", "--secret-access-key-stdin", "--endpoint-url",
                  server.endpoint, "--region", "us-east-1", stdin="TESTSECRET")
    result = ctl.run("buckets", "--profile", "p")
    assert result.returncode == 0 and bucket.name in result.stdout


@pytest.mark.parametrize("arguments, stdin", [
    (["--region", "Frankfurt am Main"], ""), (["--region", " eu-central-1"], ""), (["--region", "eu\ncentral"], ""),
    (["--endpoint-url", "s3.example.org"], ""), (["--role-arn", "reader"], ""), (["--external-id", "two\nlines"], ""),
    (["--external-id", " x"], ""), (["--region", ""], ""), (["--profile", "a]b", "--region", "x"], ""),
    (["--secret-access-key-stdin"], ""), (["--secret-access-key-stdin"], SECRET + "\nmore\n"),
    (["--secret-access-key-stdin"], SECRET + " x\n"), (["--access-key-id", SECRET, "--secret-access-key-stdin"], SECRET),
])
def test_refused(ctl, arguments, stdin):
    result = ctl.configure(*arguments, stdin=stdin)
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1
    assert SECRET not in result.stdout + result.stderr
    assert not (ctl.home / ".aws/config").exists() and not (ctl.home / ".aws/credentials").exists()


@pytest.mark.parametrize("arguments", [["--secret-access-key", SECRET], ["--secret-access-key=" + SECRET],
                                       ["--session-token", TOKEN], [SECRET], ["--secret=" + SECRET]])
def test_a_secret_is_no_argument_and_not_shown(ctl, arguments):
    result = ctl.configure(*arguments)
    assert result.returncode == 2 and SECRET not in result.stderr and TOKEN not in result.stderr


def test_duplicates_are_named_with_their_line(ctl):
    (ctl.home / ".aws").mkdir()
    path = ctl.home / ".aws/config"
    path.write_text("[profile a]\nregion = x\nregion = y\n")
    result = ctl.configure("--profile", "a", "--region", "eu-central-1")
    assert result.returncode == 1 and "%s:3:" % path in result.stderr
    assert path.read_text() == "[profile a]\nregion = x\nregion = y\n"


def test_modes_owners_and_links_are_kept(ctl, tmp_path):
    elsewhere = tmp_path / "dotfiles"
    elsewhere.mkdir()
    (ctl.home / ".aws").mkdir(mode=0o755)
    target = elsewhere / "config"
    target.write_text("# mine\n")
    target.chmod(0o644)
    (ctl.home / ".aws/config").symlink_to(target)
    credentials = ctl.home / ".aws/credentials"
    credentials.write_text("")
    credentials.chmod(0o644)
    assert ctl.configure("--region", "eu-central-1", "--access-key-id", "AKID", "--secret-access-key-stdin",
                         stdin=SECRET).returncode == 0
    assert (ctl.home / ".aws/config").is_symlink() and target.read_text() == "# mine\n\n[default]\nregion = eu-central-1\n"
    assert mode(target) == 0o644 and mode(ctl.home / ".aws") == 0o755
    assert mode(credentials) == 0o640  # there are secrets in it now
    (ctl.home / ".aws/config").unlink()
    (ctl.home / ".aws/config").symlink_to(tmp_path / "nowhere")
    result = ctl.configure("--region", "eu-west-1")
    assert result.returncode == 1 and "link" in result.stderr


def test_new_keys_drop_an_old_token(ctl):
    ctl.configure("--access-key-id", "OLD", "--secret-access-key-stdin", "--session-token-stdin", stdin="old\ntoken\n")
    ctl.configure("--access-key-id", "NEW", "--secret-access-key-stdin", stdin="new\n")
    assert (ctl.home / ".aws/credentials").read_text() == \
        "[default]\naws_access_key_id = NEW\naws_secret_access_key = new\n"


def test_no_secret_in_proc(ctl):
    process = subprocess.Popen([build.pailctl(), "configure", "--access-key-id", "AKID", "--secret-access-key-stdin"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ctl.environment(), text=True)
    process.stdin.write(SECRET + "\n")
    process.stdin.flush()
    time.sleep(0.3)  # it has the secret, and waits for the end of input
    assert process.poll() is None
    proc = pathlib.Path("/proc/%d" % process.pid)
    assert SECRET.encode() not in proc.joinpath("cmdline").read_bytes()
    assert SECRET.encode() not in proc.joinpath("environ").read_bytes()
    process.stdin.close()
    assert SECRET not in process.stdout.read() and process.wait(60) == 0
    process.stdout.close()
    sanitizer.check(ctl.logs, "pailctl")


# ---- at a terminal ----

@pytest.fixture
def terminal(ctl):
    opened = []

    def start(*arguments, **environment):
        opened.append(ctl.at_terminal("configure", *arguments, **environment))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_interactive(ctl, terminal):
    t = terminal("--profile", "work")
    t.answer("AWS access key ID [none]: ", "AKIDEXAMPLE")
    t.answer("AWS secret access key [none]: ", SECRET)
    t.answer("Default region name [none]: ", "eu-central-1")
    t.answer("AWS [none]: ", "")
    status, shown = t.end()
    assert status == 0 and SECRET not in shown and "wrote" in shown
    config, credentials = read_back(ctl, "work")
    assert config["region"] == "eu-central-1" and "endpoint_url" not in config
    assert credentials.get_frozen_credentials()[:2] == ("AKIDEXAMPLE", SECRET)

    # Again: what is there is shown masked, and an empty answer keeps it.
    t = terminal(AWS_PROFILE="work")
    t.answer("AWS access key ID [****************MPLE]: ", "")
    t.answer("AWS secret access key [****************]: ", "")
    t.answer("Default region name [eu-central-1]: ", "eu-west-1")
    t.answer("AWS [none]: ", "")
    status, shown = t.end()
    assert status == 0 and SECRET not in shown
    config, credentials = read_back(ctl, "work")
    assert config["region"] == "eu-west-1" and credentials.get_frozen_credentials()[:2] == ("AKIDEXAMPLE", SECRET)

    t = terminal("--profile", "work")
    for prompt in ("ID [", "key [", "name [", "AWS [none"):
        t.answer(prompt, "")
    status, shown = t.end()
    assert status == 0 and "nothing to change" in shown


def test_only_the_secret_is_asked_for(ctl, terminal):
    t = terminal("--access-key-id", "AKIDEXAMPLE", "--region", "eu-central-1")
    t.answer("AWS secret access key [none]: ", SECRET)
    status, shown = t.end()
    assert status == 0 and SECRET not in shown and "Default region" not in shown
    assert read_back(ctl, "default")[1].get_frozen_credentials()[:2] == ("AKIDEXAMPLE", SECRET)


def test_interrupted_at_the_secret(ctl, terminal):
    """Nothing is written, and the terminal shows again what is typed."""
    t = terminal()
    t.answer("ID [none]: ", "AKIDEXAMPLE")
    t.expect("AWS secret access key [none]: ")
    assert not termios.tcgetattr(t.fd)[3] & termios.ECHO
    t.type("\x03")
    assert os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1]) == -signal.SIGINT
    t.status = -signal.SIGINT
    assert termios.tcgetattr(t.fd)[3] & termios.ECHO
    os.close(t.fd)
    assert not (ctl.home / ".aws").exists()


def test_end_of_input(ctl, terminal):
    t = terminal()
    t.answer("ID [none]: ", "AKIDEXAMPLE")
    t.expect("AWS secret access key [none]: ")
    t.type("\x04")
    status, shown = t.end()
    assert status == 1 and "nothing was changed" in shown and not (ctl.home / ".aws").exists()


def test_without_a_terminal(ctl):
    result = subprocess.run([build.pailctl(), "configure"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            start_new_session=True, env=ctl.environment(), timeout=60)
    assert result.returncode == 1 and "no terminal" in result.stderr


# ---- random edits, with botocore as the witness ----

def random_file(random_source, is_config):
    """A file that botocore reads, with all that the format has; and the names of its profiles."""
    eol = random_source.choice(["\n", "\r\n"])
    lines, profiles = [], []
    for number in range(random_source.randrange(5)):
        name = random_source.choice(["p%d", "my p%d", "P.%d"]) % number
        profiles.append(name)
        quote = '"' if " " in name else random_source.choice(['"', ""])
        lines += random_source.choice([[], ["# %s: a comment = 1" % name], ["", "; x"]])
        lines.append("[profile %s%s%s]" % (quote, name, quote) if is_config else "[%s]" % name)
        for key in random_source.sample(["region", "output", "s3", "aws_access_key_id", "external_id", "Unknown_Key"], 3):
            kind = random_source.randrange(4)
            if kind == 0:
                lines += ["%s =" % key, "  addressing_style = path", "  # inside", "    max_concurrent_requests=%d" % number]
            elif kind == 1:
                lines += ["%s: first" % key, "   second", "", "   third"]
            else:
                lines += ["%s%sold-%d" % (key, random_source.choice([" = ", "=", ": "]), number)]
            lines += random_source.choice([[], [], [""], ["   # indented"]])
    text = eol.join(lines)
    return text + (eol if random_source.random() < 0.8 else ""), profiles


@pytest.mark.parametrize("seed", range(4))
def test_random_edits(ctl, seed):
    """Every value but the one that was set is read as before, and every other line is there as it was."""
    source = random.Random(seed)
    (ctl.home / ".aws").mkdir()
    config, credentials = ctl.home / ".aws/config", ctl.home / ".aws/credentials"
    for _ in range(25):
        text, profiles = random_file(source, is_config=True)
        config.write_bytes(text.encode())
        credentials.write_bytes(random_file(source, is_config=False)[0].encode())
        old = {path: (path.read_bytes(), botocore.configloader.raw_config_parse(str(path))) for path in (config, credentials)}
        profile = source.choice(profiles + ["new", "brand new", "default"])
        option, key, path = source.choice([("--region", "region", config), ("--external-id", "external_id", config),
                                           ("--access-key-id", "aws_access_key_id", credentials)])
        extra = ["--secret-access-key-stdin"] if path == credentials else []
        result = ctl.configure("--profile", profile, option, "new-value", *extra, stdin=SECRET if extra else "")
        assert result.returncode == 0, result.stderr
        other = credentials if path == config else config
        assert other.read_bytes() == old[other][0]
        assert_changed(path, old[path], profile, {key: "new-value", **({"aws_secret_access_key": SECRET} if extra else {})})


def assert_changed(path, old, profile, values):
    before, parsed = old
    after = botocore.configloader.raw_config_parse(str(path))
    names = [name for name in after if name.replace('"', "").replace("'", "") in (profile, "profile " + profile)]
    assert len(names) == 1
    expected = dict(parsed.get(names[0], {}), **values)
    assert after == dict(parsed, **{names[0]: expected}), path.read_text()
    left = before.splitlines(keepends=False)
    written = path.read_bytes().splitlines(keepends=False)
    for line in written:  # in their order; what is not of the old file is what was set, its section, or a blank line before that
        if left and line in left:
            del left[:left.index(line)]
            left.pop(0)
        else:
            assert not line or line.startswith(b"[") or any(value.encode() in line for value in values.values()), line
    comments = [line for line in before.splitlines() if line.lstrip().startswith((b"#", b";"))]
    assert [line for line in written if line.lstrip().startswith((b"#", b";"))] == comments


@pytest.mark.parametrize("arguments,words", [
    (["--role-arn", "arn:aws:iam::1:role/r", "--source-profile", "nobody"], ["there is no profile nobody"]),
    (["--source-profile", "other"], ["source_profile is of no use without a role"]),
    (["--role-arn", "arn:aws:iam::1:role/r"], ["role_arn needs --source-profile or --credential-source"]),
    (["--ca-bundle", "/nonexistent/ca.pem"], ["ca_bundle /nonexistent/ca.pem: No such file"]),
    (["--role-arn", "arn:aws:iam::1:role/r", "--source-profile", "other", "--credential-source", "Environment"], ["only one may be"]),
    (["--role-arn", "arn:aws:iam::1:role/r", "--source-profile", "other", "--ca-bundle", "/etc/passwd"], []),
])
def test_what_is_not_there_is_warned_of(ctl, arguments, words):
    (ctl.home / ".aws").mkdir()
    (ctl.home / ".aws/credentials").write_text("[other]\naws_access_key_id = I\naws_secret_access_key = S\n")
    result = ctl.configure("--profile", "work", *arguments)
    assert result.returncode == 0 and "wrote" in result.stdout
    warnings = result.stderr.splitlines()
    assert len(warnings) == len(words)
    for warning, word in zip(warnings, words):
        assert warning.startswith("pailctl: warning: profile work: ") and word in warning
