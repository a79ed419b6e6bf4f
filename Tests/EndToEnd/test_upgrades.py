"""Another engine takes over while everything goes on: no request fails and no stream is cut."""

import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from EndToEnd.harness.ballast import Ballast, binary, request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Scripted, connect
from EndToEnd.harness.streams import (
    FULL, Client, Download, Echo, EchoServer, KeepAlive, Knocking, LongPoll, WebSockets, echoing, endless)
from EndToEnd.harness.waiting import free_port, wait_until

UPGRADES, RELOADS = (10, 100) if FULL else (2, 6)

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    health: { http: { path: /healthz }, interval: 200ms, timeout: 150ms }
    run:
      command: [ "{python}", "{replica}" ]
      replicas: 3
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: {workers}
"""
WITH_STREAMS = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
  lines: { address: "127.0.0.1:{lines}", protocol: tcp, service: echo }
services:
  shop:
    health: { http: { path: /healthz }, interval: 200ms, timeout: 3s }
    servers: {list}
  slow:
    health: { none: {} }
    servers: [ "127.0.0.1:{slow}" ]
  chat:
    health: { none: {} }
    servers: [ "127.0.0.1:{chat}" ]
  echo:
    protocol: tcp
    health: { none: {} }
    servers: [ "127.0.0.1:{echo}" ]
  {extra}: { servers: [ "127.0.0.1:1" ], health: { none: {} } }
routes:
  - { match: { path: /endless }, service: slow }
  - { match: { path: /late }, service: slow }
  - { match: { path: /chat }, service: chat }
  - { name: rest, service: shop }
  - { name: other, match: { path: "/{extra}/*" }, service: {extra} }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""

def unused() -> dict:
    """Words of WITH_STREAMS for what a test has no use for."""
    return {"chat": 1, "echo": 1, "lines": free_port(), "extra": "other"}


class Upgradable(Ballast):
    """Runs from a copy of the binary, so that a test can put another file in its place."""

    def __init__(self, folder: pathlib.Path, configuration: str, **names) -> None:
        super().__init__(folder, configuration, **names)
        self.program = folder / "ballast"
        shutil.copy(binary(), self.program)

    def start(self, wait: bool = True) -> "Upgradable":
        with self.output_file.open("ab") as output:
            self.process = subprocess.Popen(
                [str(self.program), "run", str(self.file)], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        if wait:
            wait_until(self.is_ready, 15, f"ready\n{self.output()}")
        return self

    def replace(self, text: str | None = None) -> None:
        """Puts a script, or the real binary, in the place of the one that is there."""
        draft = self.folder / "ballast.new"
        if text is None:
            shutil.copy(binary(), draft)
        else:
            draft.write_text(text)
            draft.chmod(0o755)
        draft.rename(self.program)

    def upgrade(self) -> int:
        """By SIGUSR2; returns the pid of the engine that then serves."""
        before = self.engine_pid()
        self.process.send_signal(signal.SIGUSR2)

        def taken_over() -> int:
            status = self.try_get("/v1/upgrade")
            return status["pid"] if status and status["state"] == "done" and status["pid"] != before \
                and status["formerPid"] == before else 0

        return wait_until(taken_over, 40, f"another engine\n{self.output()}")

    def try_get(self, path: str):
        try:
            return self.get(path)
        except (OSError, AssertionError, http.client.HTTPException):
            return None

    def command(self, *words: str) -> subprocess.CompletedProcess:
        return self.run_command(*words, "--admin", f"http://127.0.0.1:{self.admin}", seconds=90)

    def events(self, kind: str) -> list[dict]:
        return [event for event in self.get("/v1/events?limit=1000") if event["type"] == kind]


@pytest.fixture
def upgradable(tmp_path, ballast_binary):
    made: list[Upgradable] = []

    def make(configuration: str, **names) -> Upgradable:
        folder = tmp_path / f"ballast-{len(made)}"
        folder.mkdir()
        replica = pathlib.Path(__file__).parent / "harness" / "replica.py"
        made.append(Upgradable(folder, configuration, python=sys.executable, replica=replica, **names))
        return made[-1].start()

    yield make
    for one in made:
        assert one.stop() == 0, one.output()
        assert "Fatal error" not in one.output(), one.output()


@pytest.fixture
def slow():
    server = Scripted(endless)
    yield server
    server.stop()


@pytest.fixture
def chat():
    server = EchoServer()
    yield server
    server.stop()


@pytest.fixture
def echo():
    server = Scripted(echoing)
    yield server
    server.stop()


@pytest.fixture
def clients():
    """`clients(KeepAlive(port), …)` starts them; at their end none may have failed."""
    started = Clients()
    yield started
    started.finish()


class Clients:
    def __init__(self) -> None:
        self.started: list[Client] = []

    def __call__(self, *some: Client) -> None:
        for one in some:
            one.start()
            self.started.append(one)

    def finish(self) -> None:
        ended, self.started = self.started, []
        for one in ended:
            one.finish()
        assert [failure for one in ended for failure in one.failures] == []
        assert all(one.done > 0 for one in ended), "a client did nothing"


def _written(servers) -> str:
    return "[ " + ", ".join(f'{{ name: {one.name}, address: "{one.address}" }}' for one in servers) + " ]"


def _reload(running) -> None:
    def count() -> float:
        return Metrics(running.metrics()).sum("ballast_config_reloads_total", result="success")

    before = count()
    running.reload()
    wait_until(lambda: count() > before, 10, "the reload counted")


def test_upgrades_and_reloads_under_load_fail_no_request_and_cut_no_stream(
    upgradable, servers, slow, chat, echo, load, clients
):
    a, b, c = servers("a", "b", "c")
    lines = free_port()
    running = upgradable(
        WITH_STREAMS, list=_written([a, b, c]), slow=slow.port, chat=chat.port, echo=echo.port, lines=lines,
        extra="other")
    running.wait_for_healthy("shop", 3)
    port = running.port
    seconds = 150 if FULL else 20
    traffic = load(port, seconds)
    clients(
        *(KeepAlive(port) for _ in range(2)), *(KeepAlive(port, pause=0.05) for _ in range(8)),
        WebSockets(port, 100), *(Echo(lines) for _ in range(20)), Knocking(port), *(Download(port) for _ in range(20)), *(LongPoll(port) for _ in range(10)))
    for number in range(UPGRADES):
        running.upgrade()
        for change in range(RELOADS // UPGRADES):
            chosen = [[a, b, c], [a, b], [a, c]][change % 3]
            running.write(WITH_STREAMS, list=_written(chosen), extra=f"other-{number}-{change}")
            _reload(running)
            assert running.server("shop", "a")["health"] == "healthy"
    assert traffic.is_running, "the load ended before the upgrades did"
    traffic.finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told
    assert running.get("/v1/faults") == []
    print(f"{UPGRADES} upgrades, {RELOADS} reloads: {traffic.told}")


def test_an_upgrade_keeps_replicas_weights_and_health_and_makes_no_fault(upgradable):
    running = upgradable(CONFIGURATION, workers=2)
    running.wait_for_healthy("shop", 3)
    running.change("PUT", "/v1/servers/shop/shop-1", {"weight": 7})
    running.change("PUT", "/v1/servers/shop/shop-2", {"state": "draining"})
    pids = {one["name"]: one["pid"] for one in running.replicas("shop")}
    engine = running.engine_pid()
    told = running.command("upgrade")
    assert told.returncode == 0, told.stderr + running.output()
    assert told.stdout.startswith("upgraded: ballast "), told.stdout
    assert running.engine_pid() != engine
    assert running.get("/v1/services/shop")["service"]["healthy"] == 2
    assert {one["name"]: one["pid"] for one in running.replicas("shop")} == pids
    assert all(one["state"] == "ready" for one in running.replicas("shop"))
    assert running.server("shop", "shop-1")["weight"] == 7
    assert running.server("shop", "shop-2")["state"] == "draining"
    assert running.get("/v1/faults") == []
    assert len(running.events("upgraded")) == 1 and running.events("engine-restarted") == []
    # Checks, replicas and the state are the new one's now.
    os.kill(pids["shop-3"], signal.SIGKILL)
    wait_until(
        lambda: {one["name"]: one.get("pid") for one in running.replicas("shop")}.get("shop-3") not in (None, pids["shop-3"]),
        10, "another replica")
    running.change("PUT", "/v1/servers/shop/shop-2", {"state": "ready"})
    running.wait_for_healthy("shop", 3)


def test_what_the_former_engine_holds_is_shown_and_goes_on(upgradable, servers, slow):
    (a,) = servers("a")
    running = upgradable(WITH_STREAMS, list=_written([a]), slow=slow.port, **unused())
    running.wait_for_healthy("shop", 1)
    idle, download = connect(running.port), connect(running.port)
    idle.send(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
    assert idle.answer()[0] == 200
    download.send(b"GET /endless HTTP/1.1\r\nHost: shop\r\n\r\n")
    assert download.head().startswith(b"HTTP/1.1 200 ")
    before = running.engine_pid()
    after = running.upgrade()
    (left,) = wait_until(
        lambda: [one for one in running.get("/v1/status").get("draining", []) if one["connections"] == 2],
        5, "two connections shown")
    assert left["pid"] == before != after and left["until"] > left["since"]
    assert Metrics(running.metrics()).sum("ballast_draining_connections") == 2
    # A connection that was kept gets its answer, and is told to come again.
    idle.send(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
    assert b"connection: close" in idle.head().lower()
    for _ in range(20):
        download.until(b"\r\n")
    download.close()
    wait_until(lambda: "draining" not in running.get("/v1/status"), 10, "the former engine gone")
    assert not os.path.exists(f"/proc/{before}")


@pytest.mark.parametrize("script, reason", [
    ("#!/bin/sh\necho first words >&2\necho last words >&2\nexit 7\n", "exited with code 7"),
    ("#!/bin/sh\nkill -SEGV $$\n", "killed by SIGSEGV"),
    ("not a program", "did not start"),
])
def test_an_engine_that_does_not_come_up_is_dropped_and_the_old_one_stays(
    upgradable, clients, script, reason
):
    running = upgradable(CONFIGURATION, workers=2)
    running.wait_for_healthy("shop", 3)
    pids = {one["pid"] for one in running.replicas("shop")}
    engine = running.engine_pid()
    clients(KeepAlive(running.port), Knocking(running.port))
    running.replace(script)
    told = running.command("upgrade")
    assert told.returncode == 1 and reason in told.stderr, told.stderr
    assert f"(pid {engine}) stays in charge" in told.stderr
    if "words" in script:
        assert told.stderr.index("first words") < told.stderr.index("last words")
    assert running.engine_pid() == engine
    assert {one["pid"] for one in running.replicas("shop")} == pids
    assert [reason in event["message"] for event in running.events("upgrade-failed")] == [True]
    assert running.get("/v1/faults") == []
    clients.finish()
    # A crash brings the engine that ran, not what lies there now.
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: (running.try_get("/v1/status") or {}).get("pid", engine) != engine, 10, "another engine")
    running.replace()
    assert running.command("upgrade").returncode == 0


def test_a_configuration_that_is_wrong_stays_outside_with_its_mistakes(upgradable):
    running = upgradable(CONFIGURATION, workers=2)
    engine = running.engine_pid()
    running.write(CONFIGURATION.replace("replicas: 3", "replicass: 3"), workers=2)
    told = running.command("upgrade")
    assert told.returncode == 1 and "replicass" in told.stderr and ":8:" in told.stderr, told.stderr
    taken = socket.create_server(("127.0.0.1", 0))
    other = taken.getsockname()[1]
    text = CONFIGURATION.replace("listeners:\n", f'listeners:\n  more: {{ address: "127.0.0.1:{other}" }}\n')
    running.write(text, workers=2)
    told = running.command("upgrade")
    assert told.returncode == 1 and "the listener more cannot listen" in told.stderr, told.stderr
    taken.close()
    assert running.engine_pid() == engine
    running.write(CONFIGURATION, workers=2)
    assert running.command("upgrade").returncode == 0


@pytest.mark.parametrize("before, after", [(1, 3), (3, 1)])
def test_the_number_of_workers_changes_with_an_upgrade_and_no_connection_waits_in_vain(
    upgradable, clients, before, after
):
    running = upgradable(CONFIGURATION, workers=before)
    running.wait_for_healthy("shop", 3)
    clients(*(Knocking(running.port) for _ in range(4)))
    running.write(CONFIGURATION, workers=after)
    _reload(running)
    assert running.get("/v1/status")["workers"] == before
    (event,) = running.events("config-needs-upgrade")
    assert "workers" in event["message"] and "ballast upgrade" in event["message"]
    running.upgrade()
    assert running.get("/v1/status")["workers"] == after
    # The kernel spreads them over all sockets that there ever were.
    for _ in range(64):
        assert request(running.port, "GET", "/", seconds=5).status == 200


def test_an_engine_that_crashes_begins_with_fewer_workers_than_sockets(upgradable):
    running = upgradable(CONFIGURATION, workers=3)
    running.wait_for_healthy("shop", 3)
    running.write(CONFIGURATION, workers=1)
    engine = running.engine_pid()
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: (running.try_get("/v1/status") or {}).get("pid", engine) != engine, 10, "another engine")
    for _ in range(64):
        assert request(running.port, "GET", "/", seconds=5).status == 200


def test_sessions_in_tables_are_the_new_engines_as_well(upgradable, servers):
    some = servers("a", "b", "c", "d")
    text = WITH_STREAMS.replace(
        "    servers: {list}", "    sticky: { source: client-ip, ttl: 30m }\n    balance: random\n    servers: {list}")
    running = upgradable(text, list=_written(some), slow=1, **unused())
    running.wait_for_healthy("shop", 4)

    def asked(address: str) -> bytes:
        with socket.create_connection(("127.0.0.1", running.port), 5, (address, 0)) as link:
            link.sendall(b"GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
            return link.makefile("rb").read().split(b"\r\n\r\n")[1]

    addresses = [f"127.0.1.{number}" for number in range(1, 33)]
    before = {address: asked(address) for address in addresses}
    assert len(set(before.values())) > 1
    running.upgrade()
    assert {address: asked(address) for address in addresses} == before


def test_a_crash_after_the_switch_is_followed_by_the_new_program(upgradable):
    running = upgradable(CONFIGURATION, workers=2)
    running.wait_for_healthy("shop", 3)
    running.replace()
    engine = running.upgrade()
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: (running.try_get("/v1/status") or {}).get("pid", engine) != engine, 10, "another engine")
    assert [fault["type"] for fault in running.get("/v1/faults")] == ["engine-crashed"]
    assert running.command("upgrade").returncode == 0


def test_a_stop_ends_former_engines_as_well(upgradable, servers, slow):
    (a,) = servers("a")
    running = upgradable(WITH_STREAMS, list=_written([a]), slow=slow.port, **unused())
    running.wait_for_healthy("shop", 1)
    download = connect(running.port)
    download.send(b"GET /endless HTTP/1.1\r\nHost: shop\r\n\r\n")
    download.until(b"\r\n0\n")
    first = running.engine_pid()
    running.upgrade()
    running.process.send_signal(signal.SIGTERM)
    for _ in range(10):
        download.until(b"\n")
    download.close()
    assert running.process.wait(15) == 0, running.output()
    assert not os.path.exists(f"/proc/{first}")


def test_the_admin_address_moves_with_a_reload(upgradable):
    running = upgradable(CONFIGURATION, workers=2)
    with pytest.raises(AssertionError):
        running.change("PUT", "/v1/config/value", {"path": "admin.address", "value": f'"127.0.0.1:{running.port}"'})
    old = running.admin
    running.admin = free_port()
    running.write(CONFIGURATION, workers=2)
    running.reload()
    wait_until(running.is_ready, 10, "the admin API at its new address")
    with pytest.raises(OSError):
        request(old, "GET", "/readyz")
    running.upgrade()
    assert running.is_ready()
