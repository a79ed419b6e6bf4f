"""What was set at run time outlives Ballast, and a damaged state does not stop it."""

import os
import pathlib
import signal

from EndToEnd.harness.ballast import request
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    servers:
      - { name: a, address: "{a}" }
      - { name: b, address: "{b}" }
      - { name: c, address: "{c}" }
    balance: round-robin
    health: { tcp: {}, interval: 200ms }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""


def _start(ballast, servers):
    a, b, c = servers("a", "b", "c")
    running = ballast(CONFIGURATION, a=a.address, b=b.address, c=c.address)
    running.wait_for_healthy("shop", 3)
    return running


def _change(running) -> None:
    running.change("PUT", "/v1/servers/shop/a", {"state": "draining"})
    running.change("PUT", "/v1/servers/shop/b", {"weight": 3})
    running.change("PUT", "/v1/servers/shop/c", {"state": "maintenance"})
    running.change("PUT", "/v1/servers/shop/c", {"state": "ready"})


def _is_changed(running) -> bool:
    a, b, c = (running.server("shop", name) for name in "abc")
    return (a["state"], b["weight"], c["state"]) == ("draining", 3, "ready")


def test_drain_weight_and_ready_survive_a_restart(ballast, servers):
    running = _start(ballast, servers)
    _change(running)
    assert _is_changed(running)
    assert running.stop() == 0
    running.start()
    assert _is_changed(running)
    running.wait_for_healthy("shop", 2)
    answers = {request(running.port, "GET", "/").text.split()[0] for _ in range(12)}
    assert answers == {"b", "c"}, "a drained server got new work"


def test_what_was_answered_survives_kill_9_of_everything(ballast, servers):
    running = _start(ballast, servers)
    _change(running)
    os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait()
    running.start()
    assert _is_changed(running)


def _database(running) -> pathlib.Path:
    files = [path for path in (running.folder / "state").iterdir() if path.suffix in (".db", ".sqlite", ".sqlite3")]
    assert len(files) == 1, f"which is the state? {files}"
    return files[0]


def test_a_damaged_state_is_set_aside_and_the_service_runs(ballast, servers):
    running = _start(ballast, servers)
    _change(running)
    assert running.stop() == 0
    database = _database(running)
    database.write_bytes(os.urandom(64 * 1024))
    running.start()
    running.wait_for_healthy("shop", 3)
    assert request(running.port, "GET", "/").status == 200
    aside = [path.name for path in database.parent.iterdir() if "damaged" in path.name]
    assert aside and "damaged" in running.output()
    assert any(fault["type"] == "store-damaged" for fault in running.get("/v1/faults"))
    assert running.server("shop", "a")["state"] == "ready", "what was lost is back at the configuration"


def test_a_drained_server_finishes_what_it_has_and_gets_no_more(ballast, servers):
    running = _start(ballast, servers)
    running.change("PUT", "/v1/servers/shop/a", {"state": "draining"})
    before = running.server("shop", "a")["requests"]
    for _ in range(12):
        assert request(running.port, "GET", "/").status == 200
    assert running.server("shop", "a")["requests"] == before
    running.change("PUT", "/v1/servers/shop/a", {"state": "ready"})

    def has_work() -> bool:
        request(running.port, "GET", "/")
        return running.server("shop", "a")["requests"] > before

    wait_until(has_work, 5, "work for a server that is ready again")
