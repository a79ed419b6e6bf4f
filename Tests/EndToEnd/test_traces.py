"""What becomes of a request as a trace: what servers are told, and what a collector gets, read by the published
Protocol Buffers."""

import concurrent.futures
import json
import os
import re
import subprocess
import threading
import time

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from EndToEnd.harness.ballast import request
from EndToEnd.harness.collector import Collector
from EndToEnd.harness.frames import FrameServer, answers
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import connect, ok
from EndToEnd.harness.waiting import free_port, wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}"{listener} }
routes:
  - { name: own, match: { path: /own, host: "127.0.0.1" }, respond: {} }
  - { name: broken, match: { path: /broken, host: "127.0.0.1" }, respond: { status: 503 } }
  - { name: all, match: { host: [ "127.0.0.1", shop ] }, service: shop }
services:
  shop:
    servers: [{servers}]
    health: { none: {} }
    balance: round-robin
    {more}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
log: { access: { path: access.log } }
workers: 1
traces: { url: "{url}", {traces} }
"""
TRUSTED = ', trustedProxies: [ "127.0.0.0/8" ]'
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
# Spans that an exporter holds, and as many that were handed over while it is busy.
MOST = 16_384
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"


@pytest.fixture
def collector(stopped):
    return stopped(Collector())


@pytest.fixture
def traced(ballast, collector):
    """`traced(server, …, traces="sample: 100%")` is Ballast before servers with a `port`, traced."""

    def make(*servers, traces: str = "sample: 100%", listener: str = "", more: str = "", url: str | None = None):
        names = ", ".join(f'{{ name: s{place}, address: "127.0.0.1:{server.port}" }}' for place, server in enumerate(servers))
        return ballast(
            CONFIGURATION, servers=names, traces=traces, listener=listener, more=more, url=url or collector.url)

    return make


class Seen:
    """A script that answers 200 and keeps the heads."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []

    def __call__(self, link, number: int) -> None:
        while True:
            self.heads.append(link.head())
            link.send(ok(b"hello"))

    def field(self, name: str, place: int = -1) -> str | None:
        return field(self.heads[place], name)


class Gone:
    """A server that is not there."""

    def __init__(self) -> None:
        self.port = free_port()


def field(head: bytes, name: str) -> str | None:
    found = re.findall(rb"(?im)^" + name.encode() + rb": (.*)\r$", head)
    assert len(found) < 2, head
    return found[0].decode() if found else None


def traces(running, name: str, **labels) -> float:
    return Metrics(running.metrics()).sum(f"ballast_trace_{name}", **labels)


def events(running) -> list[str]:
    return [event["type"] for event in running.get("/v1/events?limit=1000")]


@pytest.mark.parametrize("encoding", ["json", "protobuf"])
def test_a_request_is_a_span_with_its_try_and_its_connection_below(traced, scripted, collector, encoding):
    seen = Seen()
    running = traced(
        scripted(seen), traces=f"sample: 100%, encoding: {encoding}, headers: {{ X-Token: t }}, "
        "service: edge, resource: { deployment.environment.name: test }")
    before = time.time_ns()
    answer = request(running.port, "GET", "/a/b?token=secret", headers={"Host": "shop:81", "User-Agent": "é".encode().decode("latin-1")})
    after = time.time_ns()
    assert answer.status == 200
    whole, attempt, connection = collector.wait_for(3)
    assert collector.headers[0]["x-token"] == "t"
    assert (whole.name, attempt.name, connection.name) == ("GET all", "GET", "connect")
    assert whole.parent == "" and attempt.parent == whole.id and connection.parent == attempt.id
    assert {whole.trace} == {attempt.trace, connection.trace}
    assert (whole.span.kind, attempt.span.kind, connection.span.kind) == (
        Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_INTERNAL)
    assert before - 2e6 <= whole.span.start_time_unix_nano <= whole.span.end_time_unix_nano <= after + 2e6
    for inner, outer in ((attempt, whole), (connection, attempt)):
        assert outer.span.start_time_unix_nano <= inner.span.start_time_unix_nano
        assert inner.span.end_time_unix_nano <= outer.span.end_time_unix_nano
    assert whole.attributes.items() >= {
        "http.request.method": "GET", "url.scheme": "http", "url.path": "/a/b", "server.address": "shop", "server.port": 81,
        "client.address": "127.0.0.1", "network.protocol.version": "1.1", "http.response.status_code": 200,
        "http.response.body.size": 5, "ballast.listener": "web", "ballast.route": "all", "ballast.service": "shop",
        "ballast.kept": "sampled", "ballast.request_id": whole.trace,
    }.items()
    assert attempt.attributes.items() >= {
        "server.address": "127.0.0.1", "http.response.status_code": 200, "ballast.server": "s0", "ballast.because": "chosen",
        "ballast.end": "answered", "ballast.reused": False}.items()
    assert "secret" not in repr(collector.messages)
    assert not whole.failed and not attempt.failed
    assert whole.resource.items() >= {"service.name": "edge", "deployment.environment.name": "test"}.items()
    # The server's spans come below the try; log, `explain` and trace tell of the same request.
    assert seen.field("traceparent") == f"00-{attempt.trace}-{attempt.id}-01"
    assert seen.field("X-Request-Id") == whole.trace
    log = running.folder / "access.log"
    wait_until(lambda: log.exists() and log.read_text(), 5, "a line of the log")
    assert json.loads(log.read_text())["traceId"] == whole.trace
    told = running.get(f"/v1/requests/{whole.trace}")
    assert told["trace"] == whole.trace and told["tries"][0]["connected"] >= told["tries"][0]["began"]
    wait_until(lambda: traces(running, "spans_total") == 3, 5, "the spans in the metrics")
    assert traces(running, "requests_total", reason="sampled") == 1 and traces(running, "spans_waiting") == 0


def test_a_connection_that_stands_is_no_span(traced, scripted, collector):
    running = traced(scripted(Seen()))
    link = connect(running.port)
    for _ in range(2):
        link.send(GET)
        assert link.answer()[0] == 200
    link.close()
    first, second = collector.wait_for_requests(2)
    assert [one.name for one in collector.below(collector.below(first)[0])] == ["connect"]
    (attempt,) = collector.below(second)
    assert attempt.attributes["ballast.reused"] is True and collector.below(attempt) == []


@pytest.mark.parametrize("flags", ["00", "01", "03"])
def test_a_trusted_proxys_trace_is_gone_on_with(traced, scripted, collector, flags):
    seen = Seen()
    running = traced(scripted(seen), traces=f"sample: {'100%' if flags == '00' else '0%'}", listener=TRUSTED)
    own = {"traceparent": f"00-{TRACE}-{PARENT}-{flags}", "tracestate": "a=1,b=2"}
    assert request(running.port, "GET", "/", headers=own).status == 200
    assert request(running.port, "GET", "/nothing", headers={"Host": "unknown"}).status == 404
    version, trace, parent, told = seen.field("traceparent").split("-")
    assert (version, trace, told) == ("00", TRACE, flags) and parent != PARENT
    assert seen.field("tracestate") == "a=1,b=2"
    if flags == "00":
        # It asked for none; what began here is the proof that spans would have come.
        (other,) = collector.wait_for_requests(1)
        assert other.trace != TRACE and len(collector.requests()) == 1
    else:
        (whole,) = collector.wait_for_requests(1)
        assert (whole.trace, whole.parent) == (TRACE, PARENT)
        # The parent is another program's, and what is below is ours.
        assert whole.span.flags & 0x3FF == 0x300 | int(flags, 16)
        assert [one.id for one in collector.below(whole)] == [parent]


def test_anybody_elses_trace_begins_anew(traced, scripted, collector):
    seen = Seen()
    running = traced(scripted(seen), traces="sample: 100%")
    own = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "a=1"}
    assert request(running.port, "GET", "/", headers=own).status == 200
    (whole,) = collector.wait_for_requests(1)
    assert whole.trace != TRACE and whole.parent == ""
    assert seen.field("traceparent").split("-")[1] == whole.trace and seen.field("tracestate") is None


def test_with_continue_all_everybodys_trace_is_gone_on_with_but_nobody_orders_spans(traced, scripted, collector):
    seen = Seen()
    running = traced(scripted(seen), traces="sample: 0%, continue: all, keep: { failed: true }")
    own = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "a=1"}
    assert request(running.port, "GET", "/", headers=own).status == 200
    assert seen.field("traceparent").startswith(f"00-{TRACE}-") and seen.field("traceparent").endswith("-00")
    assert seen.field("tracestate") == "a=1"
    assert traces(running, "requests_total") == 0


@pytest.mark.parametrize("bad", [
    f"00-{TRACE}-{PARENT}", f"ff-{TRACE}-{PARENT}-01", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01",
    f"00-{TRACE.upper()}-{PARENT}-01", "evil"])
def test_a_broken_trace_begins_anew_whoever_sent_it(traced, scripted, bad):
    seen = Seen()
    running = traced(scripted(seen), listener=TRUSTED)
    assert request(running.port, "GET", "/", headers={"traceparent": bad, "tracestate": "a=1"}).status == 200
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", seen.field("traceparent"))
    assert TRACE not in seen.field("traceparent") and seen.field("tracestate") is None


def test_each_try_has_its_own_span_and_says_so_to_its_server(traced, scripted, collector):
    heads: list[bytes] = []

    def breaks(link, number: int) -> None:
        heads.append(link.head())
        link.reset()

    seen = Seen()
    running = traced(
        scripted(breaks), scripted(breaks), scripted(breaks), scripted(breaks), scripted(breaks), scripted(seen),
        more="retries: { attempts: 5, budget: 100% }")
    assert request(running.port, "GET", "/", headers={"Host": "shop"}).status == 200
    (whole,) = collector.wait_for_requests(1)
    tries = collector.below(whole)
    assert len(tries) == 6 and not whole.failed
    assert [one.attributes["ballast.end"] for one in tries] == ["reset"] * 5 + ["answered"]
    assert [one.failed for one in tries] == [True] * 5 + [False]
    assert [one.attributes.get("http.request.resend_count") for one in tries] == [None, 1, 2, 3, 4, 5]
    told = [field(head, "traceparent").split("-")[2] for head in heads + seen.heads]
    assert told == [one.id for one in tries] and len(set(told)) == 6


def test_a_hedge_and_what_it_overtakes_are_both_spans(traced, scripted, collector):
    asked, over = threading.Event(), threading.Event()
    slow: list[bytes] = []

    def hangs(link, number: int) -> None:
        slow.append(link.head())
        asked.set()
        over.wait(10)

    seen = Seen()
    running = traced(scripted(hangs), scripted(seen), more="retries: { hedge: 20ms }")
    answers_ = [request(running.port, "GET", "/", headers={"Host": "shop"}) for _ in range(2)]
    assert asked.wait(10)
    over.set()
    assert [one.status for one in answers_] == [200, 200]
    hedged = next(one for one in collector.wait_for_requests(2) if len(collector.below(one)) == 2)
    first, second = collector.below(hedged)
    assert first.attributes["ballast.end"] == "overtaken" and not first.failed
    assert second.attributes["ballast.because"] == "hedge" and second.attributes["ballast.end"] == "answered"
    assert field(slow[0], "traceparent").split("-")[2] == first.id
    assert second.id in [field(head, "traceparent").split("-")[2] for head in seen.heads]


def test_time_in_the_queue_is_a_span(traced, scripted, collector):
    entered, go_on = threading.Semaphore(0), threading.Semaphore(0)

    def one_by_one(link, number: int) -> None:
        while True:
            link.head()
            entered.release()
            assert go_on.acquire(timeout=10)
            link.send(ok(b""))

    running = traced(scripted(one_by_one), more="limits: { requests: 1, queue: 4, queueTimeout: 10s }")
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        first = threads.submit(request, running.port, "GET", "/first", None, {"Host": "shop"})
        assert entered.acquire(timeout=10)
        second = threads.submit(request, running.port, "GET", "/second", None, {"Host": "shop"})
        wait_until(lambda: Metrics(running.metrics()).sum("ballast_queue_length") == 1, 10, "a request in the queue")
        go_on.release()
        assert entered.acquire(timeout=10)
        go_on.release()
        assert first.result().status == second.result().status == 200
    whole = next(one for one in collector.wait_for_requests(2) if one.attributes["url.path"] == "/second")
    queue, attempt = collector.below(whole)[:2]
    assert queue.name == "queue" and queue.span.kind == Span.SPAN_KIND_INTERNAL
    assert queue.span.start_time_unix_nano == whole.span.start_time_unix_nano
    assert abs(queue.span.end_time_unix_nano - attempt.span.start_time_unix_nano) < 1e6


def test_refused_requests_are_spans_too(traced, collector):
    running = traced(Gone())
    assert request(running.port, "GET", "/", headers={"Host": "unknown"}).status == 404
    assert request(running.port, "POST", "/", headers={"Host": "shop"}).status == 502
    unknown, unreachable = collector.wait_for_requests(2)
    assert unknown.name == "GET" and unknown.attributes["ballast.reason"] == "no-route" and not unknown.failed
    assert collector.below(unknown) == []
    assert unreachable.attributes["ballast.reason"] == "connect-failure" and unreachable.failed
    assert unreachable.attributes["error.type"] == "connect-failure"
    tries = collector.below(unreachable)
    assert tries and all(one.failed and one.attributes["error.type"] == "connect-failure" for one in tries)
    assert [one.failed for one in collector.below(tries[0])] == [True]


def test_slow_and_failed_requests_are_kept_whole_though_not_sampled(traced, scripted, collector):
    heads: list[bytes] = []

    def serves(link, number: int) -> None:
        while True:
            head = link.head()
            heads.append(head)
            if b"/slow" in head:
                began = time.monotonic()
                wait_until(lambda: time.monotonic() > began + 0.06, 5, "what is slow")
            link.send(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n" if b"/bad" in head else ok(b""))

    running = traced(scripted(serves), traces="sample: 0%, keep: { slow: 50ms }")
    statuses = [request(running.port, "GET", path, headers={"Host": "shop"}).status for path in ("/good", "/slow", "/bad")]
    assert statuses == [200, 200, 500]
    kept = collector.wait_for_requests(2)
    assert {one.attributes["url.path"]: one.attributes["ballast.kept"] for one in kept} == {"/slow": "slow", "/bad": "failed"}
    assert all(len(collector.below(one)) == 1 for one in kept)
    # Their servers were told that nobody keeps the trace: that was not known yet.
    assert all(field(head, "traceparent").endswith("-00") for head in heads)
    assert traces(running, "requests_total", reason="slow") == traces(running, "requests_total", reason="failed") == 1


def test_no_more_are_kept_for_failing_than_is_said(traced, scripted, collector):
    running = traced(scripted(Seen()), traces="sample: 0%, keep: { perSecond: 5 }")
    began = time.monotonic()
    for _ in range(60):
        assert request(running.port, "GET", "/broken").status == 503
    most = 5 + 5 * (time.monotonic() - began)
    kept = wait_until(lambda: len(collector.requests()) >= 5 and traces(running, "requests_total", reason="failed"), 10, "spans")
    dropped = traces(running, "spans_dropped_total", reason="rate")
    assert kept + dropped == 60 and kept <= most + 1


def test_a_request_whose_answer_is_cut_has_failed(traced, scripted, collector):
    def breaks_off(link, number: int) -> None:
        link.head()
        link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        link.reset()

    running = traced(scripted(breaks_off), traces="sample: 0%")
    with pytest.raises((OSError, EOFError, httpx.HTTPError)):
        httpx.get(f"http://127.0.0.1:{running.port}/")
    (whole,) = collector.wait_for_requests(1)
    assert whole.failed and whole.attributes["ballast.kept"] == "failed" and whole.attributes["error.type"] == "cut"


def test_streams_of_http2_are_traced_on_both_sides(traced, collector, stopped):
    server = stopped(FrameServer(answers(b"hello")))
    running = traced(server, listener=TRUSTED + ", http2: true", more="protocol: http2", traces="sample: 0%")
    with httpx.Client(http2=True, http1=False, base_url=f"http://127.0.0.1:{running.port}") as client:
        for number in range(3):
            own = {"traceparent": f"00-{TRACE[:-1]}{number}-{PARENT}-01", "tracestate": "a=1"}
            assert client.get(f"/{number}", headers=own).content == b"hello"
    kept = collector.wait_for_requests(3)
    for number, whole in enumerate(kept):
        assert whole.trace == f"{TRACE[:-1]}{number}" and whole.parent == PARENT
        assert whole.attributes["network.protocol.version"] == "2" and whole.attributes["url.path"] == f"/{number}"
        (attempt,) = collector.below(whole)
        head = server.heads[number]
        assert head["traceparent"] == f"00-{whole.trace}-{attempt.id}-01" and head["tracestate"] == "a=1"
    connections = [one for one in collector.spans() if one.name == "connect"]
    assert len(connections) == 1 and connections[0].parent == collector.below(kept[0])[0].id


@pytest.mark.parametrize("encoding", ["json", "protobuf"])
def test_what_the_collector_does_not_take_is_sent_again(traced, scripted, collector, encoding):
    collector.answers = [(503, {}), (429, {"Retry-After": "1"})]
    running = traced(scripted(Seen()), traces=f"sample: 100%, encoding: {encoding}")
    assert request(running.port, "GET", "/", headers={"Host": "shop"}).status == 200
    wait_until(lambda: "traces-failing" in events(running), 10, "the event")
    assert traces(running, "spans_waiting") == 3
    assert len(collector.wait_for(3)) == 3 and len(collector.refused) == 2
    wait_until(lambda: "traces-delivered" in events(running), 10, "the event")
    assert traces(running, "exports_total", result="failure") == 2
    assert traces(running, "spans_dropped_total") == 0 and traces(running, "spans_waiting") == 0


def test_a_collector_that_comes_later_gets_what_there_was(traced, scripted):
    port = free_port()
    running = traced(scripted(Seen()), url=f"http://127.0.0.1:{port}/v1/traces")
    assert request(running.port, "GET", "/", headers={"Host": "shop"}).status == 200
    wait_until(lambda: "traces-failing" in events(running), 10, "the event")
    assert traces(running, "spans_waiting") == 3
    late = Collector(port)
    try:
        assert len(late.wait_for(3)) == 3
    finally:
        late.stop()


def test_what_the_collector_refuses_is_dropped_and_counted(traced, scripted, collector):
    collector.answers = [(400, {})]
    running = traced(scripted(Seen()))
    assert request(running.port, "GET", "/", headers={"Host": "shop"}).status == 200
    wait_until(lambda: traces(running, "spans_dropped_total", reason="refused") == 3, 10, "the dropped spans")
    assert request(running.port, "GET", "/", headers={"Host": "shop"}).status == 200
    # Over the connection that stands.
    assert len(collector.wait_for(2)) == 2


@pytest.mark.parametrize("encoding", ["json", "protobuf"])
def test_spans_that_the_collector_takes_none_of_are_counted(traced, scripted, collector, encoding):
    collector.tell.partial_success.rejected_spans = 2
    collector.tell.partial_success.error_message = "too odd"
    running = traced(scripted(Seen()), traces=f"sample: 100%, encoding: {encoding}")
    assert request(running.port, "GET", "/", headers={"Host": "shop"}).status == 200
    wait_until(lambda: traces(running, "spans_dropped_total", reason="rejected") == 2, 10, "the rejected spans")
    assert traces(running, "spans_total") == 1
    wait_until(lambda: any("too odd" in one["message"] for one in running.get("/v1/events?limit=100")), 10, "its words")


def test_a_collector_that_hangs_costs_spans_and_nothing_else(traced, scripted, collector):
    """Memory is bounded: what nobody takes is dropped and counted, and traffic does not wait."""
    asked = (10 if os.environ.get("BALLAST_FULL") == "1" else 1) * 40_000
    collector.answers = [None]
    running = traced(scripted(Seen()), traces="sample: 100%, timeout: 60s")
    told = subprocess.run(
        ["h2load", "--h1", "-t1", "-c16", f"-n{asked}", f"http://127.0.0.1:{running.port}/own"],
        check=True, capture_output=True, text=True, timeout=120).stdout
    assert f"{asked} succeeded" in told, told

    def balance() -> float:
        waiting, dropped = traces(running, "spans_waiting"), traces(running, "spans_dropped_total")
        assert waiting <= 2 * MOST
        return waiting + dropped

    # Each is one span; the last ones are on their way for a moment.
    wait_until(lambda: balance() == asked, 10, f"{asked} spans")
    assert traces(running, "spans_dropped_total", reason="queue-full") >= asked - 2 * MOST
    collector.release.set()
    wait_until(lambda: traces(running, "spans_waiting") == 0, 30, "the spans")
    assert traces(running, "spans_total") + traces(running, "spans_dropped_total", reason="queue-full") == asked


def test_a_reload_changes_what_is_traced_and_touches_no_connection(traced, scripted, collector):
    seen = Seen()
    running = traced(scripted(seen), traces="sample: 0%")
    link = connect(running.port)

    def ask() -> str | None:
        link.send(GET)
        assert link.answer()[0] == 200
        return seen.field("traceparent")

    assert ask().endswith("-00")
    running.write(CONFIGURATION, traces="sample: 100%")
    running.reload_and_wait()
    assert ask().endswith("-01")
    assert len(collector.wait_for_requests(1)) == 1
    running.write(CONFIGURATION.replace("traces: {", "# {"))
    running.reload_and_wait()
    assert ask() is None
    other = Collector()
    try:
        running.write(CONFIGURATION, traces="sample: 100%", url=other.url)
        running.reload_and_wait()
        assert ask().endswith("-01")
        assert len(other.wait_for_requests(1)) == 1 and len(collector.requests()) == 1
    finally:
        other.stop()
    link.close()


def test_a_stop_delivers_what_there_is(traced, scripted, collector):
    running = traced(scripted(Seen()))
    for _ in range(5):
        assert request(running.port, "GET", "/", headers={"Host": "shop"}).status == 200
    assert running.stop() == 0
    assert len(collector.requests()) == 5


def test_without_traces_a_clients_own_passes_through(ballast, scripted):
    seen = Seen()
    running = ballast(
        CONFIGURATION.replace("traces: {", "# {"), servers=f'"127.0.0.1:{scripted(seen).port}"', listener="", more="")
    own = {"Host": "shop", "traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "a=1"}
    assert request(running.port, "GET", "/", headers=own).status == 200
    assert seen.field("traceparent") == own["traceparent"] and seen.field("tracestate") == "a=1"
    assert request(running.port, "GET", "/", headers={"Host": "shop"}).status == 200
    assert seen.field("traceparent") is None
    assert "ballast_trace_" not in running.metrics()
