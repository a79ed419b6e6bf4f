"""HTTP/2 byte by byte: what no library would send."""

import dataclasses
import socket
import struct
import time

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, WITH_PRIORITY = 1, 1, 4, 8, 0x20
(
    NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR,
    REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM,
) = range(12)
SECONDS = 10


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def word(number: int) -> bytes:
    return struct.pack(">I", number)


def setting(identifier: int, value: int) -> bytes:
    return struct.pack(">HI", identifier, value)


def integer(value: int, bits: int, first: int = 0) -> bytes:
    """RFC 7541 section 5.1."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    value -= most
    found = bytearray([first | most])
    while value >= 128:
        found.append(value % 128 + 128)
        value //= 128
    return bytes(found) + bytes([value])


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return integer(len(raw), 7) + raw


def literal(name: str | bytes, value: str | bytes) -> bytes:
    """Without indexing, with a new name (RFC 7541 section 6.2.2)."""
    return b"\x00" + text(name) + text(value)


def block(fields) -> bytes:
    return b"".join(literal(name, value) for name, value in fields)


def get(path: str = "/", method: str = "GET", more=()) -> list[tuple[str, str]]:
    return [(":method", method), (":scheme", "http"), (":path", path), (":authority", "shop"), *more]


def headers(stream: int, fields=None, end: bool = True, flags: int = END_HEADERS) -> bytes:
    return frame(HEADERS, flags | (END_STREAM if end else 0), stream, block(get() if fields is None else fields))


def data(stream: int, payload: bytes = b"", end: bool = False) -> bytes:
    return frame(DATA, END_STREAM if end else 0, stream, payload)


def window_update(stream: int, count: int) -> bytes:
    return frame(WINDOW_UPDATE, 0, stream, word(count))


def reset(stream: int, code: int = CANCEL) -> bytes:
    return frame(RST_STREAM, 0, stream, word(code))


@dataclasses.dataclass
class Frame:
    kind: int
    flags: int
    stream: int
    payload: bytes
    # Of HEADERS.
    fields: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def code(self) -> int:
        """Of RST_STREAM and GOAWAY."""
        offset = 4 if self.kind == GOAWAY else 0
        return struct.unpack(">I", self.payload[offset : offset + 4])[0]


class Closed(Exception):
    """The other side closed or reset the connection."""


class Link:
    """One connection. Settings and pings of the other side are answered as they come."""

    def __init__(self, port: int, settings: bytes = b"", greet: bool = True, link: socket.socket | None = None) -> None:
        self.link = link or socket.create_connection(("127.0.0.1", port), SECONDS)
        self.link.settimeout(SECONDS)
        self.kept = b""
        self.decoder = hpack.Decoder()
        self.decoder.max_allowed_table_size = 65_536
        self.seen: list[Frame] = []
        self.answers: dict[int, dict[str, str]] = {}
        self.deadline = time.monotonic() + SECONDS
        if greet:
            self.send(PREFACE + frame(SETTINGS, 0, 0, settings))
            self.until(lambda one: one.kind == SETTINGS and one.flags & ACK)

    def __enter__(self) -> "Link":
        return self

    def __exit__(self, *_) -> None:
        self.link.close()

    def send(self, *frames: bytes) -> None:
        try:
            self.link.sendall(b"".join(frames))
        except OSError as problem:
            raise Closed from problem

    def send_quietly(self, *frames: bytes) -> bool:
        """What goes beyond a limit may meet a connection that is closed by then."""
        try:
            self.send(*frames)
            return True
        except Closed:
            return False

    def next(self) -> Frame:
        head = self._exactly(9)
        length = int.from_bytes(head[:3], "big")
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        found = Frame(kind, flags, stream & 0x7FFFFFFF, self._exactly(length))
        if kind == HEADERS:
            found.fields = {str(name): str(value) for name, value in self.decoder.decode(found.payload)}
            if not found.fields.get(":status", "1").startswith("1"):
                self.answers[found.stream] = found.fields
        self.seen.append(found)
        if kind == SETTINGS and not flags & ACK:
            self.send_quietly(frame(SETTINGS, ACK))
        if kind == PING and not flags & ACK:
            self.send_quietly(frame(PING, ACK, 0, found.payload))
        return found

    def until(self, condition) -> Frame:
        while True:
            found = self.next()
            if condition(found):
                return found

    def _exactly(self, count: int) -> bytes:
        while len(self.kept) < count:
            if time.monotonic() > self.deadline:
                raise AssertionError(f"nothing came in time; before: {self.seen}")
            try:
                more = self.link.recv(65_536)
            except TimeoutError:
                continue
            except OSError as problem:
                raise Closed from problem
            if not more:
                raise Closed
            self.kept += more
        found, self.kept = self.kept[:count], self.kept[count:]
        return found

    # What a case expects.

    def answer(self, stream: int = 1) -> dict[str, str]:
        """The fields of the final answer's head."""
        while stream not in self.answers:
            found = self.next()
            ended = found.kind == GOAWAY or found.kind == RST_STREAM and found.stream == stream
            assert not ended, f"no answer, but {found}"
        return self.answers[stream]

    def body(self, stream: int = 1) -> bytes:
        whole = b""
        while True:
            found = self.until(lambda one: one.stream == stream)
            assert found.kind in (DATA, HEADERS), f"not the body, but {found}"
            if found.kind == DATA:
                whole += found.payload
            if found.flags & END_STREAM:
                return whole

    def connection_error(self, *codes: int) -> None:
        """A GOAWAY with one of the codes, or the connection's end."""
        try:
            found = self.until(lambda one: one.kind == GOAWAY)
        except Closed:
            return
        assert found.code in codes, f"GOAWAY with {found.code}, not one of {codes}"
        self.closed()

    def ended(self) -> Frame:
        """A GOAWAY for what the client did, and the connection's end."""
        found = self.until(lambda one: one.kind == GOAWAY and one.code != NO_ERROR)
        self.closed()
        return found

    def stream_error(self, stream: int, *codes: int) -> None:
        """A RST_STREAM with one of the codes, or as `connection_error`."""
        try:
            found = self.until(
                lambda one: one.kind == GOAWAY or one.kind == RST_STREAM and one.stream == stream)
        except Closed:
            return
        assert found.code in codes, f"{found}, not one of {codes}"

    def closed(self) -> None:
        try:
            while True:
                self.next()
        except Closed:
            return

    def lives(self) -> None:
        """A PING is answered."""
        self.send(frame(PING, 0, 0, b"livelive"))
        self.until(lambda one: one.kind == PING and one.flags & ACK and one.payload == b"livelive")
