"""One attack: what is sent, and what both sides must see."""

import dataclasses
from collections.abc import Callable, Iterable

HOST = b"Host: shop\r\n"

# What the server behind the proxy may see.
NOTHING = "nothing"
# A body is passed on while it comes, so that a mistake late in it finds the head sent already.
# What must not arrive then is a request that looks whole.
NOTHING_WHOLE = "nothing whole"
ANYTHING = "anything"


@dataclasses.dataclass(frozen=True)
class Seen:
    """A request that must have arrived: this method and target, one of these bodies, these fields and not those."""

    method: str = "GET"
    target: str = "/"
    bodies: tuple[bytes, ...] = (b"",)
    fields: tuple[tuple[str, str | None], ...] = ()
    absent: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Reply:
    """What the server behind answers, and how it goes on: raw bytes, then more of them on a
    connection that the proxy holds idle, then perhaps the end."""

    raw: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    # Before the body of the request was read.
    early: bool = False
    later: bytes = b""
    close: bool = False
    reset: bool = False


@dataclasses.dataclass(frozen=True)
class Case:
    row: int
    name: str
    send: bytes | tuple[bytes, ...] | Callable[[], Iterable[bytes]]
    # Of the answers that must come, in order; each may be one of several.
    statuses: tuple[set[int], ...] = ({400},)
    # Fewer answers are allowed when the connection is closed after them.
    may_stop_early: bool = False
    # True: the proxy closes; False: the connection serves another request; None: either.
    closed: bool | None = True
    seen: str | tuple[Seen, ...] = NOTHING
    reply: Reply = Reply()
    # The bodies of the answers; None looks at none.
    bodies: tuple[bytes | None, ...] | None = None
    # Answers to a HEAD, by place.
    heads: frozenset[int] = frozenset()
    # The last answer must be cut short: neither its length reached nor its last chunk there.
    cut: bool = False
    # The next request must come over another connection to the server.
    fresh: bool = False
    # Bytes that may neither reach the client nor, in a request, the server.
    never: tuple[bytes, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.row:02}-{self.name}".replace(" ", "-")

    def segments(self) -> list[bytes]:
        if isinstance(self.send, bytes):
            return [self.send]
        return list(self.send() if callable(self.send) else self.send)


def request(*lines: bytes, start: bytes = b"GET / HTTP/1.1", host: bytes = HOST, body: bytes = b"") -> bytes:
    """A request whose lines after Host are as given, each without its CRLF."""
    return start + b"\r\n" + host + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def post(*lines: bytes, body: bytes = b"", start: bytes = b"POST / HTTP/1.1") -> bytes:
    return request(*lines, start=start, body=body)


def chunked(body: bytes, *lines: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked", *lines, body=body)


OK = ({200},)
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n"
