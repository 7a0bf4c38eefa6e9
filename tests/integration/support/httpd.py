# SPDX-License-Identifier: Apache-2.0
"""Small servers that are not S3: for tests of the wire itself, and for endpoints that answer what they should not."""
import socket
import threading


class Server:
    """Calls handle(connection) in a thread of its own for each connection; closes the connection afterwards."""

    def __init__(self, handle):
        self.handle = handle
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.address = "127.0.0.1:%d" % self.port
        self.endpoint = "http://" + self.address
        self.connections = []
        self.closed = False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if self.closed:
                connection.close()
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                self.handle(connection)
            except OSError:
                pass  # the client went: its business

    def close(self):
        self.closed = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Reader:
    """Reads messages of HTTP/1.1 from a socket."""

    def __init__(self, connection):
        self.connection = connection
        self.file = connection.makefile("rb")

    def head(self):
        """(first line, {field in lower case: value}), or None at the end, and where it is no HTTP: a client may try TLS."""
        first = self.file.readline()
        if not first:
            return None
        fields = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                return None
            fields[name.lower()] = value.strip()
        return first.decode("latin-1").strip(), fields

    def body(self, fields):
        if fields.get("transfer-encoding") == "chunked":
            return b"".join(self.chunks())
        return self.file.read(int(fields.get("content-length", 0)))

    def chunks(self):
        while size := int(self.file.readline().split(b";")[0], 16):
            yield self.file.read(size)
            self.file.readline()
        while self.file.readline() not in (b"\r\n", b""):
            pass


def answer(status, body=b"", fields=()):
    lines = ["HTTP/1.1 %s" % status, "Content-Length: %d" % len(body), *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def always(response):
    """A handler that reads requests and sends the same bytes for each."""
    def handle(connection):
        reader = Reader(connection)
        while head := reader.head():
            reader.body(head[1])
            connection.sendall(response)
    return handle
