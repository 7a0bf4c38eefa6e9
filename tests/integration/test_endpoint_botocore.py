# SPDX-License-Identifier: Apache-2.0
"""Where our requests go and what they are signed for, against a client of botocore that is stopped before it sends, over many
settings thought up from a seed. The settings come from a file and the environment, so that their precedence is compared too.

botocore 1.29 knows neither directory buckets nor partitions of later years: tests/unit/aws/test_endpoint.c has those. Where we differ on
purpose, WANTED names the difference.
"""
import random
import urllib.parse

import botocore.exceptions
import botocore.session
import pytest
from botocore.config import Config

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


def boolean(chance, odds):
    return maybe(chance, odds, ["true", "false", "True"])


def settings(chance):
    """What a file and the environment say: the profile, its block, the variables."""
    profile = {"use_dualstack_endpoint": boolean(chance, 0.15), "use_fips_endpoint": boolean(chance, 0.15),
               "s3_use_arn_region": boolean(chance, 0.1)}
    block = {"addressing_style": maybe(chance, 0.5, ["auto", "path", "virtual"]), "use_accelerate_endpoint": boolean(chance, 0.2),
             "use_dualstack_endpoint": boolean(chance, 0.15), "use_arn_region": boolean(chance, 0.2),
             "s3_disable_multiregion_access_points": boolean(chance, 0.1),
             "us_east_1_regional_endpoint": chance.choice(["regional", "regional", "legacy"])}
    variables = {"AWS_USE_DUALSTACK_ENDPOINT": boolean(chance, 0.15), "AWS_USE_FIPS_ENDPOINT": boolean(chance, 0.1),
                 "AWS_S3_USE_ARN_REGION": boolean(chance, 0.1),
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


# What each of the two makes of a case: "refused", or URL, region and service of the signature, and its kind.

class Sent(Exception):
    """Takes the request out of botocore, just before it is signed."""


def by_botocore(case, monkeypatch, session):
    def stop(params, **_):
        raise Sent(params)

    with monkeypatch.context() as patch:
        for name in list(botocore.session.os.environ):
            if name.startswith("AWS_"):
                patch.delenv(name)
        for name, value in case["environment"].items():
            patch.setenv(name, value)
        try:
            client = session(case).create_client("s3", region_name=case["region"], endpoint_url=case["endpoint_url"],
                                                 aws_access_key_id="id", aws_secret_access_key="secret",
                                                 config=Config(signature_version="s3v4") if case["v4"] else None)
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
    return urllib.parse.unquote(request["url"]), signing["region"], signing["signing_name"], kind


def by_pail(answer):
    if "refused" in answer:
        return "refused", answer["refused"][0]
    return tuple([urllib.parse.unquote(answer["url"][0]), *(answer[word][0] for word in ("region", "name", "signing"))])


def record_of(case):
    record = [("env", f"{name}={value}") for name, value in case["environment"].items()]
    return record + [(word, case[word]) for word in ("config", "region", "endpoint_url", "bucket") if case[word]]
