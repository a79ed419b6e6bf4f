"""Errors and messages, the rest of h2spec's part `http2`: sections 7 and 8 of RFC 9113 and 7540."""

from HTTP2.frames import (
    END_HEADERS, GOAWAY, PROTOCOL_ERROR, PUSH_PROMISE, block, data, frame, get, headers, reset, word,
)
from HTTP2.sections import POST, SUITE, opened

case = SUITE.case


def refused(link, fields, stream: int = 1) -> None:
    link.send(headers(stream, fields))
    link.stream_error(stream, PROTOCOL_ERROR)


# 7 Error codes


@case("7", "sends a GOAWAY frame with unknown error code")
def _(link):
    link.send(frame(GOAWAY, 0, 0, word(0) + word(0xFF)))
    link.closed()


@case("7", "sends a RST_STREAM frame with unknown error code")
def _(link):
    opened(link)
    link.send(reset(1, 0xFF))
    link.lives()


# 8 Messages


@case("8.1", "sends a second HEADERS frame without the END_STREAM flag")
def _(link):
    opened(link)
    link.send(headers(1, [("x-test", "ok")], end=False))
    link.stream_error(1, PROTOCOL_ERROR)


case("8.1.2", "sends a HEADERS frame that contains the header field name in uppercase letters")(
    lambda link: refused(link, get(more=[("X-TEST", "ok")])))
case("8.1.2.1", "sends a HEADERS frame that contains a unknown pseudo-header field")(
    lambda link: refused(link, [*get(), (":test", "ok")]))
case("8.1.2.1", "sends a HEADERS frame that contains the pseudo-header field defined for response")(
    lambda link: refused(link, [*get(), (":status", "200")]))


@case("8.1.2.1", "sends a HEADERS frame that contains a pseudo-header field as trailers")
def _(link):
    opened(link)
    link.send(data(1, b"test"), headers(1, [(":method", "200")]))
    link.stream_error(1, PROTOCOL_ERROR)


case("8.1.2.1", "sends a HEADERS frame that contains a pseudo-header field that appears in a header block after a regular one")(
    lambda link: refused(link, [(":method", "GET"), (":scheme", "http"), ("x-test", "ok"), (":path", "/"), (":authority", "shop")]))
case("8.1.2.2", "sends a HEADERS frame that contains the connection-specific header field")(
    lambda link: refused(link, get(more=[("connection", "keep-alive")])))
case("8.1.2.2", "sends a HEADERS frame that contains the TE header field with any value other than trailers")(
    lambda link: refused(link, get(more=[("trailers", "test"), ("te", "trailers, deflate")])))
case("8.1.2.3", "sends a HEADERS frame with empty :path pseudo-header field")(lambda link: refused(link, get("")))
for _place, _name in [(0, ":method"), (1, ":scheme"), (2, ":path")]:
    case("8.1.2.3", f"sends a HEADERS frame that omits {_name} pseudo-header field")(
        lambda link, place=_place: refused(link, [one for index, one in enumerate(get()) if index != place]))
for _place, _name in [(0, ":method"), (1, ":scheme"), (2, ":path")]:
    case("8.1.2.3", f"sends a HEADERS frame with duplicated {_name} pseudo-header field")(
        lambda link, place=_place: refused(link, [get()[place], *get()]))


@case("8.1.2.6", "sends a HEADERS frame with the content-length header field which does not equal the DATA frame payload length")
def _(link):
    link.send(headers(1, [*POST, ("content-length", "1")], end=False), data(1, b"test", end=True))
    link.stream_error(1, PROTOCOL_ERROR)


@case("8.1.2.6", "sends a HEADERS frame with the content-length header field which does not equal the sum of the DATA frames payload length")
def _(link):
    link.send(headers(1, [*POST, ("content-length", "1")], end=False), data(1, b"test"), data(1, b"test", end=True))
    link.stream_error(1, PROTOCOL_ERROR)


@case("8.2", "sends a PUSH_PROMISE frame")
def _(link):
    link.send(frame(PUSH_PROMISE, END_HEADERS, 1, word(3) + block(get())))
    link.connection_error(PROTOCOL_ERROR)
