# SPDX-License-Identifier: Apache-2.0
"""Our reading of profile files and environments against that of botocore, over many of them thought up from a seed.

Where botocore 1.29 differs on purpose it is not asked: variables that are set but empty (absent for us), AWS_REGION and
endpoint_url (unknown to it). Sources of credentials that ask somebody are left to test_chain_botocore.py.
"""
import random

import botocore.session
import pytest
from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError, PartialCredentialsError, ProfileNotFound

from support import driver

PROFILES = ["default", "work", "two words", "x"]
KEYS = ["region", "output", "s3", "ca_bundle", "role_session_name"]
PROVIDERS = {"env", "shared-credentials-file", "config-file"}
OUTCOMES = {"parse": (ConfigParseError,), "profile": (ProfileNotFound,), "partial": (PartialCredentialsError,)}


# Files that mostly parse.

def section_name(chance, profile, in_config):
    if not in_config:
        return f"[{profile}]"
    if profile == "default" and chance.random() < 0.8:
        return "[default]"
    quoted = chance.choice([f'"{profile}"', f"'{profile}'"]) if " " in profile or chance.random() < 0.2 else profile
    return f"[profile{chance.choice([' ', '  '])}{quoted}]" + chance.choice(["", "", " ignored", " # too"])


def assignment(chance, key, value):
    key = chance.choice([key, key, key.upper(), key.title()])
    return key + chance.choice(["=", " = ", ":", "\t: ", " =  ", "\u00a0=\u00a0"]) + value + chance.choice(["", " ", "\t", "\u00a0"])


def noise(chance):
    kind = chance.random()
    return [] if kind < 0.6 else [chance.choice(["", "   ", "# a comment = x", "; [comment]", "  # indented", "\u00a0", "\u00a0# x"])]


def block(chance):
    lines = ["s3 ="]
    for key in chance.sample(["use_arn_region", "use_accelerate_endpoint", "odd"], chance.randrange(1, 4)):
        value = f"v{chance.randrange(9)}" if key == "odd" else chance.choice(["true", "false"])
        lines += [f"{chance.choice(['  ', '    ', chr(9)])}{key} = {value}"] + noise(chance)
    return lines


def static_keys(chance, who):
    lines = [assignment(chance, "aws_access_key_id", f"AK{who}"), assignment(chance, "aws_secret_access_key", f"s/+={who} x")]
    if chance.random() < 0.4:
        lines.append(assignment(chance, chance.choice(["aws_session_token", "aws_security_token"]), f"t{who}=="))
    if chance.random() < 0.05:
        lines.pop(chance.randrange(2))
    return lines


def body(chance, who):
    lines = []
    if chance.random() < 0.6:
        lines.append(assignment(chance, "region", f"r-{who}"))
    if chance.random() < 0.6:
        lines += static_keys(chance, who)
    if chance.random() < 0.3:
        lines += block(chance)
    if chance.random() < 0.2:
        lines += ["output = one", "  two", "", "\tthree = 3"]
    if chance.random() < 0.1:
        lines.append("ca_bundle =")
    if chance.random() < 0.03:
        lines.append(chance.choice(["region = again", "no delimiter", "= no key", "[profile work]"]))
    return [line for written in lines for line in (written, *noise(chance))]


def profile_file(chance, in_config):
    lines = noise(chance)
    for number, profile in enumerate(chance.sample(PROFILES, chance.randrange(len(PROFILES) + 1))):
        lines += [section_name(chance, profile, in_config), *body(chance, f"{'c' if in_config else 's'}{number}")]
    if in_config and chance.random() < 0.3:
        lines += ["[plugins]", "cli = x", chance.choice(["[bare]", "[profile a b]", "[profile]", "[profile 'open]", "[profilex y]"]),
                  "region = no"]
    if chance.random() < 0.1:
        lines += ["[DEFAULT]", "region = everywhere", "output = text"]
    if chance.random() < 0.02:
        lines.insert(0, "before = any section")
    return chance.choice(["\n", "\n", "\r\n"]).join(lines) + chance.choice(["", "\n"])


def environment(chance):
    variables = {"AWS_EC2_METADATA_DISABLED": "true"}
    if chance.random() < 0.3:
        variables["AWS_ACCESS_KEY_ID"] = "AKenv"
        if chance.random() < 0.9:
            variables["AWS_SECRET_ACCESS_KEY"] = "env secret"
    for name in ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"):
        if chance.random() < 0.2:
            variables[name] = name.lower()
    if chance.random() < 0.3:
        variables["AWS_DEFAULT_REGION"] = "r-env"
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        if chance.random() < 0.2:
            variables[name] = chance.choice(PROFILES + ["nobody"] if chance.random() < 0.1 else PROFILES)
    return variables


def think_up(chance, directory):
    directory.mkdir()
    case = {"environment": environment(chance) | {"CASE_DIRECTORY": str(directory)}, "profile": None}
    for name, variable, in_config in (("config", "AWS_CONFIG_FILE", True), ("credentials", "AWS_SHARED_CREDENTIALS_FILE", False)):
        path = directory / name
        case["environment"][variable] = chance.choice([str(path), str(path), f"$CASE_DIRECTORY/{name}", f"${{CASE_DIRECTORY}}/{name}"])
        if chance.random() < 0.9:
            path.write_bytes(profile_file(chance, in_config).encode())
    if chance.random() < 0.4:
        case["profile"] = chance.choice(PROFILES)
    return case


# What each of the two makes of a case: a word for what is wrong, or the values.

def by_botocore(case, monkeypatch):
    with monkeypatch.context() as patch:
        for name in list(botocore.session.os.environ):
            if name.startswith("AWS_"):
                patch.delenv(name)
        for name, value in case["environment"].items():
            patch.setenv(name, value)
        try:
            return botocore_values(botocore.session.Session(profile=case["profile"]))
        except tuple(error for errors in OUTCOMES.values() for error in errors) as problem:
            return next(word for word, errors in OUTCOMES.items() if isinstance(problem, errors))


def botocore_values(session):
    scoped = session.get_scoped_config()
    found = {"profile": session.profile or "default", "region": session.get_config_variable("region") or None,
             "available": sorted(session.available_profiles),
             "values": [value if isinstance(value := scoped.get(key), str) else None for key in KEYS]}
    found["values"].append(scoped["s3"].get("odd") if isinstance(scoped.get("s3"), dict) else None)
    resolver = session.get_component("credential_provider")
    resolver.providers = [provider for provider in resolver.providers if provider.METHOD in PROVIDERS]
    keys = resolver.load_credentials()
    return found | {"keys": keys and (keys.access_key, keys.secret_key, keys.token, keys.method)}


def record_of(case):
    record = [("env", f"{name}={value}") for name, value in case["environment"].items()]
    record += [("value", key) for key in KEYS] + [("value", "s3", "odd")]
    return record + ([("profile", case["profile"])] if case["profile"] else [])


def by_pail(answer):
    if "refused" in answer:
        message = answer["refused"][0]
        return "profile" if message.startswith("profile ") else "parse"
    if any(words in answer.get("none", [""])[0] for words in ("without aws_secret_access_key", "AWS_SECRET_ACCESS_KEY is not")):
        return "partial"
    return {"profile": answer["profile"][0], "region": answer["region"][0], "available": answer.get("available", []),
            "values": answer["value"],
            "keys": None if "none" in answer else tuple(answer[word][0] for word in ("id", "secret", "token", "provider"))}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sessions(seed, tmp_path, monkeypatch):
    chance = random.Random(seed)
    cases = [think_up(chance, tmp_path / str(number)) for number in range(400)]
    answers = driver.ask("session-driver", [record_of(case) for case in cases])
    seen = set()
    for number, (case, answer) in enumerate(zip(cases, answers)):
        expected = by_botocore(case, monkeypatch)
        assert by_pail(answer) == expected, (tmp_path / str(number), case, answer)
        seen.add(expected if isinstance(expected, str) else expected["keys"] and expected["keys"][3])
    assert seen >= set(OUTCOMES) | PROVIDERS | {None}


# Text that is hardly a profile file at all.

PIECES = ["[", "]", "[a]", "[b]", "[a b]", "[DEFAULT]", "k", "j", "K", "=", ":", " ", "  ", "\t", "\n", "\n", "\n", "\r\n", "\r",
          "\u00a0", "\u00a0", "\u2003", "\x1f", "v", "w x", "#", ";", "# c", "k = v", "j: w", "\n  ", "\n    ", "\n\n", "k =\n  x = 1", "é", "%(x)s", '"', "'", "\\"]
WORDS = ["k", "j", "x", "v", "w x", "s"]


def botocore_ini(path):
    try:
        return raw_config_parse(str(path))
    except ConfigParseError:
        return None


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_grammar(seed, tmp_path):
    chance = random.Random(seed)
    records, expectations = [], []
    for number in range(1000):
        path = tmp_path / str(number)
        start = chance.choice(["", "[a]\n", "[a]\nk = v\n", "[a]\ns =\n"])
        path.write_bytes((start + "".join(chance.choice(PIECES) for _ in range(chance.randrange(25)))).encode())
        parsed = botocore_ini(path)
        sections = list(parsed or [])
        asked = [(section, block, key) for section in sections for block in ["", *WORDS] for key in WORDS][:200]
        records.append([("ini", str(path)), *(("value", *question) for question in asked)])
        expectations.append((path, parsed, asked))
    for (path, parsed, asked), answer in zip(expectations, driver.ask("session-driver", records)):
        assert ("refused" in answer) == (parsed is None), (path.read_bytes(), answer)
        if parsed is None:
            continue
        assert answer.get("section", []) == list(parsed), path.read_bytes()
        for (section, block, key), value in zip(asked, answer.get("value", [])):
            found = parsed[section].get(block or key)
            if block:
                found = found.get(key) if isinstance(found, dict) else None
            assert value == (found if isinstance(found, str) else None), (path.read_bytes(), section, block, key)
    good = sum(parsed is not None and any(parsed.values()) for _, parsed, _ in expectations)
    assert good > 100 and sum(parsed is None for _, parsed, _ in expectations) > 100
