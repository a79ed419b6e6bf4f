"""What RFC 9113 and 7540 ask of a server, section by section: h2spec's part `http2`."""

from HTTP2.cases import Suite
from HTTP2.frames import (
    ACK, COMPRESSION_ERROR, CONTINUATION, DATA, END_HEADERS, END_STREAM, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR,
    GOAWAY, HEADERS, PADDED, PING, PREFACE, PRIORITY, PROTOCOL_ERROR, REFUSED_STREAM, RST_STREAM,
    SETTINGS, STREAM_CLOSED, WINDOW_UPDATE, WITH_PRIORITY, block, data, frame, get, headers, reset, setting,
    window_update, word,
)
from HTTP2.generic import answered, priority

SUITE = Suite("http2")
case = SUITE.case
POST = get(method="POST")
BODY = block([("x-dummy", "a")])


def opened(link, stream: int = 1) -> None:
    """A stream whose request goes on."""
    link.send(headers(stream, POST, end=False))


def ended(link, stream: int = 1) -> None:
    """A stream that is closed, after its answer."""
    link.send(headers(stream))
    answered(link, stream)
    link.body(stream)


# 3.5 Connection preface


@case("3.5", "sends a client connection preface", greet=False)
def _(link):
    link.send(PREFACE + frame(SETTINGS))
    link.until(lambda one: one.kind == SETTINGS)


@case("3.5", "sends an invalid connection preface", greet=False)
def _(link):
    link.send(b"INVALID CONNECTION PREFACE\r\n\r\n")
    link.link.settimeout(10)
    while link.link.recv(65_536):
        pass


# 4 Frames


@case("4.1", "sends a frame with unknown type")
def _(link):
    link.send(frame(0x16, 0, 0, bytes(8)))
    link.lives()


@case("4.1", "sends a frame with undefined flag")
def _(link):
    link.send(frame(PING, 0x16, 0, bytes(8)))
    link.until(lambda one: one.kind == PING and one.flags & ACK)


@case("4.1", "sends a frame with reserved field bit")
def _(link):
    link.send(frame(PING, 0, 0x80000000, bytes(8)))
    link.until(lambda one: one.kind == PING and one.flags & ACK)


@case("4.2", "sends a DATA frame with 2^14 octets in length")
def _(link):
    opened(link)
    link.send(data(1, bytes(16_384), end=True))
    answered(link)


@case("4.2", "sends a large size DATA frame that exceeds SETTINGS_MAX_FRAME_SIZE")
def _(link):
    opened(link)
    link.send_quietly(data(1, bytes(16_385), end=True))
    link.stream_error(1, FRAME_SIZE_ERROR)


@case("4.2", "sends a large size HEADERS frame that exceeds SETTINGS_MAX_FRAME_SIZE")
def _(link):
    link.send_quietly(headers(1, get(more=[("x-dummy", "a" * 8_000)] * 3)))
    link.connection_error(FRAME_SIZE_ERROR)


@case("4.3", "sends an invalid header block fragment")
def _(link):
    link.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"))
    link.connection_error(COMPRESSION_ERROR)


@case("4.3", "sends a PRIORITY frame while sending the header blocks")
def _(link):
    link.send(headers(1, flags=0), priority(1, 0, 256))
    link.connection_error(PROTOCOL_ERROR)


@case("4.3", "sends a HEADERS frame to another stream while sending the header blocks")
def _(link):
    link.send(headers(1, flags=0), headers(3))
    link.connection_error(PROTOCOL_ERROR)


# 5.1 Stream states


@case("5.1", "idle: sends a DATA frame")
def _(link):
    link.send(data(1, b"test", end=True))
    link.connection_error(PROTOCOL_ERROR)


@case("5.1", "idle: sends a RST_STREAM frame")
def _(link):
    link.send(reset(1))
    link.connection_error(PROTOCOL_ERROR)


@case("5.1", "idle: sends a WINDOW_UPDATE frame")
def _(link):
    link.send(window_update(1, 100))
    link.connection_error(PROTOCOL_ERROR)


@case("5.1", "idle: sends a CONTINUATION frame")
def _(link):
    link.send(frame(CONTINUATION, END_HEADERS, 1, BODY))
    link.connection_error(PROTOCOL_ERROR)


@case("5.1", "half closed (remote): sends a DATA frame")
def _(link):
    link.send(headers(1), data(1, b"test", end=True))
    link.stream_error(1, STREAM_CLOSED)


@case("5.1", "half closed (remote): sends a HEADERS frame")
def _(link):
    link.send(headers(1), headers(1))
    link.stream_error(1, STREAM_CLOSED)


@case("5.1", "half closed (remote): sends a CONTINUATION frame")
def _(link):
    link.send(headers(1), frame(CONTINUATION, END_HEADERS, 1, BODY))
    link.stream_error(1, STREAM_CLOSED, PROTOCOL_ERROR)


@case("5.1", "closed: sends a DATA frame after sending RST_STREAM frame")
def _(link):
    opened(link)
    link.send(reset(1), data(1, b"test"))
    link.stream_error(1, STREAM_CLOSED)


@case("5.1", "closed: sends a HEADERS frame after sending RST_STREAM frame")
def _(link):
    opened(link)
    link.send(reset(1), headers(1))
    link.stream_error(1, STREAM_CLOSED)


@case("5.1", "closed: sends a CONTINUATION frame after sending RST_STREAM frame")
def _(link):
    opened(link)
    link.send(reset(1), frame(CONTINUATION, END_HEADERS, 1, BODY))
    link.stream_error(1, STREAM_CLOSED, PROTOCOL_ERROR)


@case("5.1", "closed: sends a DATA frame")
def _(link):
    ended(link)
    link.send(data(1, b"test", end=True))
    link.stream_error(1, STREAM_CLOSED)


@case("5.1", "closed: sends a HEADERS frame")
def _(link):
    ended(link)
    link.send(headers(1))
    link.connection_error(STREAM_CLOSED)


@case("5.1", "closed: sends a CONTINUATION frame")
def _(link):
    ended(link)
    link.send(frame(CONTINUATION, END_HEADERS, 1, BODY))
    link.connection_error(STREAM_CLOSED, PROTOCOL_ERROR)


@case("5.1.1", "sends even-numbered stream identifier")
def _(link):
    link.send(headers(2))
    link.connection_error(PROTOCOL_ERROR)


@case("5.1.1", "sends stream identifier that is numerically smaller than previous")
def _(link):
    ended(link, 5)
    link.send(headers(3))
    link.connection_error(PROTOCOL_ERROR)


@case("5.1.2", "sends HEADERS frames that causes their advertised concurrent stream limit to be exceeded")
def _(link):
    for stream in range(1, 2 * 129 + 1, 2):
        link.send(headers(stream, POST, end=False))
    link.stream_error(257, PROTOCOL_ERROR, REFUSED_STREAM)


@case("5.3.1", "sends HEADERS frame that depends on itself")
def _(link):
    link.send(frame(HEADERS, END_HEADERS | END_STREAM | WITH_PRIORITY, 1, word(1) + b"\x0f" + block(get())))
    link.stream_error(1, PROTOCOL_ERROR)


@case("5.3.1", "sends PRIORITY frame that depend on itself")
def _(link):
    link.send(priority(1, 1))
    link.stream_error(1, PROTOCOL_ERROR)


@case("5.4.1", "sends an invalid PING frame for connection close")
def _(link):
    link.send(frame(PING, 0, 3, bytes(8)))
    link.until(lambda one: one.kind == GOAWAY)
    link.closed()


@case("5.4.1", "sends an invalid PING frame to receive GOAWAY frame")
def _(link):
    link.send(frame(PING, 0, 3, bytes(8)))
    assert link.until(lambda one: one.kind == GOAWAY).code == PROTOCOL_ERROR


@case("5.5", "sends an unknown extension frame")
def _(link):
    link.send(frame(0x16, 0, 0, bytes(8)))
    link.lives()


@case("5.5", "sends an unknown extension frame in the middle of a header block")
def _(link):
    link.send(headers(1, flags=0), frame(0x16, 0, 0, bytes(8)), frame(CONTINUATION, END_HEADERS, 1, BODY))
    link.connection_error(PROTOCOL_ERROR)


# 6.1 DATA


@case("6.1", "sends a DATA frame with 0x0 stream identifier")
def _(link):
    link.send(data(0, b"test", end=True))
    link.connection_error(PROTOCOL_ERROR)


@case("6.1", "sends a DATA frame on the stream that is not in open or half-closed (local) state")
def _(link):
    link.send(headers(1), data(1, b"test"))
    link.stream_error(1, STREAM_CLOSED)


@case("6.1", "sends a DATA frame with invalid pad length")
def _(link):
    opened(link)
    link.send(frame(DATA, PADDED | END_STREAM, 1, b"\x06" + b"Test"))
    link.connection_error(PROTOCOL_ERROR)


# 6.2 HEADERS


@case("6.2", "sends a HEADERS frame without the END_HEADERS flag, and a PRIORITY frame")
def _(link):
    link.send(headers(1, flags=0), priority(1, 0, 256))
    link.connection_error(PROTOCOL_ERROR)


@case("6.2", "sends a HEADERS frame to another stream while sending a HEADERS frame")
def _(link):
    link.send(headers(1, flags=0), headers(3))
    link.connection_error(PROTOCOL_ERROR)


@case("6.2", "sends a HEADERS frame with 0x0 stream identifier")
def _(link):
    link.send(headers(0))
    link.connection_error(PROTOCOL_ERROR)


@case("6.2", "sends a HEADERS frame with invalid pad length")
def _(link):
    fields = block(get())
    link.send(frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, bytes([len(fields) + 1]) + fields))
    link.connection_error(PROTOCOL_ERROR)


# 6.3 PRIORITY


@case("6.3", "sends a PRIORITY frame with 0x0 stream identifier")
def _(link):
    link.send(priority(0, 0, 256))
    link.connection_error(PROTOCOL_ERROR)


@case("6.3", "sends a PRIORITY frame with a length other than 5 octets")
def _(link):
    link.send(headers(1), frame(PRIORITY, 0, 1, bytes(4)))
    link.stream_error(1, FRAME_SIZE_ERROR)


# 6.4 RST_STREAM


@case("6.4", "sends a RST_STREAM frame with 0x0 stream identifier")
def _(link):
    link.send(reset(0))
    link.connection_error(PROTOCOL_ERROR)


@case("6.4", "sends a RST_STREAM frame on a idle stream")
def _(link):
    link.send(reset(1))
    link.connection_error(PROTOCOL_ERROR)


@case("6.4", "sends a RST_STREAM frame with a length other than 4 octets")
def _(link):
    opened(link)
    link.send(frame(RST_STREAM, 0, 1, bytes(3)))
    link.connection_error(FRAME_SIZE_ERROR)


# 6.5 SETTINGS


@case("6.5", "sends a SETTINGS frame with ACK flag and payload")
def _(link):
    link.send(frame(SETTINGS, ACK, 0, setting(3, 100)))
    link.connection_error(FRAME_SIZE_ERROR)


@case("6.5", "sends a SETTINGS frame with a stream identifier other than 0x0")
def _(link):
    link.send(frame(SETTINGS, 0, 1, setting(3, 100)))
    link.connection_error(PROTOCOL_ERROR)


@case("6.5", "sends a SETTINGS frame with a length other than a multiple of 6 octets")
def _(link):
    link.send(frame(SETTINGS, 0, 0, bytes(3)))
    link.connection_error(FRAME_SIZE_ERROR)


def settings_refused(*codes: int):
    def check(identifier: int, value: int):
        def run(link):
            link.send(frame(SETTINGS, 0, 0, setting(identifier, value)))
            link.connection_error(*codes)

        return run

    return check


case("6.5.2", "SETTINGS_ENABLE_PUSH: sends the value other than 0 or 1")(settings_refused(PROTOCOL_ERROR)(2, 2))
case("6.5.2", "SETTINGS_INITIAL_WINDOW_SIZE: sends the value above the maximum flow control window size")(
    settings_refused(FLOW_CONTROL_ERROR)(4, 1 << 31))
case("6.5.2", "SETTINGS_MAX_FRAME_SIZE: sends the value below the initial value")(
    settings_refused(PROTOCOL_ERROR)(5, 16_383))
case("6.5.2", "SETTINGS_MAX_FRAME_SIZE: sends the value above the maximum allowed frame size")(
    settings_refused(PROTOCOL_ERROR)(5, 16_777_216))


@case("6.5.2", "sends a SETTINGS frame with unknown identifier")
def _(link):
    link.send(frame(SETTINGS, 0, 0, setting(0xFF, 1)))
    link.lives()


@case("6.5.3", "sends multiple values of SETTINGS_INITIAL_WINDOW_SIZE")
def _(link):
    link.send(frame(SETTINGS, 0, 0, setting(4, 100) + setting(4, 1)))
    link.until(lambda one: one.kind == SETTINGS and one.flags & ACK)
    link.send(headers(1))
    assert len(link.until(lambda one: one.kind == DATA).payload) == 1


@case("6.5.3", "sends a SETTINGS frame without ACK flag")
def _(link):
    link.send(frame(SETTINGS, 0, 0, setting(2, 0)))
    link.until(lambda one: one.kind == SETTINGS and one.flags & ACK)


# 6.7 PING


@case("6.7", "sends a PING frame")
def _(link):
    link.lives()


@case("6.7", "sends a PING frame with ACK")
def _(link):
    link.send(frame(PING, ACK, 0, b"unasked!"))
    link.lives()
    assert not any(one.kind == PING and one.payload == b"unasked!" for one in link.seen)


@case("6.7", "sends a PING frame with a stream identifier field value other than 0x0")
def _(link):
    link.send(frame(PING, 0, 1, bytes(8)))
    link.connection_error(PROTOCOL_ERROR)


@case("6.7", "sends a PING frame with a length field value other than 8")
def _(link):
    link.send(frame(PING, 0, 0, bytes(6)))
    link.connection_error(FRAME_SIZE_ERROR)


# 6.8 GOAWAY


@case("6.8", "sends a GOAWAY frame with a stream identifier other than 0x0")
def _(link):
    link.send(frame(GOAWAY, 0, 1, word(0) + word(0)))
    link.connection_error(PROTOCOL_ERROR)


# 6.9 WINDOW_UPDATE


@case("6.9", "sends a WINDOW_UPDATE frame with a flow control window increment of 0")
def _(link):
    link.send(window_update(0, 0))
    link.connection_error(PROTOCOL_ERROR)


@case("6.9", "sends a WINDOW_UPDATE frame with a flow control window increment of 0 on a stream")
def _(link):
    opened(link)
    link.send(window_update(1, 0))
    link.stream_error(1, PROTOCOL_ERROR)


@case("6.9", "sends a WINDOW_UPDATE frame with a length other than 4 octets")
def _(link):
    link.send(frame(WINDOW_UPDATE, 0, 0, bytes(3)))
    link.connection_error(FRAME_SIZE_ERROR)


@case("6.9.1", "sends SETTINGS frame to set the initial window size to 1 and sends HEADERS frame", settings=setting(4, 1))
def _(link):
    link.send(headers(1))
    assert len(link.until(lambda one: one.kind == DATA).payload) == 1


@case("6.9.1", "sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1")
def _(link):
    link.send(window_update(0, (1 << 31) - 1), window_update(0, (1 << 31) - 1))
    link.connection_error(FLOW_CONTROL_ERROR)


@case("6.9.1", "sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream")
def _(link):
    opened(link)
    link.send(window_update(1, (1 << 31) - 1), window_update(1, (1 << 31) - 1))
    link.stream_error(1, FLOW_CONTROL_ERROR)


@case("6.9.2", "changes SETTINGS_INITIAL_WINDOW_SIZE after sending HEADERS frame", settings=setting(4, 0))
def _(link):
    link.send(headers(1))
    answered(link)
    link.send(frame(SETTINGS, 0, 0, setting(4, 1)))
    assert len(link.until(lambda one: one.kind == DATA).payload) == 1


@case("6.9.2", "sends a SETTINGS frame for window size to be negative", settings=setting(4, 1))
def _(link):
    link.send(headers(1))
    assert len(link.until(lambda one: one.kind == DATA).payload) == 1
    link.send(frame(SETTINGS, 0, 0, setting(4, 0)))
    link.until(lambda one: one.kind == SETTINGS and one.flags & ACK)
    link.send(window_update(1, 2))
    assert len(link.until(lambda one: one.kind == DATA).payload) == 1


@case("6.9.2", "sends a SETTINGS_INITIAL_WINDOW_SIZE settings with an exceeded maximum window size value")
def _(link):
    link.send(frame(SETTINGS, 0, 0, setting(4, 1 << 31)))
    link.connection_error(FLOW_CONTROL_ERROR)


# 6.10 CONTINUATION


@case("6.10", "sends multiple CONTINUATION frames preceded by a HEADERS frame")
def _(link):
    link.send(headers(1, flags=0), frame(CONTINUATION, 0, 1, BODY), frame(CONTINUATION, END_HEADERS, 1, BODY))
    answered(link)


@case("6.10", "sends a CONTINUATION frame followed by any frame other than CONTINUATION")
def _(link):
    link.send(headers(1, POST, end=False, flags=0), frame(CONTINUATION, 0, 1, BODY), data(1, b"test", end=True))
    link.connection_error(PROTOCOL_ERROR)


@case("6.10", "sends a CONTINUATION frame with 0x0 stream identifier")
def _(link):
    link.send(headers(1, flags=0), frame(CONTINUATION, END_HEADERS, 0, BODY))
    link.connection_error(PROTOCOL_ERROR)


@case("6.10", "sends a CONTINUATION frame preceded by a HEADERS frame with END_HEADERS flag")
def _(link):
    opened(link)
    link.send(frame(CONTINUATION, END_HEADERS, 1, BODY))
    link.connection_error(PROTOCOL_ERROR)


@case("6.10", "sends a CONTINUATION frame preceded by a CONTINUATION frame with END_HEADERS flag")
def _(link):
    link.send(headers(1, POST, end=False, flags=0), frame(CONTINUATION, END_HEADERS, 1, BODY))
    link.send_quietly(frame(CONTINUATION, END_HEADERS, 1, BODY))
    link.connection_error(PROTOCOL_ERROR)


@case("6.10", "sends a CONTINUATION frame preceded by a DATA frame")
def _(link):
    opened(link)
    link.send(data(1, b"test"), frame(CONTINUATION, END_HEADERS, 1, BODY))
    link.connection_error(PROTOCOL_ERROR)
