# SPDX-License-Identifier: Apache-2.0
"""Our signatures against those of botocore, over thousands of requests thought up from a seed."""
import contextlib
import datetime
import random
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from support import driver

REQUESTS = 1500
METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"]
ORIGINS = ["https://bucket.s3.us-east-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com", "http://127.0.0.1:7480",
           "http://[::1]:9000", "https://Host.Example:443", "http://h:80", "http://h:443", "https://h:8443"]
PREFIXES = ["", "", "/bucket", "/base/path/bucket", "/tenant%3Abucket"]
REGIONS = ["us-east-1", "eu-west-1", "cn-north-1", "default", "x"]
SUBRESOURCES = ["uploads", "uploadId", "partNumber", "list-type", "prefix", "delimiter", "max-keys", "encoding-type",
                "continuation-token", "versionId", "acl", "tagging", "delete", "start-after", "x-id"]
HEADERS = ["x-amz-meta-a", "X-Amz-Meta-A", "x-amz-meta-a-b", "x-amz-meta-ab", "x-amz-acl", "X-AMZ-STORAGE-CLASS",
           "x-amz-copy-source", "x-amz-meta-uid", "x-amz-meta-mtime", "Content-Type", "Content-MD5", "x-amz-tagging"]
ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "-_.~/",
    " +%&=?#;:@,!$'()*\"<>[]{}|\\^`",
    "%20%2F%2b%25%zz%",
    "\n\r\t\x01\x1f\x7f",
    "äöüßéñ\u00ff\u0100\u0394\u4e2d\u6587\U0001f600\u200d\ufeff\u0301",
    "///.././/./..",
]
# What a header can carry and both sides trim alike: no line break, no white space beyond ASCII's blank and tab.
VALUE_ALPHABETS = ["abcXYZ019", "  \t ", ",;:=/\"'%+", "äé\u4e2d\U0001f600"]


def text(chance, alphabets, longest):
    length = chance.choice([0, 1, 2, 5, chance.randrange(longest)])
    mixed = [chance.choice(alphabets) for _ in range(3)]
    return "".join(chance.choice(chance.choice(mixed)) for _ in range(length))


def parameters(chance):
    found = []
    for _ in range(chance.choice([0, 0, 1, 2, 3, 8])):
        name = chance.choice(SUBRESOURCES) if chance.random() < 0.7 else text(chance, ALPHABETS, 20)
        if not name:
            continue
        kind = chance.random()
        found.append((name,) if kind < 0.15 else (name, "" if kind < 0.3 else text(chance, ALPHABETS, 60)))
        if chance.random() < 0.2:
            found.append((name, text(chance, ALPHABETS, 4)))
    chance.shuffle(found)
    return found


def think_up(chance):
    return {
        "method": chance.choice(METHODS),
        "origin": chance.choice(ORIGINS),
        "prefix": chance.choice(PREFIXES),
        "key": text(chance, ALPHABETS, 300),
        "params": parameters(chance),
        "headers": [(chance.choice(HEADERS), text(chance, VALUE_ALPHABETS, 40))
                    for _ in range(chance.choice([0, 0, 1, 3, 9]))],
        "body": text(chance, ["abc\n", "äé"], 200),
        "unsigned": chance.random() < 0.3,
        "time": str(chance.randrange(0, 4102444800)),
        "region": chance.choice(REGIONS),
        "id": "AKIA" + text(chance, ALPHABETS[:1], 20),
        "secret": text(chance, ALPHABETS[:3], 60) or "s",
        "token": text(chance, ALPHABETS[:3], 900).strip() or None if chance.random() < 0.4 else None,
    }


def record_of(request):
    record = [(word, request[word]) for word in ("method", "origin", "prefix", "key", "body", "time", "region", "id", "secret")]
    record += [("param", *pair) for pair in request["params"]]
    record += [("header", *pair) for pair in request["headers"]]
    # These are not signed, as a proxy may change them.
    record += [("header", "Range", "bytes=0-9"), ("header", "User-Agent", "pail"), ("header", "If-Match", '"x"')]
    if request["unsigned"]:
        record.append(("unsigned", ""))
    if request["token"]:
        record.append(("token", request["token"]))
    return record


def url_of(request):
    query = "&".join("=".join(quote(part, safe="-_.~") for part in pair) for pair in request["params"])
    return (request["origin"] + request["prefix"] + "/" + quote(request["key"], safe="/-_.~")
            + ("?" + query if query else ""))


@contextlib.contextmanager
def frozen_clock(request, monkeypatch):
    now = datetime.datetime.utcfromtimestamp(int(request["time"]))

    class Clock(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return now

    with monkeypatch.context() as patch:
        if hasattr(botocore.auth, "get_current_datetime"):  # later ones
            patch.setattr(botocore.auth, "get_current_datetime", lambda: now)
        else:
            patch.setattr(botocore.auth.datetime, "datetime", Clock)
        yield


def by_botocore(request, monkeypatch):
    """What botocore makes of it: the same words as the driver's answer."""
    aws_request = AWSRequest(method=request["method"], url=url_of(request), data=request["body"].encode())
    for name, value in request["headers"]:
        aws_request.headers.add_header(name, value)
    aws_request.context["client_config"] = Config(s3={"payload_signing_enabled": not request["unsigned"]})
    credentials = Credentials(request["id"], request["secret"], request["token"])
    signer = botocore.auth.S3SigV4Auth(credentials.get_frozen_credentials(), "s3", request["region"])
    with frozen_clock(request, monkeypatch):
        signer.add_auth(aws_request)
    authorization = aws_request.headers["Authorization"]
    del aws_request.headers["Authorization"]
    canonical = signer.canonical_request(aws_request)
    return {"url": [url_of(request)], "canonical": [canonical], "authorization": [authorization],
            "string": [signer.string_to_sign(aws_request, canonical)]}


def presigned_by_botocore(request, expires, monkeypatch):
    aws_request = AWSRequest(method=request["method"], url=url_of(request))
    credentials = Credentials(request["id"], request["secret"], request["token"])
    signer = botocore.auth.S3SigV4QueryAuth(credentials.get_frozen_credentials(), "s3", request["region"], expires=expires)
    with frozen_clock(request, monkeypatch):
        signer.add_auth(aws_request)
    return aws_request.url


@pytest.mark.parametrize("seed", [1, 2])
def test_random_signed_urls(seed, monkeypatch):
    """Byte by byte: keys and parameters of all kinds, session tokens, the bucket in the host or in the path."""
    chance = random.Random(seed)
    cases = []
    for _ in range(500):
        request = think_up(chance)
        # botocore takes the query apart and keeps one value of a name, and S3 knows no parameter twice.
        request["params"] = list({pair[0]: (pair + ("",))[:2] for pair in request["params"]}.items())
        request["params"] = [value for _, value in request["params"]]
        cases.append((request, chance.choice([1, 60, 3600, 604800])))
    answers = driver.ask("sigv4-driver", [record_of(request) + [("presign", str(expires))] for request, expires in cases])
    for (request, expires), answer in zip(cases, answers):
        assert answer == {"presigned": [presigned_by_botocore(request, expires, monkeypatch)]}, request
    assert any(request["token"] for request, _ in cases) and any(request["prefix"] == "/bucket" for request, _ in cases)
    assert any("\n" in request["key"] for request, _ in cases) and any(request["params"] for request, _ in cases)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_random_requests(seed, monkeypatch):
    chance = random.Random(seed)
    requests = [think_up(chance) for _ in range(REQUESTS)]
    answers = driver.ask("sigv4-driver", [record_of(request) for request in requests])
    for request, answer in zip(requests, answers):
        assert answer == by_botocore(request, monkeypatch), request
    # The requests are worth something: all kinds are there.
    assert any(len(request["params"]) > len({pair[0] for pair in request["params"]}) for request in requests)
    assert any("\n" in request["key"] for request in requests) and any("%" in request["key"] for request in requests)
    assert any(request["token"] for request in requests) and any(("acl",) in request["params"] for request in requests)


def test_line_break_in_credentials_is_refused():
    request = think_up(random.Random(1)) | {"token": "first\r\nX-Evil: 1"}
    answer, = driver.ask("sigv4-driver", [record_of(request)])
    assert "line break" in answer["refused"][0] and "Evil" not in answer["refused"][0]
