"""Deployments under load: no failed request whatever the strategy, and bad versions that go back by themselves.

BALLAST_FULL=1 takes 10 replicas and 50 WebSockets.
"""

import collections
import os
import pathlib
import re
import signal
import socket
import threading
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.waiting import wait_until

FULL = bool(os.environ.get("BALLAST_FULL"))
REPLICAS, SOCKETS = (10, 50) if FULL else (3, 10)
PROGRAM = pathlib.Path(__file__).parent / "harness/versioned_replica.py"
CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    run:
      command: [ "{python}", "{program}" ]
      replicas: {replicas}
      version: "{version}"
      environment: { VERSION: "{version}", MODE: "{mode}" }
    health: { http: { path: /healthz }, interval: 200ms }
    slowStart: 0s
    deploy: { {deploy} }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""
QUICK = "healthyFor: 1s, deadline: 20s, drain: 3s"
STRATEGIES = {
    "rolling": QUICK,
    "blue-green": QUICK + ", strategy: blue-green, keepOld: 2s",
    "canary": QUICK + ", strategy: canary, steps: [ 10%, 50%, 100% ], stepTime: 2s",
}


class Sockets:
    """WebSockets as frames of their own: each is opened again where its server lets go of it."""

    def __init__(self, port: int, count: int) -> None:
        self.port, self.echoes, self.refused, self.ended = port, 0, [], threading.Event()
        self.threads = [threading.Thread(target=self._one, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def _one(self) -> None:
        while not self.ended.is_set():
            with socket.create_connection(("127.0.0.1", self.port), 10) as link:
                link.sendall(
                    b"GET /chat HTTP/1.1\r\nHost: shop\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                head = link.recv(4096)
                if b" 101 " not in head:
                    self.refused.append(head)
                    return
                try:
                    while not self.ended.wait(0.05):
                        link.sendall(b"\x81\x82\x00\x00\x00\x00hi")
                        if not link.recv(4096):
                            break
                        self.echoes += 1
                except OSError:
                    pass

    def finish(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join(20)
        assert not self.refused, self.refused[:3]
        assert self.echoes > 0


@pytest.fixture
def shop(ballast):
    """`shop(deploy)` runs version 1 of a service."""
    def start(deploy: str, replicas: int = REPLICAS):
        names = dict(program=PROGRAM, replicas=replicas, deploy=deploy)
        running = ballast(CONFIGURATION, version="1", mode="good", **names)
        running.wait_for_healthy("shop", replicas, 60)
        running.deploy = lambda version, mode="good": (
            running.write(CONFIGURATION, version=version, mode=mode, **names), os.kill(running.process.pid, signal.SIGHUP))
        return running
    return start


def _ended(running, seconds: float = 120) -> str:
    def ends():
        return [one["message"] for one in running.get("/v1/events?service=shop&limit=1000") if one["type"] == "deployment-ended"]
    wait_until(ends, seconds, "the deployment's end")
    return ends()[-1]


def _stop(traffic) -> None:
    traffic.process.send_signal(signal.SIGINT)
    traffic.finish()
    assert traffic.requests > 0, traffic.told


def _versions(running, count: int = 40) -> collections.Counter:
    return collections.Counter(request(running.port, "GET", "/").text.strip() for _ in range(count))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_deployment_under_load_fails_no_request(shop, load, strategy):
    running = shop(STRATEGIES[strategy])
    sockets = Sockets(running.port, SOCKETS)
    traffic = load(running.port, 200)
    running.deploy("2")
    told = _ended(running)
    assert told == "shop: version 2 in the place of version 1 is complete"
    assert set(_versions(running)) == {"2"}
    sockets.finish()
    _stop(traffic)
    assert traffic.failed == 0, traffic.told
    replicas = running.replicas("shop")
    assert len(replicas) == REPLICAS and {one["version"] for one in replicas} == {"2"}
    assert running.get("/v1/faults") == []
    print(f"{strategy}, {REPLICAS} replicas: {traffic.requests} requests, 0 failed; {sockets.echoes} echoes over {SOCKETS} WebSockets")


BAD = {
    "crash": ("new replicas ended 3 times", 0),
    "never": ("no new replica got ready in 20s", 0),
    "errors": ("requests to it failed", None),
    "slow": ("its median is", 0),
    # Whichever is seen first: its requests failed when it ended, or it ended again and again.
    "leak": ("requests to it failed|new replicas ended 3 times", None),
}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mode", BAD)
def test_a_bad_version_goes_back_by_itself(shop, load, mode):
    reason, hurt = BAD[mode]
    running = shop(QUICK.replace("healthyFor: 1s", "healthyFor: 3s"))
    before = {one["pid"] for one in running.replicas("shop")}
    traffic = load(running.port, 200)
    running.deploy("2", mode)
    told = _ended(running)
    assert "was rolled back" in told and re.search(reason, told), told
    assert set(_versions(running)) == {"1"}
    _stop(traffic)
    print(f"{mode}: {traffic.failed} of {traffic.requests} requests hurt; {told}")
    if hurt is not None:
        assert traffic.failed == hurt, traffic.told
    else:
        assert traffic.failed <= max(20, traffic.requests // 50), traffic.told
    replicas = running.replicas("shop")
    assert len(replicas) == REPLICAS and {one["version"] for one in replicas} == {"1"}
    # A rolling one takes out an old one each time that a new one counts, until enough was measured of those.
    kept = len(before & {one["pid"] for one in replicas})
    assert kept >= (REPLICAS if mode in ("crash", "never") else REPLICAS * 2 // 3)
    if mode == "crash":
        output = [one["message"] for one in running.get("/v1/events?limit=1000") if one["type"] == "deployment-output"]
        assert output == ["shop: | version 2 cannot start: no such table"]


@pytest.mark.timeout(120)
def test_a_canary_has_its_share_of_the_requests(shop):
    running = shop(QUICK + ", strategy: canary, steps: [ 25%, 100% ], stepTime: 10s, promote: manual", replicas=2)
    running.deploy("2")
    wait_until(
        lambda: any("25 % of the requests" in one["message"] for one in running.get("/v1/events?limit=1000")), 30, "the first step")
    counted = _versions(running, 200)
    assert abs(counted["2"] - 50) <= 4, counted


@pytest.mark.timeout(120)
def test_a_version_that_was_rolled_back_is_not_tried_again_by_a_reload(shop):
    running = shop(QUICK, replicas=2)
    running.deploy("2", "crash")
    assert "was rolled back" in _ended(running)
    seen = len(running.get("/v1/events?limit=1000"))
    running.reload()
    running.reload()
    types = [one["type"] for one in running.get("/v1/events?limit=1000")][seen:]
    assert "deployment" not in types, types
    # Mended, it goes on.
    running.deploy("3")
    wait_until(lambda: {one["version"] for one in running.replicas("shop")} == {"3"}, 60, "version 3")


def _wait_for_share(running, percent: int) -> None:
    told = f"{percent} % of the requests"
    wait_until(lambda: any(told in one["message"] for one in running.get("/v1/events?limit=1000")), 60, told)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("rule, field", [
    ("header: X-Canary, value: \"yes\"", {"X-Canary": "yes"}), ("cookie: canary", {"Cookie": "a=b; canary=1"})])
def test_a_canary_takes_the_requests_of_its_rule_whatever_its_share_is(shop, rule, field):
    running = shop(
        QUICK + ", strategy: canary, steps: [ 1%, 100% ], stepTime: 60s, promote: manual, match: { " + rule + " }", replicas=2)
    # Nobody is sent to a version that is not there.
    assert request(running.port, "GET", "/", headers=field).text.strip() == "1"
    running.deploy("2")
    _wait_for_share(running, 1)
    assert {request(running.port, "GET", "/", headers=field).text.strip() for _ in range(20)} == {"2"}
    assert _versions(running, 60)["2"] <= 1
    asked = running.change("POST", "/v1/explain", {
        "method": "GET", "url": f"http://127.0.0.1:{running.port}/",
        "headers": [f"{name}: {value}" for name, value in field.items()]})
    worker = asked["workers"][0]
    assert worker["set"] == "the new version, by the deployment's rule: 1 healthy of tier 0"
    assert [one["standing"] for one in worker["candidates"]].count("version") == 2
    running.change("POST", "/v1/services/shop/abort", {})
    assert "was rolled back" in _ended(running)
    assert request(running.port, "GET", "/", headers=field).text.strip() == "1"


@pytest.mark.timeout(120)
def test_blue_green_switches_back_within_a_second(shop, load):
    running = shop(QUICK + ", strategy: blue-green, keepOld: 60s", replicas=2)
    traffic = load(running.port, 50)
    running.deploy("2")
    _wait_for_share(running, 100)
    wait_until(lambda: set(_versions(running, 10)) == {"2"}, 5, "the switch")
    began = time.monotonic()
    running.change("POST", "/v1/services/shop/abort", {})
    wait_until(lambda: set(_versions(running, 5)) == {"1"}, 5, "the switch back")
    took = time.monotonic() - began
    assert set(_versions(running, 40)) == {"1"}
    _stop(traffic)
    print(f"switched back in {took * 1000:.0f} ms")
    assert took < 1, took
    assert traffic.failed == 0, traffic.told
