# SPDX-License-Identifier: Apache-2.0
"""What is copied in and out: one large file and a directory of small ones, on the local disk and in the bucket.

What the readers read is put into the bucket by boto3, with the headers that both file systems understand, so that each
finds the same objects, and none its own.
"""
import concurrent.futures
import hashlib
import os
import subprocess
import time

from boto3.s3.transfer import TransferConfig

from timing import Failure

SMALL_BYTES = 4096
PIECE_BYTES = 1 << 20
THREADS = 8


def sha256_of(pieces):
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def pieces_of(path):
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def sums_of(directory):
    return {entry.name: sha256_of(pieces_of(entry.path)) for entry in os.scandir(directory)}


def listing_of(text):
    """The lines of ls -l, without the sum of blocks and the width of columns."""
    return [" ".join(line.split()) for line in text.splitlines() if not line.startswith("total ")]


def posix_headers(path):
    status = os.stat(path)
    return {"mode": str(status.st_mode), "uid": str(status.st_uid), "gid": str(status.st_gid),
            "mtime": str(int(status.st_mtime)), "ctime": str(int(status.st_mtime))}


def wait_for_memory(size_bytes, timeout_s=60):
    """The server gives memory back some seconds after an object was deleted. Swapping would be measured instead."""
    deadline_s = time.monotonic() + timeout_s
    while available_bytes() < size_bytes and time.monotonic() < deadline_s:
        time.sleep(1)


def available_bytes():
    with open("/proc/meminfo") as table:
        for line in table:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


class Data:
    def __init__(self, directory, client, bucket, size_bytes, file_count):
        self.client = client
        self.bucket = bucket
        self.size_bytes = size_bytes
        self.file_count = file_count
        self.large = directory / "large"
        self.small = directory / "small"
        self.out = directory / "out"
        self.out.mkdir()
        self.make_large()
        self.make_small()

    def make_large(self):
        with open(self.large, "wb", buffering=0) as file:
            for offset in range(0, self.size_bytes, PIECE_BYTES):
                file.write(os.urandom(min(PIECE_BYTES, self.size_bytes - offset)))
        self.large.chmod(0o644)
        self.large_sum = sha256_of(pieces_of(self.large))

    def make_small(self):
        self.small.mkdir()
        for number in range(self.file_count):
            path = self.small / ("%05d" % number)
            path.write_bytes(os.urandom(SMALL_BYTES))
            path.chmod(0o644)
            os.utime(path, (1600000000 + number, 1600000000 + number))
        self.small_sums = sums_of(self.small)
        text = subprocess.run(["ls", "-l", str(self.small)], capture_output=True, text=True, check=True).stdout
        self.small_listing = listing_of(text)

    # ---- into the bucket, and out of it as its witness ----

    def put_large(self, key):
        config = TransferConfig(multipart_chunksize=16 << 20, max_concurrency=4)
        self.client.upload_file(str(self.large), self.bucket, key, Config=config,
                                ExtraArgs={"Metadata": posix_headers(self.large)})

    def put_small(self, prefix):
        self.client.put_object(Bucket=self.bucket, Key=prefix + "/", ContentType="application/x-directory",
                               Metadata={**posix_headers(self.small)})
        self.on_each(lambda name: self.client.put_object(
            Bucket=self.bucket, Key="%s/%s" % (prefix, name), Body=(self.small / name).read_bytes(),
            Metadata=posix_headers(self.small / name)))

    def on_each(self, function):
        """[(name, function(name))] of every small file, in parallel."""
        with concurrent.futures.ThreadPoolExecutor(THREADS) as threads:
            return list(zip(self.small_sums, threads.map(function, self.small_sums)))

    def sha256(self, key):
        body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
        return sha256_of(body.iter_chunks(PIECE_BYTES))

    def keys(self, prefix):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def delete(self, prefix):
        keys = self.keys(prefix)
        for first in range(0, len(keys), 1000):
            objects = [{"Key": key} for key in keys[first:first + 1000]]
            self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True})

    # ---- what must be so ----

    def expect_large_in_bucket(self, key):
        expect(self.sha256(key) == self.large_sum, "the object's checksum is wrong")

    def expect_small_in_bucket(self, prefix):
        files = [key for key in self.keys(prefix + "/") if not key.endswith("/")]
        expect(len(files) == self.file_count, "%d objects of %d are there" % (len(files), self.file_count))
        sums = dict(self.on_each(lambda name: self.sha256("%s/%s" % (prefix, name))))
        expect(sums == self.small_sums, "an object's checksum is wrong")

    def expect_small_in(self, directory):
        expect(sums_of(directory) == self.small_sums, "a file's checksum is wrong")

    def expect_large_in(self, paths):
        expect(sha256_of(piece for path in paths for piece in pieces_of(path)) == self.large_sum,
               "the file's checksum is wrong")

    def expect_listing(self, text):
        expect(listing_of(text) == self.small_listing, "ls -l shows something else than of the local directory")

    def expect_nothing(self, prefix):
        left = self.keys(prefix)
        expect(not left, "%d objects are left" % len(left))


def expect(truth, words):
    if not truth:
        raise Failure(words)
