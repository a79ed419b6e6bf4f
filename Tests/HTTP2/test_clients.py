"""HTTP/2 in clear text with programs and libraries that others use."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import threading

import httpx
import pytest
import websockets.sync.server

from EndToEnd.harness.ballast import Ballast
from EndToEnd.harness.waiting import wait_until
from HTTP2.conftest import CONFIGURATION
from HTTP2.frames import DATA, END_STREAM, GOAWAY, HEADERS, NO_ERROR, RST_STREAM, Link, data, get, headers, setting, window_update


@pytest.fixture(autouse=True)
def answers_as_ever(request):
    if "shop" in request.fixturenames:
        request.getfixturevalue("shop").reply()


def run(*words: str, seconds: float = 30) -> str:
    found = subprocess.run(words, capture_output=True, text=True, timeout=seconds)
    assert found.returncode == 0, f"{words}: {found.returncode}\n{found.stdout}\n{found.stderr}"
    return found.stdout


def program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is missing: run `make setup`"
    return found


def test_curl(shop, tmp_path):
    upload = tmp_path / "upload"
    upload.write_bytes(os.urandom(3_000_000))
    text = run(
        program("curl"), "-sS", "--http2-prior-knowledge", "-w", " %{http_version} %{http_code}", "-T", str(upload),
        f"http://127.0.0.1:{shop.port}/x")
    assert text == "ok 2 200"
    assert shop.recorder.requests[0].body == upload.read_bytes()
    assert run(program("curl"), "-sS", "--http1.1", f"http://127.0.0.1:{shop.port}/y") == "ok"


def test_curl_is_not_upgraded(shop):
    """`Upgrade: h2c` stays unanswered (row 17), and the request is served."""
    text = run(program("curl"), "-sS", "--http2", "-w", " %{http_version}", f"http://127.0.0.1:{shop.port}/")
    assert text == "ok 1.1"


def test_nghttp(shop):
    text = run(program("nghttp"), "-v", f"http://127.0.0.1:{shop.port}/a", f"http://127.0.0.1:{shop.port}/b")
    assert text.count(":status: 200") == 2
    assert {one.target for one in shop.recorder.requests} == {"/a", "/b"}


@pytest.mark.parametrize("streams", [1, 10, 100])
def test_h2load(shop, streams):
    text = run(
        program("h2load"), "-n", "2000", "-c", "4", "-m", str(streams), f"http://127.0.0.1:{shop.port}/", seconds=50)
    assert re.search(r"2000 succeeded, 0 failed, 0 errored", text), text


def test_httpx(shop):
    with httpx.Client(http2=True, http1=False, base_url=f"http://127.0.0.1:{shop.port}") as client:
        for n in range(20):
            answer = client.post(f"/{n}", content=os.urandom(10_000 * n))
            assert (answer.http_version, answer.status_code, answer.text) == ("HTTP/2", 200, "ok")
    assert len(shop.recorder.requests) == 20


def test_the_access_log_says_so(shop):
    before = (shop.ballast.folder / "access.log").read_text()
    with shop.link() as link:
        link.send(headers(1, get("/logged")))
        link.answer(1)
    wait_until(
        lambda: '"GET /logged HTTP/2.0" 200 2' in (shop.ballast.folder / "access.log").read_text()[len(before):], 5, "a line")


def test_large_answers_arrive_whole(shop):
    body = os.urandom(5_000_000)
    shop.reply(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    with httpx.Client(http2=True, http1=False) as client:
        got = client.get(f"http://127.0.0.1:{shop.port}/").content
    assert hashlib.sha256(got).digest() == hashlib.sha256(body).digest()


def test_chunked_answers_have_no_framing_left(shop):
    shop.reply(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    with shop.link() as link:
        link.send(headers(1))
        fields = link.answer(1)
        assert "transfer-encoding" not in fields and "connection" not in fields
        assert link.body(1) == b"abcde"


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_end_with_their_head(shop, status):
    shop.reply(b"HTTP/1.1 %d X\r\n\r\n" % status)
    with shop.link() as link:
        link.send(headers(1))
        assert link.answer(1)[":status"] == str(status)
        assert link.seen[-1].flags & END_STREAM


def test_interim_answers(shop):
    shop.reply(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with shop.link() as link:
        link.send(headers(1))
        found = link.until(lambda one: one.kind == HEADERS)
        assert found.fields == {":status": "103", "link": "</a>"}
        assert link.answer(1)[":status"] == "200"


def test_a_servers_cut_resets_the_stream(shop):
    shop.reply(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", close=True)
    with shop.link() as link:
        link.send(headers(1))
        link.answer(1)
        assert link.until(lambda one: one.kind == RST_STREAM).code != NO_ERROR
        link.lives()


def test_an_early_answer_stops_the_upload(shop):
    shop.reply(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno", early=True)
    with shop.link() as link:
        link.send(headers(1, get(method="POST"), end=False), data(1, b"x"))
        assert link.answer(1)[":status"] == "413"
        assert link.body(1) == b"no"
        assert link.until(lambda one: one.kind == RST_STREAM).code == NO_ERROR
        link.lives()


def test_many_streams_at_a_time(shop):
    with shop.link() as link:
        link.send(*[headers(2 * n + 1, get(f"/{n}")) for n in range(100)])
        for n in range(100):
            assert link.until(lambda one: one.kind == DATA and one.flags & END_STREAM)
    assert len({one.target for one in shop.recorder.requests}) == 100


def test_urgent_answers_go_first(shop):
    """RFC 9218: of two answers that wait for the connection's window the more urgent one gets it."""
    body = bytes(200_000)
    shop.reply(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + body)
    with shop.link(setting(4, 1 << 20)) as link:
        link.send(headers(1, get("/late", more=[("priority", "u=7")])))
        link.answer(1)
        link.send(headers(3, get("/soon", more=[("priority", "u=0")])))
        link.answer(3)
        link.send(window_update(0, 30_000))
        assert link.until(lambda one: one.kind == DATA).stream == 3


def test_websocket(fresh, tmp_path):
    """RFC 8441: an extended CONNECT becomes an upgrade towards the server."""

    def echo(connection) -> None:
        for message in connection:
            connection.send(message)

    with websockets.sync.server.serve(echo, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        running = Ballast(tmp_path, CONFIGURATION, server=port, listener="http2: true").start()
        try:
            with Link(running.port) as link:
                fields = [
                    (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/"),
                    (":authority", "shop"), ("sec-websocket-version", "13"),
                ]
                link.send(headers(1, fields, end=False))
                answer = link.answer(1)
                assert answer[":status"] == "200" and "sec-websocket-accept" not in answer
                # A text frame with a mask of zeros, and its echo without one.
                link.send(data(1, b"\x81\x85\0\0\0\0hello"))
                assert link.until(lambda one: one.kind == DATA).payload == b"\x81\x05hello"
                link.send(data(1, b"\x88\x82\0\0\0\0\x03\xe8", end=True))
                whole = link.body(1)
                assert whole.startswith(b"\x88\x02\x03\xe8")
                link.lives()
        finally:
            running.stop()
        server.shutdown()


def test_a_reload_without_the_listener_says_goaway(fresh):
    shop = fresh()
    shop.reply(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok", later=b"ok")
    with shop.link() as link:
        link.send(headers(1))
        link.answer(1)
        text = shop.ballast.file.read_text()
        shop.ballast.write(text.replace("  web:", "  other:").replace(f":{shop.port}", ":" + str(free())))
        shop.ballast.reload()
        notice = link.until(lambda one: one.kind == GOAWAY)
        assert notice.code == NO_ERROR and notice.payload[:4] == b"\x7f\xff\xff\xff"
        # What crossed the notice is answered as well.
        link.send(headers(3))
        link.answer(3)
        last = link.until(lambda one: one.kind == GOAWAY)
        assert last.code == NO_ERROR and int.from_bytes(last.payload[:4], "big") == 3
        shop.recorder.go_on.set()
        link.closed()
    assert sum(len(one.payload) for one in link.seen if one.kind == DATA and one.stream == 1) == 4


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def test_an_idle_connection_is_closed(fresh):
    shop = fresh("timeouts: { idle: 1s }")
    with shop.link() as link:
        link.send(headers(1))
        link.answer(1)
        assert link.until(lambda one: one.kind == GOAWAY).code == NO_ERROR
        link.closed()
