# SPDX-License-Identifier: Apache-2.0
"""What people read when something is wrong: each row is a server, a network or a command line that is not as it should be, and what the
one line of pail and the failed step of pailctl check have to say: what is wrong, where, and what to do about it."""
import os
import re
import socket
import ssl

import pytest

from support import build, zoo
from support.ctl import Ctl
from support.httpd import Server
from support.mount import find_mount, run_pail

SECRET = "TESTSECRET"
NOTHING_IS_THERE = '<?xml version="1.0"?><ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>'
WHERE = r"127\.0\.0\.1:\d+"
AGAIN = "; .*try again in a minute"
ASK = "; .*ask who runs"
LEAVE_PROXY = "; .*no_proxy"
DENIED = r"access denied: profile work \(access key id '\S+' from the credentials file \S+credentials\) may not use .*bucket 'bucket'"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return zoo.Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def ask(tmp_path):
    """ask(url, source=…, environment=…, options…): the line of pail, and of pailctl check (failed step, its line, all lines)."""
    directory, home = tmp_path / "aws", tmp_path / "home"
    directory.mkdir()
    home.mkdir()
    (directory / "config").write_text("[profile work]\nregion = us-east-1\n")
    (directory / "credentials").write_text("[work]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = %s\n" % SECRET)
    ctl = Ctl(home, tmp_path)
    numbers = iter(range(1000))

    def run(url, source="bucket", environment=(), check=True, mountpoint=None, **options):
        state = tmp_path / ("state%d" % next(numbers))
        if mountpoint is None:
            mountpoint = state / "mnt"
            mountpoint.mkdir(parents=True)
        merged = {"profile": "work", "endpoint_url": url, "config_file": directory / "config",
                  "credentials_file": directory / "credentials", "timeout": "6s", "state_dir": state / "s", "cache_dir": state / "c",
                  **options}
        words = ctl.options(**merged)
        result = run_pail([source, mountpoint, *words], directory=tmp_path,
                          environment=ctl.environment(AWS_EC2_METADATA_DISABLED="true", **dict(environment)), timeout_s=60)
        assert result.returncode == 1 and not find_mount(mountpoint), result
        line, = result.stderr.splitlines()
        assert line.startswith("pail: ") and "; " in line, line
        assert SECRET not in line and len(line) < 1100
        return line[6:], (failed_step(ctl, source, words, environment) if check else None)

    return run


def failed_step(ctl, source, words, environment):
    result = ctl.run("check", source, *words, environment=dict(environment, AWS_EC2_METADATA_DISABLED="true"))
    assert result.returncode == 1 and result.stderr == "" and SECRET not in result.stdout
    failed, = [line.split(None, 2) for line in result.stdout.splitlines() if line.startswith("failed")]
    assert "; " in failed[2], failed
    return failed[1], failed[2]


def assert_says(lines, step, *patterns, check=None):
    """Each pattern stands in both lines, in this order; check: what stands in the check's alone."""
    line, found = lines
    assert re.search(".*".join(patterns), line), line
    if found:
        assert found[0] == step, found
        assert re.search(".*".join(check or patterns), found[1]), found


# ---- answers of S3 ----

def not_authorized(why):
    return "User: arn:aws:iam::123456789012:user/me is not authorized to perform: s3:ListBucket on resource: " \
        "&quot;arn:aws:s3:::bucket&quot; %s" % why


def denied(why):
    return zoo.refusal("403 Forbidden", "AccessDenied", not_authorized(why))


FORBIDDEN = "403 Forbidden"
ANSWERS = {
    # AccessDenied: what S3 says of it
    "denied": (zoo.refusal(FORBIDDEN, "AccessDenied", "Access Denied"), "list", [DENIED, r"\(AccessDenied, request TX", "; .*check"],
               [DENIED, r"; have its policy allow s3:ListBucket$"]),
    "denied-without-words": (zoo.refusal(FORBIDDEN, "AccessDenied"), "list", [DENIED, "; .*check"], [DENIED, "allow s3:ListBucket$"]),
    "denied-by-organization": (denied("with an explicit deny in a service control policy"), "list",
                               [DENIED, "says: User: arn", "explicit deny in a service control policy",
                                "; .*explicit deny.*administrators of the organization"], None),
    "denied-by-resource-control": (denied("with an explicit deny in a resource control policy"), "list",
                                   ["; .*administrators of the organization"], None),
    "denied-by-bucket-policy": (denied("with an explicit deny in a resource-based policy"), "list", ["; .*owner of the bucket"], None),
    "denied-by-user-policy": (denied("because no identity-based policy allows the s3:ListBucket action"), "list",
                              ["; have its policy allow s3:ListBucket$"], None),
    "denied-by-boundary": (denied("because no permissions boundary allows the s3:ListBucket action"), "list",
                           ["; have the permissions boundary allow s3:ListBucket"], None),
    "denied-by-endpoint": (denied("because no VPC endpoint policy allows the s3:ListBucket action"), "list",
                           ["; have the VPC endpoint policy allow s3:ListBucket"], None),
    "denied-the-key": (denied("because no identity-based policy allows the kms:Decrypt action"), "list", ["; .*allow kms:Decrypt$"], None),
    # other reasons that come with 403
    "not-signed-up": (zoo.refusal(FORBIDDEN, "NotSignedUp", "Your account is not signed up for the S3 service."), "list",
                      ["refuses profile work", "Your account is not signed up for the S3 service", "NotSignedUp",
                       "; .*matter of the account"], None),
    "account-problem": (zoo.refusal(FORBIDDEN, "AccountProblem", "There is a problem with your AWS account"), "list",
                        ["a problem with your AWS account", "; .*matter of the account"], None),
    "opt-in": (zoo.refusal(FORBIDDEN, "OptInRequired", "The subscription has expired"), "list",
               ["subscription has expired", "; .*account"], None),
    "suspended": (zoo.refusal(FORBIDDEN, "UserSuspended"), "list", ["the user is suspended", "; .*account"], None),
    "unknown-403": (zoo.refusal(FORBIDDEN, "TooWarm", "it is too warm"), "list", ["refuses: it is too warm", "; .*TooWarm"], None),
    "bare-403": (zoo.http(FORBIDDEN, b"", ["x-amz-request-id: TX1"]), "list", [DENIED, "; .*check"], [DENIED, "s3:ListBucket"]),
    # keys
    "key-id": (zoo.refusal(FORBIDDEN, "InvalidAccessKeyId", "does not exist in our records"), "authentication",
               ["does not know the access key id", "profile work", "; .*pailctl configure --profile work"], None),
    "secret": (zoo.refusal(FORBIDDEN, "SignatureDoesNotMatch", "x"), "authentication",
               ["secret access key of profile work", "; .*pailctl configure --profile work"], None),
    "token": (zoo.refusal("400 Bad Request", "ExpiredToken", "expired"), "authentication",
              ["session token of profile work", "has expired", "; get a new one"], None),
    "keys": (zoo.refusal(FORBIDDEN, "InvalidSecurity", "The provided security credentials are not valid."), "authentication",
             ["does not take the credentials of profile work", "credentials are not valid", "; .*pailctl configure"], None),
    # clock: by how much only where that is known
    "clock": (zoo.refusal(FORBIDDEN, "RequestTimeTooSkewed", "too large"), "clock",
              [r"clock of this machine is too far from that of http://%s \(" % WHERE, "; set it right"], None),
    "clock-ahead": (zoo.refusal(FORBIDDEN, "RequestTimeTooSkewed", "x", date_s=-7200), "clock",
                    [r"clock of this machine is 7(199|20\d) s ahead of that of", "; set it right"], None),
    "clock-behind": (zoo.refusal(FORBIDDEN, "RequestTimeTooSkewed", "x", date_s=7200), "clock",
                     [r"clock of this machine is (719\d|7200) s behind that of", "; set it right"], None),
    "clock-that-agrees": (zoo.refusal(FORBIDDEN, "RequestTimeTooSkewed", "x", date_s=0), "clock",
                          ["clock of this machine is too far", "; set it right"], None),
    # buckets and regions
    "no-bucket": (zoo.refusal("404 Not Found", "NoSuchBucket"), "bucket",
                  ["there is no bucket 'bucket' at http", "profile work", "; is the name right.*pailctl buckets"], None),
    "bucket-name": (zoo.refusal("400 Bad Request", "InvalidBucketName", "not valid"), "list",
                    ["does not take this bucket name", "; is the name right"], None),
    "region": (zoo.refusal("400 Bad Request", "AuthorizationHeaderMalformed", "x", "<Region>eu-west-1</Region>"), "region",
               ["bucket 'bucket' is not in region us-east-1, but in eu-west-1", "; set region="], None),
    "region-unknown": (zoo.refusal("301 Moved Permanently", "PermanentRedirect", "must be addressed using the specified endpoint."),
                       "region", ["is not in region us-east-1: the server says: must be addressed", "; set region="], None),
    # not now, not ever
    "slow-down": (zoo.refusal("503 Slow Down", "SlowDown", "Please reduce your request rate."), "endpoint",
                  ["cannot answer now", "Please reduce your request rate", AGAIN], None),
    "internal-error": (zoo.refusal("500 Internal Server Error", "InternalError", "We encountered an internal error."), "endpoint",
                       ["cannot answer now", "We encountered", AGAIN], None),
    "not-implemented": (zoo.refusal("501 Not Implemented", "NotImplemented", "no lists"), "list",
                        ["does not implement this", "no lists", "; pail needs a server that does"], None),
    "unknown-code": (zoo.refusal("418 I am a teapot", "Teapot", "short and stout"), "list",
                     ["refuses: short and stout", "; .*documentation.*Teapot"], None),
    "bare-400": (zoo.http("400 Bad Request", b"", ["x-amz-request-id: TX1"]), "list", ["status 400", "; .*endpoint_url and region"], None),
    # other programs
    "page": (zoo.page("200 OK", "Welcome to nginx!"), "endpoint",
             [WHERE + " does not speak S3", 'answered 200 with text/html.*"Welcome to nginx!"', "; is endpoint_url right"], None),
    "page-404": (zoo.page("404 Not Found"), "endpoint", ["does not speak S3", '404.*"404 Not Found"', "; is endpoint_url right"], None),
    "login": (zoo.page("401 Unauthorized", "Sign in"), "endpoint", ["does not speak S3", '"Sign in"', ASK], None),
    "firewall": (zoo.page(FORBIDDEN, "Request blocked", ["Server: CloudFront"]), "endpoint",
                 ["does not speak S3", '"Request blocked"', "; .*firewall.*ask who runs"], None),
    "firewall-with-request-id": (zoo.page(FORBIDDEN, "Request blocked", ["x-amz-request-id: TX1"]), "endpoint",
                                 ['status 403 and the page "Request blocked"', "; a firewall.*ask who runs"], None),
    "gateway-502": (zoo.page("502 Bad Gateway"), "endpoint", ['status 502, "502 Bad Gateway"', "server is down", AGAIN], None),
    "gateway-503": (zoo.page("503 Service Unavailable"), "endpoint", ["status 503", "server is down", AGAIN], None),
    "gateway-504": (zoo.page("504 Gateway Timeout"), "endpoint", ["status 504", "server is down", AGAIN], None),
    "captive-portal": (zoo.page("302 Found", fields=["Location: http://login.hotel.example/"]), "endpoint",
                       ["redirection to http://login.hotel.example/", "; .*endpoint_url.*captive portals"], None),
    "redirection": (zoo.page("301 Moved Permanently", fields=["Location: https://s3.example/"]), "endpoint",
                    ["redirection to https://s3.example/", "; .*write that address as endpoint_url"], None),
    "network-login": (zoo.page("511 Network Authentication Required"), "endpoint", ["511", "; .*login first.*browser"], None),
    "json": (zoo.http("401 Unauthorized", b'{"message":"Unauthorized"}', ["Content-Type: application/json"]), "endpoint",
             ["does not speak S3", '{"message":"Unauthorized"}', "; is endpoint_url right"], None),
    "empty": (zoo.http("200 OK"), "endpoint", ["does not speak S3", "empty body", "; is endpoint_url right"], None),
    "half-a-list": (zoo.http("200 OK", NOTHING_IS_THERE[:60].encode(), ["Content-Type: application/xml"]), "endpoint",
                    ["does not speak S3", "cannot be understood", "; is endpoint_url right"], None),
    # no HTTP at all
    "ssh": (zoo.raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "endpoint", [WHERE, "not HTTP", "; is endpoint_url right"], None),
    "http-0.9": (zoo.raw(b"hello\n"), "endpoint", [WHERE, "not HTTP", "; is endpoint_url right"], None),
    "half-an-answer": (zoo.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<List"), "endpoint",
                       [WHERE, "broke", "; .*cuts connections"], None),
    "hangs-up": (zoo.raw(b""), "endpoint", [WHERE, "broke", "; is endpoint_url that of an S3 server"], None),
    "hangs-up-at-once": (zoo.raw(b"", hears=False), "endpoint", [WHERE, "broke", "; is endpoint_url that of an S3 server"], None),
    "bad-chunks": (zoo.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<List"), "endpoint",
                   [WHERE, "; is endpoint_url"], None),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answer(ask, name):
    handle, step, patterns, of_check = ANSWERS[name]
    with Server(handle) as server:
        assert_says(ask(server.endpoint), step, *patterns, check=of_check)


def test_anonymous(ask):
    with Server(ANSWERS["denied"][0]) as server:
        assert_says(ask(server.endpoint, profile=None, no_sign_request=True, region="us-east-1"), "list", "not open to anonymous requests",
                    "no_sign_request", "; use a profile")


def test_nobody_answers(ask):
    with Server(zoo.wait_for_end) as server:
        for scheme in ("http", "https"):
            assert_says(ask("%s://%s" % (scheme, server.address), check=False, timeout="2s"), None, "does not answer in time", WHERE,
                        "; is endpoint_url right.*network.*firewall")


def test_nobody_listens(ask):
    assert_says(ask("http://127.0.0.1:1"), "connect", "cannot reach http://127.0.0.1:1", "; is endpoint_url right, its port too")
    assert_says(ask("http://no-such-host.invalid"), "dns", "no-such-host.invalid", "; is the host name in endpoint_url right")


def test_region_that_does_not_exist(ask):
    """Nobody has an endpoint_url to correct then."""
    for line in ask(None, region="eu-wst-1", environment={"https_proxy": "", "all_proxy": ""}):
        text = line if isinstance(line, str) else line[1]
        assert re.search(r"s3\.eu-wst-1\.amazonaws\.com.*; is the region \(eu-wst-1\) right", text) and "endpoint_url" not in text


# ---- http and https ----

PLAIN_TO_TLS = zoo.page("400 Bad Request", "400 The plain HTTP request was sent to HTTPS port")
GO_TO_TLS = zoo.raw(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")


@pytest.mark.parametrize("handle", [zoo.refusal(FORBIDDEN, "AccessDenied"), zoo.page("200 OK"),
                                    zoo.raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")],
                         ids=["hangs-up", "page", "answers-in-http"])
def test_https_to_plain(ask, handle):
    with Server(handle) as server:
        assert_says(ask("https://%s" % server.address), "tls", "https://%s speaks plain http" % WHERE,
                    "; write http:// in endpoint_url: %s$" % server.endpoint)


@pytest.mark.parametrize("scheme, path", [("HTTPS", ""), ("https", "/base/path")])
def test_endpoint_as_it_is_written(ask, scheme, path):
    with Server(zoo.page("200 OK")) as server:
        assert_says(ask("%s://%s%s" % (scheme, server.address, path)), "tls", "speaks plain http",
                    "; write http:// in endpoint_url: %s%s$" % (server.endpoint, path))


@pytest.mark.parametrize("plain", [None, PLAIN_TO_TLS, GO_TO_TLS, zoo.raw(b"")], ids=["alert", "nginx", "go", "hangs-up"])
@pytest.mark.parametrize("kind", ["good", "expired"])
def test_plain_to_tls(ask, certificates, plain, kind):
    """Whether its certificate is trusted is another question."""
    with Server(zoo.tls(certificates, zoo.page("200 OK"), kind, plain)) as server:
        assert_says(ask(server.endpoint), "tls", "http://%s speaks TLS, not plain http" % WHERE,
                    "; try https:// in endpoint_url: https://%s$" % server.address)


def test_neither(ask):
    """A server of TLS that says so in plain HTTP does not speak plain HTTP."""
    with Server(PLAIN_TO_TLS) as server:
        line, (step, text) = ask("https://%s" % server.address)
        assert step in ("tls", "connect") and "speaks plain" not in line + text
    with Server(zoo.raw(b"SSH-2.0-OpenSSH_9.2\r\n")) as server:
        assert_says(ask("https://%s" % server.address), "tls", "no safe connection to https://%s" % WHERE, "; is endpoint_url right")


# ---- certificates ----

OF_TLS = {
    "expired": (True, ["certificate has expired", r"; the clock of this machine says 20\d\d-.*server needs another certificate"]),
    "future": (True, ["certificate is not valid yet", "; the clock of this machine says 20"]),
    "of_another": (True, ["subject name", "; the certificate is for another name: is endpoint_url right"]),
    "good": (False, ["self.signed", r"; ca_bundle= \(or AWS_CA_BUNDLE.*names certificates to trust"]),
}


@pytest.mark.parametrize("kind", OF_TLS)
def test_certificate(ask, certificates, kind):
    is_trusted, patterns = OF_TLS[kind]
    with Server(zoo.tls(certificates, zoo.page("200 OK"), kind)) as server:
        assert_says(ask("https://%s" % server.address, ca_bundle=certificates.find(kind)[0] if is_trusted else None), "tls",
                    "no safe connection to https://%s" % WHERE, *patterns)


@pytest.mark.parametrize("name, content, patterns", [
    ("words", b"this is no bundle\n", ["holds no certificate", "; ca_bundle=.*AWS_CA_BUNDLE.*PEM"]),
    ("empty", b"", ["holds no certificate", "; ca_bundle="]),
    ("half", b"-----BEGIN CERTIFICATE-----\nMIIB\n", ["holds no certificate", "; ca_bundle="]),
    ("directory", None, ["does not hold the authority", "; .*ca_bundle=.*openssl rehash|ca_bundle=.*openssl rehash"]),
])
@pytest.mark.parametrize("how", ["option", "variable"])
def test_bundle_that_is_none(ask, certificates, tmp_path, name, content, patterns, how):
    bundle = tmp_path / ("bundle-" + name)
    if content is None:
        bundle.mkdir()
    else:
        bundle.write_bytes(content)
    given = {"ca_bundle": bundle} if how == "option" else {"environment": {"AWS_CA_BUNDLE": str(bundle)}}
    with Server(zoo.tls(certificates, zoo.page("200 OK"))) as server:
        lines = ask("https://%s" % server.address, **given)
        assert_says(lines, "tls", "no safe connection to https://%s" % WHERE)
        for text in (lines[0], lines[1][1]):
            assert str(bundle) in text and all(re.search(pattern, text) for pattern in patterns[:1]) and "ca_bundle=" in text, text


def test_bundle_that_is_not_there(ask, tmp_path):
    assert_says(ask("https://127.0.0.1:1", ca_bundle=tmp_path / "absent.pem"), "configuration", "absent.pem cannot be read",
                "; correct ca_bundle=, AWS_CA_BUNDLE")


def test_old_tls(ask, certificates):
    def only_old(context):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1

    with pytest.warns(DeprecationWarning):
        handle = zoo.tls(certificates, zoo.page("200 OK"), change=only_old)
    with Server(handle) as server:
        assert_says(ask("https://%s" % server.address), "tls", "no safe connection", "; .*TLS 1.2")


# ---- proxies ----

PROXIES = {
    "wants-a-login": (zoo.page("407 Proxy Authentication Required", fields=["Proxy-Authenticate: Basic realm=x"]),
                      ["; the proxy wants a login: write http://USER:PASSWORD@HOST:PORT", "no_proxy"]),
    "refuses": (zoo.page(FORBIDDEN), ["403", LEAVE_PROXY]),
    "leads-to-a-login-page": (zoo.page("302 Found", fields=["Location: http://login.example/"]), ["302", LEAVE_PROXY]),
    "fails": (zoo.page("503 Service Unavailable"), ["503", LEAVE_PROXY]),
    "hangs-up": (zoo.raw(b""), [LEAVE_PROXY]),
    "speaks-no-http": (zoo.raw(b"SSH-2.0-x\r\n"), [LEAVE_PROXY]),
}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", PROXIES)
def test_proxy(ask, name, scheme):
    handle, patterns = PROXIES[name]
    with Server(handle) as proxy:
        assert_says(ask(scheme + "://s3.example", environment={scheme + "_proxy": proxy.endpoint}), "proxy",
                    r"%s://s3\.example is asked through the proxy of %s_proxy \(%s\)" % (scheme, scheme, proxy.endpoint), *patterns)


@pytest.mark.parametrize("url, patterns", [
    ("http://127.0.0.1:1", ["127.0.0.1 port 1", LEAVE_PROXY]),
    ("http://no-such-proxy.invalid:3128", ["name of the proxy was not resolved", "no-such-proxy.invalid", LEAVE_PROXY]),
    ("ht!tp://x y", ["proxy", LEAVE_PROXY]),
])
def test_proxy_that_is_none(ask, url, patterns):
    assert_says(ask("http://s3.example", environment={"http_proxy": url}), "proxy", *patterns)


# ---- sources under which nothing is ----

def mount_line(mount, source, is_empty=True, **options):
    """What a mount that works says on the way."""
    m = mount(source, log_level=None, **options)
    lines = [line for line in m.log().splitlines() if "is mounted on" not in line]
    assert len(lines) == int(is_empty), lines
    m.unmount()
    return lines[0] if lines else ""


@pytest.mark.parametrize("foreground", [True, False], ids=["foreground", "daemon"])
def test_source_that_is_an_object(mount, bucket, foreground):
    bucket.put("photos/cat.jpg", b"x")
    line = mount_line(mount, "s3://%s/photos/cat.jpg" % bucket, foreground=foreground)
    assert re.search(r"s3://%s/photos/cat.jpg is an object, a file and no directory.*; .*mount what it is in: s3://%s/photos$" %
                     (bucket, bucket), line)
    bucket.put("top", b"x")
    assert re.search("s3://%s/top is an object.*: s3://%s$" % (bucket, bucket), mount_line(mount, "%s:/top" % bucket))


@pytest.mark.parametrize("foreground", [True, False], ids=["foreground", "daemon"])
def test_prefix_under_which_nothing_is(mount, bucket, foreground):
    bucket.put("photos/cat.jpg", b"x")
    line = mount_line(mount, "s3://%s/fotos" % bucket, foreground=foreground)
    assert re.search("nothing is under s3://%s/fotos/ yet; is the prefix right" % bucket, line)
    for source in ("s3://%s/photos" % bucket, str(bucket)):
        mount_line(mount, source, is_empty=False, foreground=foreground)
    bucket.delete("photos/cat.jpg")
    mount_line(mount, bucket, is_empty=False)  # a bucket may be empty, and a directory that was made as well
    bucket.put("made/")
    mount_line(mount, "s3://%s/made" % bucket, is_empty=False)


def test_check_of_a_prefix_under_which_nothing_is(tmp_path, server, aws_config, bucket):
    ctl = Ctl(tmp_path, tmp_path, {"profile": "test", "endpoint_url": server.endpoint, "config_file": aws_config.config_file,
                                   "credentials_file": aws_config.credentials_file}.items())
    bucket.put("a/cat.jpg", b"x")
    for source, pattern in (("b", "nothing is under s3://%s/b/ yet; is the prefix right"),
                            ("a/cat.jpg", "s3://%s/a/cat.jpg is an object.*; .*mount what it is in"), ("a", "can be listed")):
        status, lines = ctl.check("s3://%s/%s" % (bucket, source))
        line, = [line for line in lines if line.name == "list"]
        assert status == 0 and line.status == ("ok" if source == "a" else "warning")
        assert re.search(pattern % bucket if "%" in pattern else pattern, line.text), line


# ---- this machine ----

def test_mount_points(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_bytes(b"")
    for link, target in (("dangling", "nowhere"), ("loop", "loop"), ("to-file", "file")):
        (tmp_path / link).symlink_to(target)
    for name, pattern in {"missing": "does not exist; make it with: mkdir -p ", "file": "not a directory; name one that is",
                          "file/below": "cannot be used: Not a directory; name an empty directory",
                          "dangling": "a symbolic link to nothing; make the directory", "loop": "cannot be used: .*; name",
                          "to-file": "not a directory; name", "full": "not empty; -o nonempty mounts over",
                          "x" * 300: "cannot be used: File name too long; name"}.items():
        result = run_pail(["bucket", tmp_path / name], directory=tmp_path)
        line, = result.stderr.splitlines()
        assert result.returncode == 1 and name[:200].removeprefix("to-") in line and re.search(pattern, line), line
    line, = run_pail(["bucket", ""], directory=tmp_path).stderr.splitlines()
    assert line == "pail: the mount point is an empty word; name a directory"


def test_directories_of_this_machine(ask, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for option in ("state_dir", "cache_dir"):
        for path in (tmp_path / "file", tmp_path / "file" / "below", "/proc/pail"):
            assert_says(ask("http://127.0.0.1:1", check=False, **{option: path}), None, "%s %s cannot be used" % (option, path),
                        "; name another with -o %s=" % option)
