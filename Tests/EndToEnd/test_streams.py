"""Long answers and requests: server-sent events, long polls, gigabytes, both directions at once."""

import hashlib
import json
import pathlib
import socket
import subprocess
import threading
import time

import pytest

from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Link, Scripted, connect
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}"{listener} }
services:
  shop:
    servers: [ "127.0.0.1:{server}" ]
    health: { none: {} }
    {more}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
log: { access: { path: "{folder}/access.log" } }
workers: 1
"""
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"
GIBIBYTE = 1 << 30
# Of no period that a buffer has.
BLOCK = bytes(range(251)) * 4177


@pytest.fixture
def shop(ballast):
    """`shop(script, more)` is Ballast before one server; nothing may be under way in the end."""
    made = []

    def make(script, more: str = "", listener: str = ""):
        server = Scripted(script)
        running = ballast(CONFIGURATION, server=server.port, more=more, listener=listener)
        running.scripted = server
        made.append(running)
        return running

    yield make
    for running in made:
        if running.process.poll() is None:
            wait_until(lambda: _inflight(running) == 0, 5, "no request under way")
        running.scripted.stop()


def _inflight(running) -> float:
    return Metrics(running.metrics()).sum("ballast_server_inflight")


def _resident_kilobytes(pid: int) -> int:
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def _open_pipes(pid: int) -> int:
    links = (link for link in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    count = 0
    for link in links:
        try:
            count += str(link.readlink()).startswith("pipe:")
        except OSError:
            pass
    return count


def _send_blocks(link: Link, size: int) -> None:
    for start in range(0, size, len(BLOCK)):
        link.send(BLOCK[: min(len(BLOCK), size - start)])


class Taken:
    """Counts and hashes what comes, without keeping it."""

    def __init__(self) -> None:
        self.size, self.hash = 0, hashlib.blake2b()

    def take(self, link: Link, size: int) -> "Taken":
        room = memoryview(bytearray(1 << 20))
        first = link.kept[:size]
        link.kept = link.kept[size:]
        self._add(first)
        while self.size < size:
            count = link.socket.recv_into(room, min(len(room), size - self.size))
            if count == 0:
                break
            self._add(room[:count])
        return self

    def _add(self, data) -> None:
        self.size += len(data)
        self.hash.update(data)


def _expected(size: int) -> str:
    expected = hashlib.blake2b()
    for start in range(0, size, len(BLOCK)):
        expected.update(BLOCK[: min(len(BLOCK), size - start)])
    return expected.hexdigest()


# Constant memory.


def test_a_gibibyte_each_way_in_constant_memory(shop):
    got = []

    def script(link: Link, number: int) -> None:
        head = link.head()
        if head.startswith(b"PUT"):
            taken = Taken().take(link, GIBIBYTE)
            got.append((taken.size, taken.hash.hexdigest()))
            link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            head = link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIBIBYTE)
        _send_blocks(link, GIBIBYTE)
        link.rest()

    running = shop(script)
    engine = running.engine_pid()
    before = _resident_kilobytes(engine)
    client = connect(running.port)
    client.send(b"PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n" % GIBIBYTE)
    _send_blocks(client, GIBIBYTE)
    assert client.answer() == (200, b"ok")
    assert got == [(GIBIBYTE, _expected(GIBIBYTE))]
    # The connection serves on, in both directions.
    client.send(GET)
    assert b"\r\nContent-Length: %d\r\n" % GIBIBYTE in client.head()
    taken = Taken().take(client, GIBIBYTE)
    assert (taken.size, taken.hash.hexdigest()) == (GIBIBYTE, _expected(GIBIBYTE))
    assert _resident_kilobytes(engine) - before < 4_000
    client.close()


def test_a_chunked_body_of_100_mebibytes_each_way(shop):
    size = 100 << 20
    chunks = [BLOCK[: min(len(BLOCK), size - start)] for start in range(0, size, len(BLOCK))]
    got = []

    def framed(chunk: bytes) -> bytes:
        return b"%x\r\n%s\r\n" % (len(chunk), chunk)

    def read(link: Link) -> str:
        taken = hashlib.blake2b()
        while length := int(link.until(b"\r\n"), 16):
            taken.update(link.exactly(length))
            assert link.exactly(2) == b"\r\n"
        assert link.exactly(2) == b"\r\n"
        return taken.hexdigest()

    def script(link: Link, number: int) -> None:
        link.head()
        got.append(read(link))
        link.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for chunk in chunks:
            link.send(framed(chunk))
        link.send(b"0\r\nX-Trailer: dropped\r\n\r\n")
        link.rest()

    running = shop(script)
    client = connect(running.port)
    client.send(b"PUT / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n")
    for chunk in chunks:
        client.send(framed(chunk))
    client.send(b"0\r\nX-Trailer: dropped\r\n\r\n")
    client.head()
    assert read(client) == _expected(size)
    assert got == [_expected(size)]
    client.close()


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 131_072, 196_607, 196_608, 200_000, 212_992, 1 << 20, (1 << 20) + 16_384])
def test_lengths_around_every_limit_arrive_whole_on_connections_that_serve_on(shop, size):
    def script(link: Link, number: int) -> None:
        while True:
            head = link.head().lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            taken = Taken().take(link, length)
            assert taken.hash.hexdigest() == _expected(length)
            link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            _send_blocks(link, size)

    running = shop(script)
    client = connect(running.port)
    for _ in range(5):
        client.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n" % size)
        _send_blocks(client, size)
        client.head()
        taken = Taken().take(client, size)
        assert (taken.size, taken.hash.hexdigest()) == (size, _expected(size))
    # One connection to the server was enough, or nearly: a body's end is noticed where it is. A body of
    # exactly one read's size may leave open whether more comes, and such a connection is not kept.
    assert len(running.scripted.links) <= 2 or size == 65_536
    client.close()


def test_surplus_behind_a_long_body_reaches_nobody(shop):
    size = 1 << 20

    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        _send_blocks(link, size)
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON")
        link.rest()

    running = shop(script)
    client = connect(running.port)
    for _ in range(5):
        client.send(GET)
        client.head()
        taken = Taken().take(client, size)
        assert taken.hash.hexdigest() == _expected(size)
        assert client.kept == b""
    assert len(running.scripted.links) == 5
    client.close()


def test_a_request_behind_a_long_body_is_the_next_request(shop):
    size, seen = 1 << 20, []

    def script(link: Link, number: int) -> None:
        while True:
            head = link.head()
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            seen.append((head.split(b" ")[1], Taken().take(link, length).hash.hexdigest()))
            link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    running = shop(script)
    client = connect(running.port)
    body = (BLOCK * 2)[:size]
    client.send(b"POST /1 HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n" % size + body
                + b"GET /2 HTTP/1.1\r\nHost: shop\r\n\r\n")
    assert client.answer() == (200, b"ok")
    assert client.answer() == (200, b"ok")
    assert seen == [(b"/1", _expected(size)), (b"/2", _expected(0))]
    client.close()


@pytest.mark.parametrize("is_reset", [False, True], ids=["closed", "reset"])
def test_a_long_answer_that_breaks_off_is_cut(shop, is_reset):
    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 << 20))
        _send_blocks(link, 10 << 20)
        if is_reset:
            link.reset()

    running = shop(script)
    client = connect(running.port)
    client.send(GET)
    client.head()
    with pytest.raises(ConnectionResetError):
        Taken().take(client, 100 << 20)
        client.socket.recv(1)
    client.close()


def test_a_client_that_leaves_a_long_answer_or_body_leaves_nothing_behind(shop):
    def script(link: Link, number: int) -> None:
        head = link.head()
        if head.startswith(b"PUT"):
            Taken().take(link, 1 << 40)
            return
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (1 << 40))
        while True:
            link.send(BLOCK)

    running = shop(script)
    engine = running.engine_pid()
    for _ in range(20):
        down, up = connect(running.port), connect(running.port)
        down.send(GET)
        assert Taken().take(down, 4 << 20).size == 4 << 20
        up.send(b"PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n" % (1 << 40))
        _send_blocks(up, 4 << 20)
        down.reset()
        up.close()
    wait_until(lambda: _inflight(running) == 0, 10, "the end of all")
    # Idle ones of the pool may stay, those that held something are closed.
    assert _open_pipes(engine) < 20


def test_more_stalled_bodies_than_pipes_are_all_carried(shop):
    """Each stalled client keeps a pipe; those that come later are served by copies."""
    size, count = 12 << 20, 80

    def script(link: Link, number: int) -> None:
        # The last client takes nothing until all others have everything.
        link.socket.settimeout(60)
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        _send_blocks(link, size)
        link.rest()

    # Who takes nothing for the usual ten seconds would be cut.
    running = shop(script, listener=", leastRate: { grace: 60s }")
    engine = running.engine_pid()
    pipes_before, before = _open_pipes(engine), _resident_kilobytes(engine)
    clients = []
    for _ in range(count):
        client = Link(_small_window(running.port))
        client.send(GET)
        client.head()
        clients.append(client)
    wait_until(lambda: _open_pipes(engine) - pipes_before >= 2 * 60, 10, "the pipes in use")
    assert _resident_kilobytes(engine) - before < 16_000
    expected = _expected(size)
    for client in clients:
        assert Taken().take(client, size).hash.hexdigest() == expected
        client.close()
    assert _open_pipes(engine) - pipes_before <= 2 * 64


def _small_window(port: int) -> socket.socket:
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
    link.settimeout(30)
    link.connect(("127.0.0.1", port))
    return link


def test_curl_gets_and_puts_a_long_body(shop, tmp_path):
    size = 64 << 20

    def script(link: Link, number: int) -> None:
        while True:
            head = link.head()
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if b"expect: 100-continue" in head.lower():
                link.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            hashed = Taken().take(link, length).hash.hexdigest().encode()
            if head.startswith(b"PUT"):
                link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(hashed), hashed))
            else:
                link.send(b"HTTP/1.0 200 OK\r\n\r\n")
                _send_blocks(link, size)
                link.close()
                return

    running = shop(script)
    file = tmp_path / "body"
    got = subprocess.run(["curl", "-sS", "--http1.0", f"http://127.0.0.1:{running.port}/", "-o", str(file)], timeout=30)
    assert got.returncode == 0 and hashlib.blake2b(file.read_bytes()).hexdigest() == _expected(size)
    put = subprocess.run(
        ["curl", "-sS", "-T", str(file), f"http://127.0.0.1:{running.port}/"], timeout=30, capture_output=True, text=True)
    assert put.returncode == 0 and put.stdout == _expected(size)


# Streams without an end of their own.


def test_events_go_on_one_by_one_as_they_come(shop):
    """The server sends the next event only when the client has the one before: nothing waits in a buffer."""
    has = threading.Semaphore(0)

    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for event in range(200):
            text = b"data: %d\n\n" % event
            link.send(b"%x\r\n%s\r\n" % (len(text), text))
            assert has.acquire(timeout=5)
        link.send(b"0\r\n\r\n")

    running = shop(script)
    client = connect(running.port)
    client.send(GET)
    assert b"\r\nContent-Type: text/event-stream\r\n" in client.head()
    began = time.monotonic()
    for event in range(200):
        length = int(client.until(b"\r\n"), 16)
        assert client.exactly(length + 2) == b"data: %d\n\n\r\n" % event
        has.release()
    assert client.exactly(5) == b"0\r\n\r\n"
    # With 40 ms of someone's delay each they would take eight seconds and more.
    assert time.monotonic() - began < 7
    client.close()


def test_a_stream_of_events_outlives_every_timeout_but_the_idle_one(shop):
    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            link.send(b"data: x\n\n")
            # The pace of the stream: nobody reads.
            link.socket.settimeout(0.1)
            try:
                link.socket.recv(1)
            except TimeoutError:
                pass
        link.socket.settimeout(10)
        link.rest()

    running = shop(script, "timeouts: { response: 400ms, idle: 700ms }")
    client = connect(running.port)
    client.send(GET)
    client.head()
    began, events = time.monotonic(), 0
    with pytest.raises(ConnectionResetError):
        while True:
            client.until(b"data: x\n\n")
            events += 1
    assert events >= 5 and 2 < time.monotonic() - began < 8


def test_a_hundred_long_polls_wait_and_are_answered(shop):
    answers = threading.Event()

    def script(link: Link, number: int) -> None:
        link.head()
        assert answers.wait(10)
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnews")
        link.rest()

    running = shop(script)
    clients = [connect(running.port) for _ in range(100)]
    for client in clients:
        client.send(GET)
    wait_until(lambda: _inflight(running) == 100, 10, "all polls at the server")
    answers.set()
    for client in clients:
        assert client.answer() == (200, b"news")
        client.close()


def test_a_client_that_leaves_a_poll_is_let_go_at_the_server(shop):
    gone = threading.Event()

    def script(link: Link, number: int) -> None:
        link.head()
        try:
            link.rest()
        except OSError:
            pass
        gone.set()

    running = shop(script)
    client = connect(running.port)
    client.send(GET)
    wait_until(lambda: _inflight(running) == 1, 5, "the poll at the server")
    client.reset()
    assert gone.wait(5)


# Both directions at once.


def test_an_answer_begins_and_goes_on_while_its_request_does(shop):
    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while length := int(link.until(b"\r\n"), 16):
            chunk = link.exactly(length + 2)
            link.send(b"%x\r\n%s" % (length, chunk.upper()))
        link.exactly(2)
        link.send(b"0\r\n\r\n")

    running = shop(script)
    client = connect(running.port)
    client.send(b"POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nping\r\n")
    head = client.head()
    # A request that is answered before its end costs the connection (row 25 of the attacks).
    assert head.startswith(b"HTTP/1.1 200") and b"Connection: close\r\n" in head
    assert client.exactly(9) == b"4\r\nPING\r\n"
    for number in range(50):
        client.send(b"4\r\np%03d\r\n" % number)
        assert client.exactly(9) == b"4\r\nP%03d\r\n" % number
    client.send(b"0\r\n\r\n")
    assert client.rest() == b"0\r\n\r\n"
    (line,) = [json.loads(line) for line in _log_lines(running, 1)]
    assert line["status"] == 200 and "reason" not in line


def _log_lines(running, count: int) -> list[str]:
    file = pathlib.Path(running.folder) / "access.log"
    wait_until(lambda: file.exists() and file.read_text().count("\n") >= count, 5, f"{count} lines in the log")
    return file.read_text().splitlines()


def test_both_directions_of_one_request_are_long_and_neither_waits_for_the_other(shop):
    size = 256 << 20
    got = []

    def script(link: Link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        sender = threading.Thread(target=_send_blocks, args=(link, size))
        sender.start()
        got.append(Taken().take(link, size).hash.hexdigest())
        sender.join()
        link.rest()

    running = shop(script)
    engine = running.engine_pid()
    before = _resident_kilobytes(engine)
    client = connect(running.port)
    client.send(b"PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n" % size)
    client.head()
    # All but the last byte of the answer, which would end the request's way as well.
    sender = threading.Thread(target=_send_blocks, args=(client, size))
    sender.start()
    taken = Taken().take(client, size - 1)
    sender.join()
    assert _resident_kilobytes(engine) - before < 4_000
    assert taken.size == size - 1
    client.exactly(1)
    client.close()
