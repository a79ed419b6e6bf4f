"""Rows 31 to 40 of what hostile clients send, and 24 on a listener that speaks HTTP/1 alone: what both sides see."""

import socket
import threading

import pytest

from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.waiting import wait_until
from HTTP2.conftest import Shop
from HTTP2.frames import (
    CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, GOAWAY, HEADERS, NO_ERROR, PADDED, PING, PREFACE, PRIORITY,
    PROTOCOL_ERROR, RST_STREAM, SETTINGS, STREAM_CLOSED, Closed, Link, block, data, frame, get, headers,
    integer, literal, reset, setting, text, window_update, word,
)

POST = get(method="POST")
# Of memory above what it has when idle, during one attacker's rows 34 to 38.
MOST_MEMORY = 64 << 20


def quiet(shop) -> None:
    """Nothing has come to the server."""
    assert shop.recorder.requests == []


@pytest.fixture(autouse=True)
def answers_as_ever(request):
    if "shop" in request.fixturenames:
        request.getfixturevalue("shop").reply()


# 24


def test_row_24_the_preface_is_no_request_where_http2_is_off(tmp_path_factory):
    running = Shop(tmp_path_factory.mktemp("plain"), "http2: false")
    try:
        with socket.create_connection(("127.0.0.1", running.port), 5) as link:
            link.sendall(PREFACE + frame(SETTINGS))
            whole = b""
            while more := link.recv(65_536):
                whole += more
        assert whole.startswith(b"HTTP/1.1 ") and whole.split(b" ")[1] in (b"400", b"505")
        quiet(running)
    finally:
        running.stop()


# 31


@pytest.mark.parametrize(
    "frames", [
        [headers(1, [*POST, ("content-length", "5")])],
        [headers(1, [*POST, ("content-length", "5")], end=False), data(1, b"1234", end=True)],
        [headers(1, [*POST, ("content-length", "5")], end=False), data(1, b"123456", end=True)],
        [headers(1, [*POST, ("content-length", "5")], end=False), data(1, b"123456")],
        [headers(1, [*POST, ("content-length", "5")], end=False), data(1, b"1234"), headers(1, [("x-t", "1")])],
        [headers(1, [*POST, ("content-length", "5"), ("content-length", "5")], end=False), data(1, b"12345", end=True)],
        [headers(1, [*POST, ("content-length", "+5")], end=False), data(1, b"12345", end=True)],
    ],
    ids=["no-data", "too-little", "too-much", "too-much-and-more", "trailers", "twice", "signed"],
)
def test_row_31_a_length_that_disagrees_resets_the_stream(shop, frames):
    with shop.link() as link:
        link.send(*frames)
        link.stream_error(1, PROTOCOL_ERROR)
        link.lives()
    quiet(shop)


# 32 and 33

BAD_FIELDS = {
    "connection": [("connection", "close")], "keep-alive": [("keep-alive", "1")], "proxy-connection": [("proxy-connection", "x")],
    "transfer-encoding": [("transfer-encoding", "chunked")], "upgrade": [("upgrade", "h2c")], "te": [("te", "gzip")],
    "te list": [("te", "trailers, gzip")], "uppercase": [("X-Big", "1")], "CR in a value": [("x-a", "b\rc")],
    "LF in a value": [("x-a", "b\nc")], "CRLF in a value": [("x-a", "b\r\nc: d")], "NUL in a value": [("x-a", "b\0c")],
    "CRLF in a name": [("x-a\r\nb", "c")], "NUL in a name": [("x\0a", "c")], "colon in a name": [("x:a", "c")],
    "space in a name": [("x a", "c")], "empty name": [("", "c")], "space before a value": [("x-a", " b")],
}


@pytest.mark.parametrize("fields", BAD_FIELDS.values(), ids=BAD_FIELDS)
def test_row_32_fields_that_are_none_reset_the_stream(shop, fields):
    with shop.link() as link:
        link.send(headers(1, get(more=fields)))
        link.stream_error(1, PROTOCOL_ERROR)
        link.lives()
    quiet(shop)


def changed(name: str, value: str) -> list[tuple[str, str]]:
    return [(one, value if one == name else kept) for one, kept in get()]


BAD_PSEUDO = {
    "duplicate path": [*get(), (":path", "/b")], "duplicate authority": [*get(), (":authority", "b")],
    "late": [*get()[:3], ("x-a", "b"), get()[3]], "unknown": [*get(), (":what", "x")], "status": [*get(), (":status", "200")],
    "empty path": changed(":path", ""), "space in path": changed(":path", "/a b"), "path without a slash": changed(":path", "a"),
    "CRLF in path": changed(":path", "/a HTTP/1.1\r\nX: y"), "path with a fragment": changed(":path", "/a#b"),
    "absolute path": changed(":path", "http://other/"), "odd method": changed(":method", "G ET"),
    "injected method": changed(":method", "GET / HTTP/1.1\r\nX: y\r\n\r\nGET"), "empty method": changed(":method", ""),
    "odd scheme": changed(":scheme", "gopher"), "empty authority": changed(":authority", ""),
    "userinfo": changed(":authority", "a@shop"), "path in authority": changed(":authority", "shop/x"),
    "authority unlike host": [*get(), ("host", "other")], "two hosts": [*get()[:3], ("host", "shop"), ("host", "other")],
    "no authority at all": get()[:3], "asterisk with GET": changed(":path", "*"), "protocol without CONNECT": [*get(), (":protocol", "websocket")],
}


@pytest.mark.parametrize("fields", BAD_PSEUDO.values(), ids=BAD_PSEUDO)
def test_row_33_pseudo_fields_that_are_none_are_reset_or_answered_400(shop, fields):
    with shop.link() as link:
        link.send(headers(1, fields))
        found = link.until(lambda one: one.stream == 1)
        if found.kind == HEADERS:
            assert found.fields[":status"] == "400"
        else:
            assert found.kind == RST_STREAM and found.code == PROTOCOL_ERROR
        link.lives()
    quiet(shop)


def test_row_33_connect_is_refused(shop):
    with shop.link() as link:
        link.send(headers(1, [(":method", "CONNECT"), (":authority", "shop:80")]))
        assert link.answer(1)[":status"] == "501"
    quiet(shop)


# 34 to 37


def flood(shop, frames, count: int = 20_000, before: bytes = b"", settings: bytes = b"") -> Link:
    """Sends `frames(number)` over and over until the other side has had enough."""
    link = shop.link(settings)
    if before:
        link.send(before)
    for number in range(count):
        if not link.send_quietly(frames(number)):
            return link
        if number % 64 == 63 and over(link):
            return link
    return link


def over(link: Link) -> bool:
    """Whether a GOAWAY has come, without waiting for one."""
    link.link.setblocking(False)
    try:
        while more := link.link.recv(65_536):
            link.kept += more
        return True
    except BlockingIOError:
        return b"\x00\x00\x00\x0b" in link.kept
    except OSError:
        return True
    finally:
        link.link.settimeout(10)


# Who opens more streams than it may has ended its connection by that alone.
TOO_MANY = "protocol-error"


def ended_by(shop, reason: str, run, or_else: str = "") -> None:
    reasons = [reason, or_else] if or_else else [reason]
    before, memory = [shop.ended(one) for one in reasons], resident(shop)
    with run() as link:
        try:
            found = link.until(lambda one: one.kind == GOAWAY)
            assert found.code == ENHANCE_YOUR_CALM or or_else and found.code == PROTOCOL_ERROR, found
            link.closed()
        except Closed:
            pass
    wait_until(lambda: [shop.ended(one) for one in reasons] != before, 5, f"a connection ended for {reason}")
    assert resident(shop) - memory < MOST_MEMORY
    # Nobody else noticed.
    with shop.link() as link:
        link.send(headers(1))
        assert link.answer(1)[":status"] == "200"


def inflight(shop) -> float:
    return Metrics(shop.ballast.metrics()).sum("ballast_server_inflight")


def resident(shop) -> int:
    with open(f"/proc/{shop.ballast.engine_pid()}/statm") as file:
        return int(file.read().split()[1]) * 4096


def test_row_34_rapid_reset(shop):
    ended_by(shop, "rapid-reset", lambda: flood(shop, lambda n: headers(2 * n + 1) + reset(2 * n + 1)))


def test_row_34_500_requests_of_which_half_are_reset_within_a_second(shop):
    def run() -> Link:
        link = shop.link(setting(4, 1 << 20))
        for n in range(500):
            link.send_quietly(headers(2 * n + 1) + (reset(2 * n + 1) if n % 2 else b""))
        return link

    ended_by(shop, "rapid-reset", run, TOO_MANY)


@pytest.mark.parametrize(
    "provoke", [
        lambda stream: headers(stream, POST, end=False) + window_update(stream, 0),
        lambda stream: headers(stream, POST, end=False) + window_update(stream, (1 << 31) - 1) * 2,
        lambda stream: headers(stream, [*POST, ("content-length", "1")], end=False) + data(stream, b"12", end=True),
        lambda stream: headers(stream, get(more=[("connection", "close")])),
    ],
    ids=["zero window update", "window overflow", "length", "malformed"],
)
def test_row_35_resets_that_we_are_made_to_send(shop, provoke):
    before = sum(shop.ended(reason) for reason in ("rapid-reset", "protocol-error", "flow-control-error"))
    with flood(shop, lambda n: provoke(2 * n + 1), 2_000) as link:
        try:
            link.until(lambda one: one.kind == GOAWAY)
            link.closed()
        except Closed:
            pass
    reasons = ("rapid-reset", "protocol-error", "flow-control-error")
    wait_until(lambda: sum(shop.ended(reason) for reason in reasons) > before, 5, "the connection ended")


def test_row_35_a_slot_is_free_only_when_the_server_is_left(fresh):
    shop = fresh()
    shop.reply(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", later=b"67890")
    with shop.link() as link:
        for n in range(60):
            stream = 2 * n + 1
            link.send(headers(stream))
            link.answer(stream)
            link.send(reset(stream))
        link.lives()
        # What was asked for the streams that are gone is not under way any more.
        wait_until(lambda: inflight(shop) == 0, 5, "nothing under way at the server")


def test_row_36_continuation_flood(shop):
    first = headers(1, flags=0)
    ended_by(shop, "continuation-flood", lambda: flood(
        shop, lambda n: frame(CONTINUATION, 0, 1, literal("x", "y")), before=first))


def test_row_36_empty_continuations(shop):
    ended_by(shop, "continuation-flood", lambda: flood(
        shop, lambda n: frame(CONTINUATION, 0, 1), before=headers(1, flags=0)))


def test_row_36_a_header_list_that_is_too_large(shop):
    fields = [(f"x-{n}", "v" * 4_000) for n in range(40)]
    whole = block(get(more=fields))
    pieces = [whole[at : at + 16_384] for at in range(0, len(whole), 16_384)]
    frames = [frame(HEADERS, END_STREAM, 1, pieces[0])]
    frames += [frame(CONTINUATION, 0, 1, piece) for piece in pieces[1:-1]]
    frames.append(frame(CONTINUATION, END_HEADERS, 1, pieces[-1]))

    def run() -> Link:
        link = shop.link()
        link.send_quietly(*frames)
        return link

    ended_by(shop, "header-list-too-large", run)
    quiet_but_for_one(shop)


def quiet_but_for_one(shop) -> None:
    """Only the honest request that followed has come."""
    assert len(shop.recorder.requests) <= 1


def test_row_36_hpack_bomb(shop):
    large = integer(0, 6, 0x40) + text("x") + text("v" * 4_000)

    def run() -> Link:
        link = shop.link()
        link.send_quietly(frame(HEADERS, END_HEADERS | END_STREAM, 1, block(get()) + large + b"\xbe" * 12_000))
        return link

    ended_by(shop, "header-list-too-large", run)


def test_row_36_repeated_indexed_headers_with_a_zero_window(shop):
    large = integer(0, 6, 0x40) + text("x") + text("v" * 4_000)

    def run() -> Link:
        link = shop.link(setting(4, 0))
        link.send_quietly(frame(HEADERS, END_HEADERS | END_STREAM, 1, block(get()) + large))
        for n in range(1, 200):
            link.send_quietly(frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, block(get()) + b"\xbe" * 40))
        return link

    ended_by(shop, "header-list-too-large", run)


@pytest.mark.parametrize("name", ["cookie", "x"])
def test_row_36_too_many_fields(shop, name):
    def run() -> Link:
        link = shop.link()
        link.send_quietly(frame(HEADERS, END_HEADERS | END_STREAM, 1, block(get(more=[(name, "a=b")] * 1_000))))
        return link

    ended_by(shop, "too-many-fields", run)


def test_row_36_a_head_a_little_too_large_is_answered(shop):
    with shop.link() as link:
        link.send(headers(1, get(more=[(f"x-{n}", "y") for n in range(140)])))
        assert link.answer(1)[":status"] == "431"
        link.lives()
    quiet(shop)


FLOODS = {
    "settings-flood": lambda n: frame(SETTINGS, 0, 0, setting(4, 65_535)),
    "ping-flood": lambda n: frame(PING, 0, 0, bytes(8)),
    "priority-flood": lambda n: frame(PRIORITY, 0, 1, word(0) + b"\x0f"),
    "unknown-frame-flood": lambda n: frame(0xBE, 0, 0, b"?"),
    "window-update-flood": lambda n: window_update(0, 1),
}


@pytest.mark.parametrize("reason", FLOODS)
def test_row_37_floods_of_frames(shop, reason):
    ended_by(shop, reason, lambda: flood(shop, FLOODS[reason]))


@pytest.mark.parametrize("empty", [data(1), frame(DATA, PADDED, 1, b"\x03" + bytes(3))], ids=["empty", "padding"])
def test_row_37_floods_of_empty_data(shop, empty):
    ended_by(shop, "empty-data-flood", lambda: flood(shop, lambda n: empty, before=headers(1, POST, end=False)))


def test_row_37_headers_of_no_length(shop):
    ended_by(shop, "rapid-reset", lambda: flood(
        shop, lambda n: frame(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, block(get()) + b"\x00\x00\x00" * 50)), TOO_MANY)


# 38


LARGE = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + bytes(1_000_000)


def test_row_38_a_zero_window_is_not_held_open_for_ever(fresh):
    shop = fresh("leastRate: { grace: 1s }")
    shop.reply(LARGE)
    memory = resident(shop)
    with shop.link(setting(4, 0)) as link:
        for n in range(100):
            link.send(headers(2 * n + 1))
        for n in range(100):
            link.answer(2 * n + 1)
        assert resident(shop) - memory < MOST_MEMORY
        ended = link.until(lambda one: one.kind == GOAWAY or one.kind == RST_STREAM)
        assert ended.code != NO_ERROR
    assert shop.ended("stalled") > 0
    wait_until(lambda: inflight(shop) == 0, 5, "nothing under way at the server")


def test_row_38_updates_of_one_byte_are_not_enough(fresh):
    shop = fresh("leastRate: { grace: 1s }")
    shop.reply(LARGE)
    with shop.link(setting(4, 0)) as link:
        link.send(headers(1))
        link.answer(1)
        stop = threading.Event()

        def trickle() -> None:
            while not stop.wait(0.05) and link.send_quietly(window_update(1, 1)):
                pass

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            ended = link.until(lambda one: one.kind == GOAWAY or one.kind == RST_STREAM)
            assert ended.code != NO_ERROR
        except Closed:
            pass
        finally:
            stop.set()
            thread.join()
    assert shop.ended("stalled") > 0


def test_row_38_a_flood_of_one_byte_updates(shop):
    shop.reply(LARGE)
    before = headers(1)
    ended_by_any = ("window-update-flood",)
    counts = {reason: shop.ended(reason) for reason in ended_by_any}
    with flood(shop, lambda n: window_update(1, 1), before=before, settings=setting(4, 0)) as link:
        try:
            link.until(lambda one: one.kind == GOAWAY)
        except Closed:
            pass
    wait_until(lambda: any(shop.ended(one) > counts[one] for one in counts), 5, "the connection ended")


def test_row_38_a_head_that_does_not_end(fresh):
    shop = fresh("timeouts: { head: 1s }")
    with shop.link() as link:
        link.send(headers(1, flags=0))
        link.ended()
    assert shop.ended("head-timeout") == 1
    quiet(shop)


# 39


def test_row_39_frames_behind_a_reset(shop):
    for behind in [data(1, b"x"), headers(1), window_update(1, 5), reset(1), frame(PRIORITY, 0, 1, word(0) + b"\x0f")]:
        with shop.link() as link:
            link.send(headers(1, POST, end=False), reset(1), behind)
            try:
                link.lives()
            except Closed:
                found = [one for one in link.seen if one.kind == GOAWAY]
                assert found and found[0].code == STREAM_CLOSED


def test_row_39_data_that_crosses_our_reset_is_ignored(shop):
    with shop.link() as link:
        link.send(headers(1, [*POST, ("te", "gzip")], end=False), data(1, b"x" * 1_000))
        link.until(lambda one: one.kind == RST_STREAM and one.stream == 1)
        for _ in range(20):
            link.send(data(1, b"x" * 10_000))
        link.send(headers(3))
        assert link.answer(3)[":status"] == "200"


# 40


def test_row_40_a_servers_answer_cannot_inject(shop):
    shop.reply(b"HTTP/1.1 200 OK\r\nX-A: b\x00c\r\nContent-Length: 2\r\n\r\nok")
    with shop.link() as link:
        link.send(headers(1))
        assert link.answer(1)[":status"] == "502"


def test_row_40_what_arrives_is_one_request_with_its_fields(shop):
    with shop.link() as link:
        link.send(headers(1, get("/a?b", "POST", [("cookie", "a=1"), ("x-forwarded-for", "9.9.9.9"), ("cookie", "b=2")]), end=False))
        link.send(data(1, b"hello"), data(1, b" world", end=True))
        assert link.answer(1)[":status"] == "200"
    (request,) = shop.recorder.requests
    assert (request.method, request.target, request.body) == ("POST", "/a?b", b"hello world")
    assert request.field("cookie") == ["a=1; b=2"]
    assert request.field("host") == ["shop"]
    assert "9.9.9.9" not in request.field("x-forwarded-for")[0]
    assert request.field("transfer-encoding") == ["chunked"]
    assert request.field("via") == ["2.0 ballast"]
