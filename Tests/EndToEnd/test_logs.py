"""Logs that go to a journal or a syslog server, which may be slow, gone, or not there yet; and lines for some requests only."""

import json
import os
import socket
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.loggers import Journald, Rsyslog
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import connect
from EndToEnd.harness.waiting import free_port, wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
routes:
  - { match: { path: /teapot }, respond: { status: 418 } }
  - { match: { path: /broken }, respond: { status: 500 } }
  - { match: { path: "/*" }, service: shop }
services:
  shop: { servers: [ { name: a, address: "127.0.0.1:{server}" } ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
log: {log}
"""


@pytest.fixture
def logged(ballast, servers):
    """`logged(log)` is Ballast with these log settings, before one server."""

    def make(log: str, start: bool = True):
        (server,) = servers("a")
        return ballast(CONFIGURATION, server=server.port, log=log, start=start)

    return make


@pytest.fixture
def rsyslog(tmp_path, stopped):
    return stopped(Rsyslog(tmp_path / "rsyslog"))


def _sum(running, name: str) -> float:
    metrics = Metrics(running.metrics())
    assert name in metrics.types
    return metrics.sum(name)


@pytest.mark.parametrize("transport", ["udp", "tcp", "unix"])
def test_a_syslog_server_takes_both_logs(logged, rsyslog, transport):
    address = {"udp": f"127.0.0.1:{rsyslog.udp}", "tcp": f"127.0.0.1:{rsyslog.tcp}", "unix": f"unix:{rsyslog.unix}"}[transport]
    how = "" if transport == "unix" else f"transport: {transport}, "
    target = f'syslog: {{ address: "{address}", {how}facility: local3, identifier: edge }}'
    running = logged(f"{{ {target}, access: {{ {target} }} }}")
    for number in range(20):
        assert request(running.port, "GET", f"/{number}").status == 200
    running.file.write_text(running.file.read_text().replace("workers: 1", "workers: none"))
    running.reload()

    def both() -> bool:
        kinds = [one["kind"] for one in rsyslog.messages()]
        return kinds.count("access") == 20 and any("workers" in one["text"] for one in rsyslog.messages())

    wait_until(both, 10, "20 lines of requests, and of the refusal")
    messages = rsyslog.messages()
    requests = [json.loads(one["text"]) for one in messages if one["kind"] == "access"]
    assert [one["target"] for one in requests] == [f"/{number}" for number in range(20)]
    assert {(one["version"], one["program"], one["host"]) for one in messages} == {("1", "edge", socket.gethostname())}
    assert {one["process"] for one in messages} == {str(running.engine_pid())}
    # local3 is 19; informational, and what is an error.
    priorities = {one["kind"]: {int(two["pri"]) for two in messages if two["kind"] == one["kind"]} for one in messages}
    assert priorities["access"] == {19 * 8 + 6} and priorities["log"] >= {19 * 8 + 6, 19 * 8 + 3}
    refusal = next(one for one in messages if "config-refused" in one["text"] or "stays as it was" in one["text"])
    assert int(refusal["pri"]) == 19 * 8 + 3
    # Standard error has where Ballast listens, and nothing of what went there.
    assert "ready: Ballast" in running.output() and "stays as it was" not in running.output()
    assert _sum(running, "ballast_access_log_lost_lines_total") == 0 and _sum(running, "ballast_log_diverted_lines_total") == 0


def test_the_journal_takes_both_logs(logged, tmp_path, stopped):
    journal = stopped(Journald(tmp_path / "journald"))
    target = f"journald: {{ socket: {journal.socket}, identifier: edge }}"
    running = logged(f"{{ {target}, access: {{ {target} }} }}")
    for number in range(20):
        assert request(running.port, "GET", f"/{number}", headers={"User-Agent": "a\tb"}).status == 200
    # A line of many kilobytes is one entry.
    client = connect(running.port)
    client.send(b"GET /" + b"x" * 4000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert client.answer()[0] == 200
    wait_until(lambda: len(journal.entries("BALLAST_LOG=access")) == 21, 10, "21 entries", step=0.1)
    entries = journal.entries("-t", "edge", "BALLAST_LOG=access")
    assert [json.loads(one["MESSAGE"])["target"] for one in entries[:20]] == [f"/{number}" for number in range(20)]
    assert len(json.loads(entries[20]["MESSAGE"])["target"]) == 4001
    assert {(one["PRIORITY"], one["_PID"], one["_TRANSPORT"]) for one in entries} == {("6", str(running.engine_pid()), "journal")}
    own = journal.entries("BALLAST_LOG=log")
    assert any("begins with" in one["MESSAGE"] for one in own)
    assert _sum(running, "ballast_access_log_lost_lines_total") == 0


def test_a_target_that_is_not_there_holds_nothing_up_and_is_found_when_it_comes(logged, rsyslog):
    rsyslog.stop()
    target = f'syslog: {{ address: "127.0.0.1:{rsyslog.tcp}", transport: tcp }}'
    running = logged(f"{{ {target}, access: {{ {target} }} }}")
    for number in range(10):
        began = time.monotonic()
        assert request(running.port, "GET", f"/lost{number}").status == 200
        assert time.monotonic() - began < 1
    wait_until(lambda: _sum(running, "ballast_access_log_lost_lines_total") == 10, 10, "10 lost lines")
    # Messages of Ballast's own are never lost.
    wait_until(lambda: "begins with" in running.output(), 10, "what the server did not take")
    assert "are lost until that works again" in running.output()
    assert _sum(running, "ballast_log_diverted_lines_total") > 0
    rsyslog.start()

    def arrives() -> bool:
        assert request(running.port, "GET", "/after").status == 200
        return any("/after" in one["text"] for one in rsyslog.messages())

    wait_until(arrives, 10, "a line", step=0.1)
    assert "is sent to" in running.output()
    # It goes away and comes back: what was under way is lost, and nothing else.
    rsyslog.stop()
    wait_until(lambda: request(running.port, "GET", "/between").status == 200, 5, "an answer")
    rsyslog.start()
    before = len(rsyslog.messages())
    wait_until(lambda: arrives() and len(rsyslog.messages()) > before, 10, "another line", step=0.1)


@pytest.mark.parametrize("kind", ["stream", "datagram"])
def test_a_server_that_reads_nothing_holds_nothing_up(logged, tmp_path, kind):
    if kind == "stream":
        taker = socket.create_server(("127.0.0.1", 0))
        target = f'syslog: {{ address: "127.0.0.1:{taker.getsockname()[1]}", transport: tcp }}'
    else:
        taker = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        taker.bind(str(tmp_path / "log"))
        target = f'syslog: {{ address: "unix:{tmp_path / "log"}" }}'
    with taker:
        running = logged(f"{{ access: {{ {target} }} }}")
        client, slowest, sent = connect(running.port), 0.0, 0
        # More than the kernel holds for whoever does not read.
        while _sum(running, "ballast_access_log_lost_lines_total") == 0:
            for _ in range(1000):
                began = time.monotonic()
                client.send(b"GET /" + b"x" * 2000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
                assert client.answer()[0] == 200
                slowest = max(slowest, time.monotonic() - began)
            sent += 1000
            assert sent < 50_000, "no line is ever lost"
        assert slowest < 0.5, f"a request took {slowest} s"


def test_a_reload_moves_the_logs(logged, rsyslog):
    running = logged("{ access: { path: access.log } }")
    assert request(running.port, "GET", "/file").status == 200
    target = f'syslog: {{ address: "127.0.0.1:{rsyslog.udp}" }}'
    running.file.write_text(running.file.read_text().replace("log: { access: { path: access.log } }", f"log: {{ {target}, access: {{ {target} }} }}"))
    running.reload_and_wait()
    assert request(running.port, "GET", "/server").status == 200
    wait_until(lambda: any("/server" in one["text"] for one in rsyslog.messages()), 10, "the line")
    wait_until(lambda: any("is in use" in one["text"] for one in rsyslog.messages()), 10, "the reload's message")
    assert (running.folder / "access.log").read_text().count("\n") == 1


@pytest.mark.parametrize("log, where, advice", [
    ("{ access: { format: json } }", "'path' is missing in the access log", "'journald' or 'syslog'"),
    ("{ access: { path: a.log, journald: true } }", "exclude one another", "keep one"),
    ("{ journald: true, syslog: { address: \"127.0.0.1:514\" } }", "exclude one another", "keep one"),
    ("{ syslog: { address: \"unix:/dev/log\", transport: tcp } }", "in datagrams", "remove 'transport'"),
    ("{ access: { journald: true, rotate: { size: 1MiB } } }", "no file that could be rotated", "remove 'rotate'"),
    ("{ access: { path: a.log, sample: { slow: 1s } } }", "'share' is missing", "share: 1%"),
    ("{ journald: { identifier: " + "x" * 49 + " } }", "49 bytes", "shorter"),
])
def test_what_cannot_be_meant_is_refused_with_advice(logged, log, where, advice):
    running = logged(log, start=False)
    checked = running.run_command("check", str(running.file))
    told = checked.stdout + checked.stderr
    assert checked.returncode == 1 and where in told and advice in told, told


def test_some_requests_have_a_line_and_all_that_fail(logged):
    running = logged("{ access: { path: access.log, sample: { share: 10%, slow: 300ms } } }")
    client = connect(running.port)
    for number in range(2000):
        path = {0: b"/broken", 1: b"/teapot"}.get(number % 100, b"/")
        client.send(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.answer()[0] in (200, 418, 500)
    # Refused before it was a request.
    refused = connect(running.port)
    refused.send(b"\x01\r\n\r\n")
    assert b" 400 " in refused.rest()
    file = running.folder / "access.log"
    wait_until(lambda: file.exists() and '"status":400' in file.read_text(), 5, "the last line")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    by_status = {status: [one for one in lines if one["status"] == status] for status in (200, 400, 418, 500)}
    assert len(by_status[500]) == 20 and not any("sampled" in one for one in by_status[500] + by_status[400])
    assert {one["sampled"] for one in by_status[200]} == {0.1}
    # 1,960 drawn with a chance of a tenth: ten standard deviations are 133.
    assert abs(len(by_status[200]) - 196) < 133
    unsampled = _sum(running, "ballast_access_log_unsampled_lines_total")
    assert len(lines) + unsampled == 2001
    assert _sum(running, "ballast_access_log_lost_lines_total") == 0


def test_a_slow_request_always_has_its_line(ballast, scripted):
    def script(link, number):
        while True:
            head = link.head()
            if b"/slow" in head:
                time.sleep(0.2)
            link.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    running = ballast(CONFIGURATION, server=scripted(script).port, log="{ access: { path: access.log, sample: { share: 0%, slow: 150ms } } }")
    for path in ("/", "/slow", "/"):
        assert request(running.port, "GET", path).status == 200
    file = running.folder / "access.log"
    wait_until(lambda: file.exists() and file.read_text(), 5, "a line")
    assert [json.loads(line)["target"] for line in file.read_text().splitlines()] == ["/slow"]
    assert _sum(running, "ballast_access_log_unsampled_lines_total") == 2
