"""Clients that ask for too much, too slowly, too large, or in another's name: they are stopped, exactly, and
nobody else notices."""

import concurrent.futures
import contextlib
import json
import resource
import socket
import threading
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Link, Scripted, ok
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", {more} }
services:
  shop:
    servers: [ "127.0.0.1:{server}" ]
    health: { none: {} }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
log: { access: { path: "{folder}/access.log" } }
workers: 2
{rest}
"""
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"


def echo(link: Link, _: int) -> None:
    """Answers each request with its head and the length of its body."""
    while True:
        head = link.head()
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if length.strip():
            link.exactly(int(length))
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(head), head))


@pytest.fixture
def defended(ballast):
    made = []

    def make(more: str, rest: str = "", script=echo):
        server = Scripted(script)
        made.append(server)
        return ballast(CONFIGURATION, more=more, rest=rest, server=server.port)

    yield make
    for server in made:
        server.stop()


def open_link(running, receive_bytes: int = 0, source: str = "") -> Link:
    client = socket.socket()
    if receive_bytes:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    if source:
        client.bind((source, 0))
    client.connect(("127.0.0.1", running.port))
    return Link(client)


def ask(running, source: str = "", **fields: str) -> tuple[int, bytes]:
    """One request over a connection of its own: status and the whole answer."""
    link = open_link(running, source=source)
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    try:
        link.send(f"GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n{lines}\r\n".encode())
        answer = link.rest()
        return int(answer[9:12]), answer
    finally:
        link.close()


def is_closed(link: Link, seconds: float = 5) -> bool:
    link.socket.settimeout(seconds)
    try:
        return link.socket.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


def is_served(link: Link) -> bool:
    try:
        link.send(GET)
        return link.answer()[0] == 200
    except (OSError, EOFError):
        return False


def connects(running) -> bool:
    link = open_link(running)
    try:
        return is_served(link)
    finally:
        link.close()


def log_lines(running) -> list[dict]:
    file = running.folder / "access.log"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def has_event(running, kind: str, words: str) -> bool:
    return any(event["type"] == kind and words in event["message"] for event in running.get("/v1/events?limit=1000"))


# Rates.


def test_a_rate_limit_is_exact_over_workers_and_lasts_over_reloads(defended):
    running = defended("rateLimit: { rate: 1/h, burst: 40 }")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        # A bucket is at most what a day fills.
        answers = list(pool.map(lambda _: ask(running), range(300)))
    assert sum(status == 200 for status, _ in answers) == 24
    assert {status for status, _ in answers} == {200, 429}
    refused = next(answer for status, answer in answers if status == 429)
    assert b"X-Ballast-Reason: rate-limited" in refused
    wait = int(refused.partition(b"Retry-After: ")[2].partition(b"\r\n")[0])
    assert 3500 <= wait <= 3601
    running.write(CONFIGURATION, rest="bans: [ 203.0.113.9 ]")
    running.reload()
    wait_until(lambda: running.get("/v1/bans"), 10, "the reload")
    assert ask(running)[0] == 429
    assert ask(running, source="127.0.0.2")[0] == 200
    metrics = Metrics(running.metrics())
    assert metrics.sum("ballast_rate_limited_total", listener="web") == 277
    assert metrics.sum("ballast_requests_total", code="429") == 277
    wait_until(lambda: any(line.get("reason") == "rate-limited" for line in log_lines(running)), 5, "a line")


def test_a_bucket_fills_at_its_rate(defended):
    running = defended("rateLimit: { rate: 20/s, burst: 1 }")
    link = open_link(running)
    began, admitted = time.monotonic(), 0
    while time.monotonic() - began < 1.5:
        link.send(GET)
        admitted += link.answer()[0] == 200
    span = time.monotonic() - began
    link.close()
    assert 2 <= admitted <= 1 + 20 * span


def test_a_limit_by_header_and_one_for_all(defended):
    running = defended('rateLimit: [ { rate: 1/h, burst: 2, key: "header:X-Key" }, { rate: 5/h, key: all } ]')
    assert [ask(running, X_Key="a")[0] for _ in range(3)] == [200, 200, 429]
    assert ask(running, X_Key="b")[0] == 200
    # Without the field the address counts.
    assert [ask(running)[0] for _ in range(3)] == [200, 200, 429]
    # Five were served of all.
    assert ask(running, X_Key="c")[0] == 429


def test_a_route_has_limits_of_its_own(defended):
    running = defended(
        "limits: { body: 10 }",
        "routes: [ { service: shop, match: { path: /a }, rateLimit: { rate: 1/h, burst: 2 }, limits: { body: 100 } } ]")
    answers = []
    for path, size in (("/a", 50), ("/a", 200), ("/a", 1), ("/b", 50), ("/b", 5)):
        answers.append(request(running.port, "POST", path, b"x" * size).status)
    # What is too large is not counted.
    assert answers == [200, 413, 200, 413, 404]
    assert request(running.port, "POST", "/a").status == 429
    assert Metrics(running.metrics()).sum("ballast_rate_limited_total", listener="web", route="shop") == 1


# Connections.


def test_connections_of_one_address_are_capped_over_workers(defended):
    running = defended("limits: { connectionsPerAddress: 10 }")
    links = [open_link(running) for _ in range(40)]
    open_ones = [link for link in links if is_served(link)]
    assert len(open_ones) == 10
    other = open_link(running, source="127.0.0.2")
    assert is_served(other)
    open_ones[0].close()
    wait_until(lambda: connects(running), 5, "room for another")
    for link in [*links, other]:
        link.close()
    assert Metrics(running.metrics()).sum("ballast_connections_refused_total", reason="address-limit") >= 30


def test_a_listener_is_capped_over_workers(defended):
    running = defended("limits: { connections: 12 }")
    held = [open_link(running) for _ in range(12)]
    # A request under way makes nobody room.
    for link in held:
        link.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\n")
    wait_until(lambda: Metrics(running.metrics()).sum("ballast_server_inflight") == 12, 5, "twelve requests")
    more = [open_link(running) for _ in range(20)]
    assert all(is_closed(link) for link in more)
    for link in held:
        link.send(b"hello")
        assert link.answer()[0] == 200
    metrics = Metrics(running.metrics())
    assert metrics.sum("ballast_connections", listener="web") == 12
    assert metrics.sum("ballast_connections_refused_total", reason="limit") == 20
    for link in held + more:
        link.close()


def test_resting_connections_make_way(defended):
    running = defended("limits: { connections: 20 }")
    resting = [open_link(running) for _ in range(20)]
    assert sum(is_served(link) for link in resting) == 20
    assert all(ask(running)[0] == 200 for _ in range(60))
    assert Metrics(running.metrics()).sum("ballast_connections_refused_total", reason="made-way") > 0
    for link in resting:
        link.close()


# Time.


def test_a_slow_head_gets_no_more_time_with_each_byte(defended):
    running = defended("timeouts: { head: 1s }")
    began = time.monotonic()
    link = open_link(running)
    link.socket.settimeout(0.2)
    answer = b""
    for byte in GET * 3:
        try:
            link.send(bytes([byte]))
            answer = link.socket.recv(4096)
            break
        except TimeoutError:
            continue
        except OSError:
            break
    assert time.monotonic() - began < 3
    assert answer.startswith(b"HTTP/1.1 408 ")
    silent = open_link(running)
    assert is_closed(silent)
    for one in (link, silent):
        one.close()


def test_a_slow_body_is_cut_and_a_slow_link_is_not(defended):
    running = defended("leastRate: { body: 100, grace: 1s }")
    slow, honest = open_link(running), open_link(running)
    # What came fast at first is no credit.
    slow.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 50000\r\n\r\n" + b"x" * 20000)
    honest.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3000\r\n\r\n")
    began, cut = time.monotonic(), 0.0
    for _ in range(15):
        honest.send(b"x" * 200)
        if not cut:
            with contextlib.suppress(OSError):
                slow.send(b"x")
            slow.socket.settimeout(0.2)
            with contextlib.suppress(TimeoutError, OSError):
                if slow.socket.recv(4096).startswith(b"HTTP/1.1 408 "):
                    cut = time.monotonic() - began
        time.sleep(0.2)
    assert 0.9 <= cut < 2.5
    assert honest.answer()[0] == 200
    for link in (slow, honest):
        link.close()


def big(link: Link, _: int) -> None:
    link.head()
    link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
    for _ in range(500):
        link.send(b"x" * 100_000)


def test_a_slow_reader_is_cut_and_a_slow_link_is_not(defended):
    running = defended("leastRate: { answer: 100, grace: 2s }", script=big)
    # Small buffers, as a slow link has: a large one would be taken in at once and read for minutes.
    readers = {name: open_link(running, receive_bytes=16384) for name in ("still", "byte", "honest")}
    for link in readers.values():
        link.send(GET)
    began = time.monotonic()
    while time.monotonic() - began < 7:
        # The pace of the two is what is tested.
        time.sleep(0.1)
        with contextlib.suppress(ConnectionResetError):
            readers["byte"].socket.recv(1)
        assert readers["honest"].socket.recv(4000)
    metrics = Metrics(running.metrics())
    assert metrics.sum("ballast_connections_refused_total", reason="slow") == 2
    assert metrics.sum("ballast_connections", listener="web") == 1
    for link in readers.values():
        link.close()


# Size.


def test_bodies_are_limited_by_what_they_say_and_by_what_they_are(defended):
    running = defended("limits: { body: 1KiB }")
    said = open_link(running)
    said.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 2000\r\n\r\n")
    assert said.answer()[0] == 413
    real = open_link(running)
    real.send(b"POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(3):
        with contextlib.suppress(OSError):
            real.send(b"200\r\n" + b"x" * 512 + b"\r\n")
    assert real.answer()[0] == 413
    fitting = open_link(running)
    fitting.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 1024\r\n\r\n" + b"x" * 1024)
    assert fitting.answer()[0] == 200
    for link in (said, real, fitting):
        link.close()
    wait_until(lambda: len([line for line in log_lines(running) if line["status"] == 413]) == 2, 5, "two lines")
    refused = [line for line in log_lines(running) if line["status"] == 413]
    first, second = sorted(refused, key=lambda line: line["seen"], reverse=True)
    assert (first["limit"], first["most"], first["seen"]) == ("limits.body", 1024, 2000)
    assert (second["limit"], second["most"], second["seen"]) == ("limits.body", 1024, 1536)
    assert first["reason"] == "body-too-large"


def test_a_head_that_is_too_large_is_told_with_its_limit_and_field(defended):
    running = defended("limits: { head: 4KiB, fields: 10 }")
    for head in (b"X-Long: " + b"a" * 5000, b"\r\n".join(b"X-%d: a" % number for number in range(20))):
        link = open_link(running)
        link.send(b"GET / HTTP/1.1\r\nHost: shop\r\n" + head + b"\r\n\r\n")
        assert link.answer()[0] == 431
        link.close()
    wait_until(lambda: len(log_lines(running)) == 2, 5, "two lines")
    # Each worker writes its own.
    first, second = sorted(log_lines(running), key=lambda line: line["limit"], reverse=True)
    assert (first["limit"], first["most"], first["field"]) == ("limits.head", 4096, "X-Long")
    assert first["seen"] >= 4096
    assert (second["limit"], second["most"], second["seen"], second["field"]) == ("limits.fields", 10, 11, "X-9")
    wait_until(lambda: has_event(running, "request-too-large", "at the field X-Long"), 5, "an event")


# Bans.


def test_a_ban_cuts_off_and_lasts_until_its_end(defended):
    running = defended("", "bans: [ 127.0.0.3 ]")
    assert is_closed(open_link(running, source="127.0.0.3"))
    held = open_link(running, source="127.0.0.2")
    assert is_served(held)
    told = running.run_command("ban", "127.0.0.2", "--for", "3s", "--reason", "test", "--admin", f"http://127.0.0.1:{running.admin}")
    assert told.returncode == 0, told.stderr
    assert is_closed(held)
    assert is_closed(open_link(running, source="127.0.0.2"))
    assert ask(running)[0] == 200
    listed = running.run_command("get", "bans", "--admin", f"http://127.0.0.1:{running.admin}").stdout
    assert "127.0.0.2" in listed and "127.0.0.3" in listed and "test" in listed
    wait_until(lambda: has_event(running, "ban-expired", "127.0.0.2"), 10, "the end")
    assert ask(running, source="127.0.0.2")[0] == 200
    assert Metrics(running.metrics()).sum("ballast_connections_refused_total", reason="banned") == 3


def test_a_ban_survives_a_restart_and_can_be_lifted(defended):
    running = defended("")
    running.change("POST", "/v1/bans", {"address": "127.0.0.0/30"})
    running.stop()
    running.start(wait=False)
    wait_until(running.is_ready, 15, "ready")
    assert is_closed(open_link(running, source="127.0.0.2"))
    assert ask(running, source="127.0.0.4")[0] == 200
    admin = f"http://127.0.0.1:{running.admin}"
    wrong = running.run_command("unban", "127.0.0.0/31", "--admin", admin)
    assert wrong.returncode == 1 and "127.0.0.0/30" in wrong.stderr
    assert running.run_command("unban", "127.0.0.0/30", "--admin", admin).returncode == 0
    assert ask(running, source="127.0.0.2")[0] == 200
    assert request(running.admin, "POST", "/v1/bans", b'{"address":"10.0.0.1/8"}').status == 400


# Who it is.


def test_a_trusted_proxy_speaks_for_its_clients(defended):
    running = defended("trustedProxies: [ 127.0.0.0/24 ], rateLimit: { rate: 1/h, burst: 2 }", "bans: [ 192.0.2.66 ]")
    status, answer = ask(
        running, X_Forwarded_For="6.6.6.6, 192.0.2.1, 127.0.0.7", X_Forwarded_Proto="https",
        X_Forwarded_Host="shop.example.com", X_Request_Id="0123456789abcdef0123456789abcdef", X_Real_IP="192.0.2.1")
    assert status == 200
    for line in (
        b"X-Forwarded-For: 6.6.6.6, 192.0.2.1, 127.0.0.7, 127.0.0.1\r\n", b"X-Forwarded-Proto: https\r\n",
        b"X-Forwarded-Host: shop.example.com\r\n", b"X-Request-Id: 0123456789abcdef0123456789abcdef\r\n",
        b"X-Real-IP: 192.0.2.1\r\n",
    ):
        assert line in answer, line
    # The client has the bucket, not the proxy.
    assert [ask(running, X_Forwarded_For="192.0.2.1")[0] for _ in range(2)] == [200, 429]
    assert ask(running, X_Forwarded_For="192.0.2.2")[0] == 200
    status, answer = ask(running, X_Forwarded_For="192.0.2.66")
    assert status == 403 and b"X-Ballast-Reason: banned" in answer
    named = "0123456789abcdef0123456789abcdef"
    wait_until(lambda: any(line["requestId"] == named for line in log_lines(running)), 5, "the line")
    assert [line["client"] for line in log_lines(running) if line["requestId"] == named] == ["192.0.2.1"]


def test_nobody_else_does(defended):
    running = defended("trustedProxies: [ 192.0.2.0/24 ]")
    status, answer = ask(
        running, X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="https", X_Forwarded_Host="evil", X_Request_Id="evil",
        X_Real_IP="6.6.6.6", Forwarded="for=6.6.6.6", X_Forwarded_Port="1")
    assert status == 200
    assert b"6.6.6.6" not in answer and b"evil" not in answer and b"https" not in answer and b"Port" not in answer
    assert b"X-Forwarded-For: 127.0.0.1\r\n" in answer


# When everything runs out.


@pytest.fixture
def few_descriptors(tmp_path, monkeypatch, ballast_binary):
    """Programs that are started from here on may have 220 descriptors."""
    limited = tmp_path / "limited"
    limited.write_text(f'#!/bin/sh\nulimit -n 220\nexec "{ballast_binary}" "$@"\n')
    limited.chmod(0o755)
    monkeypatch.setenv("BALLAST", str(limited))


def test_a_flood_leaves_room_for_the_admin_listener_and_for_work(few_descriptors, defended):
    running = defended("timeouts: { head: 3s }")
    flood = []
    for _ in range(500):
        flood.append(open_link(running))
        # Half a head, so that it does not rest.
        flood[-1].send(b"GET / HTTP/1.1\r\nHost:")
    wait_until(lambda: has_event(running, "accept-paused", "all the connections"), 10, "a pause")
    assert request(running.admin, "GET", "/healthz").status == 200
    assert ask(running)[0] == 200
    assert Metrics(running.metrics()).sum("ballast_accept_pauses_total", reason="connections") > 0
    for link in flood:
        link.close()
    wait_until(lambda: ask(running)[0] == 200, 10, "work as before")


def test_without_descriptors_accepting_pauses_and_work_goes_on(defended):
    arrived, gate = threading.Event(), threading.Event()

    def script(link: Link, number: int) -> None:
        link.head()
        arrived.set()
        assert gate.wait(20)
        link.send(ok(b"done"))

    running = defended("", script=script)
    held = open_link(running)
    # Under way, so that it does not make way for the newcomer.
    held.send(GET)
    assert arrived.wait(10)
    engine = running.engine_pid()
    before = resource.prlimit(engine, resource.RLIMIT_NOFILE)
    # Fewer than are open: from here on the system gives none.
    resource.prlimit(engine, resource.RLIMIT_NOFILE, (5, before[1]))
    answered = threading.Event()
    late: list[int] = []

    def come() -> None:
        late.append(ask(running)[0])
        answered.set()

    newcomer = threading.Thread(target=come, daemon=True)
    newcomer.start()
    try:
        wait_until(lambda: "accept-paused" in running.output(), 10, "a line in the log")
        gate.set()
        assert held.answer() == (200, b"done")
        assert not answered.is_set()
    finally:
        resource.prlimit(engine, resource.RLIMIT_NOFILE, before)
    assert answered.wait(10) and late == [200]
    held.close()
    assert running.engine_pid() == engine
    assert Metrics(running.metrics()).sum("ballast_accept_pauses_total", reason="descriptors") > 0
