"""Servers of HTTP/2 whose streams do what a test says, on the h2 library with its checks off."""

import queue
import threading
from collections.abc import Callable

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

from EndToEnd.harness.scripted import Link, Scripted


class Streams:
    """One connection from Ballast. `request` is called on the connection's thread with each stream's
    head, and, if `waits` is set, only once the request came whole."""

    def __init__(self, link: Link, number: int, request: Callable[["Streams", int, dict[str, str]], None],
                 waits: bool = True, settings: dict[int, int] | None = None) -> None:
        self.link, self.number, self.request, self.waits = link, number, request, waits
        self.heads: dict[int, dict[str, str]] = {}
        self.bodies: dict[int, bytearray] = {}
        self.trailers: dict[int, dict[str, str]] = {}
        self.resets: dict[int, int] = {}
        self.pings = 0
        # Streams whose bytes go back as they came, and their end too.
        self.echoes: set[int] = set()
        self.lock = threading.RLock()
        self.ended: queue.Queue[int] = queue.Queue()
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=False, header_encoding="utf-8", validate_inbound_headers=True,
            validate_outbound_headers=False, normalize_outbound_headers=False))
        if settings:
            self.h2.local_settings = h2.settings.Settings(client=False, initial_values=settings)

    def serve(self) -> None:
        with self.lock:
            self.h2.initiate_connection()
            self.flush()
        while data := self.link.socket.recv(65536):
            with self.lock:
                events = self.h2.receive_data(data)
                self.flush()
            for event in events:
                self.take(event)

    def take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived():
                self.heads[event.stream_id] = dict(event.headers)
                self.bodies[event.stream_id] = bytearray()
                if not self.waits:
                    self.request(self, event.stream_id, self.heads[event.stream_id])
            case h2.events.DataReceived():
                self.bodies[event.stream_id] += event.data
                with self.lock:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    if event.stream_id in self.echoes:
                        self.h2.send_data(event.stream_id, event.data)
                    self.flush()
            case h2.events.TrailersReceived():
                self.trailers[event.stream_id] = dict(event.headers)
            case h2.events.StreamEnded():
                if event.stream_id in self.echoes:
                    self.data(event.stream_id, b"", end=True)
                elif self.waits:
                    self.request(self, event.stream_id, self.heads[event.stream_id])
            case h2.events.StreamReset():
                self.resets[event.stream_id] = event.error_code
                self.ended.put(event.stream_id)
            case h2.events.PingReceived():
                self.pings += 1

    def head(self, stream: int, fields: list[tuple[str, str]], end: bool = False) -> None:
        with self.lock:
            self.h2.send_headers(stream, fields, end_stream=end)
            self.flush()

    def data(self, stream: int, data: bytes, end: bool = False) -> None:
        with self.lock:
            self.h2.send_data(stream, data, end_stream=end)
            self.flush()

    def room(self, stream: int) -> int:
        try:
            return self.h2.local_flow_control_window(stream)
        except h2.exceptions.ProtocolError:
            return 0

    def some(self, stream: int, data: bytes) -> int:
        """Sends as much as the windows let go, one frame at most; how much that was. None on a stream that is over."""
        with self.lock:
            count = min(self.room(stream), 16_384, len(data))
            if count <= 0:
                return 0
            try:
                self.data(stream, data[:count])
            except h2.exceptions.StreamClosedError:
                return 0
            return count

    def reset(self, stream: int, code: int) -> None:
        with self.lock:
            self.h2.reset_stream(stream, code)
            self.flush()

    def go_away(self, last: int) -> None:
        """And lets the streams up to `last` end."""
        with self.lock:
            self.link.send(self.h2.data_to_send())
            self.link.send(b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + last.to_bytes(4, "big") + bytes(4))

    def raw(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        """A frame, past the library."""
        with self.lock:
            self.flush()
            self.link.send(len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload)

    def flush(self) -> None:
        data = self.h2.data_to_send()
        if data:
            self.link.send(data)


class FrameServer(Scripted):
    """Each connection is a `Streams`; `connections` has all of them."""

    def __init__(self, request: Callable[[Streams, int, dict[str, str]], None], waits: bool = True,
                 settings: dict[int, int] | None = None) -> None:
        self.connections: list[Streams] = []

        def script(link: Link, number: int) -> None:
            streams = Streams(link, number, request, waits, settings)
            self.connections.append(streams)
            try:
                streams.serve()
            except h2.exceptions.ProtocolError:
                pass

        super().__init__(script)

    @property
    def heads(self) -> list[dict[str, str]]:
        return [head for streams in self.connections for head in streams.heads.values()]


def answers(body: bytes, *fields: tuple[str, str], status: int = 200) -> Callable[[Streams, int, dict[str, str]], None]:
    """A request's answer, with its length."""

    def request(streams: Streams, stream: int, head: dict[str, str]) -> None:
        streams.head(stream, [(":status", str(status)), ("content-length", str(len(body))), *fields])
        streams.data(stream, body, end=True)

    return request
