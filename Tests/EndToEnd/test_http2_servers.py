"""Servers of HTTP/2 without TLS behind Ballast: requests of HTTP/1.1 become streams and come back, connections
are shared, and what a broken server says reaches no client."""

import collections
import concurrent.futures
import socket
import threading

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.framed import CONFIGURATION, GET, cut_after, shop
from EndToEnd.harness.frames import FrameServer, Streams, answers
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Scripted, connect
from EndToEnd.harness.waiting import free_port, wait_until

__all__ = ["shop"]
REFUSED, CANCEL, INTERNAL = 7, 8, 2


def retries(running, reason: str) -> float:
    return Metrics(running.metrics()).sum("ballast_retries_total", reason=reason)


def test_a_request_becomes_a_stream_and_its_answer_an_answer_of_http_1(shop):
    running, server = shop(answers(b"hello", ("x-server", "a"), ("set-cookie", "a=b"), ("set-cookie", "c=d")))
    answer = request(
        running.port, "GET", "/path?q=1", headers={"X-Mine": "1", "Cookie": "k=v", "Connection": "keep-alive, X-Hop",
                                                  "X-Hop": "gone", "TE": "gzip"})
    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.headers["content-length"] == "5" and answer.headers["x-server"] == "a"
    assert "ballast" in answer.headers["via"]
    head = server.heads[0]
    assert (head[":method"], head[":scheme"], head[":path"]) == ("GET", "http", "/path?q=1")
    assert head[":authority"] == f"127.0.0.1:{running.port}" and "host" not in head
    assert head["x-mine"] == "1" and head["cookie"] == "k=v" and head["x-forwarded-for"] == "127.0.0.1"
    assert not {"connection", "x-hop", "te", "keep-alive", "transfer-encoding", "upgrade"} & set(head)


@pytest.mark.parametrize("size", [0, 1, 10_000, 70_000, 3_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_of_all_sizes_come_whole_both_ways(shop, size, chunked):
    body = bytes(index * 7 % 251 for index in range(min(size, 1 << 16))) * (size // (1 << 16) + 1)
    body = body[:size]

    def echo(streams: Streams, stream: int, head: dict[str, str]) -> None:
        fields = [(":status", "200")] + ([] if chunked else [("content-length", str(size))])
        streams.head(stream, fields, end=False)
        threading.Thread(target=trickle, args=(streams, stream)).start()

    def trickle(streams: Streams, stream: int) -> None:
        sent = 0
        while sent < size:
            sent += wait_until(lambda: streams.some(stream, bytes(streams.bodies[stream][sent:])), 20, "a window")
        streams.data(stream, b"", end=True)

    running, server = shop(echo)
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        def post(_: int):
            data = (body[start:start + 50_000] for start in range(0, size, 50_000)) if chunked else body
            return request(running.port, "POST", "/", data, seconds=30)
        for answer in threads.map(post, range(4)):
            assert answer.status == 200 and answer.body == body
    head = server.heads[0]
    assert head.get("content-length") == (None if chunked else str(size))


@pytest.mark.parametrize("method, status", [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body_have_none(shop, method, status):
    def bodiless(streams: Streams, stream: int, head: dict[str, str]) -> None:
        length = [("content-length", "5")] if method == "HEAD" else []
        streams.head(stream, [(":status", str(status)), *length], end=True)

    running, _ = shop(bodiless)
    link = connect(running.port)
    for _ in range(3):
        link.send(GET.replace(b"GET", method.encode()))
        assert link.head().startswith(b"HTTP/1.1 %d" % status)
    link.close()


def test_interim_answers_and_what_is_expected_pass(shop):
    def interim(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.head(stream, [(":status", "103"), ("link", "</a.css>")])
        answers(b"done")(streams, stream, head)

    running, _ = shop(interim)
    link = connect(running.port)
    link.send(GET)
    first, second = link.head(), link.head()
    assert first.startswith(b"HTTP/1.1 103") and b"link: </a.css>" in first.lower()
    assert second.startswith(b"HTTP/1.1 200") and link.exactly(4) == b"done"
    link.close()


def test_many_requests_share_one_connection_and_each_gets_its_own_answer(shop):
    held, lock = [], threading.Lock()

    def late(streams: Streams, stream: int, head: dict[str, str]) -> None:
        """All at once, the last first, when forty have come."""
        with lock:
            held.append((stream, head[":path"]))
            if len(held) < 40:
                return
        for one, path in reversed(held):
            answers(path.encode())(streams, one, head)

    running, server = shop(late)
    with concurrent.futures.ThreadPoolExecutor(40) as threads:
        paths = [f"/{number}" for number in range(40)]
        found = list(threads.map(lambda path: request(running.port, "GET", path).text, paths))
    assert found == paths
    assert len(server.connections) == 1
    metrics = Metrics(running.metrics())
    assert metrics.sum("ballast_server_requests_total", service="shop") == 40


def test_a_server_is_asked_for_no_more_streams_than_it_takes(shop):
    under_way, most, lock = collections.Counter(), collections.Counter(), threading.Lock()
    gates: list[threading.Event] = []

    def slow(streams: Streams, stream: int, head: dict[str, str]) -> None:
        with lock:
            under_way[streams.number] += 1
            most[streams.number] = max(most[streams.number], under_way[streams.number])
            gates.append(threading.Event())
            mine = gates[-1]

        def end() -> None:
            mine.wait(10)
            with lock:
                under_way[streams.number] -= 1
            answers(b"ok")(streams, stream, head)
        threading.Thread(target=end).start()

    # MAX_CONCURRENT_STREAMS.
    running, server = shop(slow, settings={3: 5})
    with concurrent.futures.ThreadPoolExecutor(12) as threads:
        calls = [threads.submit(request, running.port, "GET", "/") for _ in range(12)]
        wait_until(lambda: len(gates) == 12, 10, "all requests under way")
        for gate in gates:
            gate.set()
        assert [call.result().status for call in calls] == [200] * 12
    assert max(most.values()) <= 5 and len(server.connections) == 3


def test_the_limit_of_connections_is_kept_and_requests_wait(shop):
    gate, lock, seen = threading.Event(), threading.Lock(), []

    def slow(streams: Streams, stream: int, head: dict[str, str]) -> None:
        with lock:
            seen.append(stream)

        def end() -> None:
            gate.wait(10)
            answers(b"ok")(streams, stream, head)
        threading.Thread(target=end).start()

    running, server = shop(slow, settings={3: 2}, more="limits: { connections: 1 }")
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(request, running.port, "GET", "/") for _ in range(8)]
        wait_until(lambda: Metrics(running.metrics()).sum("ballast_queue_length") == 6, 10, "six that wait")
        gate.set()
        assert [call.result().status for call in calls] == [200] * 8
    assert len(server.connections) == 1


def test_a_refused_stream_is_tried_elsewhere_whatever_it_is(shop):
    def refuse(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.reset(stream, REFUSED)

    running, first, second = shop(refuse, answers(b"good"))
    for number in range(4):
        answer = request(running.port, "POST", f"/{number}", b"body")
        assert (answer.status, answer.body) == (200, b"good")
    assert retries(running, "refused-stream") == len(first.heads) >= 1
    assert [bytes(body) for streams in second.connections for body in streams.bodies.values()] == [b"body"] * 4
    # It has done nothing, so nothing is held against it.
    assert Metrics(running.metrics()).sum("ballast_ejections_total") == 0


def test_who_refuses_all_gets_a_reason(shop):
    def refuse(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.reset(stream, REFUSED)

    running, _ = shop(refuse)
    answer = request(running.port, "GET", "/")
    assert answer.status == 503 and answer.headers["x-ballast-reason"] == "refused-stream"


def test_a_connection_that_goes_away_finishes_and_takes_no_more(shop):
    waiting, gate = threading.Event(), threading.Event()

    def leave(streams: Streams, stream: int, head: dict[str, str]) -> None:
        if head[":path"] != "/slow":
            return answers(b"%d" % streams.number)(streams, stream, head)
        streams.go_away(stream)
        waiting.set()

        def end() -> None:
            gate.wait(10)
            answers(b"late")(streams, stream, head)
        threading.Thread(target=end).start()

    running, server = shop(leave)
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        slow = threads.submit(request, running.port, "GET", "/slow")
        assert waiting.wait(10)
        wait_until(lambda: request(running.port, "GET", "/").text == "1", 10, "an answer over a new connection")
        gate.set()
        assert slow.result().body == b"late"
    assert len(server.connections) == 2


def test_what_stands_behind_the_last_stream_of_a_goaway_is_sent_again(shop):
    def go(streams: Streams, stream: int, head: dict[str, str]) -> None:
        if streams.number == 0:
            streams.go_away(0)
        else:
            answers(b"again")(streams, stream, head)

    running, server = shop(go)
    answer = request(running.port, "POST", "/", b"once")
    assert (answer.status, answer.body) == (200, b"again") and len(server.connections) == 2


@pytest.mark.parametrize("error", [INTERNAL, CANCEL])
def test_a_reset_before_the_answer_is_tried_elsewhere_if_that_is_safe(shop, error):
    def fail(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.reset(stream, error)

    running, *_ = shop(fail, answers(b"good"))
    assert [request(running.port, "GET", "/").status for _ in range(4)] == [200] * 4
    alone, _ = shop(fail)
    answer = request(alone.port, "POST", "/", b"x")
    assert answer.status == 502 and answer.headers["x-ballast-reason"] == "server-reset"


# Rows 26 to 29 of the attacks, by HTTP/2: what the server does, and how much a client may see as whole.


def test_a_reset_in_mid_body_cuts_the_client(shop):
    def half(streams: Streams, stream: int, head: dict[str, str]) -> None:
        length = [("content-length", "100")] if head[":path"] == "/length" else []
        streams.head(stream, [(":status", "200"), *length])
        streams.data(stream, b"half")
        streams.reset(stream, INTERNAL)

    running, _ = shop(half)
    for target in ("/length", "/chunked"):
        received = cut_after(running.port, target)
        assert b"half" in received or received == b""
        assert not received.endswith(b"0\r\n\r\n")


def test_a_connection_that_ends_in_mid_body_cuts_the_client(shop):
    def half(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.head(stream, [(":status", "200")])
        streams.data(stream, b"half")
        streams.link.socket.shutdown(socket.SHUT_RDWR)

    running, _ = shop(half)
    assert not cut_after(running.port).endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("body", [b"12345678", b"1234"])
def test_more_or_less_than_the_length_is_no_whole_answer(shop, body):
    def wrong(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.head(stream, [(":status", "200"), ("content-length", "5")])
        streams.data(stream, body, end=True)

    running, _ = shop(wrong)
    received = cut_after(running.port)
    if received.startswith(b"HTTP/1.1 200"):
        assert len(received.partition(b"\r\n\r\n")[2]) < 5
    else:
        assert received.startswith(b"HTTP/1.1 502")


def test_surplus_data_never_reaches_a_client(shop):
    def surplus(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.head(stream, [(":status", "204")] if head[":path"] == "/204" else [
            (":status", "200"), ("content-length", "2")])
        if head[":path"] != "/204":
            streams.data(stream, b"ok")
        streams.data(stream, b"SURPLUS", end=True)

    running, _ = shop(surplus)
    for target in ("/204", "/200"):
        assert b"SURPLUS" not in cut_quickly(running.port, target)


def cut_quickly(port: int, target: str) -> bytes:
    link = connect(port)
    link.send(f"GET {target} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".encode())
    try:
        return link.rest()
    except ConnectionResetError:
        return link.kept
    finally:
        link.close()


@pytest.mark.parametrize("fields", [
    [(":status", "200"), ("x-a", "b\r\nSet-Cookie: evil=1")],
    [(":status", "200"), ("x-a\r\nevil", "1")],
    [(":status", "200"), ("x-a", "b\0c")],
    [(":status", "200"), ("X-Upper", "1")],
    [(":status", "200"), ("x a", "1")],
    [(":status", "200"), ("", "1")],
    [(":status", "200"), ("connection", "close")],
    [(":status", "200"), ("transfer-encoding", "chunked")],
    [(":status", "200"), ("content-length", "2"), ("content-length", "3")],
    [(":status", "200"), ("content-length", "-2")],
    [(":status", "200"), ("content-length", "0x2")],
    [(":status", "200\r\nX: y")],
    [(":status", "200"), (":status", "200")],
    [("x-first", "1"), (":status", "200")],
    [(":status", "200"), (":path", "/")],
    [(":status", "99")],
    [(":status", "20")],
    [(":status", "101")],
    [("x-none", "1")],
], ids=str)
def test_a_head_that_could_not_be_written_is_a_502(shop, fields):
    def evil(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.head(stream, fields)
        streams.data(stream, b"ok", end=True)

    running, _ = shop(evil, more="retries: { attempts: 0 }")
    answer = request(running.port, "GET", "/")
    assert answer.status == 502 and answer.headers["x-ballast-reason"] in ("server-reset", "bad-answer")
    assert "evil" not in str(answer.headers).lower()
    # The connection was not harmed by it, and what it says next is another stream's.
    assert request(running.port, "GET", "/").status == 502


def test_endless_interim_answers_end(shop):
    def endless(streams: Streams, stream: int, head: dict[str, str]) -> None:
        for _ in range(100):
            streams.head(stream, [(":status", "103")])

    running, _ = shop(endless, more="retries: { attempts: 0 }")
    assert cut_quickly(running.port, "/").rpartition(b"HTTP/1.1 ")[2].startswith(b"502")


def test_a_server_that_speaks_http_1_is_a_failure_to_connect(shop):
    def old(link, number: int) -> None:
        link.socket.recv(65536)
        link.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    running, _ = shop(Scripted(old))
    answer = request(running.port, "GET", "/")
    assert answer.status == 502 and answer.headers["x-ballast-reason"] == "connect-failure"


def test_a_server_that_says_nothing_is_given_the_time_to_connect(shop):
    def silent(link, number: int) -> None:
        while link.socket.recv(65536):
            pass

    running, _ = shop(Scripted(silent), more="timeouts: { connect: 300ms }\n    retries: { attempts: 0 }")
    answer = request(running.port, "GET", "/")
    assert answer.status == 504 and answer.headers["x-ballast-reason"] == "connect-timeout"


def test_a_client_that_does_not_read_holds_up_no_other(shop):
    """What is held for it is bounded by its stream's window, and the connection goes on."""
    total = 8 << 20
    sent = collections.Counter()

    def large(streams: Streams, stream: int, head: dict[str, str]) -> None:
        if head[":path"] != "/large":
            return answers(b"quick")(streams, stream, head)
        streams.head(stream, [(":status", "200"), ("content-length", str(total))])

        def run() -> None:
            while sent[stream] < total:
                count = streams.some(stream, bytes(total - sent[stream]))
                sent[stream] += count
                if not count and done.wait(0.01):
                    return
        threading.Thread(target=run).start()

    done = threading.Event()
    running, server = shop(large)
    link = connect(running.port)
    link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.send(GET.replace(b"/ ", b"/large "))
    link.exactly(1)
    for _ in range(20):
        assert request(running.port, "GET", "/").body == b"quick"
    assert len(server.connections) == 1
    # Sockets hold the most of what it was sent beyond that.
    assert max(sent.values()) < total
    link.close()
    done.set()
    wait_until(lambda: any(streams.resets for streams in server.connections), 10, "the stream's reset")


def test_hedges_and_mirrors_are_streams_as_well(ballast):
    stuck = threading.Event()

    def silent(streams: Streams, stream: int, head: dict[str, str]) -> None:
        stuck.set()

    slow, quick, shadow = FrameServer(silent), FrameServer(answers(b"quick")), FrameServer(answers(b"shadow"))
    text = CONFIGURATION.replace("admin:", """\
  shadow:
    protocol: http2
    servers: [ "127.0.0.1:{shadow}" ]
    health: { none: {} }
routes:
  - { service: shop, mirror: { service: shadow } }
admin:""")
    running = ballast(text, servers=f'"127.0.0.1:{slow.port}", "127.0.0.1:{quick.port}"', shadow=shadow.port,
                      more="retries: { hedge: 100ms }")
    for number in range(4):
        assert request(running.port, "GET", f"/{number}").body == b"quick"
    assert stuck.is_set()
    data = (b"a" * 1000 for _ in range(3))
    assert request(running.port, "PUT", "/put", data).body == b"quick"
    wait_until(lambda: len(shadow.heads) == 5, 10, "five copies")
    copies = shadow.connections[0]
    wait_until(lambda: any(copies.bodies.values()), 10, "the copy's body")
    assert bytes(max(copies.bodies.values(), key=len)) == b"a" * 3000
    assert all(head["x-ballast-mirror"] == "1" for head in shadow.heads)
    wait_until(lambda: Metrics(running.metrics()).sum("ballast_mirrored_total", result="answered") == 5, 10, "answers")
    wait_until(lambda: slow.connections and all(
        set(streams.heads) == set(streams.resets) for streams in slow.connections), 10, "the slow ones' resets")
    running.stop()
    for server in (slow, quick, shadow):
        server.stop()


@pytest.mark.parametrize("first", ["http", "http2"])
def test_copies_of_bodies_in_chunks_pass_between_the_versions(ballast, servers, first):
    frames = FrameServer(answers(b"frames"))
    (plain,) = servers("plain")
    text = CONFIGURATION.replace("admin:", """\
  shadow:
    protocol: {kind}
    servers: [ "{shadow}" ]
    health: { none: {} }
routes:
  - { service: shop, mirror: { service: shadow } }
admin:""").replace("protocol: http2", f"protocol: {first}", 1)
    addresses = [plain.address, f"127.0.0.1:{frames.port}"]
    if first == "http2":
        addresses.reverse()
    running = ballast(text, servers=f'"{addresses[0]}"', shadow=addresses[1], more="",
                      kind="http2" if first == "http" else "http")

    def copied() -> bool:
        # A server that answers before the body came whole ends the copy with it.
        data = (b"b" * 1000 for _ in range(3))
        assert request(running.port, "PUT", "/", data).status in (200, 404, 405)
        return Metrics(running.metrics()).sum("ballast_mirrored_total", result="answered") >= 1

    wait_until(copied, 10, "a copy")
    assert bytes(max(frames.connections[0].bodies.values(), key=len)) == b"b" * 3000
    running.stop()
    frames.stop()


def test_an_idle_connection_that_its_server_closed_is_replaced(shop):
    def once(streams: Streams, stream: int, head: dict[str, str]) -> None:
        answers(b"%d" % streams.number)(streams, stream, head)
        if head[":path"] == "/close":
            streams.link.socket.shutdown(socket.SHUT_RDWR)

    running, server = shop(once)
    for number in range(5):
        assert request(running.port, "GET", "/close").text == str(number)


def test_a_dead_server_is_left_at_once(ballast):
    port = free_port()
    alive = FrameServer(answers(b"alive"))
    running = ballast(CONFIGURATION, servers=f'"127.0.0.1:{port}", "127.0.0.1:{alive.port}"', more="")
    for _ in range(6):
        assert request(running.port, "GET", "/").body == b"alive"
    running.stop()
    alive.stop()
