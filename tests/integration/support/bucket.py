# SPDX-License-Identifier: Apache-2.0
"""A bucket as the witness sees it."""
import hashlib
import http.client
import threading
import urllib.parse

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

# Deleting objects one by one costs more than it is worth on a server that goes away by itself.
MAX_TIDY_OBJECTS = 3000


class Bucket:
    def __init__(self, client, name, server=None):
        self.server = server
        self.client = client
        self.name = name
        self.allow_uploads = False  # set by a test that leaves multipart uploads behind on purpose

    def __str__(self):
        return self.name

    def put(self, key, body=b"", **arguments):
        return self.client.put_object(Bucket=self.name, Key=key, Body=body, **arguments)

    def fill(self, prefix, count, threads=8):
        """Objects PREFIX00000… of one byte, signed here: boto3 would take minutes."""
        server = urllib.parse.urlsplit(self.client.meta.endpoint_url)
        signer = S3SigV4Auth(self.client._request_signer._credentials, "s3", self.client.meta.region_name)
        statuses = []

        def put(first):
            connection = http.client.HTTPConnection(server.hostname, server.port, timeout=60)
            for i in range(first, count, threads):
                path = "/%s/%s%05d" % (self.name, prefix, i)
                request = AWSRequest("PUT", self.client.meta.endpoint_url + path, data=b"x")
                signer.add_auth(request)
                connection.request("PUT", path, body=b"x", headers=dict(request.headers))
                answer = connection.getresponse()
                answer.read()
                statuses.append(answer.status)

        workers = [threading.Thread(target=put, args=(first,)) for first in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert statuses == [200] * count

    def get(self, key):
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def sha256(self, key):
        digest = hashlib.sha256()
        for piece in self.client.get_object(Bucket=self.name, Key=key)["Body"].iter_chunks(1 << 20):
            digest.update(piece)
        return digest.hexdigest()

    def head(self, key):
        """The answer of HeadObject, or None where there is no such object."""
        try:
            return self.client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise

    def exists(self, key):
        return self.head(key) is not None

    def delete(self, key):
        self.client.delete_object(Bucket=self.name, Key=key)

    def objects(self, prefix=""):
        """{key: entry of ListObjectsV2}"""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return {entry["Key"]: entry for page in pages for entry in page.get("Contents", ())}

    def keys(self, prefix=""):
        return sorted(self.objects(prefix))

    def files(self, prefix=""):
        """Keys without the markers of directories."""
        return [key for key in self.keys(prefix) if not key.endswith("/")]

    def uploads(self):
        """Multipart uploads that are neither completed nor aborted, as (key, id)."""
        answer = self.client.list_multipart_uploads(Bucket=self.name)
        return [(upload["Key"], upload["UploadId"]) for upload in answer.get("Uploads", ())]

    def abort_uploads(self):
        for key, upload in self.uploads():
            self.client.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=upload)

    def enable_versioning(self):
        self.client.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})

    def set_policy(self, text):
        self.client.put_bucket_policy(Bucket=self.name, Policy=text)

    def versions(self):
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=self.name)
        for page in pages:
            for entry in page.get("Versions", []) + page.get("DeleteMarkers", []):
                yield {"Key": entry["Key"], "VersionId": entry["VersionId"]}

    def delete_all(self, entries):
        try:
            self.client.delete_objects(Bucket=self.name, Delete={"Objects": entries, "Quiet": True})
        except ClientError:  # control characters in keys are no XML
            for entry in entries:
                self.client.delete_object(Bucket=self.name, **entry)

    def destroy(self, is_disposable):
        """Empties and deletes it. On a server of our own, a bucket of many objects is left to the server's end."""
        self.abort_uploads()
        entries = list(self.versions())
        if is_disposable and len(entries) > MAX_TIDY_OBJECTS:
            return
        for first in range(0, len(entries), 1000):
            self.delete_all(entries[first:first + 1000])
        self.client.delete_bucket(Bucket=self.name)
