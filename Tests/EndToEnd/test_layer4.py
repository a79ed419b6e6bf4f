"""Layer 4 with real programs: PostgreSQL, dig, socat, and servers that say what they saw."""

import os
import pathlib
import signal
import socket
import subprocess
import threading

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Link, connect
from EndToEnd.harness.layer4 import POSTGRESQL, REST, NameServer, Postgres, dig, echo, is_reset, line_of, named, psql
from EndToEnd.harness.waiting import free_port, wait_until

TCP = """\
listeners:
  db: { address: "127.0.0.1:{port}", protocol: tcp, service: store }
services:
  store:
    protocol: tcp
    servers: [ {servers} ]
    health: { none: {} }
    {more}
""" + REST


@pytest.fixture
def store(ballast):
    """`store(port, …)` is Ballast before these servers."""

    def make(*ports: int, more: str = "", text: str = TCP, **names):
        servers = ", ".join(f'"127.0.0.1:{port}"' for port in ports)
        return ballast(text, servers=servers, more=more, **names)

    return make


# MARK: TCP


def test_a_stream_is_carried_counted_and_logged(store, scripted):
    running = store(scripted(echo).port)
    link = connect(running.port)
    link.send(b"hello")
    assert link.exactly(5) == b"hello"
    assert Metrics(running.metrics()).sum("ballast_connections", listener="db") == 1
    link.socket.shutdown(socket.SHUT_WR)
    assert link.rest() == b""
    line = line_of(running)
    wanted = {"listener": "db", "client": "127.0.0.1", "protocol": "tcp", "service": "store", "reason": "client-closed", "bytesIn": 5, "bytesOut": 5}
    assert {key: line[key] for key in wanted} == wanted
    assert line["server"].startswith("127.0.0.1:") and line["total"] >= line["connect"] >= 0
    metrics = Metrics(running.metrics())
    assert not metrics.problems
    assert metrics.sum("ballast_connections", listener="db") == 0
    assert metrics.sum("ballast_connections_total", listener="db") == 1
    assert metrics.sum("ballast_streams_total", service="store", reason="client-closed") == 1
    assert metrics.sum("ballast_stream_bytes_total", service="store", direction="in") == 5
    assert metrics.sum("ballast_stream_bytes_total", service="store", direction="out") == 5
    assert metrics.sum("ballast_server_streams_total", service="store") == 1


def test_half_closes_pass_on_one_way_at_a_time(store, scripted):
    def upper(link: Link, _: int) -> None:
        link.send(link.rest().upper())

    running = store(scripted(upper).port)
    done = subprocess.run(
        ["socat", "-t", "5", "-", f"TCP:127.0.0.1:{running.port}"], input=b"to the end", capture_output=True, timeout=20)
    assert done.stdout == b"TO THE END" and done.returncode == 0


def test_a_server_may_speak_first_and_close_first(store, scripted):
    running = store(scripted(lambda link, _: link.send(b"welcome")).port)
    link = connect(running.port)
    assert link.rest() == b"welcome"
    link.close()
    assert line_of(running)["reason"] == "server-closed"


def test_a_reset_is_passed_on_as_a_reset(store, scripted):
    seen = threading.Event()

    def broken(link: Link, number: int) -> None:
        if link.until(b"\n") == b"break\n":
            link.send(b"last words")
            link.reset()
        elif is_reset(link):
            seen.set()

    running = store(scripted(broken).port)
    link = connect(running.port)
    link.send(b"break\n")
    assert is_reset(link)
    assert line_of(running)["reason"] == "server-reset"
    link = connect(running.port)
    link.send(b"wait\n")
    wait_until(lambda: len(running_links(running)) == 1, 5, "the stream")
    link.reset()
    assert seen.wait(5)
    assert line_of(running, 2)["reason"] == "client-reset"


def running_links(running) -> list:
    return [1] * int(Metrics(running.metrics()).sum("ballast_server_connections", service="store"))


def test_a_dead_server_is_passed_over_and_no_new_stream_reaches_it(store, scripted):
    first, second = scripted(named(b"a")), scripted(named(b"b"))
    running = store(first.port, second.port, more="balance: round-robin")
    names = [connect(running.port).until(b"\n") for _ in range(4)]
    assert set(names) == {b"a\n", b"b\n"}
    dead = free_port()
    running.write(TCP, servers=f'"127.0.0.1:{dead}", "127.0.0.1:{second.port}"')
    running.reload()
    wait_until(lambda: f"127.0.0.1:{dead}" in running.metrics(), 5, "the new servers")
    before = len(first.links)
    assert {connect(running.port).until(b"\n") for _ in range(20)} == {b"b\n"}
    assert len(first.links) == before
    metrics = Metrics(running.metrics())
    assert metrics.sum("ballast_retries_total", service="store", reason="connect-failure") >= 1


def test_without_a_server_a_client_is_reset(store):
    running = store(free_port())
    # The reset may come before the client has looked at its connection at all.
    try:
        assert is_reset(connect(running.port))
    except ConnectionResetError:
        pass
    assert line_of(running)["reason"] == "connect-failure"


def test_a_silent_stream_ends_and_a_busy_one_does_not(store, scripted):
    running = store(scripted(echo).port, more="timeouts: { idle: 400ms }")
    busy, silent = connect(running.port), connect(running.port)
    ended = threading.Event()
    threading.Thread(target=lambda: is_reset(silent) and ended.set(), daemon=True).start()
    count = 0
    while not ended.is_set():
        busy.send(b"x")
        assert busy.exactly(1) == b"x"
        count += 1
        assert count < 1_000_000
    assert line_of(running)["reason"] == "idle-timeout"


def test_limits_hold_and_the_queue_waits(store, scripted):
    running = store(scripted(named(b"a")).port, more="limits: { connections: 2, queue: 4, queueTimeout: 10s }", text=TCP.replace("workers: 2", "workers: 1"))
    first = [connect(running.port) for _ in range(2)]
    assert [link.until(b"\n") for link in first] == [b"a\n", b"a\n"]
    third = connect(running.port)
    wait_until(lambda: Metrics(running.metrics()).sum("ballast_queue_length", service="store") == 1, 5, "one that waits")
    first[0].close()
    assert third.until(b"\n") == b"a\n"


def test_a_client_address_stays_with_its_server(store, scripted):
    servers = [scripted(named(name)) for name in (b"a", b"b", b"c")]
    running = store(*(server.port for server in servers), more="balance: random\n    sticky: { source: client-ip }")
    assert len({connect(running.port).until(b"\n") for _ in range(12)}) == 1


def test_much_goes_through_in_constant_memory(store, scripted):
    total, block = 100 << 20, os.urandom(1 << 16)

    def pour(link: Link, _: int) -> None:
        for _ in range(total // len(block)):
            link.send(block)

    running = store(scripted(pour).port, text=TCP.replace("workers: 2", "workers: 1"))
    before = resident(running)
    # Ten clients at once, of which one reads nothing for a while.
    slow = connect(running.port)
    slow.exactly(1)
    link, got = connect(running.port), 0
    sample = b""
    while data := link.socket.recv(1 << 20):
        if got < len(block):
            sample += data
        got += len(data)
    assert got == total and sample[:len(block)] == block
    assert resident(running) - before < 16 << 20
    slow.close()


def resident(running) -> int:
    text = pathlib.Path(f"/proc/{running.engine_pid()}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) * 1024


def test_streams_go_on_while_it_drains(store, scripted):
    running = store(scripted(echo).port)
    link = connect(running.port)
    link.send(b"a")
    assert link.exactly(1) == b"a"
    running.process.send_signal(signal.SIGTERM)
    wait_until(lambda: refuses(running.port), 5, "no new streams")
    link.send(b"b")
    assert link.exactly(1) == b"b"
    link.close()
    assert running.process.wait(10) == 0


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return False
    except OSError:
        return True


@pytest.mark.skipif(not POSTGRESQL, reason="no PostgreSQL is installed")
def test_postgresql_works_through_it(store, stopped, tmp_path):
    database = stopped(Postgres(tmp_path))
    running = store(database.port)
    assert psql(running.port, "select 6 * 7") == "42"
    # Much in both directions.
    assert psql(running.port, "select length(string_agg(md5(i::text), '')) from generate_series(1, 200000) i") == "6400000"
    assert psql(running.port, "select repeat('x', 10000000)") == "x" * 10_000_000
    assert running.get("/v1/services/store")["service"]["failures"] == 0


# MARK: UDP

UDP = """\
listeners:
  dns: { address: "127.0.0.1:{port}", protocol: udp, service: names{listener} }
services:
  names:
    protocol: udp
    servers: [ {servers} ]
    {more}
""" + REST


def udp(store, *ports: int, more: str = "", listener: str = ""):
    return store(*ports, more=more, text=UDP, listener=listener)


def test_dig_gets_its_answer(store, stopped):
    server = stopped(NameServer("192.0.2.7"))
    running = udp(store, server.port, more="timeouts: { idle: 300ms }")
    assert [dig(running.port) for _ in range(3)] == ["192.0.2.7"] * 3
    assert server.questions == 3
    line = line_of(running)
    wanted = {"listener": "dns", "protocol": "udp", "service": "names", "reason": "idle-timeout", "datagramsIn": 1, "datagramsOut": 1}
    assert {key: line[key] for key in wanted} == wanted
    metrics = Metrics(running.metrics())
    assert not metrics.problems
    assert metrics.sum("ballast_datagrams_total", service="names", direction="in") == 3
    assert metrics.sum("ballast_datagrams_total", service="names", direction="out") == 3


def test_a_name_server_that_refuses_is_left(store, stopped):
    good = stopped(NameServer("192.0.2.8"))
    running = udp(store, free_port(), good.port, more="balance: round-robin\n    ejection: { failures: 1, time: 60s }")
    # The first question to the dead one is lost with it; its refusal ejects it.
    wait_until(lambda: dig(running.port, seconds=1) and Metrics(running.metrics()).sum("ballast_ejections_total", service="names"), 20, "an ejection")
    assert [dig(running.port) for _ in range(5)] == ["192.0.2.8"] * 5


def test_a_client_has_one_server_and_clients_are_spread(store, stopped):
    servers = [stopped(NameServer(f"192.0.2.{number}")) for number in (1, 2)]
    running = udp(store, *(server.port for server in servers), more="balance: round-robin")
    assert {dig(running.port) for _ in range(8)} == {"192.0.2.1", "192.0.2.2"}
    questions = [server.questions for server in servers]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect(("127.0.0.1", running.port))
        question = b"\0\1\1\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1"
        for _ in range(6):
            client.send(question)
            assert client.recv(4096).startswith(b"\0\1\x81\x80")
    assert sorted(server.questions - before for server, before in zip(servers, questions)) == [0, 6]


def test_the_table_of_clients_is_bounded(store, stopped):
    server = stopped(NameServer("192.0.2.9"))
    running = store(server.port, text=UDP.replace("workers: 2", "workers: 1"), listener=", sessions: 2")
    clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
    question = b"\0\1\1\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1"
    for client in clients[:2]:
        client.settimeout(5)
        client.connect(("127.0.0.1", running.port))
        client.send(question)
        assert client.recv(4096)
    clients[2].connect(("127.0.0.1", running.port))
    clients[2].send(question)
    wait_until(lambda: Metrics(running.metrics()).sum("ballast_streams_total", reason="table-full") == 1, 5, "one too many")
    assert Metrics(running.metrics()).sum("ballast_datagrams_dropped_total", listener="dns") == 1
    for client in clients:
        client.close()


# MARK: Changes


def test_a_listener_that_changes_its_protocol_keeps_the_others(ballast, scripted, stopped):
    server, names = scripted(named(b"a")), stopped(NameServer("192.0.2.1"))
    both = """\
listeners:
  db: { address: "127.0.0.1:{port}", protocol: tcp, service: store }
  dns: { address: "127.0.0.1:{port}", protocol: udp, service: names }
services:
  store: { protocol: tcp, servers: [ "127.0.0.1:{server}" ], health: { none: {} } }
  names: { protocol: udp, servers: [ "127.0.0.1:{names}" ] }
""" + REST
    running = ballast(both, server=server.port, names=names.port)
    link = connect(running.port)
    assert link.until(b"\n") == b"a\n" and dig(running.port) == "192.0.2.1"
    running.write(both.replace("  dns: ", "  # dns: "))
    running.reload()
    wait_until(lambda: not dig(running.port, seconds=1), 10, "no more DNS")
    link.send(b"still")
    assert link.exactly(5) == b"still"
    running.write(both)
    running.reload()
    wait_until(lambda: dig(running.port, seconds=1) == "192.0.2.1", 10, "DNS again")
    link.send(b"here")
    assert link.exactly(4) == b"here"
    link.close()


def test_the_admin_api_shows_layer_4(store, scripted):
    running = store(scripted(echo).port)
    assert request(running.admin, "GET", "/v1/listeners").json()[0]["protocol"] == "tcp"
    assert running.get("/v1/services/store")["service"]["balance"] == "least-connections"
