"""Deployments of services that run as containers: what holds for processes holds for them."""

import os
import random
import signal

import pytest

from EndToEnd.harness.ballast import Ballast
from EndToEnd.harness.containers import Docker, Missing, clean, make_daemon
from EndToEnd.harness.streams import FULL
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    health: { http: { path: /healthz }, interval: 100ms, timeout: 1s, rise: 1, fall: 2 }
    slowStart: 0s
    run:
      image: "shop:{version}"
      version: "{version}"
      pull: never
      network: host
      replicas: {count}
      resources: { memory: 32MiB }
      stop: { timeout: 5s }
    deploy: {deploy}
containers: { socket: "{socket}" }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""
ROLLING = "{ healthyFor: 200ms, deadline: 20s, drain: 2s }"
BLUE_GREEN = "{ strategy: blue-green, healthyFor: 200ms, keepOld: 1s, drain: 2s }"
CANARY = "{ strategy: canary, steps: [ 50%, 100% ], stepTime: 1s, healthyFor: 200ms, drain: 2s }"


@pytest.fixture(scope="module")
def daemon():
    try:
        made = make_daemon(Docker)
    except Missing as reason:
        pytest.skip(f"no dockerd can be had here: {reason}")
    for version in ("1", "2", "3"):
        made.make_image(f"shop:{version}", VERSION=version)
    made.make_image("shop:broken", VERSION="broken", BROKEN="1")
    made.make_image("shop:leaking", VERSION="leaking", LEAK="64")
    yield made
    clean(made)


@pytest.fixture
def shop(ballast, daemon):
    """`shop(deploy)` runs version 1; `deploy(version)` of it puts another one into the file."""

    def make(deploy: str, count: int = 2) -> Ballast:
        names = {"deploy": deploy, "count": count, "socket": daemon.socket}
        running = ballast(CONFIGURATION, version="1", **names)
        running.wait_for_healthy("shop", count)
        running.deploy = lambda version: (running.write(CONFIGURATION, version=version, **names), running.reload())
        return running

    yield make
    daemon.remove_all()


def _ends(running: Ballast) -> list[str]:
    events = running.get("/v1/events?service=shop&limit=1000")
    return [event["message"] for event in events if event["type"] == "deployment-ended"]


def _ended(running: Ballast, count: int = 1) -> str:
    return wait_until(lambda: len(ends := _ends(running)) >= count and ends[-1], 90, f"the end of deployment {count}")


def _finish(traffic) -> None:
    """wrk tells what it has on SIGINT."""
    traffic.process.send_signal(signal.SIGINT)
    traffic.finish()


def _images(daemon) -> list[str]:
    return sorted(one["Image"] for one in daemon.containers(running=False).values())


@pytest.mark.parametrize("deploy", [ROLLING, BLUE_GREEN, CANARY], ids=["rolling", "blue-green", "canary"])
def test_a_version_is_deployed_without_a_failed_request(shop, daemon, load, deploy):
    count = 10 if FULL else 2
    running = shop(deploy, count)
    traffic = load(running.port, 60 if FULL else 30, connections=8)
    running.deploy("2")
    assert "rolled back" not in _ended(running)
    wait_until(lambda: _images(daemon) == ["shop:2"] * count, 20, "the new image alone")
    assert traffic.is_running
    _finish(traffic)
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told


def test_a_version_that_ends_at_once_is_taken_back(shop, daemon, load):
    running = shop(ROLLING)
    traffic = load(running.port, 40, connections=4)
    running.deploy("broken")
    told = _ended(running)
    assert "rolled back" in told and "exited with code 3" in told, told
    wait_until(lambda: _images(daemon) == ["shop:1"] * 2, 20, "the old image alone")
    _finish(traffic)
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told


def test_a_version_that_leaks_to_its_limit_is_taken_back(shop, daemon, load):
    running = shop(CANARY.replace("stepTime: 1s", "stepTime: 10s"))
    traffic = load(running.port, 60, connections=4)
    running.deploy("leaking")
    assert "rolled back" in _ended(running)
    wait_until(lambda: _images(daemon) == ["shop:1"] * 2, 20, "the old image alone")
    traffic.stop()


@pytest.mark.skipif(not FULL, reason="takes minutes; set BALLAST_FULL")
def test_kills_at_random_moments_of_a_deployment_leave_one_version(shop, daemon):
    chance = random.Random(66)
    running = shop(ROLLING, 3)
    for round_ in range(10):
        running.deploy(str(2 + round_ % 2))
        seen = [daemon.ids()]
        changes = chance.randrange(5)

        def moved() -> bool:
            now = daemon.ids()
            if now != seen[-1]:
                seen.append(now)
            return len(seen) > changes

        wait_until(moved, 30, f"{changes} changes of round {round_}")
        if round_ % 2:
            running.process.kill()
            running.process.wait()
            running.start()
        else:
            os.kill(running.engine_pid(), signal.SIGKILL)
        wait_until(running.is_ready, 10, "ready")
        _ended(running, round_ + 1)
        wait_until(lambda: len(set(_images(daemon))) == 1 and len(_images(daemon)) == 3, 60, f"one version, round {round_}")
        running.wait_for_healthy("shop", 3)
    assert running.stop() == 0
    assert daemon.containers(running=False) == {}
