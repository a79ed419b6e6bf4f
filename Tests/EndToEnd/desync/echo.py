"""Python's http.server as the server behind: `echo.py PORT LOG`. Answers with the body it read."""

import http.server
import sys
import threading

MOST = 1 << 30
LOCK = threading.Lock()


class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Each answer in one segment.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __getattr__(self, name: str):
        if name.startswith("do_"):
            return self.echo
        raise AttributeError(name)

    def handle_expect_100(self) -> bool:
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def echo(self) -> None:
        body = self.read_body()
        # `path` is no longer what was sent: http.server takes slashes away from its front.
        target = self.requestline.split(" ")[1]
        record(self.headers.get("X-Request-Id", "-"), self.command, target)
        self.send_response(200)
        self.send_header("X-Seen", f"{self.headers.get('X-Request-Id', '-')} {target}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def read_body(self) -> bytes:
        """http.server leaves bodies to its handlers."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.exactly(int(self.headers.get("Content-Length", "0")))
        body = b""
        while size := int(self.line(), 16):
            body += self.exactly(size)
            if self.exactly(2) != b"\r\n":
                raise ValueError("a chunk is longer than its size")
        while self.line() != b"\r\n":
            pass
        return body

    def line(self) -> bytes:
        line = self.rfile.readline(65536)
        if not line.endswith(b"\n"):
            raise ConnectionError("closed within a body")
        return line

    def exactly(self, count: int) -> bytes:
        if count > MOST:
            raise ConnectionError("a body that nobody sends")
        data = self.rfile.read(count)
        if len(data) < count:
            raise ConnectionError("closed within a body")
        return data

    def log_error(self, form: str, *values) -> None:
        if not str(values[0] if values else "").startswith("TimeoutError"):
            record("error", "-", (form % values).replace("\n", " "))

    def log_message(self, *_) -> None:
        pass


def record(*words: str) -> None:
    with LOCK:
        log.write("\t".join(words) + "\n")


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            record("error", "-", repr(sys.exc_info()[1]))


if __name__ == "__main__":
    log = open(sys.argv[2], "a", buffering=1, encoding="latin-1")
    Server(("127.0.0.1", int(sys.argv[1])), Echo).serve_forever()
