"""WebSocket and any other Upgrade: a tunnel after the server's 101, and only then."""

import asyncio
import contextlib
import json
import pathlib
import resource
import signal
import socket
import threading
import time

import pytest
import websockets.asyncio.server
import websockets.exceptions
import websockets.sync.client

from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Link, Scripted, connect, ok
from EndToEnd.harness.waiting import run_apart, wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    servers: [ {servers} ]
    health: { none: {} }
    {more}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
log: { access: { path: "{folder}/access.log" } }
workers: 1
"""
ASK = b"GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: keep-alive, Upgrade\r\nUpgrade: tcp/1\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: TCP/1\r\n\r\n"
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"
# How long what runs may take after SIGTERM, or on a listener that a reload took away.
DRAIN_SECONDS = 30


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
    """`shop(script, more)` is Ballast before a server that runs the script; nothing may be left of its
    tunnels in the end."""
    made = []

    def make(script, more: str = "", count: int = 1):
        servers = [scripted(script) for _ in range(count)]
        running = ballast(CONFIGURATION, servers=_addresses(servers), more=more)
        running.scripted = servers
        made.append(running)
        return running

    yield make
    for running in made:
        if running.process.poll() is None:
            wait_until(lambda: _tunnels(running) == 0 and _inflight(running) == 0, 5, "no tunnel under way")


def _addresses(servers) -> str:
    return ", ".join(f'"127.0.0.1:{server.port}"' for server in servers)


def _tunnels(running) -> float:
    return Metrics(running.metrics()).sum("ballast_tunnels", service="shop")


def _inflight(running) -> float:
    return Metrics(running.metrics()).sum("ballast_server_inflight")


def _log(running, count: int) -> list[dict]:
    """The access log, when it has as many lines."""
    file = pathlib.Path(running.folder) / "access.log"
    wait_until(lambda: file.exists() and file.read_text().count("\n") >= count, 5, f"{count} lines in the log")
    return [json.loads(line) for line in file.read_text().splitlines()]


def _switch(link: Link, number: int) -> None:
    assert b"upgrade: tcp/1\r\n" in link.head().lower()
    link.send(SWITCH)


def _echo(link: Link, number: int) -> None:
    """Switches, then says all that it is told; its end follows the other's."""
    _switch(link, number)
    link.send(link.kept)
    while data := link.socket.recv(65536):
        link.send(data)


def _open(running) -> Link:
    client = connect(running.port)
    client.send(ASK)
    assert client.head().startswith(b"HTTP/1.1 101 ")
    return client


# A real library on both sides.


class WebSocketServer:
    """An echo server of the websockets library, on a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.closes: list[int] = []
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self.ended = asyncio.Event()
        async with websockets.asyncio.server.serve(
                self._handle, "127.0.0.1", 0, subprotocols=["chat"], max_size=None) as server:
            self.port = server.sockets[0].getsockname()[1]
            self.ready.set()
            await self.ended.wait()

    async def _handle(self, link) -> None:
        with contextlib.suppress(websockets.exceptions.ConnectionClosed):
            async for message in link:
                await link.send(message)
        await link.wait_closed()
        self.closes.append(link.close_code)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.ended.set)
        self.thread.join(10)


@pytest.fixture
def websocket_server():
    server = WebSocketServer()
    yield server
    server.stop()


def test_a_websocket_library_talks_to_another_through_it(ballast, websocket_server):
    running = ballast(CONFIGURATION, servers=_addresses([websocket_server]), more="sticky: { cookie: SHOP }")
    with websockets.sync.client.connect(
            f"ws://127.0.0.1:{running.port}/chat", subprotocols=["chat"], max_size=None) as client:
        assert client.subprotocol == "chat"
        # The session begins with the switch, as with any answer.
        assert client.response.headers["Set-Cookie"].startswith("SHOP=")
        assert _tunnels(running) == 1 and _inflight(running) == 1
        for message in ("hello", b"\0\xff" * 100, "x" * (1 << 20), b"y" * (5 << 20), ""):
            client.send(message)
            assert client.recv() == message
        assert client.ping().wait(5)
        client.close(4321, "enough")
    wait_until(lambda: websocket_server.closes, 5, "the close on the other side")
    assert websocket_server.closes == [4321]
    wait_until(lambda: _tunnels(running) == 0 and _inflight(running) == 0, 5, "the tunnel's end")
    (line,) = _log(running, 1)
    assert (line["status"], line["method"], line["target"]) == (101, "GET", "/chat")
    assert "reason" not in line and line["server"]
    # The library compresses, so less than it was told to send.
    assert line["requestBytes"] > 1000 and line["answerBytes"] > 1000
    assert 0 < line["response"] <= line["total"]


def test_a_hundred_websockets_at_once(ballast, websocket_server):
    running = ballast(CONFIGURATION, servers=_addresses([websocket_server]), more="")

    async def talk(number: int) -> None:
        async with websockets.connect(f"ws://127.0.0.1:{running.port}/", subprotocols=["chat"]) as client:
            for round in range(20):
                await client.send(f"{number} {round}")
                assert await client.recv() == f"{number} {round}"

    async def all_of_them() -> None:
        await asyncio.gather(*(talk(number) for number in range(100)))

    run_apart(all_of_them())
    wait_until(lambda: _tunnels(running) == 0, 5, "the end of all tunnels")


# What belongs to the tunnel, and when.


def test_bytes_behind_either_head_belong_to_the_tunnel(shop):
    def script(link: Link, number: int) -> None:
        assert b"connection: upgrade\r\nupgrade: tcp/1\r\n" in link.head().lower()
        link.send(SWITCH + b"server first, ")
        link.send(link.exactly(12).upper())
        link.rest()

    running = shop(script)
    client = connect(running.port)
    client.send(ASK + b"client first")
    head = client.head()
    assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert b"\r\nConnection: Upgrade\r\n" in head and b"\r\nUpgrade: TCP/1\r\n" in head
    assert b"Transfer-Encoding" not in head and b"close" not in head
    assert client.exactly(26) == b"server first, CLIENT FIRST"
    client.close()


def test_nothing_of_the_tunnel_reaches_a_server_that_has_not_switched(shop):
    go_on, seen = threading.Event(), []

    def script(link: Link, number: int) -> None:
        link.head()
        assert go_on.wait(10)
        link.socket.setblocking(False)
        try:
            seen.append(link.socket.recv(100))
        except BlockingIOError:
            seen.append(b"")
        link.socket.settimeout(10)
        link.send(SWITCH)
        seen.append(link.exactly(5))

    running = shop(script)
    client = connect(running.port)
    client.send(ASK)
    wait_until(lambda: _inflight(running) == 1, 5, "the request at the server")
    client.send(b"early")
    # A request on another connection was served meanwhile, so these bytes came.
    assert _inflight(running) == 1
    go_on.set()
    client.head()
    wait_until(lambda: len(seen) == 2, 5, "the bytes behind the switch")
    assert seen == [b"", b"early"]
    client.close()


def test_after_any_other_answer_what_follows_is_the_next_request(shop):
    def script(link: Link, number: int) -> None:
        while True:
            is_upgrade = b"Upgrade: tcp/1" in link.head()
            link.send(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno" if is_upgrade else ok(b"next"))

    running = shop(script)
    client = connect(running.port)
    client.send(ASK + GET)
    assert client.answer() == (426, b"no")
    assert client.answer() == (200, b"next")
    client.close()


@pytest.mark.parametrize("ask, switch", [
    (GET, SWITCH),
    (ASK, SWITCH.replace(b"TCP/1", b"tcp/2")),
    (ASK, SWITCH.replace(b"Upgrade: TCP/1\r\n", b"")),
    (ASK, SWITCH.replace(b"Connection: Upgrade\r\n", b"")),
    (ASK, SWITCH.replace(b"Upgrade: TCP/1\r\n", b"Upgrade: TCP/1, x\r\n")),
    (ASK, SWITCH.replace(b"HTTP/1.1", b"HTTP/1.0")),
    (ASK.replace(b"tcp/1", b"h2c"), SWITCH.replace(b"TCP/1", b"h2c")),
    (ASK.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\nx"), SWITCH),
], ids=["unasked", "another", "unnamed", "not by Connection", "a list", "1.0", "h2c", "with a body"])
def test_a_switch_to_what_was_not_asked_for_is_a_bad_answer(shop, ask, switch):
    def script(link: Link, number: int) -> None:
        link.head()
        link.send(switch + b"SECRET")
        link.rest()

    running = shop(script)
    client = connect(running.port)
    client.send(ask)
    head = client.head()
    assert head.startswith(b"HTTP/1.1 502 ") and b"X-Ballast-Reason: bad-answer\r\n" in head
    client.socket.shutdown(socket.SHUT_WR)
    assert b"SECRET" not in client.rest()


def test_the_answer_to_an_upgrade_has_the_time_that_every_answer_has(shop):
    def script(link: Link, number: int) -> None:
        link.head()
        link.rest()

    running = shop(script, "timeouts: { response: 300ms }")
    client = connect(running.port)
    client.send(ASK)
    assert client.head().startswith(b"HTTP/1.1 504 ")


# Ends.


def test_each_side_may_end_first_and_still_be_told_all(shop):
    def script(link: Link, number: int) -> None:
        _switch(link, number)
        if number == 0:
            assert link.rest() == b"question"
            link.send(b"answer " * 100_000)
        else:
            link.send(b"answer")
            link.socket.shutdown(socket.SHUT_WR)
            assert link.rest() == b"question " * 100_000

    running = shop(script)
    client = _open(running)
    client.send(b"question")
    client.socket.shutdown(socket.SHUT_WR)
    assert client.rest() == b"answer " * 100_000
    client = _open(running)
    assert client.rest() == b"answer"
    client.send(b"question " * 100_000)
    client.close()
    first, second = _log(running, 2)
    assert (first["answerBytes"], second["answerBytes"]) == (700_000, 6)
    assert second["requestBytes"] == len(ASK) + 900_000
    assert "reason" not in first and "reason" not in second


@pytest.mark.parametrize("breaks", ["client", "server"])
def test_a_side_that_breaks_is_no_clean_end_to_the_other(shop, breaks):
    ends, go_on = [], threading.Event()

    def script(link: Link, number: int) -> None:
        _switch(link, number)
        link.send(b"begun")
        if breaks == "server":
            assert go_on.wait(10)
            link.reset()
            return
        try:
            link.rest()
            ends.append("clean")
        except ConnectionResetError:
            ends.append("reset")

    running = shop(script)
    client = _open(running)
    assert client.exactly(5) == b"begun"
    if breaks == "client":
        client.reset()
        wait_until(lambda: ends, 5, "the end at the server")
        assert ends == ["reset"]
    else:
        go_on.set()
        with pytest.raises(ConnectionResetError):
            client.rest()
    (line,) = _log(running, 1)
    assert (line["status"], line["reason"]) == (101, f"{breaks}-reset")
    # That a tunnel broke is no failure of its server.
    assert running.get("/v1/servers")[0]["failures"] == 0


def test_a_side_that_broke_after_its_end_is_noticed(shop):
    gone = threading.Event()

    def script(link: Link, number: int) -> None:
        _switch(link, number)
        assert link.rest() == b""
        assert gone.wait(10)
        # Nobody reads it any more.
        with contextlib.suppress(OSError):
            while True:
                link.send(b"x" * 65536)

    running = shop(script)
    client = _open(running)
    client.socket.shutdown(socket.SHUT_WR)
    gone.set()
    assert client.exactly(1)
    client.reset()
    (line,) = _log(running, 1)
    assert line["reason"] == "client-reset"


def test_an_idle_tunnel_ends_and_one_with_traffic_does_not(shop):
    running = shop(_echo, "timeouts: { idle: 600ms, total: 1s, response: 500ms }")
    quiet, busy = _open(running), _open(running)
    began = time.monotonic()
    while time.monotonic() - began < 1.5:
        busy.send(b"tick")
        assert busy.exactly(4) == b"tick"
    # An orderly end, not a reset.
    assert quiet.rest() == b""
    busy.send(b"still")
    assert busy.exactly(5) == b"still"
    busy.close()
    lines = _log(running, 2)
    assert [line.get("reason") for line in lines] == ["idle-timeout", None]
    assert 500 < lines[0]["total"] < 1500 < lines[1]["total"]


def test_a_tunnels_life_is_no_latency(shop):
    running = shop(_echo)
    client = _open(running)
    began = time.monotonic()
    while time.monotonic() - began < 1.2:
        client.send(b"tick")
        client.exactly(4)
    client.close()
    _log(running, 1)
    page = Metrics(running.metrics())
    assert page.sum("ballast_requests_total", code="101") == 1
    assert page.sum("ballast_request_duration_seconds_sum") < 1


# Flow, place and memory.


def test_who_takes_nothing_holds_up_the_other_side_in_little_memory(shop):
    size, taken = 64 << 20, []

    def script(link: Link, number: int) -> None:
        _switch(link, number)
        sender = threading.Thread(target=link.send, args=(bytes(size),))
        sender.start()
        taken.append(_count(link, size) + len(link.socket.recv(1)))
        sender.join()

    running = shop(script)
    engine = running.engine_pid()
    before = _resident_kilobytes(engine)
    clients = [_open(running) for _ in range(4)]
    senders = [threading.Thread(target=client.send, args=(bytes(size),)) for client in clients]
    for sender in senders:
        sender.start()
    # Both directions of all four are full, then drained.
    for client in clients:
        assert _count(client, 1 << 20) == 1 << 20
    assert _resident_kilobytes(engine) - before < 8_000
    for client, sender in zip(clients, senders):
        left = size - (1 << 20)
        assert _count(client, left) == left
        sender.join()
        client.socket.shutdown(socket.SHUT_WR)
        assert client.socket.recv(1) == b""
    assert _resident_kilobytes(engine) - before < 8_000
    wait_until(lambda: taken == [size] * 4, 10, "all at the server")


def _count(link: Link, most: int) -> int:
    """How many bytes come, up to `most`."""
    count = len(link.kept)
    link.kept = b""
    while count < most and (data := link.socket.recv(min(most - count, 1 << 20))):
        count += len(data)
    return count


def _resident_kilobytes(pid: int) -> int:
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def test_an_idle_tunnel_costs_little(shop):
    def script(link: Link, number: int) -> None:
        _switch(link, number)
        link.rest()

    running = shop(script)
    engine = running.engine_pid()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    for client in [_open(running) for _ in range(100)]:
        client.close()
    wait_until(lambda: _tunnels(running) == 0, 5, "the first ones closed")
    before = _resident_kilobytes(engine)
    clients = [_open(running) for _ in range(1000)]
    assert _tunnels(running) == 1000
    # Both connections of it, the request's head for the log, and the tables' growth by doubling.
    assert (_resident_kilobytes(engine) - before) / 1000 < 8
    for client in clients:
        client.close()
    wait_until(lambda: _tunnels(running) == 0, 10, "the end of all tunnels")


def test_tunnels_count_where_requests_under_way_do(shop):
    running = shop(_echo, "balance: least-connections", count=2)
    clients = [_open(running) for _ in range(6)]

    def counts() -> list[float]:
        return sorted(Metrics(running.metrics()).series("ballast_server_inflight").values())

    assert counts() == [3, 3]
    for client in clients:
        client.close()


def test_a_tunnel_takes_a_place_of_the_limit(shop):
    running = shop(_echo, "limits: { requests: 1, queue: 1, queueTimeout: 8s }")
    first = _open(running)
    second = connect(running.port)
    second.send(ASK)
    wait_until(lambda: Metrics(running.metrics()).sum("ballast_queue_length") == 1, 5, "one that waits")
    first.close()
    assert second.head().startswith(b"HTTP/1.1 101 ")
    second.close()


# Change.


def test_tunnels_survive_reloads_also_when_their_server_goes(shop, scripted):
    running = shop(_echo, count=2)
    clients = [_open(running) for _ in range(10)]
    kept, gone = running.scripted
    other = scripted(_echo)

    def reloads() -> float:
        return Metrics(running.metrics()).sum("ballast_config_reloads_total", result="success")

    for servers in ([kept], [kept, other], [other], [other], [kept, gone]):
        before = reloads()
        running.write(CONFIGURATION, servers=_addresses(servers))
        running.reload()
        wait_until(lambda: reloads() > before, 5, "the reload")
        for number, client in enumerate(clients):
            client.send(b"%d" % number)
            assert client.exactly(1) == b"%d" % number
    for client in clients:
        client.close()


def test_a_drained_server_keeps_its_tunnels(shop):
    running = shop(_echo)
    client = _open(running)
    name = running.get("/v1/servers")[0]["name"]
    running.change("PUT", f"/v1/servers/shop/{name}", {"state": "draining"})
    refused = connect(running.port)
    refused.send(ASK)
    assert refused.head().startswith(b"HTTP/1.1 503 ")
    client.send(b"on")
    assert client.exactly(2) == b"on"
    client.close()


def test_a_stop_lets_tunnels_end_by_themselves(shop):
    running = shop(_echo)
    clients = [_open(running) for _ in range(3)]
    running.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not _accepts(running.port), 5, "a closed listener")
    for client in clients:
        client.send(b"on")
        assert client.exactly(2) == b"on"
        client.socket.shutdown(socket.SHUT_WR)
        assert client.rest() == b""
    assert running.process.wait(10) == 0


def _accepts(port: int) -> bool:
    try:
        connect(port).close()
        return True
    except OSError:
        return False


@pytest.mark.timeout(120)
def test_at_the_end_of_a_drain_tunnels_are_closed_and_not_reset(shop):
    """One Ballast that stops, and one that loses a listener: both give what runs the same time."""
    moved = CONFIGURATION.replace("web:", "other:").replace('"127.0.0.1:{port}"', '"127.0.0.1:{second}"')

    def patient(link: Link, number: int) -> None:
        link.socket.settimeout(2 * DRAIN_SECONDS)
        _echo(link, number)

    stopped, reloaded = shop(patient), shop(patient)
    clients = [_open(stopped), _open(reloaded)]
    with socket.create_server(("127.0.0.1", 0)) as free:
        second = free.getsockname()[1]
    began = time.monotonic()
    stopped.process.send_signal(signal.SIGTERM)
    reloaded.write(moved, second=second)
    reloaded.reload()
    wait_until(lambda: _accepts(second), 5, "the other listener")
    for client in clients:
        client.send(b"on")
        assert client.exactly(2) == b"on"
        client.socket.settimeout(DRAIN_SECONDS + 5)
    for client in clients:
        assert client.rest() == b""
        assert DRAIN_SECONDS - 2 < time.monotonic() - began < DRAIN_SECONDS + 3
        client.close()
    assert stopped.process.wait(10) == 0
    for running in (stopped, reloaded):
        assert _log(running, 1)[0]["reason"] == "drained"
