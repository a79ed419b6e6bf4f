"""Row 59: what the system or a server said of a failure is for the log, and no client reads it."""

import json
import re
import socket

import pytest

from EndToEnd.harness.ballast import Ballast
from EndToEnd.harness.scripted import Link, Scripted, connect

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    servers: [ "{address}" ]
    health: { none: {} }
    retries: { attempts: 0 }
    timeouts: { connect: 500ms, response: 500ms }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""
SECRET = b"/srv/secret/key.pem: No such file or directory (errno 2) at db-7.internal"
FAILURES = {
    "reset": lambda link: link.reset(), "close": lambda link: link.close(), "nothing": lambda link: link.socket.recv(1),
    "garbage": lambda link: link.send(SECRET + b"\r\n\r\n"), "a bad status line": lambda link: link.send(b"HTTP/1.1 abc " + SECRET + b"\r\n\r\n"),
    "a bad field": lambda link: link.send(b"HTTP/1.1 200 OK\r\n" + SECRET.replace(b":", b" ") + b"\r\n\r\n"),
    "a TLS alert": lambda link: link.send(b"\x15\x03\x03\x00\x02\x02\x28" + SECRET),
    "two lengths": lambda link: link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nX-A: " + SECRET + b"\r\n\r\n"),
}
# Of the server, of the system, of ourselves.
TELLING = re.compile(
    rb"errno|refused|reset by peer|broken pipe|timed out|no such file|127\.0\.0\.1:\d|/srv|internal\b|\.swift|fatal|thread|stack|0x[0-9a-f]{6}", re.IGNORECASE)


@pytest.mark.parametrize("accept", ["text/plain", "application/json", "text/html, */*"])
@pytest.mark.parametrize("failure", [*FAILURES, "no listener"])
def test_no_client_reads_what_went_wrong_behind(failure, accept, running):
    shop = running(failure)
    client = connect(shop.port)
    client.send(b"GET / HTTP/1.1\r\nHost: shop\r\nAccept: %s\r\nConnection: close\r\n\r\n" % accept.encode())
    answer = client.rest()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] in (b"502", b"503", b"504"), answer[:300]
    # A word of a fixed list, and the server's own name is not among its fields.
    reason = re.search(rb"\r\nX-Ballast-Reason: ([a-z-]+)(?:\r\n|\Z)", head)
    assert reason, head
    told = TELLING.search(answer.replace(reason.group(1), b""))
    assert told is None, f"{told.group()!r} in {answer!r}"
    assert SECRET[:10] not in answer and len(body) < 300
    if accept == "application/json":
        json.loads(body)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """`running(failure)` is Ballast before a server that fails so; one for each, for all of its cases."""
    made: dict[str, tuple[Ballast, Scripted | None]] = {}

    def make(failure: str) -> Ballast:
        if failure not in made:
            server = None if failure == "no listener" else Scripted(lambda link, number: _fail(link, failure))
            # A port that was given and is not listened on.
            holder = socket.socket()
            holder.bind(("127.0.0.1", 0))
            port = server.port if server else holder.getsockname()[1]
            ballast = Ballast(tmp_path_factory.mktemp("shop"), CONFIGURATION, address=f"127.0.0.1:{port}").start()
            made[failure] = ballast, server
        return made[failure][0]

    yield make
    for ballast, server in made.values():
        assert ballast.stop() == 0, ballast.output()
        if server:
            server.stop()


def _fail(link: Link, failure: str) -> None:
    link.head()
    FAILURES[failure](link)
