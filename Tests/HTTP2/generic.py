"""What any server of HTTP/2 does: h2spec's part `generic`."""

import hpack

from HTTP2.cases import Suite
from HTTP2.frames import (
    ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, NO_ERROR, PADDED, PREFACE, PRIORITY,
    SETTINGS, WITH_PRIORITY, block, data, frame, get, headers, integer, literal,
    reset, text, window_update, word,
)

SUITE = Suite("generic")
case = SUITE.case


def priority(stream: int, on: int = 0, weight: int = 16, exclusive: bool = False) -> bytes:
    return frame(PRIORITY, 0, stream, word(on | (0x80000000 if exclusive else 0)) + bytes([weight - 1]))


def answered(link, stream: int = 1) -> None:
    assert link.answer(stream)[":status"] == "200"


@case("1", "sends a client connection preface", greet=False)
def _(link):
    link.send(PREFACE + frame(SETTINGS))
    link.until(lambda one: one.kind == SETTINGS and not one.flags & ACK)


@case("2", "sends a PRIORITY frame on an idle stream")
def _(link):
    link.send(priority(1, 0, 256), headers(1))
    answered(link)


@case("2", "sends a WINDOW_UPDATE frame on a half-closed (remote) stream")
def _(link):
    link.send(headers(1), window_update(1, 100))
    answered(link)


@case("2", "sends a PRIORITY frame on a half-closed (remote) stream")
def _(link):
    link.send(headers(1), priority(1, 0, 256))
    answered(link)


@case("2", "sends a RST_STREAM frame on a half-closed (remote) stream")
def _(link):
    link.send(headers(1), reset(1))
    link.lives()


@case("2", "sends a PRIORITY frame on a closed stream")
def _(link):
    link.send(headers(1))
    answered(link)
    link.body(1)
    link.send(priority(1, 0, 256))
    link.lives()


@case("3.1", "sends a DATA frame")
def _(link):
    link.send(headers(1, get(method="POST"), end=False), data(1, b"test", end=True))
    answered(link)


@case("3.1", "sends multiple DATA frames")
def _(link):
    link.send(headers(1, get(method="POST"), end=False), data(1, b"test"), data(1, b"test", end=True))
    answered(link)


@case("3.1", "sends a DATA frame with padding")
def _(link):
    link.send(headers(1, get(method="POST"), end=False))
    link.send(frame(DATA, PADDED | END_STREAM, 1, b"\x05" + b"test" + bytes(5)))
    answered(link)


@case("3.2", "sends a HEADERS frame")
def _(link):
    link.send(headers(1))
    answered(link)


@case("3.2", "sends a HEADERS frame with padding")
def _(link):
    link.send(frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, b"\x05" + block(get()) + bytes(5)))
    answered(link)


@case("3.2", "sends a HEADERS frame with priority")
def _(link):
    link.send(frame(HEADERS, END_HEADERS | END_STREAM | WITH_PRIORITY, 1, word(0) + b"\xff" + block(get())))
    answered(link)


@case("3.3", "sends a PRIORITY frame with priority 1")
def _(link):
    link.send(priority(1, 0, 1), headers(1))
    answered(link)


@case("3.3", "sends a PRIORITY frame with priority 256")
def _(link):
    link.send(priority(1, 0, 256), headers(1))
    answered(link)


@case("3.3", "sends a PRIORITY frame with stream dependency")
def _(link):
    link.send(priority(1, 3, 256), headers(1))
    answered(link)


@case("3.3", "sends a PRIORITY frame with exclusive")
def _(link):
    link.send(priority(1, 3, 256, exclusive=True), headers(1))
    answered(link)


@case("3.3", "sends a PRIORITY frame for an idle stream, then a HEADERS frame for a lower stream")
def _(link):
    link.send(priority(3, 0, 256), headers(1))
    answered(link)


@case("3.4", "sends a RST_STREAM frame")
def _(link):
    link.send(headers(1, get(method="POST"), end=False), reset(1))
    link.lives()


@case("3.5", "sends a SETTINGS frame")
def _(link):
    link.send(frame(SETTINGS))
    link.until(lambda one: one.kind == SETTINGS and one.flags & ACK)


@case("3.7", "sends a PING frame")
def _(link):
    link.lives()


@case("3.8", "sends a GOAWAY frame")
def _(link):
    link.send(frame(GOAWAY, 0, 0, word(0) + word(NO_ERROR)))
    link.closed()


@case("3.9", "sends a WINDOW_UPDATE frame with stream ID 0")
def _(link):
    link.send(window_update(0, 1), headers(1))
    answered(link)


@case("3.9", "sends a WINDOW_UPDATE frame with stream ID 1")
def _(link):
    link.send(headers(1), window_update(1, 1))
    answered(link)


@case("3.10", "sends a CONTINUATION frame")
def _(link):
    link.send(headers(1, flags=0), frame(CONTINUATION, END_HEADERS, 1, block([("x-dummy", "a")])))
    answered(link)


@case("3.10", "sends multiple CONTINUATION frames")
def _(link):
    more = block([("x-dummy", "a")])
    link.send(headers(1, flags=0), frame(CONTINUATION, 0, 1, more), frame(CONTINUATION, END_HEADERS, 1, more))
    answered(link)


@case("4", "sends a GET request")
def _(link):
    link.send(headers(1))
    answered(link)
    assert link.body(1) == b"ok"


@case("4", "sends a HEAD request")
def _(link):
    link.send(headers(1, get(method="HEAD")))
    answered(link)
    assert link.seen[-1].flags & END_STREAM, "the answer to HEAD goes on"


@case("4", "sends a POST request")
def _(link):
    link.send(headers(1, get(method="POST"), end=False), data(1, b"test", end=True))
    answered(link)


@case("4", "sends a POST request with trailers")
def _(link):
    link.send(headers(1, get(method="POST", more=[("trailer", "x-test")]), end=False), data(1, b"test"))
    link.send(headers(1, [("x-test", "ok")]))
    answered(link)


# HPACK: the same request in every representation of RFC 7541 section 6.


def huffman(value: str) -> bytes:
    raw = hpack.huffman.HuffmanEncoder(
        hpack.huffman_constants.REQUEST_CODES, hpack.huffman_constants.REQUEST_CODES_LENGTH
    ).encode(value.encode())
    return integer(len(raw), 7, 0x80) + raw


def asks(link, representation: bytes) -> None:
    link.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, block(get()) + representation))
    answered(link)


HPACK = [
    ("an indexed header field representation", b"\x90"),
    ("a literal header field with incremental indexing - indexed name", b"\x7a" + text("test")),
    ("a literal header field with incremental indexing - indexed name (with Huffman coding)", b"\x7a" + huffman("test")),
    ("a literal header field with incremental indexing - new name", b"\x40" + text("x-test") + text("test")),
    ("a literal header field with incremental indexing - new name (with Huffman coding)",
     b"\x40" + huffman("x-test") + huffman("test")),
    ("a literal header field without indexing - indexed name", integer(58, 4) + text("test")),
    ("a literal header field without indexing - indexed name (with Huffman coding)", integer(58, 4) + huffman("test")),
    ("a literal header field without indexing - new name", literal("x-test", "test")),
    ("a literal header field without indexing - new name (Huffman encoded)", b"\x00" + huffman("x-test") + huffman("test")),
    ("a literal header field never indexed - indexed name", integer(58, 4, 0x10) + text("test")),
    ("a literal header field never indexed - indexed name (with Huffman coding)", integer(58, 4, 0x10) + huffman("test")),
    ("a literal header field never indexed - new name", b"\x10" + text("x-test") + text("test")),
    ("a literal header field never indexed - new name (with Huffman coding)", b"\x10" + huffman("x-test") + huffman("test")),
]
for _name, _representation in HPACK:
    case("5", f"sends {_name}")(lambda link, representation=_representation: asks(link, representation))


@case("5", "sends a dynamic table size update")
def _(link):
    link.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, integer(128, 5, 0x20) + block(get())))
    answered(link)


@case("5", "sends multiple dynamic table size updates")
def _(link):
    updates = integer(128, 5, 0x20) + integer(4096, 5, 0x20)
    link.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, updates + block(get())))
    answered(link)
