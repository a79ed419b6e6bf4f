"""Weights that tune themselves: found under load, shown, undone by one command, and never over an operator's."""

import os
import pathlib
import signal

import pytest

from EndToEnd.harness.ballast import Ballast
from EndToEnd.harness.waiting import wait_until

BUSY = pathlib.Path(__file__).parent / "harness" / "busy_replica.py"

# The second replica takes four times as long.
CONFIGURATION = """
listeners: { web: { address: "127.0.0.1:{port}" } }
services:
  shop:
    run:
      command: [ "{python}", "{busy}" ]
      replicas: 2
      environment: { DELAY: "0.005", SLOW: shop-2 }
      stop: { timeout: 3s }
    health: { http: { path: /healthz }, interval: 100ms, timeout: 2s, rise: 1 }
    slowStart: 0s
    balance: least-connections
    tune: { by: latency, interval: 1s, least: 60% }
state: { path: ./state }
admin: { address: "127.0.0.1:{admin}" }
"""


@pytest.fixture
def tuned(ballast) -> Ballast:
    one = ballast(CONFIGURATION, busy=BUSY)
    one.wait_for_healthy("shop", 2)
    return one


def _weights(one: Ballast) -> dict[str, int | None]:
    return {server["name"]: server.get("tuned") for server in one.get("/v1/servers?service=shop")}


def test_the_slower_server_gets_less_within_the_bounds_and_off_undoes_it(tuned, load):
    endpoint = ("--admin", f"http://127.0.0.1:{tuned.admin}")
    wrk = load(tuned.port, 20, connections=16)

    def is_moved() -> bool:
        weights = _weights(tuned)
        return (weights["shop-2"] or 100) <= 90 and (weights["shop-1"] or 100) > 100

    wait_until(is_moved, 15, "weights that differ")
    assert all(60 <= (weight or 100) <= 200 for weight in _weights(tuned).values())
    events = [event["message"] for event in tuned.get("/v1/events?service=shop") if event["type"] == "weights-tuned"]
    assert events and "shop: weights by latency: shop-1" in events[0], events
    shown = tuned.run_command("get", "servers", "-o", "wide", *endpoint).stdout
    assert "TUNED" in shown and " %" in shown, shown
    assert "by latency, 60 to 200 % of the weights" in tuned.run_command("describe", "service", "shop", *endpoint).stdout

    done = tuned.run_command("tune", "shop", "off", *endpoint)
    assert (done.returncode, done.stdout) == (0, "shop: tuning off\n"), done.stderr
    assert _weights(tuned) == {"shop-1": None, "shop-2": None}
    # Also for the engine after this one, under the same load.
    engine = tuned.engine_pid()
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: tuned.is_ready() and tuned.engine_pid() != engine, 15, "the next engine")
    assert tuned.get("/v1/services/shop")["tune"]["on"] is False
    assert _weights(tuned) == {"shop-1": None, "shop-2": None}
    wrk.stop()


def test_a_weight_of_an_operator_stays(tuned, load):
    tuned.change("PUT", "/v1/servers/shop/shop-2", {"weight": 3})
    wrk = load(tuned.port, 6, connections=8)
    wrk.finish()
    server = tuned.server("shop", "shop-2")
    assert (server["weight"], server.get("tuned")) == (3, None)
    assert [event for event in tuned.get("/v1/events?service=shop") if event["type"] == "weights-tuned"] == []


def test_a_service_without_tuning_has_none_to_stop(ballast):
    one = ballast(CONFIGURATION.replace("    tune: { by: latency, interval: 1s, least: 60% }\n", ""), busy=BUSY)
    refused = one.run_command("tune", "shop", "off", "--admin", f"http://127.0.0.1:{one.admin}")
    assert refused.returncode == 1
    assert "it has no `tune`" in refused.stderr
