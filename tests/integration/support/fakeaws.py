# SPDX-License-Identifier: Apache-2.0
"""What no server at hand has: the endpoints of AWS for directory buckets, behind a proxy that takes every https connection.

with FakeAws(directory) as aws:
    mount("name--usw2-az1--x-s3", environment=aws.environment, no_verify_ssl=True, endpoint_url=None, region="us-west-2")

Signatures are not verified, but who signs what is: requests to objects with a session's key. aws.requests has (method, host, path).
"""
import hashlib
import http.server
import re
import socketserver
import ssl
import subprocess
import threading
import urllib.parse
from xml.sax.saxutils import escape

DATE = "2020-01-01T00:00:00.000Z"
SESSION = ("<CreateSessionResult><Credentials><SessionToken>token</SessionToken><SecretAccessKey>secret</SecretAccessKey>"
           "<AccessKeyId>EXPRESS</AccessKeyId></Credentials></CreateSessionResult>")


def bucket_list(root, names):
    entries = "".join("<Bucket><Name>%s</Name><CreationDate>%s</CreationDate></Bucket>" % (name, DATE) for name in names)
    return 200, {}, "<%s><Buckets>%s</Buckets></%s>" % (root, entries, root)


def error(status, code):
    return status, {}, "<Error><Code>%s</Code><Message></Message></Error>" % code


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host = ""

    def do_CONNECT(self):
        self.host = self.path.removesuffix(":443")
        if self.host in self.server.unreachable:
            self.send_error(502)
            return
        self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), socketserver._SocketWriter(self.connection)

    def any_method(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.lock:
            self.server.requests.append((self.command, self.host, self.path))
            status, headers, answer = self.server.answer(self, body)
        data = answer.encode() if isinstance(answer, str) else answer
        kind = "application/xml" if isinstance(answer, str) else "application/octet-stream"
        lines = ["HTTP/1.1 %d Words" % status, "x-amz-request-id: FAKE", "Content-Length: %d" % len(data),
                 "Content-Type: " + headers.pop("Content-Type", kind), *map(": ".join, headers.items()), "", ""]
        self.wfile.write("\r\n".join(lines).encode() + (b"" if self.command == "HEAD" else data))

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = any_method

    def log_message(self, *_):
        pass


class FakeAws(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, directory, buckets=(), directory_buckets=(), has_rename=True):
        super().__init__(("127.0.0.1", 0), Handler)
        self.buckets, self.has_rename = list(buckets), has_rename
        self.objects = {name: {} for name in directory_buckets}  # {key: (bytes, headers)}
        self.requests, self.lock, self.unreachable = [], threading.Lock(), set()
        key, certificate = directory / "fake.pem", directory / "fake.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=nobody", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        proxy = "http://127.0.0.1:%d" % self.server_port
        self.environment = {"https_proxy": proxy, "HTTPS_PROXY": proxy, "no_proxy": ""}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def answer(self, request, body):
        parts = urllib.parse.urlsplit(request.path)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        if request.host.startswith("s3express-control."):
            return bucket_list("ListAllMyDirectoryBucketsResult", self.objects)
        name, _, service = request.host.partition(".")
        if not service.startswith("s3express-"):
            return bucket_list("ListAllMyBucketsResult", self.buckets)
        if name not in self.objects:
            return error(404, "NoSuchBucket")
        if "session" in query:
            return 200, {}, SESSION
        key = urllib.parse.unquote(parts.path[1:])
        if not key:
            return self.list(self.objects[name], query) if request.command == "GET" else (200, {}, "")
        return self.of_object(request, self.objects[name], key, query, body)

    @staticmethod
    def list(objects, query):
        keys, prefixes = [], set()
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter")
        for key in objects:
            rest = key[len(prefix):]
            if not key.startswith(prefix):
                continue
            if delimiter and delimiter in rest:
                prefixes.add(prefix + rest.split(delimiter)[0] + delimiter)
            else:
                keys.append(key)
        contents = "".join("<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>%s</ETag><Size>%d</Size></Contents>"
                           % (escape(key), DATE, objects[key][1]["ETag"], len(objects[key][0])) for key in keys)
        common = "".join("<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>" % escape(name) for name in prefixes)
        return 200, {}, "<ListBucketResult><KeyCount>%d</KeyCount>%s%s</ListBucketResult>" % (len(keys), contents, common)

    def of_object(self, request, objects, key, query, body):
        source = urllib.parse.unquote(request.headers.get("x-amz-copy-source", "")).partition("/")[2]
        if not source and "Credential=EXPRESS/" not in request.headers["Authorization"]:
            return error(403, "AccessDenied")
        if request.command == "PUT" and "renameObject" in query:
            return self.rename(request, objects, key)
        if request.command == "PUT":
            return self.put(request, objects, key, objects[source] if source else (body, None))
        if request.command == "DELETE":
            objects.pop(key, None)
            return 204, {}, ""
        if key not in objects:
            return error(404, "NoSuchKey")
        data, headers = objects[key]
        ranged = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("Range", ""))
        if not ranged or request.command == "HEAD":
            return 200, dict(headers), data
        first, last = int(ranged[1]), min(int(ranged[2]), len(data) - 1)
        return 206, {**headers, "Content-Range": "bytes %d-%d/%d" % (first, last, len(data))}, data[first:last + 1]

    @staticmethod
    def put(request, objects, key, content):
        data, headers = content
        if headers is None or request.headers.get("x-amz-metadata-directive") == "REPLACE":
            headers = {name: value for name, value in request.headers.items() if name.lower().startswith("x-amz-meta-")}
        headers = {**headers, "ETag": '"%s"' % hashlib.sha256(data).hexdigest()[:30],
                   "Last-Modified": "Wed, 01 Jan 2020 00:00:00 GMT"}
        objects[key] = data, headers
        if "x-amz-copy-source" in request.headers:
            return 200, {}, "<CopyObjectResult><ETag>%s</ETag></CopyObjectResult>" % headers["ETag"]
        return 200, {"ETag": headers["ETag"]}, ""

    def rename(self, request, objects, key):
        source = urllib.parse.unquote(request.headers["x-amz-rename-source"])
        if not self.has_rename:
            return error(501, "NotImplemented")
        if source not in objects:
            return error(404, "NoSuchKey")
        if request.headers.get("x-amz-rename-source-if-match") != objects[source][1]["ETag"].strip('"'):
            return error(412, "PreconditionFailed")
        objects[key] = objects.pop(source)
        return 200, {}, ""

    def handle_error(self, *_):
        pass  # a client that went away: its business

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
