"""A client that is never kept waiting for a CPU: what it measures is what it waited for its answers.

Reads lines of JSON, {"port", "together", "paths"}: sends these requests over so many connections, each when the one
before it was answered, and writes a line of JSON, [[path, status, milliseconds], ...], in the order of their ends.
"""
import json
import os
import socket
import sys
import threading
import time

try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
except OSError:
    os.nice(0)


def read_answer(stream):
    status = int(stream.readline().split()[1])
    length, chunked = 0, False
    while True:
        line = stream.readline().strip().lower()
        if not line:
            break
        if line.startswith(b"content-length:"):
            length = int(line[15:])
        chunked = chunked or line == b"transfer-encoding: chunked"
    while chunked:
        size = int(stream.readline(), 16)
        stream.read(size + 2)
        chunked = size > 0
    stream.read(length)
    return status


def run(port, paths, ledger, lock):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream = connection.makefile("rb")
    while True:
        with lock:
            path = paths.pop() if paths else None
        if path is None:
            return
        request = f"GET {path} HTTP/1.1\r\nHost: one.example\r\n\r\n".encode()
        began = time.monotonic()
        connection.sendall(request)
        status = read_answer(stream)
        took = (time.monotonic() - began) * 1000
        with lock:
            ledger.append([path, status, took])


for line in sys.stdin:
    order = json.loads(line)
    paths, ledger, lock = order["paths"][::-1], [], threading.Lock()
    threads = [
        threading.Thread(target=run, args=(order["port"], paths, ledger, lock))
        for _ in range(order["together"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(ledger), flush=True)
