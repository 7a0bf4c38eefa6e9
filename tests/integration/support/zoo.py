# SPDX-License-Identifier: Apache-2.0
"""Servers that are not what somebody hoped for: each answers every connection in one way, whoever asks.

A handler is called with a connection, as httpd.Server calls it. What a client sends is read as bytes and not judged: TLS may come to a
server of plain HTTP, and the other way round.
"""
import email.utils
import socket
import ssl
import subprocess
import time

from . import httpd

REQUEST_ID = "TX000000000000000001"


def wait_for_end(connection):
    while connection.recv(65536):
        pass


def raw(answer, hears=True):
    """Sends these bytes to whatever comes, then hangs up."""
    def handle(connection):
        if hears:
            connection.recv(65536)
        connection.sendall(answer)
    return handle


def http(status, body=b"", fields=(), date_s=None):
    """Answers each request alike; to what is no HTTP it hangs up. date_s: the server's clock minus ours."""
    def handle(connection):
        reader = connection.makefile("rb")
        while (first := reader.readline(65536)).rstrip().endswith(b"HTTP/1.1"):
            while reader.readline(65536) not in (b"\r\n", b""):
                pass
            more = [] if date_s is None else ["Date: " + email.utils.formatdate(time.time() + date_s, usegmt=True)]
            head, _, rest = httpd.answer(status, body, [*fields, *more]).partition(b"\r\n\r\n")
            connection.sendall(head + b"\r\n\r\n" + (b"" if first.startswith(b"HEAD") else rest))
    return handle


def page(status, title=None, fields=()):
    body = "<!DOCTYPE html>\n<html><head>\n<title>%s</title></head><body><h1>Hello</h1></body></html>" % (title or status)
    return http(status, body.encode(), ["Content-Type: text/html; charset=utf-8", *fields])


def refusal(status, code, message="", more="", request_id=REQUEST_ID, date_s=None):
    """An error of S3."""
    body = '<?xml version="1.0"?>\n<Error><Code>%s</Code><Message>%s</Message>%s</Error>' % (code, message, more)
    return http(status, body.encode(), ["Content-Type: application/xml"] +
                (["x-amz-request-id: " + request_id] if request_id else []), date_s)


class Certificates:
    """Self-signed ones for 127.0.0.1: good, expired, future; and of_another, for another name."""

    def __init__(self, directory):
        self.directory = directory
        self.made = {}

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)

    def find(self, kind):
        """(certificate, key); who trusts the certificate trusts itself."""
        if kind not in self.made:
            self.made[kind] = self.make(kind)
        return self.made[kind]

    def make(self, kind):
        certificate, key = self.directory / (kind + ".pem"), self.directory / (kind + ".key")
        name = "DNS:example.org" if kind == "of_another" else "IP:127.0.0.1,DNS:localhost"
        years = {"expired": ("2001", "2002"), "future": ("2090", "2091")}.get(kind, ("2001", "2090"))
        config, request = self.directory / (kind + ".cnf"), self.directory / (kind + ".csr")
        (self.directory / (kind + ".index")).write_text("")
        config.write_text("[ca]\ndefault_ca = c\n[c]\ndatabase = %s\nnew_certs_dir = %s\ndefault_md = sha256\npolicy = p\n"
                          "rand_serial = yes\nx509_extensions = x\n[p]\ncommonName = supplied\n[x]\nsubjectAltName = %s\n"
                          % (self.directory / (kind + ".index"), self.directory, name))
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=test")
        self.openssl("ca", "-batch", "-selfsign", "-config", config, "-keyfile", key, "-in", request, "-out", certificate,
                     "-startdate", years[0] + "0101000000Z", "-enddate", years[1] + "0101000000Z", "-notext")
        return certificate, key


def tls(certificates, handle, kind="good", plain=None, change=None):
    """TLS in front of a handler. plain: the handler of who does not speak TLS; None: the library's alert."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates.find(kind))
    if change:
        change(context)

    def wrapped(connection):
        if plain and connection.recv(1, socket.MSG_PEEK) != b"\x16":
            plain(connection)
            return
        with context.wrap_socket(connection, server_side=True) as safe:
            handle(safe)
    return wrapped
