"""Slow clients, floods of connections, and no descriptors left: honest clients notice nothing of it.

`make floods` is the full size: 10,000 slow clients against the limits that Ballast has when none are configured, and
the same against HAProxy and nginx beside it.
"""

import contextlib
import json
import os
import pathlib
import resource
import subprocess
import sys

import pytest

from EndToEnd.floods.honest import Honest, compile_program
from EndToEnd.floods.peers import COMMANDS, peer
from EndToEnd.harness.ballast import request, wait_for_port
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.waiting import free_port

HERE = pathlib.Path(__file__).parent
FULL = int(os.environ.get("FLOOD_CLIENTS", "0"))
CLIENTS = FULL or 500
# Few in CI: where all is slow, many would need more connections than there are descriptors left for them.
RATE = 300 if FULL else 50
LEAST_MILLISECONDS = 25
# Where attackers, server and proxy share two cores, even those who aren't attacked wait for a turn. Then what the
# better of the peers leaves to honest clients is the measure: it is to be this many times as long.
TIMES_OF_A_PEER = 5
# When slow clients must be gone, after they were opened: the limits, and what the check takes.
GONE_SECONDS = 15 if FULL else 10
# Descriptors of a Ballast that has few.
FEW = 600
LIMITS = "" if FULL else "timeouts: { head: 2s }, leastRate: { grace: 2s }, "

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", {limits} }
services:
  shop:
    servers: [ "127.0.0.1:{server}" ]
    health: { none: {} }
    retries: { attempts: 0 }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""


@pytest.fixture(scope="module")
def load_program(tmp_path_factory):
    return compile_program("openloop", tmp_path_factory.mktemp("load"))


@pytest.fixture(scope="module")
def origin_program(tmp_path_factory):
    return compile_program("origin", tmp_path_factory.mktemp("origin"))


@pytest.fixture
def shop(ballast, origin_program):
    """`shop(limits)` is Ballast before one server."""
    port = free_port()
    server = subprocess.Popen([origin_program, str(port), str(LARGE_BYTES)])
    wait_for_port(port)
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (FILES, FILES))

    def start(limits: str = ""):
        running = ballast(CONFIGURATION, server=port, limits=limits)
        running.server = port
        return running

    yield start
    server.kill()
    server.wait()


# What slow readers ask for: more than all buffers on the way have room for.
LARGE_BYTES = 8 << 20
FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


@contextlib.contextmanager
def attack(port: int, seconds: float, all_open: bool = True, **counts: int):
    """Attackers of these kinds, each a process of less priority, since they are other machines in truth. Gives what
    they said when all were open; the dictionary has what they said in the end once they ended. A peer need not let
    all of them in."""
    processes = {
        kind: subprocess.Popen(
            ["nice", "-n", "19", sys.executable, str(HERE / "attackers.py"), str(port), kind, str(count), str(seconds)],
            stdout=subprocess.PIPE, text=True)
        for kind, count in counts.items()}
    told: dict[str, dict] = {}
    try:
        for process in processes.values():
            first = process.stdout.readline()
            assert first == "open\n" or not all_open, first
        yield told
        for kind, process in processes.items():
            told[kind] = json.loads(process.stdout.readline() or "{}")
    finally:
        for process in processes.values():
            process.kill()
            process.communicate()


def _open_connections(running) -> float:
    return Metrics(running.metrics()).sum("ballast_connections", listener="web")


def _check(calm: Honest, under: Honest, peers: float = 0) -> None:
    """`peers` is the p99 of the better of them under the same attack."""
    print(f"honest p99 {calm.p99:.2f} ms in calm, {under.p99:.2f} ms under attack, of {len(under.times)} requests")
    assert not calm.failed and not under.failed, (calm.failed[:5], under.failed[:5], len(under.failed))
    # CI shares its machine, perhaps with more than this: what is slow there is not told from what is busy.
    assert not FULL or under.p99 <= max(2 * calm.p99, LEAST_MILLISECONDS, peers / TIMES_OF_A_PEER)


def _peers(load_program, folder: pathlib.Path, server: int, counts: dict[str, int]) -> float:
    """The better p99 of HAProxy's and nginx's honest clients while slow ones attack them."""
    best = float("inf")
    for name in COMMANDS:
        with peer(name, folder, server, FILES) as port:
            under = Honest(load_program, port, RATE, GONE_SECONDS)
            with attack(port, GONE_SECONDS + 5, all_open=False, **counts):
                under.finish()
        print(f"{name} under the same: honest p99 {under.p99:.2f} ms, {len(under.failed)} failed")
        best = min(best, under.p99)
    return best


@pytest.mark.timeout(240)
def test_slow_clients_are_gone_in_time_and_hurt_nobody(shop, load_program, tmp_path):
    running = shop(LIMITS)
    calm = Honest(load_program, running.port, RATE, 5 if FULL else 2).finish()
    under = Honest(load_program, running.port, RATE, GONE_SECONDS if FULL else 6)
    # Each of the latter two takes a connection to the server as well, and the kernel fills megabytes for each reader.
    counts = {"head": CLIENTS * 80 // 100, "body": CLIENTS * 15 // 100, "reader": CLIENTS * 5 // 100}
    # They leave as soon as none of them is left.
    with attack(running.port, GONE_SECONDS + 5, **counts) as told:
        most = _open_connections(running)
    under.finish()
    print(told)
    assert sum(one["opened"] for one in told.values()) == CLIENTS
    assert most > CLIENTS // 5, "they were not there at the same time"
    assert all(one["refused"] == 0 for one in told.values())
    assert max(one["longest"] for one in told.values()) <= GONE_SECONDS
    assert all(one["left"] == 0 for one in told.values())
    _check(calm, under, _peers(load_program, tmp_path, running.server, counts) if FULL else 0)


@pytest.mark.timeout(120)
def test_a_flood_of_connections_hurts_nobody_else(shop, load_program):
    # The honest come from one address, and as many as a busy machine makes wait.
    running = shop(f"limits: {{ connectionsPerAddress: 100 }}, trustedProxies: [ 127.0.0.1 ], {LIMITS}")
    seconds = 10 if FULL else 3
    calm = Honest(load_program, running.port, RATE, seconds / 2).finish()
    under = Honest(load_program, running.port, RATE, seconds)
    # Each of their addresses wants twice what it may have.
    with attack(running.port, seconds, flood=min(CLIENTS, 5000)) as told:
        pass
    under.finish()
    refused = Metrics(running.metrics()).sum("ballast_connections_refused_total", reason="address-limit")
    print(told, f"{refused:.0f} refused")
    assert refused > 0 and told["flood"]["closed"] > 0
    _check(calm, under)


@pytest.mark.timeout(120)
def test_without_descriptors_work_goes_on(shop, load_program, tmp_path, ballast_binary, monkeypatch):
    few = tmp_path / "few"
    few.write_text(f'#!/bin/sh\nexec prlimit --nofile={FEW}:{FEW} "{ballast_binary}" "$@"\n')
    few.chmod(0o755)
    monkeypatch.setenv("BALLAST", str(few))
    running = shop(LIMITS)
    seconds = 10 if FULL else 4
    calm = Honest(load_program, running.port, RATE, seconds / 2).finish()
    under = Honest(load_program, running.port, RATE, seconds)
    with attack(running.port, seconds, idle=5 * FEW) as told:
        # The admin address answers whatever clients take.
        assert running.get("/v1/status")["pid"] == running.engine_pid()
    under.finish()
    print(told)
    _check(calm, under)
    # Who comes afterwards is served like before.
    assert request(running.port, "GET", "/").status == 200
