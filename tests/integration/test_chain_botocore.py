# SPDX-License-Identifier: Apache-2.0
"""Which source of credentials is found, and what it is asked: our chain against botocore's, over cases thought up from a seed.

Both get the same home directory and environment and the same services (support/responder.py), botocore in this process and
ours over the network. Compared are the provider, the keys, the region, the requests that were made, and for failures their kind.
"""
import itertools
import os
import random
import time
from collections import Counter

import botocore.awsrequest
import botocore.credentials
import botocore.httpsession
import botocore.loaders
import botocore.parsers
import botocore.session
import botocore.tokens
import botocore.utils
import pytest
from botocore import exceptions

from support import driver
from support.chain_cases import FAULTS, PLACES, think_up
from support.responder import Request, Responder

# What botocore 1.29 does otherwise, and we on purpose.
WANTED = {
    "login": "botocore 1.29 does not know login_session (\"aws login\"), which later ones look for at this place of the chain",
    "regional STS": "without sts_regional_endpoints botocore 1.29 asks sts.amazonaws.com; the default is \"regional\" since 2025",
    "token file": "a web identity token that is empty or of several lines is told of; botocore sends it as it is",
    "broken metadata": "what a metadata service answers is told of when it cannot be used; botocore finds no credentials then",
}


KNOWS_LOGIN = hasattr(botocore.credentials, "LoginProvider")


def wanted(case, found, log):
    """The name of a wanted difference, and what we want instead of what botocore found; or no name."""
    if case.place == "login" and not KNOWS_LOGIN:
        return "login", case.login if len(case.login) == 1 else (*case.login, case.region()), []
    if case.place == "assume-role-with-web-identity" and case.fault in ("empty", "two lines") and found != ("partial",):
        return "token file", ("source",), []
    if case.place == "iam-role" and case.fault in ("html", "partial", "failed"):
        return "broken metadata", ("source",), log
    return None, found, log


# What each of the two makes of a case.

LOADER = botocore.loaders.create_loader()
LOGIN_ERRORS = (exceptions.LoginError,) if KNOWS_LOGIN else ()
KINDS = [
    ("profile", exceptions.ProfileNotFound), ("parse", exceptions.ConfigParseError), ("partial", exceptions.PartialCredentialsError),
    ("config", exceptions.InvalidConfigError), ("refused UnauthorizedException", exceptions.UnauthorizedSSOTokenError),
    ("source", (*LOGIN_ERRORS, exceptions.CredentialRetrievalError, exceptions.SSOTokenLoadError, exceptions.TokenRetrievalError,
                KeyError, ValueError, AttributeError, RuntimeError, OSError, botocore.parsers.ResponseParserError)),
]


def kind_of(problem):
    if isinstance(problem, exceptions.ClientError):
        if problem.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            return ("outage",)
        return (f"refused {problem.response['Error']['Code']}",)
    return (next((kind for kind, classes in KINDS if isinstance(problem, classes)), f"? {problem!r}"),)


class Raw:
    def __init__(self, body):
        self.body = body

    def stream(self, *_, **__):
        yield self.body


def send_to(services):
    def send(_session, request):
        headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
        body = request.body or b""
        asked = Request(request.method, request.url, headers, body.encode() if isinstance(body, str) else body)
        asked.headers.setdefault("host", asked.parts.netloc)
        answer = services.answer(asked)
        return botocore.awsrequest.AWSResponse(request.url, answer.status, botocore.awsrequest.HeadersDict(answer.headers),
                                               Raw(answer.body))
    return send


def by_botocore(case, services, home, monkeypatch):
    with monkeypatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("AWS_"):
                patch.delenv(name)
        for name, value in case.variables(home).items():
            patch.setenv(name, value)
        if "sts_regional_endpoints" not in (str(case.environment) + str(case.config)).lower():  # the wanted "regional STS"
            patch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "regional")
        patch.setattr(botocore.httpsession.URLLib3Session, "send", send_to(services))
        patch.setattr(time, "sleep", lambda seconds: None)
        patch.setattr(botocore.utils.ContainerMetadataFetcher, "SLEEP_TIME", 0)
        cache = str(home / ".aws/sso/cache")
        patch.setattr(botocore.credentials.SSOProvider, "_SSO_TOKEN_CACHE_DIR", cache)
        patch.setattr(botocore.tokens.SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", cache)
        try:
            return botocore_values(botocore.session.Session(profile=case.name if case.is_explicit else None))
        except Exception as problem:  # pylint: disable=broad-except
            return kind_of(problem)


def botocore_values(session):
    session.register_component("data_loader", LOADER)
    resolver = session.get_component("credential_provider")
    resolver.get_provider("assume-role")._prompter = lambda prompt: "123456"
    found = resolver.load_credentials()
    if not found:
        return ("none",)
    keys = found.get_frozen_credentials()
    return (found.method, keys.access_key, keys.secret_key, keys.token, session.get_config_variable("region"))


def record_of(case, home):
    record = [("env", f"{name}={value}") for name, value in case.variables(home).items()]
    record += [("no_verify_ssl", "1"), ("mfa", "123456")]
    return record + ([("profile", case.name)] if case.is_explicit else [])


PARTIAL = ("without aws_secret_access_key", "AWS_SECRET_ACCESS_KEY is not", "without source_profile or credential_source")


def by_pail(answer):
    if "refused" in answer:
        return ("profile" if answer["refused"][0].startswith("profile ") else "parse",)
    if "none" not in answer:
        return tuple(answer[word][0] for word in ("provider", "id", "secret", "token", "region"))
    kind, code, message = answer["class"][0], answer["code"][0], answer["none"][0]
    if answer["errno"] == ["ENOENT"]:
        return ("none",)
    if kind == "credentials":
        return (f"refused {code}" if code else "partial" if any(words in message for words in PARTIAL) else "source",)
    return ({"config": "config", "service": "outage"}.get(kind, f"? {kind} {message}"),)


def without_repeats(log):
    return [key for key, _ in itertools.groupby(log)]


class Comparison:
    """Runs cases, each in a home directory of its own, and counts what came out."""

    def __init__(self, responder, conversation, directory, monkeypatch):
        self.services, self.url, self.conversation = responder.services, responder.url, conversation
        self.directory, self.monkeypatch = directory, monkeypatch
        self.count, self.outcomes, self.neighbours, self.differences = 0, Counter(), Counter(), Counter()

    def new_home(self):
        self.count += 1
        home = self.directory / str(self.count)
        home.mkdir()
        return home

    def ours(self, case, home, *more):
        case.write(home)
        self.services.reset()
        answer = self.conversation.ask([*record_of(case, home), *more])
        assert not self.services.complaints, (self.services.complaints, home)
        return by_pail(answer), without_repeats(self.services.log), answer

    def theirs(self, case, home):
        case.write(home)
        self.services.reset()
        found = by_botocore(case, self.services, home, self.monkeypatch)
        assert not self.services.complaints, (self.services.complaints, home)
        difference, expected, log = wanted(case, found, without_repeats(self.services.log))
        if difference:
            self.differences[difference] += 1
            assert expected != found, f"{difference} is no difference"
        return expected, log

    def run(self, case):
        home = self.new_home()
        expected, asked = self.theirs(case, home)
        got, requests, answer = self.ours(case, home)
        assert (got, requests) == (expected, asked), (str(home), case.place, case.fault, case.environment, answer)
        self.outcomes[got[0]] += 1
        if got[0] == case.place and following(case.place) in case.wanted:
            self.neighbours[case.place] += 1


def following(place):
    return dict(zip(PLACES, PLACES[1:])).get(place)


@pytest.fixture
def comparison(tmp_path, monkeypatch):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and "proxy" not in name.lower()}
    with Responder(tmp_path) as responder:
        with driver.Conversation("session-driver", environment | {"https_proxy": responder.url}) as conversation:
            yield Comparison(responder, conversation, tmp_path, monkeypatch)


def test_chain(comparison):
    chance = random.Random(1)
    for place in PLACES:
        for fault in [None] * 28 + FAULTS[place] * 4:
            comparison.run(think_up(chance, comparison.url, place, fault))
    assert comparison.count >= 500
    assert all(comparison.outcomes[place] >= 25 for place in PLACES), comparison.outcomes
    assert all(comparison.neighbours[place] >= 10 for place in PLACES[:-1]), comparison.neighbours
    kinds = {"none", "config", "partial", "source", "outage", "refused AccessDenied", "refused InvalidClientTokenId",
             "refused UnauthorizedException", "refused ForbiddenException"}
    assert set(comparison.outcomes) == kinds | set(PLACES)
    assert set(comparison.differences) | {"regional STS"} == set(WANTED) - ({"login"} if KNOWS_LOGIN else set())


def test_swapped_neighbours_are_noticed(comparison):
    """The comparison is worth something: with two neighbours of our chain swapped it fails."""
    chance = random.Random(2)
    for number, place in enumerate(PLACES[:-1]):
        case = next(case for case in iter(lambda: think_up(chance, comparison.url, place, None), None)
                    if following(place) in case.wanted)
        home = comparison.new_home()
        expected, _ = comparison.theirs(case, home)
        assert comparison.ours(case, home)[0] == expected and expected[0] == place
        got, _, answer = comparison.ours(case, home, ("swap", str(number)))
        assert got[0] == following(place), (place, home, answer)


def test_sso_session_behind_a_role(comparison):
    """A source_profile with sso_session: botocore 1.29 looks for the session in the profile of the role, and fails."""
    case = think_up(random.Random(3), comparison.url, "sso", "early renewal")
    case.set("role", {"role_arn": "arn:aws:iam::123456789012:role/reader", "source_profile": case.name})
    case.name, case.is_explicit = "role", True
    got, log, answer = comparison.ours(case, comparison.new_home())
    assert got[0] == "assume-role", answer
    assert [entry[0] for entry in log] == ["CreateToken", "GetRoleCredentials", "AssumeRole"]
