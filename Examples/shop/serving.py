"""What the three programs share as servers: answers in one piece, and a clean end on SIGTERM."""

import argparse
import json
import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BODY_LIMIT = 64 * 1024
GRACE = 0.5  # Seconds after SIGTERM in which an idle connection may bring a last request.


class Server(ThreadingHTTPServer):
    """A thread for each connection. SIGTERM: no new connections, requests under way are answered
    and so is a last one on each open connection, exit 0."""

    daemon_threads = False  # server_close() waits for the threads.
    request_queue_size = 256

    def __init__(self, service, handler, port):
        replica = os.environ.get("REPLICA", "1")
        self.replica = f"{service}-{replica}" if replica.isdigit() else replica
        self.stopping = self.ending = False
        self.idle, self.idle_changed = set(), threading.Condition()
        super().__init__(("127.0.0.1", port), handler)

    def run(self):
        def stop(*_):
            threading.Thread(target=self.shutdown).start()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        print(f"{self.replica} listens on 127.0.0.1:{self.server_port}", flush=True)
        self.serve_forever(poll_interval=0.1)
        self.serve_backlog()
        self.socket.close()
        with self.idle_changed:
            self.stopping = True  # From here on each answer says that it is the connection's last.
            self.idle_changed.wait_for(lambda: not self.idle, GRACE)
            self.ending = True
            for connection in self.idle:
                end_reading(connection)
        self.server_close()

    def serve_backlog(self):
        """Takes the connections that the kernel has accepted for us already."""
        self.timeout, self.backlog = 0, True
        while self.backlog:
            self.handle_request()

    def handle_timeout(self):
        self.backlog = False

    def wait_for_request(self, handler):
        """Blocks until the next request begins; false at the connection's end."""
        with self.idle_changed:
            self.idle.add(handler.connection)
            if self.ending:
                end_reading(handler.connection)
        try:
            return bool(handler.rfile.peek(1))
        except OSError:
            return False
        finally:
            with self.idle_changed:
                self.idle.discard(handler.connection)
                self.idle_changed.notify()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # A caller that left is no error of ours.
            super().handle_error(request, client_address)


def end_reading(connection):
    """What has arrived can still be read and answered; after that comes the end."""
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        pass  # The other side was quicker.


class Handler(BaseHTTPRequestHandler):
    """Subclasses have `get`, `put` or `post`, which take a path and call `answer` once."""

    protocol_version = "HTTP/1.1"
    timeout = 75  # Seconds; longer than Ballast keeps an idle connection.
    disable_nagle_algorithm = True
    wbufsize = 1 << 20  # Head and body leave in one send, so that a kill cannot come between them.

    def handle(self):
        self.close_connection = False
        while not self.close_connection and self.server.wait_for_request(self):
            self.handle_one_request()

    def do_GET(self):
        if urlsplit(self.path).path == "/healthz":
            self.answer(200, b"ok\n", "text/plain")
        else:
            self.dispatch("get")

    def do_PUT(self):
        self.dispatch("put")

    def do_POST(self):
        self.dispatch("post")

    def dispatch(self, name):
        method = getattr(self, name, None)
        if method is None:
            self.close_connection = True  # Its body stays unread.
            self.answer_json(405, {"error": f"{self.command} is not for here"})
        elif self.read_body():
            method(urlsplit(self.path).path)

    def read_body(self):
        """Reads the body into `self.body`; answers and returns false when that cannot be done."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit() or int(length) > BODY_LIMIT:
            self.close_connection = True
            self.answer_json(413, {"error": f"a body needs a length of at most {BODY_LIMIT} bytes"})
            return False
        self.body = self.rfile.read(int(length))
        return len(self.body) == int(length)

    def form(self):
        fields = parse_qs(self.body.decode("utf-8", "replace"))
        return {name: values[0] for name, values in fields.items()}

    def answer_json(self, status, value):
        self.answer(status, json.dumps(value).encode(), "application/json")

    def answer(self, status, body=b"", kind="text/html; charset=utf-8", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Replica", self.server.replica)
        if self.server.stopping:
            self.send_header("Connection", "close")
            self.close_connection = True
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass  # Ballast has the access log.


def port_from_arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "0")))
    return parser.parse_args().port
