# SPDX-License-Identifier: Apache-2.0
"""A proxy before the server that makes it another one: some requests it answers itself, and some answers it changes."""
import re

from . import httpd
from .checker import Checker

HTML = ["Content-Type: text/html"]


class Quirky(Checker):
    """answer(request, body): what the server is not asked, as bytes, or None; change(request, bytes): its answer."""

    def __init__(self, server, answer=None, change=None):
        self.answers = answer or (lambda request, body: None)
        self.change = change or (lambda request, text: text)
        super().__init__(server)

    def judge(self, request, body):
        return None

    def remember(self, request, status):
        return []

    def forward(self, upstream, request, body):
        own = self.answers(request, body)
        return own if own is not None else self.change(request, super().forward(upstream, request, body))


def error(status, code, message=""):
    text = "<Error><Code>%s</Code><Message>%s</Message></Error>" % (code, message)
    return httpd.answer(status, text.encode(), ["Content-Type: application/xml", "x-amz-request-id: quirk"])


def is_copy(request):
    return request.get("x-amz-copy-source") is not None


def is_part(request):
    return "partNumber=" in request.query


def without(*names):
    """A change that takes fields out of all answers."""
    pattern = re.compile(b"(?im)^(%s):[^\\r]*\\r\\n" % b"|".join(name.encode() for name in names))

    def change(request, text):
        head, end, body = text.partition(b"\r\n\r\n")
        return pattern.sub(b"", head + b"\r\n")[:-2] + end + body
    return change


class CopiesWithoutChecksums:
    """As MinIO: a part that is copied is refused by an upload that was begun with a checksum algorithm."""

    def __init__(self):
        self.declared = set()
        self.refused = 0

    def answer(self, request, body):
        upload_id = re.search("uploadId=([^&]+)", request.query)
        if is_copy(request) and upload_id and upload_id[1] in self.declared:
            self.refused += 1
            return error("400 Bad Request", "InvalidArgument", "checksum missing, want &quot;CRC32C&quot;, got &quot;&quot;")
        return None

    def change(self, request, text):
        begun = re.search(b"<UploadId>([^<]+)</UploadId>", text)
        if request.method == "POST" and begun and request.get("x-amz-checksum-algorithm"):
            self.declared.add(begun[1].decode())
        return text
