"""A deployment whose engine or keeper is killed in the middle ends one way or the other, and whole."""

import os
import pathlib
import random
import signal

import pytest

from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", service: shop }
services:
  shop:
    run:
      command: [ {python}, {replica} ]
      environment: { MARK: "{folder}", RELEASE: "${VERSION}" }
      replicas: 4
      version: "1"
    health: { http: { path: /healthz }, interval: 100ms, timeout: 90ms, rise: 1 }
    deploy: { healthyFor: 300ms, deadline: 15s, drain: 2s, strategy: {strategy} }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""
ROUNDS = 20 if os.environ.get("BALLAST_FULL") == "1" else 3
STRATEGIES = ["rolling", "blue-green, keepOld: 1s", "canary, steps: [ 25%, 100% ], stepTime: 1s"]


def _releases(folder: pathlib.Path) -> list[str]:
    """Of every process that was started for a replica, whoever knows of it."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
            # A zombie has none; its end is known.
            if f"MARK={folder}".encode() in variables:
                found += [one.removeprefix(b"RELEASE=").decode() for one in variables if one.startswith(b"RELEASE=")]
        except OSError:
            continue
    return found


def _newest(running) -> dict:
    return running.get("/v1/deployments?service=shop")[0]


def _begin(running, version: int, chance: random.Random) -> None:
    """Orders it, and returns at a random point of it: so many events later."""
    last = running.get("/v1/events?limit=10000")[-1]["id"]
    running.change("POST", "/v1/services/shop/deploy", {"version": str(version)})
    events = chance.randint(1, 20)

    def reached() -> bool:
        came = running.get(f"/v1/events?service=shop&limit=10000&after={last}")
        return len(came) >= events or any(event["type"] == "deployment-ended" for event in came)

    wait_until(reached, 30, f"{events} events of the deployment")


def _check_whole(running) -> str:
    """Waits for its end; all replicas are of one version then, and there are no others."""
    wait_until(lambda: _newest(running).get("ended"), 60, "the end of the deployment")
    running.wait_for_healthy("shop", 4, seconds=30)
    wait_until(lambda: len(running.replicas("shop")) == 4, 30, "four replicas")
    wait_until(lambda: len(_releases(running.folder)) == 4, 10, "no process but the replicas'")
    versions = {one["version"] for one in running.replicas("shop")}
    assert len(versions) == 1 and set(_releases(running.folder)) == versions
    newest = _newest(running)
    expected = newest["version"] if newest["state"] == "succeeded" else newest["formerVersion"]
    assert versions == {expected}, newest
    assert len([one for one in running.get("/v1/deployments") if "ended" not in one]) == 0
    return newest["state"]


@pytest.mark.timeout(90 + 60 * ROUNDS)
@pytest.mark.parametrize("victim", ["engine", "keeper"])
def test_a_deployment_survives_the_kill_of(ballast, victim):
    chance = random.Random(f"{victim} {ROUNDS}")
    running = ballast(CONFIGURATION, strategy=STRATEGIES[0])
    running.wait_for_healthy("shop", 4)
    ends = []
    for round in range(ROUNDS):
        running.write(CONFIGURATION, strategy=STRATEGIES[round % len(STRATEGIES)])
        running.reload_and_wait()
        _begin(running, round + 2, chance)
        if victim == "engine":
            before = running.engine_pid()
            os.kill(before, signal.SIGKILL)
            wait_until(lambda: running.is_ready() and running.engine_pid() != before, 20, "the next engine")
        else:
            os.kill(running.process.pid, signal.SIGKILL)
            running.process.wait(20)
            wait_until(lambda: not _releases(running.folder), 10, "no replica outlives the keeper")
            running.start()
        ends.append(_check_whole(running))
    assert len(ends) == ROUNDS and set(ends) <= {"succeeded", "rolled-back"}
