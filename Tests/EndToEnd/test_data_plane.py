"""What became of single connections when both sides were at their worst: each a defect once."""

import os
import pathlib
import resource
import signal
import threading
import time

import pytest

from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Link, Scripted, connect, ok
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    servers: [ "127.0.0.1:{server}" ]
    health: { none: {} }
    {more}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"


@pytest.fixture
def scripted():
    made: list[Scripted] = []

    def make(script) -> Scripted:
        made.append(Scripted(script))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def shop(ballast, scripted):
    """`shop(script, more)` is Ballast before one server; the gauges must be at 0 in the end."""
    made = []

    def make(script, more: str = ""):
        server = scripted(script)
        running = ballast(CONFIGURATION, server=server.port, more=more)
        running.scripted = server
        made.append(running)
        return running

    yield make
    for running in made:
        if running.process.poll() is None:
            wait_until(lambda: _gauge(running) == 0, 5, "no request under way")


def _gauge(running) -> float:
    return Metrics(running.metrics()).sum("ballast_server_inflight")


class Paused:
    """The engine stands still: all that happens meanwhile is one batch of events to it."""

    def __init__(self, running) -> None:
        self.engine = running.engine_pid()

    def __enter__(self) -> None:
        os.kill(self.engine, signal.SIGSTOP)
        wait_until(self._stands, 5, "an engine that stands still")

    def _stands(self) -> bool:
        tasks = pathlib.Path(f"/proc/{self.engine}/task").iterdir()
        return all((task / "stat").read_text().rpartition(")")[2].split()[0] == "T" for task in tasks)

    def __exit__(self, *_) -> None:
        os.kill(self.engine, signal.SIGCONT)


def _serve_all(link: Link, number: int) -> None:
    while True:
        head = link.head()
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        link.exactly(int(length or 0))
        link.send(ok(b"answer %d" % number))


POST = b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc"


@pytest.mark.parametrize("request_bytes", [GET, POST], ids=["GET", "POST"])
def test_a_pooled_connection_that_broke_is_not_used_for_a_request_of_the_same_moment(shop, request_bytes):
    breaks, broke = threading.Event(), threading.Event()

    def script(link: Link, number: int) -> None:
        if number > 0:
            _serve_all(link, number)
        link.head()
        link.send(ok(b"answer 0"))
        assert breaks.wait(10)
        link.reset()
        broke.set()

    running = shop(script)
    client = connect(running.port)
    client.send(GET)
    assert client.answer() == (200, b"answer 0")
    with Paused(running):
        # The request is the first event, the reset of what it would be sent on the second.
        client.send(request_bytes)
        breaks.set()
        assert broke.wait(5)
    began = time.monotonic()
    assert client.answer() == (200, b"answer 1")
    assert time.monotonic() - began < 5


def test_bytes_on_an_idle_connection_are_no_answer_to_a_request_of_the_same_moment(shop):
    running = shop(_serve_all)
    client = connect(running.port)
    client.send(GET)
    assert client.answer() == (200, b"answer 0")
    with Paused(running):
        client.send(GET)
        running.scripted.links[0].send(ok(b"poison"))
    assert client.answer() == (200, b"answer 1")


def test_surplus_behind_an_answer_that_fills_a_read_is_no_answer_to_the_next_request(shop):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
    body = b"x" * (65536 - len(head % 10000))
    go_on, sent = threading.Event(), threading.Event()

    def script(link: Link, number: int) -> None:
        link.head()
        if number == 0:
            # One read of the proxy takes all of the answer and no byte more.
            assert go_on.wait(10)
            link.send(head % len(body) + body + ok(b"poison"))
            sent.set()
            link.head()
        link.send(ok(b"right"))

    running = shop(script)
    client = connect(running.port)
    client.send(GET)
    wait_until(lambda: _gauge(running) == 1, 5, "the request at the server")
    with Paused(running):
        go_on.set()
        assert sent.wait(5)
    assert client.answer() == (200, body)
    client.send(GET)
    assert client.answer() == (200, b"right")


def test_answers_under_way_when_the_drain_begins_are_finished(shop):
    go_on = [threading.Event(), threading.Event()]

    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst")
        assert go_on[number].wait(10)
        link.send(b"later")

    running = shop(script)
    clients = [connect(running.port), connect(running.port)]
    for client in clients:
        client.send(GET)
        client.head()
        assert client.exactly(5) == b"first"
    running.process.send_signal(signal.SIGTERM)

    def refuses() -> bool:
        try:
            connect(running.port).close()
            return False
        except OSError:
            return True

    wait_until(refuses, 5, "a closed listener")
    for client, event in zip(clients, go_on):
        # The end of the first must not be the end of the other.
        event.set()
        assert client.rest() == b"later"
    assert running.process.wait(10) == 0


def test_a_place_that_a_timeout_frees_is_given_to_the_next_in_the_queue_at_once(shop):
    def script(link: Link, number: int) -> None:
        link.head()
        if number == 0:
            link.head()  # Never comes.
        link.send(ok(b"second"))

    running = shop(
        script, "timeouts: { response: 500ms }\n    limits: { requests: 1, queue: 10, queueTimeout: 8s }")
    first, second = connect(running.port), connect(running.port)
    first.send(GET)
    wait_until(lambda: _gauge(running) == 1, 5, "the first request at the server")
    second.send(GET)
    assert first.answer()[0] == 504
    began = time.monotonic()
    assert second.answer() == (200, b"second")
    assert time.monotonic() - began < 2


def test_a_client_that_sent_all_and_closed_its_side_gets_an_early_answer(shop):
    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
        link.socket.recv(1)

    running = shop(script)
    for _ in range(20):
        client = connect(running.port)
        body = b"x" * 200_000
        with Paused(running):
            client.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            client.socket.shutdown(1)
        status, answer = client.answer()
        assert (status, answer) == (413, b"big")
        assert client.rest() == b""


def test_an_upload_that_was_answered_early_may_be_long(shop):
    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
        link.close()

    running = shop(script)
    client = connect(running.port)
    client.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 20000000\r\n\r\n" + b"x" * 20_000_000)
    assert client.answer() == (413, b"big")


def test_interim_and_final_heads_of_the_greatest_size_arrive_whole(shop):
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: %s\r\n\r\n" % (b"h" * 40_000)
    field = b"f" * 60_000

    def script(link: Link, number: int) -> None:
        link.head()
        link.send(hint + hint + b"HTTP/1.1 200 OK\r\nX-Long: %s\r\nContent-Length: 2\r\n\r\nok" % field)
        link.head()

    running = shop(script)
    client = connect(running.port)
    client.send(GET)
    for _ in range(2):
        head = client.head()
        assert head.startswith(b"HTTP/1.1 103 ") and b"h" * 40_000 + b"\r\n" in head
    head = client.head()
    assert head.startswith(b"HTTP/1.1 200 OK\r\nX-Long: " + field + b"\r\n"), head[:100]
    assert client.exactly(2) == b"ok"


def test_a_server_that_takes_nothing_of_a_body_is_given_up(shop):
    stopped = threading.Event()

    def script(link: Link, number: int) -> None:
        link.head()
        stopped.wait(20)

    running = shop(script, "timeouts: { response: 1s }")
    client = connect(running.port)
    sender = threading.Thread(target=_send_quietly, args=(client, 50_000_000), daemon=True)
    began = time.monotonic()
    sender.start()
    status, _ = client.answer()
    stopped.set()
    assert status == 504
    assert time.monotonic() - began < 8


def _send_quietly(client: Link, count: int) -> None:
    try:
        client.send(b"PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n" % count + b"x" * count)
    except OSError:
        pass


def test_no_server_is_blamed_for_our_lack_of_descriptors(shop):
    running = shop(_serve_all, "retries: { attempts: 0 }")
    engine = running.engine_pid()
    held = [connect(running.port) for _ in range(3)]
    for client in held:
        client.send(GET)
        assert client.answer()[0] == 200
    usual = resource.prlimit(engine, resource.RLIMIT_NOFILE)
    before = running.server("shop", running.get("/v1/servers")[0]["name"])["failures"]
    # No number is left: a pooled connection is all that there is.
    resource.prlimit(engine, resource.RLIMIT_NOFILE, (1, usual[1]))
    try:
        # Those that rest make way for newcomers, so these ask first.
        for client in held:
            client.send(GET)
        waiting = connect(running.port)
        waiting.send(GET)
        for client in held:
            assert client.answer()[0] in (200, 502)
    finally:
        resource.prlimit(engine, resource.RLIMIT_NOFILE, usual)
    assert waiting.answer()[0] == 200
    after = running.get("/v1/servers")[0]
    assert after["failures"] == before and not after["ejected"]


def test_every_client_is_served_although_there_are_fewer_descriptors_than_they_need(
        shop, tmp_path, ballast_binary, monkeypatch):
    few = tmp_path / "few"
    few.write_text(f'#!/bin/sh\nexec prlimit --nofile=200:200 "{ballast_binary}" "$@"\n')
    few.chmod(0o755)
    monkeypatch.setenv("BALLAST", str(few))
    running = shop(_serve_all)
    clients = [connect(running.port) for _ in range(200)]
    for client in clients:
        client.send(GET)
    for client in clients:
        assert client.answer()[0] == 200
        client.close()
    assert running.get("/v1/servers")[0]["failures"] == 0


def test_a_server_with_a_limit_of_connections_never_sees_one_more(shop, load):
    lock, most = threading.Lock(), []
    open_links = [0]

    def script(link: Link, number: int) -> None:
        with lock:
            open_links[0] += 1
            most.append(open_links[0])
        try:
            _serve_all(link, number)
        finally:
            with lock:
                open_links[0] -= 1

    running = shop(script, "limits: { connections: 2, queue: 100, queueTimeout: 8s }")
    traffic = load(running.port, 2, connections=32).finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told
    assert max(most) == 2


def test_a_client_that_takes_its_time_gets_a_great_answer_whole_in_little_memory(shop):
    size = 60 << 20

    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        block = bytes(range(256)) * 256
        for _ in range(size // len(block)):
            link.send(block)
        link.head()

    running = shop(script)
    engine = running.engine_pid()
    before = _resident_kilobytes(engine)
    clients = [connect(running.port) for _ in range(10)]
    for client in clients:
        client.send(GET)
        client.head()
    wait_until(lambda: _gauge(running) == 10, 5, "all at the server")
    assert clients[0].exactly(1 << 20) == bytes(range(256)) * 4096
    # 64 KiB held for each, and what the allocator keeps.
    assert _resident_kilobytes(engine) - before < 16_000
    left = size - (1 << 20) - len(clients[0].kept)
    while left > 0:
        left -= len(clients[0].socket.recv(1 << 20))
    assert left == 0
    for client in clients:
        client.reset()


def _resident_kilobytes(pid: int) -> int:
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def test_an_idle_connection_is_closed_before_the_server_would_close_it(shop):
    idle = []

    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=1\r\n\r\nok")
        answered = time.monotonic()
        assert link.rest() == b""
        idle.append(time.monotonic() - answered)

    running = shop(script)
    client = connect(running.port)
    client.send(GET)
    assert client.answer() == (200, b"ok")
    wait_until(lambda: idle, 5, "the end of the idle connection")
    assert 0.3 < idle[0] < 1, "half a second before the second that the server announced"
