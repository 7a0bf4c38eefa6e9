# SPDX-License-Identifier: Apache-2.0
"""Where our requests go and what they are signed for, against a client of botocore that is stopped before it sends, over many
settings thought up from a seed. The settings come from a file and the environment, so that their precedence is compared too.

botocore 1.29 knows neither directory buckets nor partitions of later years: tests/unit/aws/endpoint/test_endpoint.c has those. Where we differ on
purpose, WANTED names the difference.
"""
import os
import random
import urllib.parse

import botocore.auth
import botocore.exceptions
import botocore.loaders
import botocore.session
import pytest

from support import driver

REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1"]
ENDPOINTS = ["http://127.0.0.1:7480", "https://s3.example.org", "http://s3.example.org:9000/base/path", "https://storage.example/x/",
             "https://[::1]:9000", "https://s3-accelerate.amazonaws.com", "https://bucket.vpce-1a2b.s3.us-west-2.vpce.amazonaws.com"]
BUCKETS = ["bucket", "my-bucket-1", "dotted.name", "Upper", "under_score", "ab", "a" * 63, "a" * 64, "-lead", "1.2.3.4", "x--y", "name-s3alias"]
ACCOUNT = "123456789012"


def arn(chance):
    partition = chance.choice(["aws", "aws", "aws-cn"])
    region = chance.choice(REGIONS[:4] + [""])
    slash = chance.choice("/:")
    kind = chance.random()
    if kind < 0.2:
        return f"arn:{partition}:s3::{ACCOUNT}:accesspoint{slash}mfzwi23gnjvgw.mrap"
    if kind < 0.4:
        return f"arn:{partition}:s3-outposts:{region}:{ACCOUNT}:outpost{slash}op-0123456789abcdef0{slash}accesspoint{slash}reports"
    service = chance.choice(["s3", "s3", "s3", "s3-object-lambda", "s3-object-lambda", "sqs"])
    return f"arn:{partition}:{service}:{region}:{ACCOUNT}:accesspoint{slash}{chance.choice(['my-point', 'my-point', 'bad_point', ''])}"


def bucket(chance):
    kind = chance.random()
    return None if kind < 0.08 else chance.choice(BUCKETS) if kind < 0.6 else arn(chance)


def maybe(chance, odds, values):
    return chance.choice(values) if chance.random() < odds else None


def boolean(chance, odds, *more):
    """To botocore everything but "true" is false, also what is a truth elsewhere."""
    return maybe(chance, odds, ["true", "false", "True"] * 4 + ["1", "yes", "on", "0", "no", *more])


def settings(chance):
    """What a file and the environment say: the profile, its block, the variables."""
    profile = {"use_dualstack_endpoint": boolean(chance, 0.15), "use_fips_endpoint": boolean(chance, 0.15),
               "s3_use_arn_region": boolean(chance, 0.1)}
    block = {"addressing_style": maybe(chance, 0.5, ["auto", "path", "virtual"]), "use_accelerate_endpoint": boolean(chance, 0.2),
             "use_dualstack_endpoint": boolean(chance, 0.15), "use_arn_region": boolean(chance, 0.2),
             "s3_disable_multiregion_access_points": boolean(chance, 0.1),
             "us_east_1_regional_endpoint": chance.choice(["regional", "regional", "legacy"])}
    variables = {"AWS_USE_DUALSTACK_ENDPOINT": boolean(chance, 0.15, " true "), "AWS_USE_FIPS_ENDPOINT": boolean(chance, 0.1, " true "),
                 "AWS_S3_USE_ARN_REGION": boolean(chance, 0.1, " true "),
                 "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": maybe(chance, 0.1, ["regional", "legacy"])}
    return [{name: value for name, value in place.items() if value} for place in (profile, block, variables)]


def think_up(chance, path):
    profile, block, variables = settings(chance)
    lines = ["[default]"] + [f"{name} = {value}" for name, value in profile.items()] + ["s3 ="]
    path.write_text("\n".join(lines + [f"  {name} = {value}" for name, value in block.items()]) + "\n", encoding="utf-8")
    region = chance.choice(REGIONS)
    if chance.random() < 0.1:
        region = chance.choice(["aws-global", f"fips-{region}", f"{region}-fips"])
    return {"config": str(path), "environment": variables, "region": region, "endpoint_url": maybe(chance, 0.25, ENDPOINTS),
            "bucket": bucket(chance)}


def plain(path):
    """Each kind once, with settings that stand in nobody's way."""
    path.write_text("[default]\ns3 =\n  us_east_1_regional_endpoint = regional\n", encoding="utf-8")
    buckets = ["bucket", "dotted.name", f"arn:aws:s3:us-west-2:{ACCOUNT}:accesspoint/my-point",
               f"arn:aws:s3-object-lambda:us-west-2:{ACCOUNT}:accesspoint/my-point", f"arn:aws:s3::{ACCOUNT}:accesspoint/alias.mrap",
               f"arn:aws:s3-outposts:us-west-2:{ACCOUNT}:outpost/op-0123456789abcdef0/accesspoint/reports"]
    return [{"config": str(path), "environment": {}, "region": "us-west-2", "endpoint_url": None, "bucket": bucket} for bucket in buckets]


# What each of the two makes of a case: "refused", or URL, region and service of the signature, and its kind.

LOADER = botocore.loaders.create_loader()  # one for all sessions: it keeps the files that it has parsed


class Sent(Exception):
    """Takes the request out of botocore, just before it is signed."""


def by_botocore(case, monkeypatch):
    def stop(params, **_):
        raise Sent(params)

    with monkeypatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("AWS_"):
                patch.delenv(name)
        for name, value in (case["environment"] | {"AWS_CONFIG_FILE": case["config"]}).items():
            patch.setenv(name, value)
        if ":accesspoint" in (case["bucket"] or "") and "s3-outposts" not in case["bucket"]:
            patch.setitem(botocore.auth.AUTH_TYPE_MAPS, "v4a", None)  # its name is enough; outposts take v4 as well
        session = botocore.session.Session()
        session.register_component("data_loader", LOADER)
        try:
            client = session.create_client("s3", region_name=case["region"], endpoint_url=case["endpoint_url"],
                                           aws_access_key_id="id", aws_secret_access_key="secret")
            client.meta.events.register("before-call.s3", stop)
            if case["bucket"] is None:
                client.list_buckets()
            else:
                client.get_object(Bucket=case["bucket"], Key="key")
        except Sent as sent:
            return told(sent.args[0])
        except (botocore.exceptions.BotoCoreError, ValueError) as problem:
            return "refused", str(problem)
    raise AssertionError("botocore did nothing")


def told(request):
    signing = request["context"]["signing"]
    kind = "v4a" if request["context"].get("auth_type") == "v4a" else "v4"
    return urllib.parse.unquote(request["url"].rstrip("/")), signing["region"], signing["signing_name"], kind


def by_pail(answer):
    if "refused" in answer:
        return "refused", answer["refused"][0]
    return tuple([urllib.parse.unquote(answer["url"][0].rstrip("/")), *(answer[word][0] for word in ("region", "name", "signing"))])


def record_of(case):
    record = [("env", f"{name}={value}") for name, value in case["environment"].items()]
    return record + [(word, case[word]) for word in ("config", "region", "endpoint_url", "bucket") if case[word]]


# Differences that are wanted: a name, the reason, and how to tell that it is the one.

def path_style_fips(case, expected, ours):
    """Rules of later years let FIPS and path style go together."""
    return "Path-style addressing cannot be used with FIPS" in expected[-1] and "://s3-fips." in ours[0]


def service_accelerate(case, expected, ours):
    """Settings that contradict each other are refused also where, as for ListBuckets, botocore 1.29 looks at one of them only."""
    return case["bucket"] is None and "use_accelerate_endpoint" in ours[-1] and ours[0] == "refused"


def custom_address(case, expected, ours):
    """A name before an IP address is no host: botocore would ask the resolver for it. Access points need one, buckets go into the path."""
    return case["endpoint_url"] in ENDPOINTS[:1] + ENDPOINTS[4:5] and (
        "needs an endpoint_url with a host name" in ours[-1] or ours[0] == f"{case['endpoint_url']}/{case['bucket']}/key")


def outposts_scheme(case, expected, ours):
    """A custom endpoint is taken as it is written, with its scheme and path, for outposts too."""
    return expected[2:3] == ("s3-outposts",) and case["endpoint_url"] and ours[1:] == expected[1:]


def outposts_v4(case, expected, ours):
    """The rules offer versions 4A and 4 for Outposts; with a single region in the ARN the plain one does. (botocore without awscrt agrees.)"""
    return expected[2:] == ("s3-outposts", "v4a") and ours[2:] == ("s3-outposts", "v4") and (expected[0] == ours[0] or case["endpoint_url"])


def global_region(case, expected, ours):
    """aws-global is us-east-1 in every respect, use_arn_region included."""
    return case["region"] == "aws-global" and "UseArnRegion is `false`" in expected[-1] and ours[1] == "us-east-1"


def global_accelerate(case, expected, ours):
    """The accelerate endpoint has no region in its name, with aws-global as little as with us-east-1."""
    return case["region"] == "aws-global" and expected[0].replace(".us-east-1.", ".") == ours[0] and "s3-accelerate" in ours[0]


WANTED = [path_style_fips, service_accelerate, global_region, global_accelerate, custom_address, outposts_scheme, outposts_v4]


def is_foreseen(case, warning):
    return "counts as false" in warning or "FIPS endpoints are configured" in warning and case["endpoint_url"]


def difference(case, expected, ours):
    if expected[0] == "refused" and ours[0] == "refused" or expected == ours:
        return None
    return next((wanted.__name__ for wanted in WANTED if wanted(case, expected, ours)), "difference")


@pytest.mark.parametrize("seed", [2, 4])
def test_endpoints(seed, tmp_path, monkeypatch):
    chance = random.Random(seed)
    cases = plain(tmp_path / "plain") + [think_up(chance, tmp_path / str(number)) for number in range(400)]
    answers = driver.ask("endpoint-driver", [record_of(case) for case in cases])
    pairs = [(case, by_botocore(case, monkeypatch), by_pail(answer)) for case, answer in zip(cases, answers)]
    names = [difference(*pair) for pair in pairs]
    assert [pair for pair, name in zip(pairs, names) if name == "difference"] == []
    warnings = [(case, warning) for case, answer in zip(cases, answers) for warning in answer.get("warning", [])]
    assert [pair for pair in warnings if not is_foreseen(*pair)] == []
    assert len({is_foreseen(*pair) for pair in warnings}) > 1
    assert {wanted.__name__ for wanted in WANTED} >= set(names) - {None}
    kinds = {"/".join(ours[2:]) for _, _, ours in pairs if ours[0] != "refused"}
    assert kinds >= {"s3/v4", "s3-outposts/v4", "s3-object-lambda/v4", "s3/v4a"}
    assert names.count(None) > 340 and 30 < sum(ours[0] == "refused" for _, _, ours in pairs) < 200
