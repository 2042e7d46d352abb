#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A local web server with range requests and faults: http_server.py FOLDER LOG [MODE]

Prints its port, then serves until it is killed. LOG gets a line a request: METHOD PATH STATUS BYTES.
MODE: plain; slow (waits before each answer); flaky (answers 503 to every other request of a file); broken (always 503 beyond the
first 20 requests); truncated (half of the bytes that were promised, then the connection ends); gone (404 for SCL files);
expired (403 for SCL files); login (a page of HTML instead of each file).
"""
import http.server
import os
import sys
import threading
import time

folder, log_name = sys.argv[1:3]
mode = sys.argv[3] if len(sys.argv) > 3 else "plain"
lock = threading.Lock()
counts = {}
total = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def note(self, status, sent):
        with lock, open(log_name, "a", encoding="utf-8") as log:
            log.write("%s %s %d %d\n" % (self.command, self.path, status, sent))

    def refuse(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.note(status, 0)

    def faulty(self, path):
        global total
        with lock:
            counts[path] = counts.get(path, 0) + 1
            total += 1
            number, all_requests = counts[path], total
        if mode == "slow":
            time.sleep(0.05)
        if (mode == "flaky" and number % 2 == 1) or (mode == "broken" and all_requests > 20):
            self.refuse(503)
            return True
        if mode in ("gone", "expired") and "SCL" in path:
            self.refuse(404 if mode == "gone" else 403)
            return True
        return False

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, body):
        name = self.path.split("?")[0].lstrip("/")
        path = os.path.join(folder, name)
        if self.faulty(name):
            return
        if not os.path.isfile(path):
            self.refuse(404)
            return
        with open(path, "rb") as file:
            content = file.read()
        if mode == "login":
            content = b"<!DOCTYPE html><html><body>Login</body></html>"
        start, end, status = 0, len(content) - 1, 200
        wanted = self.headers.get("Range")
        if wanted:
            first, last = wanted.split("=")[1].split("-")
            start, end, status = int(first), min(int(last) if last else end, end), 206
        part = content[start:end + 1]
        self.send_response(status)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Accept-Ranges", "bytes")
        if status == 206:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (start, end, len(content)))
        self.end_headers()
        if body and mode == "truncated" and total > 20:
            self.wfile.write(part[:len(part) // 2])
            self.close_connection = True
        elif body:
            self.wfile.write(part)
        self.note(status, len(part) if body else 0)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
