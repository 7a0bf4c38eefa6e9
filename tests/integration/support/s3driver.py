# SPDX-License-Identifier: Apache-2.0
"""The s3 layer as a program, tests/support/s3-driver: one command a line, one answer."""
import collections
import hashlib
import subprocess
import urllib.parse

import pytest

from support import build, sanitizer

MIB = 1 << 20
PART = 5 * MIB  # the smallest that S3 takes

Answer = collections.namedtuple("Answer", "fields items")


class DriverError(Exception):
    def __init__(self, fields):
        super().__init__("%(errno)s %(class)s %(code)s: %(message)s" % fields)
        self.fields = fields
        self.errno = fields["errno"]
        self.code = fields["code"]
        self.message = fields["message"]


def quote(text):
    return urllib.parse.quote(text, safe="")


def unquote(text):
    return urllib.parse.unquote(text, errors="surrogateescape")


def parse_fields(words):
    return {name: unquote(value) for name, value in (word.split("=", 1) for word in words)}


class Driver:
    def __init__(self, directory, endpoint, key="TESTKEY", secret="TESTSECRET", **environment):
        self.directory = directory
        directory.mkdir()
        variables = {"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": key,
                     "AWS_SECRET_ACCESS_KEY": secret, "HOME": str(directory), **environment}
        self.process = subprocess.Popen([build.directory() / "tests" / "support" / "s3-driver" / "s3-driver"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=sanitizer.environment(directory, variables))
        self.answer()

    def start(self, name, *arguments, **fields):
        """Arguments are words; a field whose value is a list is given several times."""
        words = [name, *arguments]
        for field, value in fields.items():
            values = value if isinstance(value, list) else [value]
            words += ["%s=%s" % (field.replace("_", "-"), item) for item in values if item is not None]
        self.process.stdin.write((" ".join(map(quote, words)) + "\n").encode())
        self.process.stdin.flush()

    def answer(self):
        items = []
        for line in self.process.stdout:
            word, *words = line.decode().rstrip("\n").split(" ")
            if word == "item":
                items.append(parse_fields(words))
            elif word == "ok":
                return Answer(parse_fields(words), items)
            else:
                raise DriverError(parse_fields(words))
        raise AssertionError("the driver ended with status %d: %s" % (self.process.wait(),
                                                                     "\n".join(sanitizer.logs(self.directory))))

    def __call__(self, name, *arguments, **fields):
        self.start(name, *arguments, **fields)
        return self.answer()

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(timeout=300)
        self.process.stdout.close()
        sanitizer.check(self.directory, "s3-driver")
        assert status == 0


@pytest.fixture
def new_driver(tmp_path, server):
    drivers = []

    def make(endpoint=None, **arguments):
        drivers.append(Driver(tmp_path / ("driver%d" % len(drivers)), endpoint or server.endpoint, **arguments))
        return drivers[-1]

    yield make
    for driver in drivers:
        driver.close()


@pytest.fixture
def driver(new_driver):
    return new_driver()


@pytest.fixture
def in_bucket(driver, bucket):
    """driver with bucket=… given."""
    return lambda name, *words, **fields: driver(name, *words, **{"bucket": bucket.name, **fields})


def pattern(size, seed=0):
    """Bytes that differ between any two parts of a file."""
    block = b"".join(hashlib.sha256(b"%d:%d" % (seed, i)).digest() for i in range(2048))
    return b"".join(block[:-8] + i.to_bytes(8, "big") for i in range(size // len(block) + 1))[:size]


def write(path, data):
    path.write_bytes(data)
    return path


def raises(errno, code=None):
    return pytest.raises(DriverError, match="^%s .* %s" % (errno, code) if code else "^%s " % errno)


def tags(bucket, key):
    answer = bucket.client.get_object_tagging(Bucket=bucket.name, Key=key)
    return {tag["Key"]: tag["Value"] for tag in answer.get("TagSet", [])}
