"""Row 58: whatever a client writes, it gets one line of the log for each request, and that line says nothing to a terminal."""

import json
import re

import pytest

from Attacks.case import HOST
from EndToEnd.harness.ballast import Ballast
from EndToEnd.harness.scripted import Link, Scripted, connect, ok

FORMATS = {
    "json": "format: json, requestHeaders: [ User-Agent, Referer ]",
    "combined": "format: combined",
    "template": "template: '${client} ${method} ${path} ${status} \"${requestHeader:User-Agent}\" \"${requestHeader:Referer}\" [${host}]'",
}
CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop: { servers: [ "127.0.0.1:{server}" ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
log: { access: { path: ./access.log, {form} } }
"""

VALUES = {
    "quote": b'a" 200 1 "b', "backslash": b"a\\", "backslash and quote": b'a\\" b', "brackets": b"[01/Jan/2026:00:00:00 +0000]", "percent": b"%0a%0d%00%1b[2J",
    "escapes of JSON": b'\\u000a\\n","status":200,"x":"', "tab": b"a\tb", "terminal codes in C1": b"\x9b2J\x90x\x9c", "UTF-8": "é\u202e\u2028".encode(),
    "invalid UTF-8": b"\xff\xfe\xc3\x28", "overlong": b"\xc0\x8a\xc0\x8d", "long": b"a" * 9000, "variables": b"${client} $$ ${requestHeader:Cookie} %s %n {0}",
    "shell": b"$(reboot) `reboot` ; |", "markup": b"<script>alert(1)</script>", "empty": b"",
}
# Refused ones get a line as well, and may not get two.
REFUSED = {
    "new line": b"a\r\nforged 127.0.0.1 - - 200\r\n", "bare LF": b"a\nforged", "bare CR": b"a\rforged", "NUL": b"a\0forged", "escape": b"\x1b]0;forged\x07",
    "backspace": b"a\x08\x08\x08forged", "delete": b"a\x7fforged"}
TARGETS = {"quote": b'/a"b', "backslash": b"/a\\nb", "percent": b"/%0aforged", "braces": b"/{}${client}", "long": b"/" + b"a" * 9000}

NAMES = {
    "time", "listener", "client", "method", "target", "host", "status", "reason", "route", "service", "server", "retries", "requestBytes", "answerBytes",
    "queue", "connect", "response", "total", "requestId", "requestHeaders", "responseHeaders"}
PLAIN = re.compile(r"[\x20-\x7e]*\Z")
COMBINED = re.compile(r'\S+ - - \[[^\]]+\] "((?:[^"\\]|\\.)*)" \d+ \d+ "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"\Z')
TEMPLATE = re.compile(r'\S+ \S+ \S+ \d+ "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*" \[[^\]]*\]\Z')


def _requests() -> list[bytes]:
    found = [b"GET / HTTP/1.1\r\n" + HOST + name + b": " + value + b"\r\nConnection: close\r\n\r\n"
             for name in (b"User-Agent", b"Referer") for value in (*VALUES.values(), *REFUSED.values())]
    found += [b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n" for target in TARGETS.values()]
    found += [b"GET / HTTP/1.1\r\nHost: a\"b\r\n\r\n", b"G\x1b[2J / HTTP/1.1\r\n" + HOST + b"\r\n", b"\x1b[2J\r\n\r\n", b"BR\"EW / HTTP/1.1\r\n" + HOST + b"\r\n"]
    return found


@pytest.mark.parametrize("form", FORMATS)
def test_no_value_forges_a_line_or_speaks_to_a_terminal(form, tmp_path):
    server = Scripted(_serve)
    running = Ballast(tmp_path, CONFIGURATION, server=server.port, form=FORMATS[form]).start()
    requests = _requests()
    try:
        for text in requests:
            client = connect(running.port)
            client.send(text)
            client.socket.shutdown(1)
            client.rest()
            client.close()
    finally:
        assert running.stop() == 0, running.output()
        server.stop()
    lines = (tmp_path / "access.log").read_bytes().decode("latin-1").split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(requests)
    for line in lines:
        assert PLAIN.match(line), repr(line)
        _check_form(form, line)


def _once(pairs: list[tuple[str, object]]) -> dict:
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names), f"a name twice: {names}"
    return dict(pairs)


def _check_form(form: str, line: str) -> None:
    if form == "json":
        entry = json.loads(line, object_pairs_hook=_once)
        assert set(entry) <= NAMES and entry["client"] == "127.0.0.1", line
    else:
        assert (COMBINED if form == "combined" else TEMPLATE).match(line), line


def _serve(link: Link, number: int) -> None:
    while True:
        link.head()
        link.send(ok(b""))
