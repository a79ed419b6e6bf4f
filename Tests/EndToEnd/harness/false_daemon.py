"""A daemon of containers that answers as a test says, over a unix socket."""

import http.server
import pathlib
import socketserver
import tempfile
import threading
import urllib.parse
from collections.abc import Callable

Handler = http.server.BaseHTTPRequestHandler


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


class FalseDaemon:
    """`answer(request, method, path)` writes what it likes; `asked` has what was asked for."""

    def __init__(self, answer: Callable[[Handler, str, str], None]) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ballast-f-", dir="/tmp"))
        self.socket = str(self.folder / "d.sock")
        self.asked: list[str] = []
        asked = self.asked

        class Request(Handler):
            protocol_version = "HTTP/1.1"

            def address_string(self) -> str:
                return "local"

            def log_message(self, *_words) -> None:
                pass

            def take(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = urllib.parse.unquote(self.path).removeprefix("/v1.41")
                asked.append(f"{self.command} {path}")
                self.close_connection = True
                answer(self, self.command, path)

            do_GET = do_POST = do_DELETE = take

        self.server = _Server(self.socket, Request)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        pathlib.Path(self.socket).unlink(missing_ok=True)
        self.folder.rmdir()


def reply(request: Handler, status: int, text: str) -> None:
    body = text.encode()
    request.send_response(status)
    request.send_header("Content-Length", str(len(body)))
    request.send_header("Connection", "close")
    request.end_headers()
    request.wfile.write(body)


def begin(request: Handler) -> None:
    """The head of an answer that has no length."""
    request.send_response(200)
    request.send_header("Connection", "close")
    request.end_headers()
