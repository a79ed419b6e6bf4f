"""The engine may die; the listener, the replicas and the state do not."""

import http.client
import os
import signal
import statistics
import threading
import time

from EndToEnd.harness.ballast import request
from EndToEnd.harness.waiting import wait_until

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
workers: 2
"""
KILLS = 3
SERVED_SECONDS, WORST_SECONDS = 0.3, 1.0


class Knocking(threading.Thread):
    """A new connection every few milliseconds, as a stream of new clients; counts what is refused."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.refused, self.served = port, 0, []
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.005):
            try:
                if request(self.port, "GET", "/", seconds=2).status == 200:
                    self.served.append(time.monotonic())
            except ConnectionRefusedError:
                self.refused += 1
            except (OSError, http.client.HTTPException):
                # A connection that the dead engine held; the next one counts.
                pass

    def first_after(self, moment: float) -> float | None:
        return next((served for served in self.served if served > moment), None)


def test_the_listener_never_refuses_and_the_replicas_keep_their_pids(ballast, load):
    running = ballast(CONFIGURATION)
    running.wait_for_healthy("shop", 3)
    pids = {one["name"]: one["pid"] for one in running.replicas("shop")}
    traffic = load(running.port, 10, connections=4)
    knocking = Knocking(running.port)
    knocking.start()
    waits = []
    for _ in range(KILLS):
        wait_until(running.is_ready, 10, "ready")
        before = running.engine_pid()
        os.kill(before, signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda: knocking.first_after(killed), 10, "a request served after the kill")
        waits.append(knocking.first_after(killed) - killed)
        wait_until(lambda: running.is_ready() and running.engine_pid() != before, 10, "a new engine")
        assert {one["name"]: one["pid"] for one in running.replicas("shop")} == pids
        running.wait_for_healthy("shop", 3)
    knocking.ended.set()
    knocking.join()
    traffic.stop()
    assert knocking.refused == 0
    assert statistics.median(waits) <= SERVED_SECONDS and max(waits) <= WORST_SECONDS, waits
    crashes = [fault for fault in running.get("/v1/faults") if fault["type"] == "engine-crashed"]
    assert len(crashes) == KILLS and all(fault["cause"] for fault in crashes)


def test_no_process_stays_behind(ballast):
    running = ballast(CONFIGURATION)
    running.wait_for_healthy("shop", 3)
    pids = [one["pid"] for one in running.replicas("shop")] + [running.engine_pid()]
    assert running.stop() == 0

    def is_gone(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    assert all(is_gone(pid) for pid in pids), "a process outlived Ballast, or is a zombie"


def test_a_restart_that_was_under_way_is_carried_to_its_end_by_the_next_engine(ballast):
    running = ballast(CONFIGURATION)
    running.wait_for_healthy("shop", 3)
    before = {one["pid"] for one in running.replicas("shop")}
    running.change("POST", "/v1/services/shop/restart", {})
    # Answered once it is on the disk; the first new replica may not even have begun.
    os.kill(running.engine_pid(), signal.SIGKILL)

    def replaced() -> bool:
        try:
            now = running.replicas("shop")
        except (OSError, http.client.HTTPException):
            return False
        ready = [one["pid"] for one in now if one["state"] == "ready"]
        return len(ready) == 3 and not before & set(ready)

    wait_until(replaced, 20, "three new replicas")
