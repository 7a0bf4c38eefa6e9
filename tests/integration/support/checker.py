# SPDX-License-Identifier: Apache-2.0
"""What the gateway of the distribution lacks of S3: checksums. A proxy that compares x-amz-checksum-* of uploads with the
bytes that arrived (400 BadDigest), keeps it, and tells it to a GET of a whole object that asks for it; and that keeps the
heads of all requests for tests that look at them.

It sits next to the server, so that a wire between it and the client can damage bytes on their way."""
import base64
import http.client
import threading
import zlib

from . import httpd

HOP_BY_HOP = ("transfer-encoding", "connection", "content-length")
REFUSED = (b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>The checker says no.</Message>'
           b'<RequestId>checker</RequestId></Error>')


def crc_table(polynomial):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ polynomial if byte & 1 else byte >> 1
        table.append(byte)
    return table


CRC32C = crc_table(0x82F63B78)
CRC64NVME = crc_table(0x9A6C9329AC4BC9B5)


def crc(table, bits, data):
    value = (1 << bits) - 1
    for byte in data:
        value = value >> 8 ^ table[(value ^ byte) & 255]
    return value ^ ((1 << bits) - 1)


def base64_of(value, size):
    return base64.b64encode(value.to_bytes(size, "big")).decode()


# By the name of the header: what it says of bytes.
CHECKSUMS = {
    "x-amz-checksum-crc32": lambda data: base64_of(zlib.crc32(data), 4),
    "x-amz-checksum-crc32c": lambda data: base64_of(crc(CRC32C, 32, data), 4),
    "x-amz-checksum-crc64nvme": lambda data: base64_of(crc(CRC64NVME, 64, data), 8),
}


class Request:
    def __init__(self, line, fields, size):
        self.method, self.target, _ = line.split(" ")
        self.path, _, self.query = self.target.partition("?")
        self.fields = fields
        self.size = size

    def get(self, name):
        return self.fields.get(name.lower())


class Checker:
    """refuses: a predicate over requests, which are answered with 400 InvalidRequest."""

    def __init__(self, server, refuses=lambda request: False):
        self.server = server
        self.refuses = refuses
        self.lock = threading.Lock()
        self.requests = []
        self.stored = {}  # path: (header, value)
        self.compared = 0
        self.httpd = httpd.Server(self.handle)
        self.endpoint, self.address, self.port = self.httpd.endpoint, self.httpd.address, self.httpd.port

    def close(self):
        self.httpd.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def seen(self, method, query=""):
        """The requests so far of a method and with that in the query; "" is none."""
        with self.lock:
            return [r for r in self.requests if r.method == method and (query in r.query if query else not r.query)]

    def handle(self, connection):
        reader = httpd.Reader(connection)
        upstream = http.client.HTTPConnection(self.server.host, self.server.port, timeout=60)
        while head := reader.head():
            line, fields = head
            if fields.pop("expect", None):
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = reader.body(fields)
            request = Request(line, fields, len(body))
            with self.lock:
                self.requests.append(request)
            problem = self.judge(request, body)
            if problem:
                connection.sendall(httpd.answer("400 Bad Request", REFUSED % problem,
                                                ["Content-Type: application/xml", "x-amz-request-id: checker"]))
                continue
            connection.sendall(self.forward(upstream, request, body))
        upstream.close()

    def judge(self, request, body):
        """The code of the refusal, or None."""
        if self.refuses(request):
            return b"InvalidRequest"
        for name, value_of in CHECKSUMS.items():
            value = request.get(name)
            if value is None:
                continue
            self.compared += 1
            if value != value_of(body):
                return b"BadDigest"
        return None

    def forward(self, upstream, request, body):
        upstream.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.fields.items():
            upstream.putheader(name, value)
        upstream.endheaders(body if body else None)
        answer = upstream.getresponse()
        data = answer.read()
        fields = ["%s: %s" % item for item in answer.getheaders() if item[0].lower() not in HOP_BY_HOP]
        fields += self.remember(request, answer.status)
        length = answer.getheader("Content-Length", "0") if request.method == "HEAD" else len(data)
        lines = ["HTTP/1.1 %d %s" % (answer.status, answer.reason), "Content-Length: %s" % length, *fields]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data

    def remember(self, request, status):
        """Fields to add to the answer, as S3 would."""
        if request.method == "PUT" and status == 200:
            own = [(name, request.get(name)) for name in CHECKSUMS if request.get(name)]
            if not request.query:
                with self.lock:
                    self.stored[request.path] = own[0] if own else None
            return ["%s: %s" % item for item in own]
        if request.method == "GET" and status == 200 and not request.query and \
                request.get("x-amz-checksum-mode") == "ENABLED":
            with self.lock:
                stored = self.stored.get(request.path)
            return ["%s: %s" % stored] if stored else []
        return []
