"""Copies of requests for another service: nobody waits for them, nothing fails with them."""

import socket
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Link, Scripted, connect, ok
from EndToEnd.harness.waiting import free_port, wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
routes:
  - { service: shop, mirror: { service: shadow, share: {share} } }
services:
  shop:
    servers: [ "127.0.0.1:{server}" ]
    health: { none: {} }
  shadow:
    servers: [ "127.0.0.1:{shadow}" ]
    health: { none: {} }
    {more}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""


class Seen:
    """A server that notes every request with its body, and may answer in its own way."""

    def __init__(self, answer=lambda number: ok(b"answer")) -> None:
        self.answer, self.requests = answer, []
        self.server = Scripted(self._serve)
        self.port = self.server.port

    def _serve(self, link: Link, number: int) -> None:
        while True:
            head = link.head()
            lines = head.lower()
            if b"transfer-encoding: chunked" in lines:
                body = b""
                while length := int(link.until(b"\r\n"), 16):
                    body += link.exactly(length)
                    link.exactly(2)
                link.exactly(2)
            else:
                body = link.exactly(int(lines.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0))
            self.requests.append((head, body))
            answer = self.answer(len(self.requests))
            if answer is None:
                link.rest()
                return
            link.send(answer)


@pytest.fixture
def mirrored(ballast):
    """`mirrored(shadow, share, more)` is Ballast before a shop, with copies to `shadow`."""
    made = []

    def make(shadow, share: str = "100%", more: str = ""):
        shop = Seen()
        running = ballast(CONFIGURATION, server=shop.port, shadow=shadow if isinstance(shadow, int) else shadow.port,
                          share=share, more=more)
        running.shop = shop
        made.append((running, shop, shadow))
        return running

    yield make
    for running, shop, shadow in made:
        shop.server.stop()
        if not isinstance(shadow, int):
            shadow.server.stop()


def _copies(running, result: str) -> float:
    return Metrics(running.metrics()).sum("ballast_mirrored_total", service="shadow", result=result)


def _fields(head: bytes) -> dict[bytes, bytes]:
    return dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)


def test_a_copy_is_the_request_with_a_mark(mirrored):
    shadow = Seen()
    running = mirrored(shadow)
    for method, body in (("GET", None), ("POST", b"some body"), ("PUT", b"x" * 60_000)):
        assert request(running.port, method, "/path?query", body, {"X-Mine": "1"}).body == b"answer"
    client = connect(running.port)
    client.send(b"POST /path?query HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    client.send(b"3\r\ndef\r\n0\r\n\r\n")
    assert client.answer() == (200, b"answer")
    wait_until(lambda: _copies(running, "answered") == 4, 5, "all copies answered")
    # On connections of their own, so in no order.
    assert len(running.shop.requests) == len(shadow.requests) == 4
    copies = {_fields(head)[b"X-Request-Id"]: (head, body) for head, body in shadow.requests}
    for head, body in running.shop.requests:
        copied, copied_body = copies[_fields(head)[b"X-Request-Id"]]
        assert copied_body == body
        assert copied == head[:-2] + b"X-Ballast-Mirror: 1\r\n\r\n"
        assert b"X-Ballast-Mirror" not in head
    client.close()


def test_a_server_behind_proxy_headers_is_told_that_the_connection_is_ours(mirrored):
    seen = []

    def script(link: Link, number: int) -> None:
        seen.append(link.until(b"\r\n"))
        link.head()
        link.send(ok(b"answer"))
        link.rest()

    server = Scripted(script)
    running = mirrored(server.port, more="sendProxyProtocol: v1")
    for _ in range(2):
        assert request(running.port, "GET", "/").status == 200
    wait_until(lambda: _copies(running, "answered") == 2, 5, "both copies")
    assert seen == [b"PROXY UNKNOWN\r\n"] * 2
    server.stop()


def test_copies_use_connections_again(mirrored):
    shadow = Seen()
    running = mirrored(shadow)
    client = connect(running.port)
    for number in range(20):
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.answer() == (200, b"answer")
        wait_until(lambda: _copies(running, "answered") == number + 1, 5, "the copy answered")
    assert len(shadow.server.links) == 1
    client.close()


def test_the_share_is_kept(mirrored):
    shadow = Seen()
    running = mirrored(shadow, "25%")
    client = connect(running.port)
    for _ in range(400):
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.answer() == (200, b"answer")
    client.close()
    # Five standard deviations around a hundred.
    assert 55 < sum(_copies(running, result) for result in ("answered", "failed", "dropped")) + _gauge(running) < 145


def _gauge(running) -> float:
    return Metrics(running.metrics()).sum("ballast_server_inflight", service="shadow")


@pytest.mark.parametrize("answer", [
    lambda number: None,
    lambda number: b"HTTP/1.1 500 Broken\r\nContent-Length: 3\r\n\r\nbad",
    lambda number: b"no answer at all\r\n\r\n",
    lambda number: b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    lambda number: b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nokPOISON",
    lambda number: b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000,
], ids=["silent", "500", "garbage", "101", "surplus", "endless"])
def test_whatever_is_answered_to_a_copy_no_client_notices(mirrored, answer):
    shadow = Seen(answer)
    running = mirrored(shadow)
    client = connect(running.port)
    began = time.monotonic()
    for _ in range(50):
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.answer() == (200, b"answer")
    assert time.monotonic() - began < 3
    assert client.kept == b""
    client.close()
    assert Metrics(running.metrics()).sum("ballast_requests_total", code="200") == 50


def test_a_service_that_is_down_costs_a_count_and_no_request(mirrored):
    running = mirrored(free_port())
    for _ in range(10):
        assert request(running.port, "GET", "/").status == 200
    wait_until(lambda: _copies(running, "failed") + _copies(running, "dropped") == 10, 5, "all copies counted")
    assert _copies(running, "failed") >= 1


def test_copies_are_bounded_and_let_go(mirrored):
    shadow = Seen(lambda number: None)
    running = mirrored(shadow)
    client = connect(running.port)
    for _ in range(300):
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.answer() == (200, b"answer")
    wait_until(lambda: _copies(running, "dropped") == 300 - 256, 5, "those beyond the limit dropped")
    assert _gauge(running) == 256
    wait_until(lambda: len(shadow.requests) == 256, 10, "all others at the server")
    for link in shadow.server.links:
        link.socket.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: _copies(running, "failed") == 256 and _gauge(running) == 0, 5, "the others given up")
    client.close()


def test_long_bodies_and_upgrades_are_not_mirrored(mirrored):
    shadow = Seen()
    running = mirrored(shadow)
    assert request(running.port, "POST", "/", b"x" * 100_000).status == 200
    assert _copies(running, "too-large") == 1
    client = connect(running.port)
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
    assert client.answer() == (200, b"answer")
    client.send(b"GET /last HTTP/1.1\r\nHost: a\r\n\r\n")
    assert client.answer() == (200, b"answer")
    wait_until(lambda: _copies(running, "answered") == 1, 5, "the last one's copy")
    assert [head.split(b" ")[1] for head, _ in shadow.requests] == [b"/last"]
    client.close()


def test_a_body_that_breaks_off_is_not_mirrored(mirrored):
    shadow = Seen()
    running = mirrored(shadow)
    client = connect(running.port)
    client.send(b"POST /cut HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nonly")
    client.close()
    assert request(running.port, "GET", "/whole").status == 200
    wait_until(lambda: _copies(running, "answered") == 1, 5, "the whole one's copy")
    assert [head.split(b" ")[1] for head, _ in shadow.requests] == [b"/whole"]


def test_a_stop_does_not_wait_for_copies(mirrored):
    shadow = Seen(lambda number: None)
    running = mirrored(shadow)
    assert request(running.port, "GET", "/").status == 200
    wait_until(lambda: _gauge(running) == 1, 5, "a copy under way")
    began = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began < 5
