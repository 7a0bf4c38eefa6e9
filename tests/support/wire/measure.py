#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How much the wire carries: GETs and PUTs of 64 MiB between processes that do nothing else. measure.py WIRE"""
import os
import socket
import subprocess
import sys
import threading
import time

SIZE = 64 << 20
ROUNDS = 48
CONNECTIONS = 2


def read_head(connection, buffer):
    data = b""
    while b"\r\n\r\n" not in data:
        n = connection.recv_into(buffer)
        if n == 0:
            return None, 0
        data += bytes(buffer[:n])
    head, rest = data.split(b"\r\n\r\n", 1)
    return head, len(rest)


def drain(connection, buffer, size):
    """Takes bytes without looking at them: MSG_TRUNC spares the copy, so that the ends cost as little as they can."""
    while size > 0:
        n = connection.recv_into(buffer, min(size, len(buffer)), socket.MSG_TRUNC)
        if n == 0:
            raise EOFError
        size -= n


def serve(listener, source):
    def one(connection):
        buffer = bytearray(1 << 20)
        while True:
            head, rest = read_head(connection, buffer)
            if head is None:
                return
            if head.startswith(b"GET"):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
                sent = 0
                while sent < SIZE:
                    sent += os.sendfile(connection.fileno(), source, sent, SIZE - sent)
            else:
                drain(connection, buffer, SIZE - rest)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=one, args=(connection,), daemon=True).start()


def ask(port, source, method):
    connection = socket.create_connection(("127.0.0.1", port))
    buffer = bytearray(1 << 20)
    for _ in range(ROUNDS // CONNECTIONS):
        head = b"%s /bucket/key HTTP/1.1\r\nHost: 127.0.0.1\r\n" % method
        if method == b"GET":
            connection.sendall(head + b"\r\n")
            _, rest = read_head(connection, buffer)
            drain(connection, buffer, SIZE - rest)
        else:
            connection.sendall(head + b"Content-Length: %d\r\n\r\n" % SIZE)
            sent = 0
            while sent < SIZE:
                sent += os.sendfile(connection.fileno(), source, sent, SIZE - sent)
            read_head(connection, buffer)


def measure(port, source, method):
    start = time.monotonic()
    threads = [threading.Thread(target=ask, args=(port, source, method)) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ROUNDS // CONNECTIONS * CONNECTIONS * SIZE / (time.monotonic() - start) / 1e9


def main():
    source = os.memfd_create("source")
    os.write(source, os.urandom(SIZE))
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = os.fork()
    if server == 0:
        serve(listener, source)
    wire = subprocess.Popen([sys.argv[1], "--server", "127.0.0.1:%d" % port, "--die-with-parent"],
                            stdout=subprocess.PIPE, text=True)
    through = int(wire.stdout.readline().split()[1])
    try:
        for method in (b"GET", b"PUT"):
            print("%s: direct %.2f GB/s, through the wire %.2f GB/s" % (
                method.decode(), measure(port, source, method), measure(through, source, method)))
        with open("/proc/%d/stat" % wire.pid) as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        print("the wire's CPU time: %.2f s a GB" % (cpu / (2 * ROUNDS * SIZE / 1e9)))
    finally:
        wire.terminate()
        os.kill(server, 9)


if __name__ == "__main__":
    main()
