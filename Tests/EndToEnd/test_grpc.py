"""Clients and servers of gRPC with Ballast between them: calls of every kind, deadlines, cancellation, retries,
and how evenly the calls of one connection are spread."""

import collections
import itertools
import threading
import time

import grpc
import pytest

from EndToEnd.harness.calls import Caller, CallServer, failure
from EndToEnd.harness.certificates import Authority
from EndToEnd.harness.frames import FrameServer, Streams
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.waiting import free_port, wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", http2: true }
services:
  calls:
    protocol: http2
    servers: [{servers}]
    balance: round-robin
    health: {health}
    {more}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""
Code = grpc.StatusCode


@pytest.fixture
def calls(ballast, stopped):
    """`calls(*servers)` is Ballast before them, and a client with one connection to it."""
    made = []

    def make(*servers, more: str = "", health: str = "{ none: {} }"):
        names = ", ".join(f'"127.0.0.1:{server.port}"' for server in servers)
        running = ballast(CONFIGURATION, servers=names, more=more, health=health)
        made.append((running, running.engine_pid()))
        return running, stopped(Caller(running.port))

    yield make
    for running, engine in made:
        wait_until(lambda one=running: Metrics(one.metrics()).sum("ballast_server_inflight") == 0, 10,
                   "nothing under way")
        assert running.engine_pid() == engine


def total(running, code: str) -> float:
    return Metrics(running.metrics()).sum("ballast_grpc_requests_total", service="calls", code=code)


def test_unary_calls_pass_with_their_fields_before_and_behind(calls, stopped):
    server = stopped(CallServer("a"))
    running, client = calls(server)
    answer, call = client.unary.with_call(b"hello", metadata=[("x-mine", "1"), ("x-mine-bin", b"\0\1\xff")], timeout=20)
    assert answer == b"a:hello" and call.code() == Code.OK
    assert ("x-server", "a") in call.initial_metadata()
    trailers = dict(call.trailing_metadata())
    assert trailers["x-end"] == "a" and trailers["x-end-bin"] == bytes(range(8))
    seen = server.metadata[0]
    assert seen["x-mine"] == "1" and seen["x-mine-bin"] == b"\0\1\xff" and seen["x-forwarded-for"] == "127.0.0.1"
    wait_until(lambda: total(running, "OK") == 1, 10, "the call's count")


@pytest.mark.parametrize("size", [0, 1, 65_536, 3_000_000])
def test_messages_of_all_sizes_pass(calls, stopped, size):
    server = stopped(CallServer("a"))
    _, client = calls(server)
    message = bytes(index % 251 for index in range(size))
    assert client.unary(message, timeout=30) == b"a:" + message


def test_servers_streams_of_messages_pass(calls, stopped):
    _, client = calls(stopped(CallServer("a")))
    assert list(client.count(b"1000", timeout=30)) == [b"a:%d" % number for number in range(1000)]
    assert list(client.count(b"0", timeout=30)) == []


def test_clients_streams_of_messages_pass(calls, stopped):
    _, client = calls(stopped(CallServer("a")))
    assert client.sum((bytes(1000) for _ in range(500)), timeout=30) == b"500000"


def test_both_sides_take_turns(calls, stopped):
    _, client = calls(stopped(CallServer("a")))
    said, heard = threading.Semaphore(1), []

    def words():
        for number in range(100):
            assert said.acquire(timeout=10)
            yield b"%d" % number

    for answer in client.chat(words(), timeout=30):
        heard.append(answer)
        said.release()
    assert heard == [b"a:%d" % number for number in range(100)]


def test_many_calls_at_a_time_share_the_connections(calls, stopped):
    server = stopped(CallServer("a"))
    running, client = calls(server)
    answers = [client.unary.future(b"%d" % number, timeout=30) for number in range(200)]
    assert [answer.result() for answer in answers] == [b"a:%d" % number for number in range(200)]
    assert Metrics(running.metrics()).sum("ballast_connections_total", listener="web") == 1


def test_the_calls_of_one_connection_are_spread_over_the_servers(calls, stopped):
    servers = [stopped(CallServer(name)) for name in "abc"]
    running, client = calls(*servers)
    found = collections.Counter(client.unary(b"", timeout=20) for _ in range(30))
    assert found == {b"a:": 10, b"b:": 10, b"c:": 10}
    assert Metrics(running.metrics()).sum("ballast_connections_total", listener="web") == 1


@pytest.mark.parametrize("code", [Code.NOT_FOUND, Code.INTERNAL, Code.RESOURCE_EXHAUSTED])
def test_a_servers_status_is_the_clients(calls, stopped, code):
    server = stopped(CallServer("a"))
    running, client = calls(server)
    server.refusals.append(code)
    error = failure(lambda: client.unary(b"", timeout=20))
    assert error.code() == code and error.details() == "as the test wants it"
    wait_until(lambda: total(running, code.name) == 1, 10, "the call's count")
    assert failure(lambda: client.channel.unary_unary("/no.Such/Method")(b"", timeout=20)).code() == Code.UNIMPLEMENTED


def test_who_leaves_a_call_ends_it_at_the_server(calls, stopped):
    server = stopped(CallServer("a"))
    running, client = calls(server)
    call = client.late.future(b"", timeout=60)
    assert server.waiting.wait(10)
    call.cancel()
    assert server.cancelled.wait(10)
    wait_until(lambda: total(running, "CANCELLED") == 1, 10, "the call's count")
    assert client.unary(b"again", timeout=20) == b"a:again"


def test_a_deadline_ends_a_call_at_both_ends(calls, stopped):
    server = stopped(CallServer("a"))
    _, client = calls(server)
    began = time.monotonic()
    assert failure(lambda: client.late(b"", timeout=0.5)).code() == Code.DEADLINE_EXCEEDED
    assert time.monotonic() - began < 5
    assert server.cancelled.wait(10)
    assert "grpc-timeout" not in server.metadata[0]


def test_a_deadline_of_the_client_is_kept_by_ballast(ballast, stopped):
    """The client here says so and keeps none itself."""
    import h2.config
    import h2.connection
    import h2.events

    from EndToEnd.harness.scripted import connect

    server = stopped(CallServer("a"))
    running = ballast(CONFIGURATION, servers=f'"127.0.0.1:{server.port}"', more="", health="{ none: {} }")
    link = connect(running.port)
    client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    client.initiate_connection()
    client.send_headers(1, [
        (":method", "POST"), (":scheme", "http"), (":path", "/ballast.test.Echo/Late"), (":authority", "calls"),
        ("te", "trailers"), ("content-type", "application/grpc"), ("grpc-timeout", "300m")])
    client.send_data(1, bytes(5), end_stream=True)
    link.send(client.data_to_send())
    events = []
    while not any(isinstance(event, h2.events.StreamEnded) for event in events):
        events += client.receive_data(link.socket.recv(65536))
    (head,) = [dict(event.headers) for event in events if isinstance(event, h2.events.ResponseReceived)]
    assert head[":status"] == "200" and head["grpc-status"] == "4" and head["x-ballast-reason"] == "total-timeout"
    assert head["content-type"] == "application/grpc"
    # All in one frame: a client takes such a head for the call's end.
    assert not any(isinstance(event, h2.events.DataReceived) for event in events)
    assert server.cancelled.wait(10)
    wait_until(lambda: total(running, "DEADLINE_EXCEEDED") == 1, 10, "the call's count")
    link.close()


def test_our_own_errors_are_statuses(ballast, calls, stopped):
    running = ballast(CONFIGURATION, servers=f'"127.0.0.1:{free_port()}"', more="", health="{ none: {} }")
    error = failure(lambda: stopped(Caller(running.port)).unary(b"", timeout=20))
    assert error.code() == Code.UNAVAILABLE and error.details() == "connect-failure"
    text = CONFIGURATION.replace("web: {", "web: { rateLimit: { rate: 1/h, burst: 1 },")
    server = stopped(CallServer("a"))
    limited = ballast(text, servers=f'"127.0.0.1:{server.port}"', more="", health="{ none: {} }")
    client = stopped(Caller(limited.port))
    assert client.unary(b"", timeout=20) == b"a:"
    assert failure(lambda: client.unary(b"", timeout=20)).code() == Code.RESOURCE_EXHAUSTED


def test_a_status_that_is_named_makes_a_call_anew(calls, stopped):
    servers = [stopped(CallServer(name)) for name in "ab"]
    running, client = calls(*servers, more="retries: { on: [ grpc-unavailable, grpc-resource-exhausted ] }")
    servers[0].refusals += [Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED]
    assert {client.unary(b"", timeout=20) for _ in range(8)} == {b"a:", b"b:"}
    assert not servers[0].refusals
    assert Metrics(running.metrics()).sum("ballast_retries_total", reason="grpc-status") == 2
    for server in servers:
        server.refusals.append(Code.INTERNAL)
    assert failure(lambda: client.unary(b"", timeout=20)).code() == Code.INTERNAL


def test_calls_that_a_server_refuses_are_made_elsewhere(calls, stopped):
    def refuse(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.reset(stream, 7)

    refusing = FrameServer(refuse)
    running, client = calls(refusing, stopped(CallServer("b")))
    assert {client.unary(b"%d" % number, timeout=20) for number in range(6)} == {b"b:%d" % n for n in range(6)}
    assert Metrics(running.metrics()).sum("ballast_retries_total", reason="refused-stream") >= 1
    refusing.stop()


def test_a_server_that_ends_is_left_and_its_successor_found(calls, stopped):
    first, second = stopped(CallServer("a")), stopped(CallServer("b"))
    _, client = calls(first, second)
    assert {client.unary(b"", timeout=20) for _ in range(4)} == {b"a:", b"b:"}
    port = first.port
    first.stop()
    # Its connection went away before anything was sent over it.
    assert {client.unary(b"", timeout=20) for _ in range(10)} == {b"b:"}
    again = stopped(CallServer("c", port=port))
    wait_until(lambda: client.unary(b"", timeout=20) == b"c:", 20, "a call at the successor")
    assert again.seen


def test_a_stream_may_be_quiet_for_longer_than_an_answer_may_take(calls, stopped):
    _, client = calls(stopped(CallServer("a")), more="timeouts: { response: 300ms }")
    go = threading.Event()

    def words():
        go.wait(10)
        yield b"late"

    threading.Timer(1, go.set).start()
    assert list(client.chat(words(), timeout=20)) == [b"a:late"]


def test_servers_are_checked_by_the_protocol_of_grpc(calls, stopped):
    servers = [stopped(CallServer(name)) for name in "ab"]
    for server in servers:
        server.serving("shop.Orders", True)
    running, client = calls(
        *servers, health="{ grpc: { service: shop.Orders }, interval: 100ms, rise: 1, fall: 2 }")
    running.wait_for_healthy("calls", 2)
    servers[0].serving("shop.Orders", False)
    running.wait_for_healthy("calls", 1)
    assert {client.unary(b"", timeout=20) for _ in range(6)} == {b"b:"}
    name = f"127.0.0.1:{servers[0].port}"
    assert "NOT_SERVING" in running.server("calls", name)["lastCheck"]["detail"]
    servers[0].serving("shop.Orders", True)
    running.wait_for_healthy("calls", 2)


def test_a_check_of_an_unknown_service_or_of_no_grpc_fails(ballast, stopped, servers):
    unknown = stopped(CallServer("a"))
    (plain,) = servers("plain")
    running = ballast(
        CONFIGURATION, servers=f'"127.0.0.1:{unknown.port}", "{plain.address}"', more="",
        health="{ grpc: { service: no.Such }, interval: 100ms, timeout: 2s, rise: 1, fall: 1 }")

    def detail(address: str) -> str:
        return (running.server("calls", address).get("lastCheck") or {}).get("detail", "")

    wait_until(lambda: "NOT_FOUND" in detail(f"127.0.0.1:{unknown.port}"), 10, "the status of an unknown service")
    wait_until(lambda: detail(plain.address), 10, "a failed check")
    assert not Metrics(running.metrics()).sum("ballast_checks_total", result="passed")


def test_the_whole_server_is_checked_without_a_service(calls, stopped):
    server = stopped(CallServer("a"))
    server.serving("", True)
    running, _ = calls(server, health="{ grpc: {}, interval: 100ms, rise: 1, fall: 1 }")
    running.wait_for_healthy("calls", 1)
    server.serving("", False)
    running.wait_for_healthy("calls", 0)


def test_long_calls_outlive_a_reload(calls, stopped):
    server = stopped(CallServer("a"))
    running, client = calls(server)
    go = threading.Semaphore(0)

    def words():
        for number in itertools.count():
            if not go.acquire(timeout=10) or number == 3:
                return
            yield b"%d" % number

    answers = client.chat(words(), timeout=60)
    go.release()
    assert next(answers) == b"a:0"
    before = Metrics(running.metrics()).sum("ballast_config_reloads_total")
    running.reload()
    wait_until(lambda: Metrics(running.metrics()).sum("ballast_config_reloads_total") > before, 10, "the reload")
    go.release()
    assert next(answers) == b"a:1"
    go.release()
    assert next(answers) == b"a:2"
    go.release()
    assert list(answers) == []


@pytest.fixture
def secured(ballast, stopped, tmp_path):
    """`secured(tls, health)` is Ballast before a server of gRPC over TLS, and a client."""
    authority = Authority(tmp_path)
    pair = authority.issue("calls.example")

    def make(tls: str, health: str = "{ none: {} }"):
        credentials = grpc.ssl_server_credentials(
            [(pair.key.read_bytes(), pair.certificate.read_bytes())])
        server = stopped(CallServer("a", credentials=credentials))
        server.serving("", True)
        text = CONFIGURATION.replace("protocol: http2", f"protocol: https2\n    tls: {tls}")
        running = ballast(text, servers=f'"127.0.0.1:{server.port}"', more="", health=health, ca=authority.certificate)
        return running, server, stopped(Caller(running.port))

    return make


def test_calls_go_to_servers_over_tls(secured):
    running, server, client = secured(
        "{ ca: {ca}, serverName: calls.example }", "{ grpc: {}, interval: 100ms, timeout: 3s, rise: 1, fall: 1 }")
    running.wait_for_healthy("calls", 1)
    message = bytes(range(256)) * 4000
    assert client.unary(message, timeout=30) == b"a:" + message
    assert list(client.count(b"100", timeout=30)) == [b"a:%d" % number for number in range(100)]
    assert list(client.chat(iter([b"1", b"2"]), timeout=30)) == [b"a:1", b"a:2"]
    # The connection that is there is used for all of them.
    assert Metrics(running.metrics()).sum("ballast_server_connections", service="calls") == 1
    server.serving("", False)
    running.wait_for_healthy("calls", 0)


def test_a_server_of_another_name_gets_no_call(secured):
    running, server, client = secured("{ ca: {ca}, serverName: other.example }")
    error = failure(lambda: client.unary(b"", timeout=20))
    assert error.code() == Code.UNAVAILABLE and error.details() == "connect-failure" and not server.seen
