# SPDX-License-Identifier: Apache-2.0
"""The services that credentials come from: STS, SSO, SSO OIDC, and those of a container and of an instance.

No distribution packages them, so this plays them, and checks each request that it gets. What it answers depends on the request
alone: names in it ask for trouble (a role "denied", a token "revoked"). Key ids tell how they were come by: that of a role is a
digest of everything that was sent for it, so two clients that get the same one have asked the same.

In this process botocore is given answer() for its HTTP. Programs come over the network: as a proxy for https (CONNECT, and TLS with a
certificate of nobody), and to http://127.0.0.1:port for what has no https.
"""
import datetime
import hashlib
import hmac
import http.server
import json
import re
import socketserver
import ssl
import subprocess
import threading
import urllib.parse

STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
DEFAULT_SESSION = re.compile(r"(botocore-session|pail)-\d+")
HTML = "<html><body>Sign in to the network</body></html>"


def secret_of(key_id):
    return f"secret of {key_id}"


def token_of(key_id):
    return f"token/of+{key_id}=="


def in_seconds(seconds):
    return (datetime.datetime.utcnow() + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def key_id(kind, *parts):
    return kind + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16].upper()


class Complaint(Exception):
    """A request that no such service should get."""


def check(condition, words, *details):
    if not condition:
        raise Complaint(" ".join([words, *map(repr, details)]))


class Request:
    def __init__(self, method, url, headers, body):
        self.method, self.url, self.body = method, url, body
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.parts = urllib.parse.urlsplit(url)
        self.host = self.parts.hostname

    def pairs(self, text):
        found = dict(urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True))
        check(len(found) == len(text.split("&")), "a parameter twice", text)
        return found


class Answer:
    def __init__(self, status, body, headers=None):
        self.status, self.body, self.headers = status, body.encode(), headers or {}


def as_json(value, status=200, headers=None):
    return Answer(status, json.dumps(value), {"Content-Type": "application/json", **(headers or {})})


# Signature version 4 of a request to a service other than S3 whose path is "/".

def signature_of(request, signed, scope, stamp, key):
    canonical = "\n".join([request.method, "/", "", *(f"{name}:{' '.join(request.headers[name].split())}" for name in signed), "",
                           ";".join(signed), hashlib.sha256(request.body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()])
    digest = ("AWS4" + secret_of(key)).encode()
    for part in [*scope, text]:
        digest = hmac.new(digest, part.encode(), hashlib.sha256).digest()
    return digest.hex()


def check_signature(request):
    """The key id that a request is rightly signed with."""
    given = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(.+), SignedHeaders=(.+), Signature=([0-9a-f]{64})",
                         request.headers.get("authorization", ""))
    check(given, "no signature")
    key, scope, signed, signature = given[1], given[2].split("/"), given[3].split(";"), given[4]
    region = request.host.split(".")[1]
    check(scope[1:] == ["us-east-1" if region == "amazonaws" else region, "sts", "aws4_request"], "the scope", scope, request.host)
    check({"host", "x-amz-date"} <= set(signed), "signed headers", signed)
    check(signature == signature_of(request, signed, scope, request.headers["x-amz-date"], key), "the signature of", key)
    if key.startswith(("AK", "ASIAPROCESS")):
        check("x-amz-security-token" not in request.headers or request.headers["x-amz-security-token"] == token_of(key), "another token")
    else:
        check(request.headers.get("x-amz-security-token") == token_of(key), "the token of", key)
        check("x-amz-security-token" in signed, "a token that is not signed")
    return key


# STS.

def sts_error(status, code):
    return Answer(status, f'<ErrorResponse xmlns="{STS_NAMESPACE}"><Error><Type>Sender</Type><Code>{code}</Code><Message>words'
                          "</Message></Error><RequestId>r</RequestId></ErrorResponse>", {"Content-Type": "text/xml"})


def sts_answer(action, key, role, expires_in=3600, leave_out=()):
    fields = {"AccessKeyId": key, "SecretAccessKey": secret_of(key), "SessionToken": token_of(key), "Expiration": in_seconds(expires_in)}
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if name not in leave_out)
    user = f"<AssumedRoleUser><Arn>{role.replace(':iam:', ':sts:')}/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>"
    return Answer(200, f'<{action}Response xmlns="{STS_NAMESPACE}"><{action}Result>{user}<Credentials>{inside}</Credentials>'
                       f"</{action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>",
                  {"Content-Type": "text/xml"})


class Services:
    """The answers. log: (service, what was asked) of each request since reset(); complaints: what was wrong with some."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.log, self.complaints, self.busy = [], [], 0

    def answer(self, request):
        try:
            return self.route(request)
        except Complaint as complaint:
            self.complaints.append(f"{request.method} {request.url}: {complaint}")
            return Answer(418, "complaint")

    def route(self, request):
        if request.host == "127.0.0.1":
            kind = request.parts.path.split("/")[1].partition("-")[0]
            check(kind in ("container", "imds"), "a path")
            return (self.container if kind == "container" else self.imds)(request)
        check(request.parts.scheme == "https" and request.parts.port in (None, 443), "plain http")
        for pattern, service in ((r"sts(-fips)?\.", self.sts), (r"portal\.sso(-fips)?\.", self.sso), (r"oidc(-fips)?\.", self.oidc)):
            if re.match(pattern, request.host):
                return service(request)
        raise Complaint("nobody's host")

    def sts(self, request):
        check(request.method == "POST" and request.parts.path == "/" and not request.parts.query, "not how STS is asked")
        check(request.headers["content-type"].startswith("application/x-www-form-urlencoded"), "the type of a form")
        form = request.pairs(request.body.decode())
        check(form.pop("Version") == "2011-06-15", "a version")
        action, role, session = form.pop("Action"), form.pop("RoleArn"), form.pop("RoleSessionName")
        session = "default" if DEFAULT_SESSION.fullmatch(session) else session
        if action == "AssumeRole":
            check(set(form) <= {"ExternalId", "DurationSeconds", "SerialNumber", "TokenCode"}, "parameters", form)
            check(("SerialNumber" in form) == ("TokenCode" in form), "half of an MFA", form)
            caller = check_signature(request)
        else:
            check(action == "AssumeRoleWithWebIdentity" and set(form) == {"WebIdentityToken"}, "parameters", form)
            check("authorization" not in request.headers, "a signature with a web identity")
            caller = None
        asked = (action, request.host, role, session, sorted(form.items()), caller)
        self.log.append(asked)
        return self.sts_of_role(action, role, key_id("ASIA", *asked))

    def sts_of_role(self, action, role, key):
        name = role.rpartition("/")[2]
        if name == "busy" and action.endswith("WebIdentity"):
            self.busy += 1
            if self.busy == 1:
                self.log.pop()  # one client may be more patient than the other
                return sts_error(400, "IDPCommunicationError")
        return {
            "denied": lambda: sts_error(403, "AccessDenied"),
            "unknown-key": lambda: sts_error(403, "InvalidClientTokenId"),
            "down": lambda: Answer(503, HTML),
            "html": lambda: Answer(200, HTML),
            "no-xml": lambda: Answer(200, "{}"),
            "partial": lambda: sts_answer(action, key, role, leave_out=["SecretAccessKey"]),
            "timeless": lambda: sts_answer(action, key, role, leave_out=["Expiration"]),
            "expired": lambda: sts_answer(action, key, role, expires_in=-60),
        }.get(name, lambda: sts_answer(action, key, role))()

    def sso(self, request):
        check(request.method == "GET" and request.parts.path == "/federation/credentials", "not how SSO is asked")
        check("authorization" not in request.headers, "a signature for SSO")
        query = request.pairs(request.parts.query)
        check(set(query) == {"role_name", "account_id"}, "parameters", query)
        token = request.headers.get("x-amz-sso_bearer_token", "")
        check(token.startswith(("token-", "revoked-")), "a token", token)
        asked = ("GetRoleCredentials", request.host, query["role_name"], query["account_id"], token)
        self.log.append(asked)
        key = key_id("ASIA", *asked)
        credentials = {"accessKeyId": key, "secretAccessKey": secret_of(key), "sessionToken": token_of(key),
                       "expiration": int(datetime.datetime.now().timestamp() + 3600) * 1000}
        if token.startswith("revoked-"):
            return as_json({"message": "no"}, 401, {"x-amzn-ErrorType": "UnauthorizedException:http://x/"})
        return {
            "forbidden": lambda: as_json({"message": "no"}, 403, {"x-amzn-ErrorType": "ForbiddenException"}),
            "html": lambda: Answer(200, HTML),
            "partial": lambda: as_json({"roleCredentials": {"accessKeyId": key}}),
            "odd": lambda: as_json({"roleCredentials": [key]}),
        }.get(query["role_name"], lambda: as_json({"roleCredentials": credentials}))()

    def oidc(self, request):
        check(request.method == "POST" and request.parts.path == "/token", "not how OIDC is asked")
        check(request.headers["content-type"].startswith("application/json"), "the type of JSON")
        form = json.loads(request.body)
        check(set(form) == {"grantType", "clientId", "clientSecret", "refreshToken"}, "parameters", form)
        check(form["grantType"] == "refresh_token" and form["clientSecret"] == secret_of(form["clientId"]), "parameters", form)
        self.log.append(("CreateToken", request.host, form["clientId"], form["refreshToken"]))
        if form["refreshToken"].startswith("bad-"):
            return as_json({"error": "invalid_grant"}, 400, {"x-amzn-ErrorType": "InvalidGrantException"})
        return as_json({"accessToken": f"token-after-{form['refreshToken']}", "expiresIn": 28800, "tokenType": "Bearer",
                        "refreshToken": form["refreshToken"] + "+"})

    def container(self, request):
        name = request.parts.path.split("/")[1].partition("-")[2]
        check(request.method == "GET", "not how a container is asked")
        authorization = request.headers.get("authorization", "")
        check(authorization.startswith("Bearer-"), "the token of the container", authorization)
        asked = ("container", request.parts.path, authorization)
        if asked not in self.log:  # tries are not counted
            self.log.append(asked)
        key = key_id("ASIA", *asked)
        whole = {"AccessKeyId": key, "SecretAccessKey": secret_of(key), "Token": token_of(key), "Expiration": in_seconds(3600)}
        return {
            "denied": lambda: as_json({"message": "no"}, 403),
            "html": lambda: Answer(200, HTML),
            "partial": lambda: as_json({"AccessKeyId": key}),
        }.get(name, lambda: as_json(whole))()

    def imds(self, request):
        name, rest = request.parts.path.split("/", 2)[1].partition("-")[2], request.parts.path.split("/", 2)[2]
        if rest == "latest/api/token":
            check(request.method == "PUT" and request.headers.get("x-aws-ec2-metadata-token-ttl-seconds") == "21600", "a token's life")
            return {"v1": lambda: Answer(403, ""), "bad": lambda: Answer(400, "")}.get(name, lambda: Answer(200, f"v2-{name}"))()
        check(request.method == "GET", "not how an instance is asked")
        check(request.headers.get("x-aws-ec2-metadata-token") == (None if name == "v1" else f"v2-{name}"), "the token of the instance")
        place, _, role = rest.rpartition("/")
        check(place == "latest/meta-data/iam/security-credentials", "a path", rest)
        self.log.append(("imds", request.parts.path))
        if not role:
            return Answer(404, HTML) if name == "norole" else Answer(200, f"role-of-{name}")
        check(role == f"role-of-{name}", "another role", role)
        key = key_id("ASIA", "imds", name)
        whole = {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": key, "SecretAccessKey": secret_of(key),
                 "Token": token_of(key), "Expiration": in_seconds(6 * 3600)}
        return {
            "html": lambda: Answer(200, HTML),
            "partial": lambda: as_json({"AccessKeyId": key}),
            "failed": lambda: as_json({"Code": "AssumeRoleUnauthorizedAccess", "Message": "words"}),
        }.get(name, lambda: as_json(whole))()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    origin = None

    def do_CONNECT(self):
        self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        self.origin = "https://" + self.path.removesuffix(":443")
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), socketserver._SocketWriter(self.connection)

    def any_method(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.command, (self.origin or f"http://127.0.0.1:{self.server.server_port}") + self.path,
                          dict(self.headers), body)
        answer = self.server.services.answer(request)
        head = [f"HTTP/1.1 {answer.status} Words", f"Content-Length: {len(answer.body)}",
                *(f"{name}: {value}" for name, value in answer.headers.items())]
        self.wfile.write("\r\n".join([*head, "", ""]).encode() + answer.body)

    do_GET = do_PUT = do_POST = any_method

    def log_message(self, *_):
        pass


class Responder(http.server.ThreadingHTTPServer):
    """Services on a port, in threads of this process; directory is for its certificate."""
    daemon_threads = True

    def __init__(self, directory):
        super().__init__(("127.0.0.1", 0), Handler)
        self.services = Services()
        pair = directory / "responder.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=nobody", "-keyout", pair, "-out", directory / "responder.crt"],
                       check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(directory / "responder.crt", pair)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that went away: its business

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
