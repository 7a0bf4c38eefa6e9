# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/credentials.md and pail(1) are true: each is taken from the text, resolved by us and by botocore, and its command
line is accepted. A heading or comment names the provider that must be found."""
import hashlib
import json
import os
import re
import shlex
import subprocess

import pytest

from support import build
from support.responder import in_seconds, secret_of, token_of
from test_chain_botocore import comparison  # noqa: F401  pylint: disable=unused-import

SECRETS = re.compile(r"^(aws_secret_access_key\s*=\s*|export AWS_SECRET_ACCESS_KEY=).*$", re.MULTILINE)
KEY = re.compile(r"(?:aws_access_key_id\s*=\s*|AWS_ACCESS_KEY_ID=)(\S+)")
START_URL = "https://example.awsapps.com/start"
SESSION = "arn:aws:iam::123456789012:user/me"


class Example:
    """What a section shows: files, exported variables and commands; and, of the world around it, what the text takes for granted."""

    def __init__(self, title, place, blocks):
        self.title, self.place, self.fault, self.login = title, place, None, None
        self.files, self.commands, self.environment = {}, [], {"AWS_EC2_METADATA_DISABLED": "true"}
        for block in blocks:
            first, _, rest = block.partition("\n")
            if first.startswith("# ~/"):
                self.files[first[4:]] = self.files.get(first[4:], "") + rest + "\n"
            else:
                self.read_shell(block)
        mount = next(shlex.split(command) for command in self.commands if command.startswith("pail "))
        self.mount = mount[1:]
        self.options = mount[mount.index("-o") + 1] if "-o" in mount else ""
        found = re.search(r"(?:^|,)profile=([^,]+)", self.options)
        self.name, self.is_explicit = (found[1], True) if found else ("default", False)

    def read_shell(self, block):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("export "):
                name, _, value = line[7:].partition("=")
                self.environment[name] = value
            else:
                self.commands.append(line.removeprefix("$ "))

    def prepare(self, url):
        """Services are where the tests have them, and know the secret of a key by its id."""
        key = "ASIALOGIN"
        login = {"accessToken": {"accessKeyId": key, "secretAccessKey": secret_of(key), "sessionToken": token_of(key),
                                 "accountId": "123456789012", "expiresAt": in_seconds(3600)},
                 "clientId": "c", "refreshToken": "r", "dpopKey": "k"}
        sso = {"startUrl": START_URL, "accessToken": "token-1", "expiresAt": in_seconds(7200)}
        process = {"Version": 1, "AccessKeyId": "ASIAPROCESS", "SecretAccessKey": secret_of("ASIAPROCESS")}
        self.files |= {f".aws/sso/cache/{hashlib.sha1(b'corp').hexdigest()}.json": json.dumps(sso),
                       f".aws/login/cache/{hashlib.sha256(SESSION.encode()).hexdigest()}.json": json.dumps(login),
                       "usr/vault-aws": f"#!/bin/sh\necho '{json.dumps(process)}'\n",
                       "var/serviceaccount/token": "web-token",
                       "var/serviceaccount/eks-pod-identity-token": "Bearer-of container"}
        self.login = ("login", key, secret_of(key), token_of(key))
        if self.place == "iam-role":
            self.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = f"{url}/imds-good/"
            del self.environment["AWS_EC2_METADATA_DISABLED"]
        for texts in (self.files, self.environment):
            for name, text in texts.items():
                key = KEY.search(text)
                if key:
                    text = SECRETS.sub(rf"\g<1>{secret_of(key[1])}", text)
                text = re.sub(r"/var/run/secrets/[^/]*/", "@HOME@/var/", text).replace("/usr/local/bin/", "@HOME@/usr/")
                texts[name] = text.replace("http://169.254.170.23/v1/credentials", f"{url}/container-good/v1/credentials")
        if "AWS_SECRET_ACCESS_KEY" in self.environment:
            self.environment["AWS_SECRET_ACCESS_KEY"] = secret_of(self.environment["AWS_ACCESS_KEY_ID"])
        if "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" in self.environment:  # botocore 1.29 knows only the token itself
            self.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Bearer-of container"
        if "AWS_REGION" in self.environment:  # botocore 1.29 knows the older name only
            self.environment["AWS_DEFAULT_REGION"] = self.environment["AWS_REGION"]

    def write(self, directory):
        for path, content in self.files.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(content.replace("@HOME@", str(directory)))
            (directory / path).chmod(0o700)

    def variables(self, directory):
        return {"HOME": str(directory), "AWS_CONFIG_FILE": str(directory / ".aws/config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(directory / ".aws/credentials"),
                **{name: value.replace("@HOME@", str(directory)) for name, value in self.environment.items()}}

    # What the comparison looks at in its own cases.
    wanted = frozenset()

    @property
    def config(self):
        return self.files.get(".aws/config", "")

    def region(self):
        found = re.search(r"^region\s*=\s*(\S+)", self.config, re.MULTILINE)
        return self.environment.get("AWS_DEFAULT_REGION") or (found and found[1])


def examples_of_document():
    text = (build.SOURCE_DIR / "docs" / "credentials.md").read_text()
    for section in re.split(r"^#{2,3} ", text, flags=re.MULTILINE)[1:]:
        title = section.splitlines()[0]
        blocks = re.findall(r"^```(?:ini|sh)\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
        place = re.search(r"\(`([a-z-]+)`\)$", title)
        if any("pail " in block for block in blocks) and place:
            yield Example(title, place[1], blocks)


def examples_of_manual():
    text = (build.SOURCE_DIR / "man" / "pail.1").read_text()
    section = text.partition(".Sh CREDENTIALS")[2].partition("\n.Sh ")[0]
    for part in section.split('.\\" example ')[1:]:
        blocks = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", part, flags=re.MULTILINE | re.DOTALL)
        yield Example(f"pail(1): {part.split(maxsplit=1)[0]}", part.split(maxsplit=1)[0], blocks)


EXAMPLES = [*examples_of_document(), *examples_of_manual()]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_example(comparison, example):  # noqa: F811  pylint: disable=redefined-outer-name
    example.prepare(comparison.url)
    home = comparison.new_home()
    expected, asked = comparison.theirs(example, home)
    got, requests, answer = comparison.ours(example, home)
    assert (got, requests) == (expected, asked), answer
    assert got[0] == example.place, answer
    url = re.search(r"endpoint_url\s*=\s*(\S+)", example.config)
    assert answer["endpoint_url"] == [url and url[1]], answer


def command_lines():
    text = (build.SOURCE_DIR / "docs" / "credentials.md").read_text() + (build.SOURCE_DIR / "README.md").read_text()
    found = re.findall(r"^(?:    (?:.*&& )?)?(pail [^#\n]+ [~/][^#\n]*?)(?: +#.*)?$", text, flags=re.MULTILINE)
    return sorted(set(found))


@pytest.mark.parametrize("line", command_lines())
def test_command_line_is_accepted(line, tmp_path):
    """mount(8)'s -f: everything but the mount."""
    helper, mountpoint = tmp_path / "mount.pail", tmp_path / "mnt"
    helper.symlink_to(build.directory() / "pail")
    mountpoint.mkdir()
    arguments = shlex.split(line)[1:]
    arguments[1] = str(mountpoint)
    done = subprocess.run([helper, *arguments, "-f"], capture_output=True, text=True, check=False, timeout=60,
                          env=dict(os.environ, HOME=str(tmp_path)))
    assert done.returncode == 0, done.stderr


def test_every_provider_has_an_example():
    assert {example.place for example in EXAMPLES} == {
        "env", "assume-role", "assume-role-with-web-identity", "sso", "shared-credentials-file", "login", "custom-process",
        "config-file", "container-role", "iam-role"}
