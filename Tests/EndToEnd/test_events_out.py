"""Events and faults are told to NATS and Redis, at least once and in their order, whatever is killed."""

import os
import re
import signal
import socket
import threading
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.brokers import Nats, Redis
from EndToEnd.harness.certificates import Authority
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.waiting import free_port, wait_until

CONFIGURATION = """\
listeners:
  web: {{ address: "127.0.0.1:{{port}}" }}
services:
  shop:
    servers: [ {{ name: a, address: "{{a}}" }} ]
    health: {{ http: {{ path: /healthz }}, interval: 100ms, rise: 1, fall: 1 }}
admin: {{ address: "127.0.0.1:{{admin}}" }}
state: {{ path: "{{folder}}/state" }}
workers: 1
events: {{ {buffer}sinks: {{ {sinks} }} }}
"""
FULL = os.environ.get("BALLAST_FULL") == "1"


def _text(sinks: str, buffer: str = "") -> str:
    return CONFIGURATION.format(sinks=sinks, buffer=buffer)


@pytest.fixture
def nats(tmp_path, stopped):
    return lambda *options, **more: stopped(Nats(tmp_path / "nats", *options, **more)).start()


@pytest.fixture
def redis(tmp_path, stopped):
    return lambda *options, **more: stopped(Redis(tmp_path / "redis", *options, **more)).start()


def _start(ballast, servers, sinks: str, buffer: str = "", **more):
    (a,) = servers("a")
    return ballast(_text(sinks, buffer), a=a.address, **more), a


def _note(running, weight: int) -> None:
    """An event whose message names the weight."""
    running.change("PUT", "/v1/servers/shop/a", {"weight": weight})


def _sink(running, name: str) -> dict:
    return next(one for one in running.get("/v1/event-sinks") if one["name"] == name)


def _wait_until_told(running, *names: str, seconds: float = 20) -> None:
    for name in names:
        wait_until(lambda: _sink(running, name)["waiting"] == 0, seconds, f"nothing that waits for {name}")


def _ids(messages) -> list[int]:
    return [body["data"]["id"] for _, _, body in messages if ".event." in body["type"]]


def _once(messages) -> list:
    """What a reader makes of them who drops what has come before."""
    seen, kept = set(), []
    for message in messages:
        if message[1] not in seen:
            seen.add(message[1])
            kept.append(message)
    return kept


def _whole(running, read, seconds: float = 30) -> list:
    """The messages, once the newest event is among them: that a sink is told again is an event as well."""

    def messages():
        last = running.get("/v1/events?limit=1")[-1]["id"]
        found = read()
        return found if last in _ids(found) else None

    return wait_until(messages, seconds, "the newest event", step=0.1)


def _same_as_recorded(running, messages) -> None:
    """Each event of the list is there, in its order and as it stands there."""
    events = {event["id"]: event for event in running.get("/v1/events?limit=10000")}
    told = [body["data"] for _, _, body in messages if ".event." in body["type"]]
    assert [one["id"] for one in told] == sorted(one["id"] for one in told)
    first = told[0]["id"]
    missing = [id for id in events if first <= id and id not in {one["id"] for one in told}]
    assert not missing, f"not told: {[events[id] for id in missing]}"
    assert all(events[one["id"]] == one for one in told if one["id"] in events)


def test_events_and_faults_arrive_whole_and_in_order(ballast, servers, nats, redis):
    bus, stream = nats(), redis()
    bus.make_stream()
    running, a = _start(
        ballast, servers,
        f'bus: {{ nats: {{ servers: "127.0.0.1:{bus.port}" }} }}, '
        f'stream: {{ redis: {{ servers: "127.0.0.1:{stream.port}" }} }}, '
        f'faults: {{ redis: {{ servers: "localhost:{stream.port}", stream: faults, database: 1 }}, send: faults }}')
    running.wait_for_healthy("shop", 1)
    a.kill()
    wait_until(lambda: running.get("/v1/faults?open=true"), 10, "a fault")
    a.start()
    running.wait_for_healthy("shop", 1)
    for weight in range(2, 30):
        _note(running, weight)
    wait_until(lambda: not running.get("/v1/faults?open=true"), 30, "the end of the fault")
    _wait_until_told(running, "bus", "stream", "faults")
    told, streamed = _whole(running, bus.messages), _whole(running, stream.messages)
    assert [(name, body) for _, name, body in told] == [(name, body) for _, name, body in streamed]
    _same_as_recorded(running, told)
    for subject, name, body in told:
        assert subject == body["type"] and body["id"] == name and body["specversion"] == "1.0"
    assert [kind for kind, _, _ in streamed] == [subject.removeprefix("ballast.") for subject, _, _ in told]
    changes = [body["type"].removeprefix("ballast.fault.") for _, _, body in told if ".fault." in body["type"]]
    assert changes[0] == "opened" and changes[-1] == "resolved"
    assert len({name for _, name, _ in told}) == len(told)
    only = _redis_database(stream, 1)
    assert only == [name for _, name, body in told if ".fault." in body["type"]]
    figures = Metrics(running.metrics())
    assert figures.problems == []
    assert figures.sum("ballast_event_sink_messages_total", sink="bus", result="delivered") >= len(told)
    assert figures.sum("ballast_event_sink_up") == 3
    listing = running.run_command("get", "sinks", "-o", "wide", "--admin", f"127.0.0.1:{running.admin}").stdout
    assert re.search(r"bus +nats +connected", listing) and "stream" in listing


def _redis_database(stream: Redis, number: int) -> list[str]:
    # The database is chosen by a script: each question has a connection of its own.
    entries = stream.ask(
        "EVAL", f"redis.call('SELECT', {number}); return redis.call('XRANGE', 'faults', '-', '+')", "0")
    return [dict(zip(fields[::2], fields[1::2]))["id"] for _, fields in entries]


@pytest.mark.parametrize("kind", ["nats", "redis"])
def test_nothing_is_lost_when_everything_is_killed_again_and_again(ballast, servers, nats, redis, kind):
    broker = nats() if kind == "nats" else redis()
    if kind == "nats":
        broker.make_stream()
    running, _ = _start(ballast, servers, f'it: {{ {kind}: {{ servers: "127.0.0.1:{broker.port}" }} }}')
    running.wait_for_healthy("shop", 1)
    weight, kept = 1, []

    def change() -> None:
        nonlocal weight
        weight += 1
        try:
            _note(running, weight)
            kept.append(weight)
        except (OSError, AssertionError):
            pass  # The engine was killed under it: it was not answered as done.

    for round in range(10 if FULL else 3):
        for _ in range(10):
            change()
        pid = running.engine_pid()
        os.kill(pid, signal.SIGKILL)
        if round % 2 == 0:
            broker.kill()
        wait_until(lambda: _answers(running, pid), 15, "the next engine")
        for _ in range(10):
            change()
        if round % 2 == 0:
            broker.start()
    messages = _once(_whole(running, broker.messages, seconds=60))
    _same_as_recorded(running, messages)
    told = [body["data"].get("message", "") for _, _, body in messages]
    missing = [weight for weight in kept if not any(text.endswith(f", weight {weight}") for text in told)]
    assert not missing and len(kept) > 40
    assert _sink(running, "it")["dropped"] == 0


def _answers(running, former: int) -> bool:
    try:
        return running.engine_pid() != former
    except (OSError, AssertionError):
        return False


def test_beyond_the_buffer_the_oldest_are_dropped_counted_and_told(ballast, servers, redis):
    stream = redis()
    running, _ = _start(
        ballast, servers, f'it: {{ redis: {{ servers: "127.0.0.1:{stream.port}", maxLength: 0 }} }}', "buffer: 256KiB, ")
    running.wait_for_healthy("shop", 1)
    before = len(_whole(running, stream.messages))
    stream.kill()
    connection = _Changes(running)
    for weight in range(1, 721):
        connection.change(weight)
    sink = _sink(running, "it")
    assert sink["state"] == "failing" and sink["dropped"] > 0 and sink["waitingBytes"] <= 256 << 10
    stream.start()
    wait_until(
        lambda: any(event["type"] == "sink-dropped" for event in running.get("/v1/events?limit=1000")), 60, "the event")
    messages = _whole(running, stream.messages)
    former, ids = _ids(messages[:before]), _ids(messages[before:])
    assert ids == list(range(ids[0], ids[0] + len(ids))), "the newest are there without a gap"
    dropped = _sink(running, "it")["dropped"]
    # What was on its way when it was dropped, and arrived all the same, is not among them.
    assert 0 < dropped == ids[0] - former[-1] - 1
    assert Metrics(running.metrics()).sum("ballast_event_sink_messages_total", result="dropped") == dropped


class _Changes:
    """Many changes over one connection."""

    def __init__(self, running) -> None:
        import http.client

        self.connection = http.client.HTTPConnection("127.0.0.1", running.admin, timeout=20)

    def change(self, weight: int) -> None:
        self.connection.request(
            "PUT", "/v1/servers/shop/a", f'{{"weight":{weight}}}', {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == 200


def test_tls_and_logins_are_used_and_wrong_ones_are_told(ballast, servers, nats, redis, tmp_path):
    authority = Authority(tmp_path)
    server, client = authority.issue("localhost"), authority.issue("ballast", client=True)
    tls = f'tls {{ cert_file: "{server.certificate}", key_file: "{server.key}" }}\n'
    bus = nats(
        tls + "authorization { user: ballast, password: bus-secret }",
        authority=authority.certificate, login={"user": "ballast", "pass": "bus-secret"})
    bus.make_stream()
    stream = redis(
        "--tls-cert-file", str(server.certificate), "--tls-key-file", str(server.key), "--tls-ca-cert-file",
        str(authority.certificate), "--tls-auth-clients", "optional", "--user", "default", "on", ">redis-secret", "~*", "+@all",
        authority=authority.certificate, password="redis-secret")
    tls = f'tls: {{ ca: "{authority.certificate}" }}'
    both = f'tls: {{ ca: "{authority.certificate}", certificate: "{client.certificate}", key: "{client.key}" }}'
    running, _ = _start(
        ballast, servers,
        f'bus: {{ nats: {{ servers: "localhost:{bus.port}", username: ballast, password: bus-secret, {tls} }} }}, '
        f'stream: {{ redis: {{ servers: "localhost:{stream.port}", username: default, password: redis-secret, {both} }} }}, '
        f'plain: {{ nats: {{ servers: "localhost:{bus.port}", username: ballast, password: bus-secret }} }}, '
        f'wrong: {{ nats: {{ servers: "localhost:{bus.port}", username: ballast, password: other, {tls} }} }}, '
        f'stranger: {{ redis: {{ servers: "localhost:{stream.port}", password: redis-secret, tls: {{}} }} }}, '
        f'name: {{ redis: {{ servers: "127.0.0.1:{stream.port}", password: redis-secret, {tls} }} }}')
    running.wait_for_healthy("shop", 1)
    for broker in (bus, stream):
        _whole(running, broker.messages)
    assert {name for _, name, _ in bus.messages()} >= {name for _, name, _ in stream.messages()} != set()
    reasons = {
        "plain": "asks for TLS", "wrong": "Authorization Violation", "stranger": "certificate-untrusted",
        "name": "certificate-name"}
    for name, reason in reasons.items():
        wait_until(lambda: reason in _sink(running, name).get("lastError", ""), 10, f"{name}: {reason}")
        assert _sink(running, name)["state"] == "failing" and _sink(running, name)["waiting"] > 0
    assert "secret" not in running.output() and "secret" not in str(running.get("/v1/event-sinks"))


def test_a_token_and_core_nats_and_a_second_server(ballast, servers, nats):
    bus = nats("authorization { token: open-sesame }", login={"auth_token": "open-sesame"})
    bus.make_stream(subjects="ops.x.>")
    running, _ = _start(
        ballast, servers,
        f'core: {{ nats: {{ servers: [ "127.0.0.1:{free_port()}", "127.0.0.1:{bus.port}" ], token: open-sesame, '
        f'subject: ops.x, jetstream: false }} }}, '
        f'lost: {{ nats: {{ servers: "127.0.0.1:{bus.port}", token: open-sesame, subject: nobody }} }}')
    running.wait_for_healthy("shop", 1)
    _wait_until_told(running, "core")
    _same_as_recorded(running, _whole(running, bus.messages))
    wait_until(lambda: "no stream of JetStream" in _sink(running, "lost").get("lastError", ""), 10, "the reason")
    assert _sink(running, "lost")["waiting"] > 0
    # Once there is a stream, what waited arrives.
    bus.ask("$JS.API.STREAM.CREATE.N", {"name": "N", "subjects": ["nobody.>"]})
    _wait_until_told(running, "lost", seconds=40)


def test_a_reload_begins_changes_and_ends_sinks(ballast, servers, redis):
    stream = redis()
    sink = f'{{ redis: {{ servers: "127.0.0.1:{stream.port}", stream: STREAM }} }}'
    running, _ = _start(ballast, servers, "")
    running.wait_for_healthy("shop", 1)
    assert running.get("/v1/event-sinks") == []
    text = running.file.read_text()

    def reload(sinks: str) -> None:
        running.file.write_text(text.replace("sinks: {  }", f"sinks: {{ {sinks} }}"))
        running.reload_and_wait()

    reload("one: " + sink.replace("STREAM", "first"))
    first = _whole(running, lambda: stream.messages("first"))
    assert [body["data"]["type"] for _, _, body in first][-1] == "config-reloaded", "a new sink gets what follows"
    assert len(first) < len(running.get("/v1/events"))
    reload("one: " + sink.replace("STREAM", "second"))
    second = _whole(running, lambda: stream.messages("second"))
    assert stream.messages("first") == first and _ids(second)[0] == _ids(first)[-1] + 1
    reload("")
    assert running.get("/v1/event-sinks") == []
    _note(running, 7)
    assert stream.messages("second") == second


class Hostile:
    """Says the same to everybody, without end where that is asked for, and listens to nobody."""

    def __init__(self, words: bytes, forever: bool) -> None:
        self.words, self.forever, self.sent, self.seen = words, forever, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.seen += 1
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.sendall(self.words)
                self.sent += len(self.words)
                while self.forever:
                    self.sent += connection.send(self.words)
                while connection.recv(65536):
                    pass
            except OSError:
                pass

    def stop(self) -> None:
        self.listener.close()


def test_hostile_servers_hold_up_nobody_and_fill_nothing(ballast, servers, stopped):
    talkers = {
        "line": Hostile(b"x" * 65536, True), "info": Hostile(b"INFO {\"a\":" + b"[" * 4096, True),
        "pings": Hostile(b"INFO {\"headers\":true}\r\n" + b"PING\r\n" * 1000, True),
        "huge": Hostile(b"INFO {\"headers\":true}\r\nPONG\r\nMSG a 1 4000000000\r\n", True),
        "silent": Hostile(b"", False), "list": Hostile(b"*1000000000\r\n", True),
        "nested": Hostile(b"*1\r\n" * 1000, True), "bulk": Hostile(b"$60000\r\n" + b"x" * 1000, True),
    }
    for one in talkers.values():
        stopped(one)
    kinds = {name: "redis" if name in ("list", "nested", "bulk") else "nats" for name in talkers}
    running, _ = _start(
        ballast, servers,
        ", ".join(f'{name}: {{ {kinds[name]}: {{ servers: "127.0.0.1:{one.port}" }} }}' for name, one in talkers.items()))
    running.wait_for_healthy("shop", 1)
    for name in talkers:
        if name in ("silent", "pings"):
            continue
        wait_until(lambda: _sink(running, name).get("lastError"), 10, f"{name} is given up")
    wait_until(lambda: talkers["silent"].seen and talkers["pings"].seen, 10, "all are spoken to")
    began = time.monotonic()
    for weight in range(1, 21):
        _note(running, weight)
        assert request(running.port, "GET", "/").status == 200
    assert time.monotonic() - began < 5
    with open(f"/proc/{running.engine_pid()}/status") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    assert resident < 200_000, f"{resident} KiB"
    assert all(sink["waiting"] > 0 and sink["dropped"] == 0 for sink in running.get("/v1/event-sinks"))


def test_an_upgrade_and_a_restore_lose_nothing_and_tell_nothing_twice(ballast, servers, redis):
    stream = redis()
    running, _ = _start(ballast, servers, f'it: {{ redis: {{ servers: "127.0.0.1:{stream.port}" }} }}')
    running.wait_for_healthy("shop", 1)
    backup = running.folder / "a.backup"
    admin = ["--admin", f"127.0.0.1:{running.admin}"]
    assert running.run_command("backup", str(backup), *admin).returncode == 0
    for weight in range(2, 12):
        _note(running, weight)
    pid = running.engine_pid()
    assert running.run_command("upgrade", *admin).returncode == 0
    wait_until(lambda: _answers(running, pid), 15, "the next engine")
    _same_as_recorded(running, _once(_whole(running, stream.messages)))
    stream.kill()
    _note(running, 20)
    restored = running.run_command("restore", str(backup), "--yes", *admin)
    assert restored.returncode == 0, restored.stderr
    _note(running, 21)
    stream.start()
    messages = _once(_whole(running, stream.messages, seconds=40))
    texts = [body["data"].get("message", "") for _, _, body in messages]
    for weight in (*range(2, 12), 20, 21):
        assert sum(text.endswith(f", weight {weight}") for text in texts) == 1, weight
    assert len({name for _, name, _ in messages}) == len(messages)
