"""A collector of OpenTelemetry: takes OTLP over HTTP, and reads it by the published Protocol Buffers, strictly."""

import base64
import http.server
import json
import threading
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from EndToEnd.harness.waiting import wait_until

PATH = "/v1/traces"
IDENTIFIERS = ("traceId", "spanId", "parentSpanId")


class Collector:
    """`answers` are statuses with header fields for the next messages, or None to hold one until `release`; then all
    are taken. `tell` is what comes back with a 200."""

    def __init__(self, port: int = 0) -> None:
        self.messages: list[ExportTraceServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        self.refused: list[ExportTraceServiceRequest] = []
        self.answers: list[tuple[int, dict[str, str]] | None] = []
        self.tell = ExportTraceServiceResponse()
        self.problems: list[str] = []
        self.release = threading.Event()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector._take(self)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            # Ballast may have stopped before it was answered.
            def handle_error(self, *_: Any) -> None:
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    def stop(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        assert not self.problems, self.problems

    def _take(self, request: http.server.BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        kind = request.headers["Content-Type"]
        try:
            assert request.path == PATH, request.path
            message = decode(kind, body)
        except Exception as problem:  # A test that sends something else fails with this.
            self.problems.append(f"{type(problem).__name__}: {problem}: {body[:500]!r}")
            request.send_error(400)
            return
        answer = self.answers.pop(0) if self.answers else (200, {})
        if answer is None:
            self.release.wait(60)
            answer = (200, {})
        status, fields = answer
        (self.messages if status == 200 else self.refused).append(message)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        told = json_format.MessageToJson(self.tell).encode() if kind.endswith("json") else self.tell.SerializeToString()
        request.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(told)), **fields}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(told)

    # What came so far.

    def spans(self) -> list["Told"]:
        return [
            Told(span, attributes(group.resource.attributes))
            for message in list(self.messages) for group in message.resource_spans
            for scope in group.scope_spans for span in scope.spans
        ]

    def wait_for(self, count: int, seconds: float = 10) -> list["Told"]:
        """At least so many spans, in the order of their beginning, a span before those below it."""
        wait_until(lambda: len(self.spans()) >= count, seconds, f"{count} spans; {self.problems}")
        return sorted(self.spans(), key=lambda told: (told.span.start_time_unix_nano, told.span.kind != Span.SPAN_KIND_SERVER))

    def wait_for_requests(self, count: int, seconds: float = 10) -> list["Told"]:
        """The spans of so many requests, by their beginning."""
        wait_until(lambda: len(self.requests()) >= count, seconds, f"{count} requests; {self.problems}")
        return self.requests()

    def requests(self) -> list["Told"]:
        found = [told for told in self.spans() if told.span.kind == Span.SPAN_KIND_SERVER]
        return sorted(found, key=lambda told: told.span.start_time_unix_nano)

    def below(self, told: "Told") -> list["Told"]:
        """The spans right below one, by their beginning."""
        found = [one for one in self.spans() if one.span.parent_span_id == told.span.span_id and one.trace == told.trace]
        return sorted(found, key=lambda one: (one.span.start_time_unix_nano, one.span.end_time_unix_nano))


class Told:
    """One span with its attributes, and those of its resource."""

    def __init__(self, span: Span, resource: dict[str, Any]) -> None:
        self.span, self.resource, self.attributes = span, resource, attributes(span.attributes)
        assert len(span.trace_id) == 16 and any(span.trace_id) and len(span.span_id) == 8 and any(span.span_id)
        assert span.end_time_unix_nano >= span.start_time_unix_nano

    @property
    def name(self) -> str:
        return self.span.name

    @property
    def trace(self) -> str:
        return self.span.trace_id.hex()

    @property
    def id(self) -> str:
        return self.span.span_id.hex()

    @property
    def parent(self) -> str:
        return self.span.parent_span_id.hex()

    @property
    def failed(self) -> bool:
        return self.span.status.code == 2

    @property
    def seconds(self) -> float:
        return (self.span.end_time_unix_nano - self.span.start_time_unix_nano) / 1e9

    def __repr__(self) -> str:
        return f"{self.name} {self.id} below {self.parent or 'nothing'}: {self.attributes}"


def attributes(pairs: Any) -> dict[str, Any]:
    names = [pair.key for pair in pairs]
    assert len(set(names)) == len(names), names
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def decode(kind: str, body: bytes) -> ExportTraceServiceRequest:
    """Unknown fields, ids that are not hexadecimal and 64-bit integers that are numbers in JSON are mistakes."""
    if kind == "application/x-protobuf":
        return ExportTraceServiceRequest.FromString(body)
    assert kind == "application/json", kind
    tree = json.loads(body)
    for group in tree["resourceSpans"]:
        for scope in group["scopeSpans"]:
            for span in scope["spans"]:
                assert isinstance(span["startTimeUnixNano"], str) and isinstance(span["endTimeUnixNano"], str)
                # The protocol has them in hexadecimal, where Protocol Buffers' own JSON has base64.
                for name in IDENTIFIERS:
                    if name in span:
                        span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    return json_format.ParseDict(tree, ExportTraceServiceRequest())
