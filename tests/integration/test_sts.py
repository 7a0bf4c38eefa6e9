# SPDX-License-Identifier: Apache-2.0
"""Mounts with the credentials of a role, which a real STS gives (that of the RADOS Gateway): to a user, and to a web identity whose
provider is played here."""
import base64
import hashlib
import http.server
import itertools
import json
import ssl
import subprocess
import sys
import threading
import time

import boto3
import pytest

from support import server as s3_server
from test_bad_input import assert_refused

numbers = itertools.count(1)

# The answers to what RGW asks an identity provider come over https with a certificate of our own.
SERVER = {"RGW_STS": "true", "RGW_CONF": "rgw_verify_ssl = false"}


@pytest.fixture(scope="module")
def sts_server():
    started = s3_server.start(**SERVER)
    yield started
    s3_server.stop(started)


@pytest.fixture
def role_bucket(new_bucket, sts_server):
    return new_bucket(on=sts_server)


def policy(**statement):
    """Without spaces: RGW 16 signs what it has decoded and encoded again."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}, separators=(",", ":"))


def new_role(server, **trust):
    """A role of the user "test" that may do everything with S3; its ARN."""
    iam = boto3.client("iam", endpoint_url=server.endpoint, region_name="us-east-1", aws_access_key_id="TESTKEY",
                       aws_secret_access_key="TESTSECRET")
    name = f"role{next(numbers)}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(**trust), Path="/")["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(Action=["s3:*"], Resource="arn:aws:s3:::*"))
    return role["Arn"]


def role_of_user(server, user):
    return new_role(server, Principal={"AWS": [f"arn:aws:iam:::user/{user}"]}, Action=["sts:AssumeRole"])


def profile_of(tmp_path, server, name="role", **values):
    """Options of a mount on a profile with these values, whose source would be the profile "base": the user "other"."""
    lines = [f"[profile {name}]", "region = us-east-1", f"endpoint_url = {server.endpoint}",
             *(f"{key} = {value}" for key, value in values.items())]
    config, credentials = tmp_path / "role-config", tmp_path / "role-credentials"
    config.write_text("\n".join(lines) + "\n")
    credentials.write_text("[base]\naws_access_key_id = OTHERKEY\naws_secret_access_key = OTHERSECRET\n")
    return {"config_file": config, "credentials_file": credentials, "profile": name, "endpoint_url": None}


def check_use(mounted, bucket):
    """The owner of the bucket sees what the role writes, but it is the role's: RGW lets nobody else read it."""
    (mounted.path / "file").write_bytes(b"through a role")
    assert [(key["Key"], key["Size"]) for key in bucket.client.list_objects_v2(Bucket=bucket.name)["Contents"]] == [("file", 14)]
    bucket.put("dir/below", b"x")
    assert (mounted.path / "dir" / "below").read_bytes() == b"x"
    (mounted.path / "file").unlink()
    assert "OTHERSECRET" not in mounted.log()


def test_role(mount, sts_server, role_bucket, tmp_path):
    role = role_of_user(sts_server, "other")
    assert_refused(mount, role_bucket, "other|denied|base", **profile_of(tmp_path, sts_server, "base"))
    options = profile_of(tmp_path, sts_server, role_arn=role, source_profile="base", role_session_name="me", duration_seconds=900)
    check_use(mount(role_bucket, **options), role_bucket)


def test_refused_role(mount, sts_server, role_bucket, tmp_path):
    role = role_of_user(sts_server, "somebody")
    options = profile_of(tmp_path, sts_server, role_arn=role, source_profile="base")
    line = assert_refused(mount, role_bucket, 'profile "role"', role, "does not let the caller assume this role", "AccessDenied", **options)
    assert sts_server.endpoint in line and "OTHERSECRET" not in line


TYPIST = """
import os, pty, subprocess, sys
master, slave = pty.openpty()
child = subprocess.Popen(sys.argv[2:], stdin=slave)
os.close(slave)
prompt = b""
while not prompt.endswith(b": "):
    prompt += os.read(master, 1000)
assert b"Enter the MFA code for arn:of:device" in prompt
os.write(master, sys.argv[1].encode() + b"\\n")
sys.exit(child.wait())
"""


def test_mfa_is_asked_for(mount, sts_server, role_bucket, tmp_path):
    """RGW 16 knows no MFA devices for roles; it takes any code but, of all things, those of six digits."""
    options = profile_of(tmp_path, sts_server, role_arn=role_of_user(sts_server, "other"), source_profile="base",
                         mfa_serial="arn:of:device")
    assert_refused(mount, role_bucket, "MFA device arn:of:device", "no terminal", **options)
    check_use(mount(role_bucket, foreground=False, wrapper=[sys.executable, "-c", TYPIST, "1234567"], **options), role_bucket)


class IdentityProvider:
    """Says over https which key its tokens are signed with."""

    def __init__(self, directory):
        self.key, certificate = directory / "key.pem", directory / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                        "-keyout", self.key, "-out", certificate], check=True, capture_output=True)
        self.der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, self.key)
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(provider.answer(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.name = f"127.0.0.1:{self.server.server_port}/oidc"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        if path.endswith("/openid-configuration"):
            return {"issuer": f"https://{self.name}", "jwks_uri": f"https://{self.name}/keys"}
        return {"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "x5c": [base64.b64encode(self.der).decode()]}]}

    def token(self, lifetime_s):
        def encode(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        now = int(time.time())
        claims = {"iss": f"https://{self.name}", "sub": "pod", "aud": "pail", "iat": now - 60, "exp": now + lifetime_s}
        text = encode(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "1"}).encode()) + "." + encode(json.dumps(claims).encode())
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(), check=True,
                                   capture_output=True).stdout
        return f"{text}.{encode(signature)}"

    def role(self, server):
        iam = boto3.client("iam", endpoint_url=server.endpoint, region_name="us-east-1", aws_access_key_id="TESTKEY",
                           aws_secret_access_key="TESTSECRET")
        thumbprint = hashlib.sha1(self.der).hexdigest().upper()
        iam.create_open_id_connect_provider(Url=f"https://{self.name}", ClientIDList=["pail"], ThumbprintList=[thumbprint])
        return new_role(server, Principal={"Federated": [f"arn:aws:iam:::oidc-provider/{self.name}"]},
                        Action=["sts:AssumeRoleWithWebIdentity"], Condition={"StringEquals": {f"{self.name}:app_id": "pail"}})


@pytest.fixture
def identity_provider(tmp_path):
    provider = IdentityProvider(tmp_path)
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


def test_web_identity(mount, sts_server, role_bucket, tmp_path, identity_provider):
    role, token = identity_provider.role(sts_server), tmp_path / "token"
    options = profile_of(tmp_path, sts_server, role_arn=role, web_identity_token_file=token)
    token.write_text(identity_provider.token(-30))
    assert_refused(mount, role_bucket, 'profile "role"', role, **options)
    token.write_text(identity_provider.token(3600) + "\n")
    check_use(mount(role_bucket, **options), role_bucket)


def test_web_identity_of_the_environment(mount, sts_server, role_bucket, tmp_path, identity_provider):
    """As in a pod of Kubernetes: no file of AWS at all."""
    token = tmp_path / "token"
    token.write_text(identity_provider.token(3600))
    environment = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": identity_provider.role(sts_server),
                   "AWS_ROLE_SESSION_NAME": "pod", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": sts_server.endpoint}
    mounted = mount(role_bucket, environment=environment, profile=None, config_file=None, credentials_file=None, endpoint_url=None)
    check_use(mounted, role_bucket)
    assert identity_provider.token(3600)[:30] not in mounted.log()
