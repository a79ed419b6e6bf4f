"""What the access log says of a request, and that nothing about its file holds traffic up."""

import json
import os
import re
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import connect
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop: { servers: [ { name: a, address: "127.0.0.1:{server}" } ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
log: { access: {access} }
"""


@pytest.fixture
def logged(ballast, servers):
    """`logged(access)` is Ballast with that access log, before one server."""

    def make(access: str):
        (server,) = servers("a")
        return ballast(CONFIGURATION, server=server.port, access=access)

    return make


def _lines(running, count: int, name: str = "access.log") -> list[str]:
    file = running.folder / name
    wait_until(lambda: file.exists() and file.read_text().count("\n") >= count, 5, f"{count} lines")
    return file.read_text().splitlines()


def _lost(running) -> float:
    return Metrics(running.metrics()).sum("ballast_access_log_lost_lines_total")


def test_the_combined_format_has_referer_and_user_agent(logged):
    running = logged('{ path: access.log, format: combined }')
    request(running.port, "GET", "/a?b=1", headers={"Referer": "http://x/\"y", "User-Agent": "tool/1 (é)".encode().decode("latin-1")})
    request(running.port, "GET", "/plain")
    first, second = _lines(running, 2)
    time_ = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]"
    assert re.fullmatch(
        rf'127\.0\.0\.1 - - {time_} "GET /a\?b=1 HTTP/1\.1" 200 \d+ "http://x/\\x22y" "tool/1 \(\\xc3\\xa9\)"', first), first
    assert re.fullmatch(rf'127\.0\.0\.1 - - {time_} "GET /plain HTTP/1\.1" 200 \d+ "-" "-"', second), second


def test_a_template_says_what_it_names(logged):
    running = logged(
        """{ path: access.log, template: '${client} ${method} ${path} ${host} ${status} ${server} """
        """${reason} ${answerBytes} ${retries} ${total} [${requestHeader:X-Note}] [${responseHeader:content-type}] """
        """[${responseHeader:none}] $${client} ${protocol}' }""")
    assert request(running.port, "GET", "/a?b=1", headers={"Host": "shop", "X-Note": "one\ttwo"}).status == 200
    (line,) = _lines(running, 1)
    assert re.fullmatch(
        r"127\.0\.0\.1 GET /a shop 200 a - \d+ 0 \d+\.\d{3} \[one\\x09two\] \[text/plain\] \[-\] \$\{client\} HTTP/1\.1", line), line


def test_a_line_in_json_has_the_fields_that_were_asked_for(logged):
    running = logged(
        '{ path: access.log, requestHeaders: [ User-Agent, X-None ], responseHeaders: [ Content-Type ] }')
    request(running.port, "GET", "/", headers={"User-Agent": "a\\b"})
    entry = json.loads(_lines(running, 1)[0])
    assert entry["requestHeaders"] == {"user-agent": "a\\b"}
    assert entry["responseHeaders"] == {"content-type": "text/plain"}
    assert {"time", "listener", "client", "method", "target", "host", "status", "route", "service", "server", "retries",
            "requestBytes", "answerBytes", "queue", "connect", "response", "total", "requestId"} <= entry.keys()


@pytest.mark.parametrize("form", ["format: json", "format: combined", "template: '${target} ${requestHeader:User-Agent}'"])
def test_no_client_writes_a_line_of_its_own(logged, form):
    running = logged('{ path: access.log, ' + form + " }")
    client = connect(running.port)
    # What a head may hold at most of what a terminal or a reader of lines could take for its own.
    client.send(b'GET /?"%0a\\x HTTP/1.1\r\nHost: a\r\nUser-Agent: "\\\t\xff\xc2\x9b2J ' + b"x" * 30000 + b"\r\n\r\n")
    assert client.answer()[0] == 200
    # No request at all.
    refused = connect(running.port)
    refused.send(b"\x1b[2J\n\x00{}\r\n\r\n")
    assert b" 400 " in refused.rest()
    lines = _lines(running, 2)
    raw = (running.folder / "access.log").read_bytes()
    assert len(lines) == 2
    assert all(32 <= byte < 127 or byte == 10 for byte in raw), "a byte that no line of ours has"
    assert len(raw) < 20000
    if "json" in form:
        first, second = (json.loads(line) for line in lines)
        assert first["target"] == '/?"%0a\\x' and second["status"] == 400 and second["reason"] == "bad-request-line"


def test_the_log_is_rotated_at_its_size_and_the_oldest_goes(logged):
    running = logged('{ path: access.log, rotate: { size: 64KiB, keep: 2 } }')
    client = connect(running.port)
    for _ in range(4000):
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.answer()[0] == 200
    third = running.folder / "access.log.2"
    wait_until(third.exists, 5, "the second old file")
    files = sorted(one.name for one in running.folder.glob("access.log*"))
    assert files == ["access.log", "access.log.1", "access.log.2"]
    for name in files[1:]:
        text = (running.folder / name).read_text()
        assert text.endswith("}\n") and len(text) <= 2 * 65536 + 1000
        assert all(json.loads(line)["status"] == 200 for line in text.splitlines())
    assert _lost(running) == 0


def test_sighup_follows_a_rename_and_loses_no_line(logged):
    running = logged('{ path: access.log }')
    request(running.port, "GET", "/before")
    _lines(running, 1)
    (running.folder / "access.log").rename(running.folder / "access.log.old")
    running.reload()
    wait_until(lambda: (running.folder / "access.log").exists(), 5, "a new file")
    request(running.port, "GET", "/after")
    assert "/after" in _lines(running, 1)[0]
    assert (running.folder / "access.log.old").read_text().count("\n") == 1


def test_a_log_that_was_removed_comes_back_by_itself(logged):
    running = logged('{ path: access.log }')
    request(running.port, "GET", "/before")
    _lines(running, 1)
    (running.folder / "access.log").unlink()

    def came_back() -> bool:
        request(running.port, "GET", "/after")
        return (running.folder / "access.log").exists()

    wait_until(came_back, 10, "a new file", step=0.1)
    assert "/after" in _lines(running, 1)[0]


def _burst(running, count: int) -> float:
    """The slowest of some requests, in seconds."""
    client, slowest = connect(running.port), 0.0
    for _ in range(count):
        began = time.monotonic()
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.answer()[0] == 200
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def test_a_full_disk_costs_lines_and_nothing_else(logged):
    running = logged('{ path: /dev/full }')
    assert _burst(running, 500) < 1
    wait_until(lambda: _lost(running) == 500, 5, "500 lines counted as lost")
    assert "cannot" in running.output() or "No space left" in running.output()


def test_a_pipe_that_nobody_reads_does_not_hold_up_the_start_nor_a_request(ballast, servers):
    (server,) = servers("a")
    running = ballast(
        CONFIGURATION, start=False, server=server.port, access='{ path: pipe, format: combined }')
    os.mkfifo(running.folder / "pipe")
    running.start()
    assert _burst(running, 500) < 1
    wait_until(lambda: _lost(running) == 500, 5, "500 lines counted as lost")
    reader = os.open(running.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        def read() -> bytes:
            request(running.port, "GET", "/seen")
            try:
                return os.read(reader, 65536)
            except BlockingIOError:
                return b""

        assert b'"GET /seen HTTP/1.1" 200' in wait_until(read, 10, "a line in the pipe", step=0.1)
        # The reader stays and reads no more: the pipe fills, and traffic goes on.
        lost = _lost(running)
        assert _burst(running, 3000) < 1
        wait_until(lambda: _lost(running) > lost, 15, "lines counted as lost")
    finally:
        os.close(reader)
    assert _burst(running, 10) < 1


def test_another_format_holds_from_the_reload_on(logged):
    running = logged('{ path: access.log }')
    client = connect(running.port)
    client.send(b"GET /one HTTP/1.1\r\nHost: a\r\n")
    running.write(CONFIGURATION, access='{ path: access.log, format: combined }')
    before = Metrics(running.metrics()).sum("ballast_config_reloads_total")
    running.reload()
    wait_until(lambda: Metrics(running.metrics()).sum("ballast_config_reloads_total") > before, 5, "the reload")
    client.send(b"User-Agent: x\r\n\r\n")
    assert client.answer()[0] == 200
    (line,) = _lines(running, 1)
    assert line.endswith('"-" "x"')
