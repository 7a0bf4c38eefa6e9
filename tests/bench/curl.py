# SPDX-License-Identifier: Apache-2.0
"""The limit: the same bytes moved by curl, with URLs that were signed before the clock started.

Large files go in parts over parallel connections, which is as fast as a file system could hope to be. Small ones go one
after the other over one connection: cp and rm do not start on a file before the one before it is done, and a file
system that does not say "done" too early cannot do it faster.
"""
import shutil

PART_BYTES = 8 << 20
CONNECTIONS = 16
VALID_S = 7200


class Job:
    connections = 1
    method = None  # curl's own choice

    def __init__(self, data, endpoint, key):
        """endpoint: a boto3 client that goes through the wire."""
        self.data = data
        self.endpoint = endpoint
        self.key = key
        self.directory = data.out / "curl"
        self.directory.mkdir(exist_ok=True)

    @property
    def label(self):
        return "curl, %d connection%s" % (self.connections, "s" if self.connections > 1 else "")

    def sign(self, operation, key, **arguments):
        parameters = {"Bucket": self.data.bucket, **({"Key": key} if key else {}), **arguments}
        return self.endpoint.generate_presigned_url(operation, Params=parameters, ExpiresIn=VALID_S)

    def prepare(self):
        """Writes curl's configuration, one section a request."""
        sections = ["\n".join('%s = "%s"' % item for item in entry.items()) for entry in self.entries()]
        (self.directory / "config").write_text("\nnext\n".join(sections) + "\n")

    def entries(self):
        raise NotImplementedError

    def entry(self, url, **options):
        """header: no "Expect: 100-continue", which would cost another round trip."""
        words = {"url": url, "header": "Expect:", "noproxy": "*", **options}
        return {**words, **({"request": self.method} if self.method else {})}

    def command(self):
        words = ["curl", "--silent", "--show-error", "--fail-early", "--http1.1", "--config", self.directory / "config"]
        if self.connections > 1:
            words += ["--parallel", "--parallel-immediate", "--parallel-max", str(self.connections)]
        return words

    def finish(self):
        """What belongs to the work after curl has ended."""

    def result_paths(self):
        return sorted(path for path in self.directory.iterdir() if path.name.startswith("part"))

    def tidy(self):
        shutil.rmtree(self.directory, ignore_errors=True)


class Parts(Job):
    connections = CONNECTIONS

    def parts(self):
        """(number from 1, first byte, last byte, file)"""
        for number, first in enumerate(range(0, self.data.size_bytes, PART_BYTES), 1):
            last = min(first + PART_BYTES, self.data.size_bytes) - 1
            yield number, first, last, self.directory / ("part%06d" % number)


class PartsUp(Parts):
    def entries(self):
        upload = self.endpoint.create_multipart_upload(Bucket=self.data.bucket, Key=self.key)
        self.upload_id = upload["UploadId"]
        with open(self.data.large, "rb") as large:
            for number, first, last, path in self.parts():
                path.write_bytes(large.read(last - first + 1))
                url = self.sign("upload_part", self.key, UploadId=self.upload_id, PartNumber=number)
                yield self.entry(url, **{"upload-file": path})

    def finish(self):
        arguments = {"Bucket": self.data.bucket, "Key": self.key, "UploadId": self.upload_id}
        parts = []
        for page in self.endpoint.get_paginator("list_parts").paginate(**arguments):
            parts += [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in page["Parts"]]
        self.endpoint.complete_multipart_upload(**arguments, MultipartUpload={"Parts": parts})

    def check(self):
        self.data.expect_large_in_bucket(self.key)


class PartsDown(Parts):
    def entries(self):
        url = self.sign("get_object", self.key)
        for _, first, last, path in self.parts():
            yield self.entry(url, range="%d-%d" % (first, last), output=path)

    def check(self):
        self.data.expect_large_in(self.result_paths())


class FilesUp(Job):
    def entries(self):
        for name in self.data.small_sums:
            url = self.sign("put_object", "%s/%s" % (self.key, name))
            yield self.entry(url, **{"upload-file": self.data.small / name})

    def check(self):
        self.data.expect_small_in_bucket(self.key)


class FilesDown(Job):
    def entries(self):
        (self.directory / "files").mkdir()
        for name in self.data.small_sums:
            yield self.entry(self.sign("get_object", "%s/%s" % (self.key, name)),
                             output=self.directory / "files" / name)

    def check(self):
        self.data.expect_small_in(self.directory / "files")


class Heads(Job):
    connections = CONNECTIONS

    def entries(self):
        yield self.entry(self.sign("list_objects_v2", None, Prefix=self.key + "/", Delimiter="/"))
        for name in self.data.small_sums:
            yield {**self.entry(self.sign("head_object", "%s/%s" % (self.key, name))), "head": "true"}

    def check(self):
        """Every request was answered, or curl had failed."""


class Deletes(Job):
    method = "DELETE"

    def entries(self):
        for name in [*self.data.small_sums, ""]:
            yield self.entry(self.sign("delete_object", "%s/%s" % (self.key, name)))

    def check(self):
        self.data.expect_nothing(self.key + "/")
