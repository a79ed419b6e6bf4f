"""The number of replicas follows the load: up under wrk and down afterwards, to zero and back with a held request."""

import concurrent.futures
import os
import pathlib
import signal

import pytest

from EndToEnd.harness.ballast import Ballast, request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.waiting import wait_until

BUSY = pathlib.Path(__file__).parent / "harness" / "busy_replica.py"

CONFIGURATION = """
listeners: { web: { address: "127.0.0.1:{port}" } }
services:
  shop:
    run: { command: [ "{python}", "{busy}" ], environment: { {environment} }, resources: { cpu: 0.2 }, stop: { timeout: 3s } }
    health: { http: { path: /healthz }, interval: 100ms, timeout: 2s, rise: 1 }
    slowStart: 0s
    {more}
    scale: { {scale} }
state: { path: ./state }
admin: { address: "127.0.0.1:{admin}" }
"""


@pytest.fixture
def scaled(ballast):
    def make(scale: str, environment: str = 'DELAY: "0"', more: str = "") -> Ballast:
        return ballast(CONFIGURATION, scale=scale, environment=environment, more=more, busy=BUSY)

    return make


def _counts(one: Ballast) -> dict:
    return one.get("/v1/services/shop")["service"]["replicas"]


def _wait_for_ready(one: Ballast, count: int, seconds: float = 20) -> None:
    wanted = {"desired": count, "running": count, "ready": count}
    wait_until(lambda: _counts(one) == wanted, seconds, f"{count} replicas: {one.output()[-2000:]}")


def _decisions(one: Ballast, direction: str) -> list[dict]:
    return [one for one in one.get("/v1/services/shop")["scale"]["decisions"] if one["direction"] == direction]


@pytest.mark.parametrize("target, environment, connections", [
    # 24 requests under way, 6 a replica wanted.
    ("inflight: 6", 'DELAY: "0.05"', 24),
    # Each replica may use a fifth of a core, and each request takes 5 ms of one.
    ("cpu: 50%", 'BURN: "0.005"', 4),
])
def test_replicas_come_with_the_load_and_go_with_it(scaled, load, target, environment, connections):
    limits = 'max: 4, interval: 1s, up: { per: 1s }, down: { window: 3s }'
    one = scaled(f"min: 1, {limits}, {target}", environment)
    _wait_for_ready(one, 1)
    wrk = load(one.port, 10, connections=connections)
    wait_until(lambda: _counts(one)["ready"] == 4, 10, "four ready replicas under load")
    assert wrk.finish().failed == 0, wrk.told
    _wait_for_ready(one, 1, 30)
    up, down = _decisions(one, "up"), _decisions(one, "down")
    signal_name = target.partition(":")[0]
    assert up and {one["reason"] for one in up} == {signal_name}, up
    assert down, one.output()
    # One way up and one way down: no flapping.
    changes = [entry["direction"] for entry in one.get("/v1/services/shop")["scale"]["decisions"]
               if entry["direction"] != "none"]
    assert changes == ["up"] * len(up) + ["down"] * len(down), changes
    events = [event["message"] for event in one.get("/v1/events?service=shop") if event["type"] == "scaled"]
    assert len(events) == len(changes) and signal_name in events[0], events
    metrics = Metrics(one.metrics())
    assert metrics.sum("ballast_scale_desired", service="shop") == 1
    assert metrics.sum("ballast_scale_decisions_total", service="shop", direction="up", reason=signal_name) == len(up)
    text = one.run_command("describe", "service", "shop", "--admin", f"http://127.0.0.1:{one.admin}").stdout
    assert "1 wanted, 1 to 4" in text and up[-1]["message"] in text, text


ZERO = "min: 0, max: 2, inflight: 10, interval: 1s, idle: 2s, coldStart: 20s"


def _state(one: Ballast) -> str:
    return one.get("/v1/services/shop")["service"]["state"]


def _sleeps(one: Ballast) -> bool:
    return _state(one) == "asleep" and _counts(one)["running"] == 0


def test_an_idle_service_sleeps_and_the_first_requests_wait_for_its_replica(scaled):
    one = scaled(ZERO, 'START: "1"')
    wait_until(lambda: _sleeps(one), 30, "asleep")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        held = [pool.submit(request, one.port, "GET", "/", seconds=30) for _ in range(8)]
        answers = [each.result() for each in held]
    assert [(each.status, each.text) for each in answers] == [(200, "shop-1\n")] * 8, [each.text for each in answers]
    reasons = [entry["reason"] for entry in one.get("/v1/services/shop")["scale"]["decisions"]]
    assert "idle" in reasons and "request" in reasons, reasons
    # No fault: nothing was wrong.
    assert one.get("/v1/faults?service=shop") == []
    wait_until(lambda: _sleeps(one), 30, "asleep again")


def test_what_the_queue_does_not_hold_is_refused_with_a_reason(scaled):
    one = scaled(ZERO, 'START: "1"', "limits: { queue: 2 }")
    wait_until(lambda: _sleeps(one), 30, "asleep")
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: request(one.port, "GET", "/", seconds=30), range(12)))
    refused = [each for each in answers if each.status != 200]
    assert 0 < len(refused) < 12
    assert {(each.status, each.headers["x-ballast-reason"]) for each in refused} == {(503, "queue-full")}
    assert all(int(each.headers["retry-after"]) >= 1 for each in refused)


def test_a_replica_that_never_comes_ends_the_wait(scaled):
    one = scaled(ZERO.replace("coldStart: 20s", "coldStart: 1s"), 'START: "60"', "limits: { queueTimeout: 500ms }")
    wait_until(lambda: _counts(one)["desired"] == 0, 30, "no replica wanted")
    wait_until(lambda: _sleeps(one), 30, "asleep")
    answer = request(one.port, "GET", "/", seconds=30)
    assert (answer.status, answer.headers["x-ballast-reason"]) == (503, "queue-timeout")


def test_an_order_holds_within_the_bounds_and_is_refused_outside(scaled):
    one = scaled("min: 1, max: 3, inflight: 10, interval: 1s, down: { window: 3s }")
    _wait_for_ready(one, 1)
    endpoint = ("--admin", f"http://127.0.0.1:{one.admin}")
    refused = one.run_command("scale", "shop", "9", *endpoint)
    assert refused.returncode == 1
    assert "its autoscaler keeps 1 to 3 replicas: change `scale.max`" in refused.stderr, refused.stderr
    assert one.run_command("scale", "shop", "3", *endpoint).returncode == 0
    assert one.get("/v1/services/shop")["scale"]["ordered"] == 3
    # Nobody needs them once the order has run out.
    _wait_for_ready(one, 1)


def test_the_count_outlives_the_engine(scaled):
    one = scaled("min: 1, max: 3, inflight: 10, interval: 1s, down: { window: 1h }")
    _wait_for_ready(one, 1)
    one.change("POST", "/v1/services/shop/scale", {"replicas": 3})
    _wait_for_ready(one, 3)
    engine, pids = one.engine_pid(), {each["pid"] for each in one.replicas("shop")}
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: one.is_ready() and one.engine_pid() != engine, 15, "the next engine")
    _wait_for_ready(one, 3)
    assert {each["pid"] for each in one.replicas("shop")} == pids


def test_other_bounds_hold_with_the_reload_and_without_them_the_file_again(scaled):
    one = scaled("min: 2, max: 3, inflight: 10")
    _wait_for_ready(one, 2)
    one.write(CONFIGURATION, scale="min: 3, max: 3, inflight: 10")
    one.reload()
    _wait_for_ready(one, 3)
    one.write(CONFIGURATION.replace("    scale: { {scale} }\n", ""))
    one.reload()
    _wait_for_ready(one, 1)
