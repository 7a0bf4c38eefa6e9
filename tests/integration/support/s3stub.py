# SPDX-License-Identifier: Apache-2.0
"""A server that judges requests as S3 does in what the RADOS Gateway does not: region, time, end of a session token.

It holds one object, "key", in every bucket. Signatures are not verified; what they were made for is.
"""
import calendar
import email.utils
import re
import threading
import time

from . import httpd

LIST = ('<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>'
        "<IsTruncated>false</IsTruncated><Contents><Key>key</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified>"
        "<ETag>&quot;e&quot;</ETag><Size>1</Size></Contents></ListBucketResult>")
SKEW_MAX_S = 15 * 60


class Stub(httpd.Server):
    def __init__(self, region="us-east-1", clock_s=0, has_expired_tokens=False):
        self.region = region
        self.clock_s = clock_s  # its clock minus ours
        self.has_expired_tokens = has_expired_tokens
        self.lock = threading.Lock()
        self.requests = []  # (method, path, status)
        super().__init__(self.talk)

    def talk(self, connection):
        reader = httpd.Reader(connection)
        while head := reader.head():
            first, fields = head
            reader.body(fields)
            method, path, _ = first.split()
            status, body = self.judge(method, path, fields)
            with self.lock:
                self.requests.append((method, path, int(status.split()[0])))
            lines = ["HTTP/1.1 " + status, "Content-Length: %d" % len(body), "x-amz-request-id: STUB%d" % len(self.requests),
                     "x-amz-bucket-region: " + self.region, 'ETag: "e"', "Content-Type: application/xml",
                     "Date: " + email.utils.formatdate(time.time() + self.clock_s, usegmt=True)]
            if status.startswith("206"):
                lines.append("Content-Range: bytes 0-0/1")
            connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + (b"" if method == "HEAD" else body))

    def judge(self, method, path, fields):
        authorization = fields.get("authorization")
        if not authorization:
            return self.error("403 Forbidden", "AccessDenied")
        made_at = calendar.timegm(time.strptime(fields["x-amz-date"], "%Y%m%dT%H%M%SZ"))
        if abs(made_at - time.time() - self.clock_s) > SKEW_MAX_S:
            return self.error("403 Forbidden", "RequestTimeTooSkewed")
        if re.search(r"Credential=[^/]*/\d+/([^/]*)/", authorization).group(1) != self.region:
            return self.error("400 Bad Request", "AuthorizationHeaderMalformed", "<Region>%s</Region>" % self.region)
        if self.has_expired_tokens and "x-amz-security-token" in fields:
            return self.error("400 Bad Request", "ExpiredToken")
        if "list-type" in path:
            return "200 OK", LIST.encode()
        return ("206 Partial Content" if "range" in fields else "200 OK"), b"x"

    @staticmethod
    def error(status, code, more=""):
        return status, ("<Error><Code>%s</Code>%s</Error>" % (code, more)).encode()
