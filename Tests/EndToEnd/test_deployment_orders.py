"""`deploy`, `rollback`, `promote`, `abort`, and what is told of deployments."""

import json

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", service: shop }
services:
  shop:
    run:
      command: [ {python}, {replica}, "${PORT}", "shop-${VERSION}" ]
      replicas: 3
      version: "{version}"
    health: { http: { path: /healthz }, interval: 100ms, timeout: 90ms, rise: 1 }
    deploy: {deploy}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""
ROLLING = "{ healthyFor: 200ms, deadline: 15s }"
CANARY = "{ strategy: canary, steps: [ 34%, 100% ], stepTime: 10m, promote: manual, healthyFor: 200ms }"


def _started(ballast, deploy=ROLLING):
    running = ballast(CONFIGURATION, version="1", deploy=deploy)
    running.wait_for_healthy("shop", 3)
    return running


def _command(running, *words: str, expect: int = 0):
    result = running.run_command(*words, "--admin", f"127.0.0.1:{running.admin}", seconds=60)
    assert result.returncode == expect, f"{words}: {result.returncode}\n{result.stdout}{result.stderr}"
    return result


def _served(running) -> str:
    return request(running.port, "GET", "/").text.split()[0]


def _versions(running) -> set[str]:
    return {one["version"] for one in running.replicas("shop")}


def _newest(running) -> dict:
    return running.get("/v1/deployments?service=shop")[0]


def test_a_version_that_is_ordered_runs_until_the_file_names_another_one(ballast, load):
    running = _started(ballast)
    traffic = load(running.port, 6)
    told = _command(running, "deploy", "shop", "--version", "2")
    assert "deployment 2 of version 2 succeeded" in told.stdout
    assert "replicas" in told.stderr and "\r" not in told.stderr
    assert _served(running) == "shop-2" and _versions(running) == {"2"}
    _command(running, "deploy", "shop", "--version", "3")
    _command(running, "rollback", "shop")
    assert _served(running) == "shop-2"
    _command(running, "rollback", "shop", "--to", "3")
    assert _served(running) == "shop-3"
    traffic.finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told

    running.reload_and_wait()
    assert _versions(running) == {"3"}, "a reload of the same file took the order back"
    running.write(CONFIGURATION, version="4")
    running.reload_and_wait()
    wait_until(lambda: _newest(running)["version"] == "4" and "ended" in _newest(running), 30, "the file's version")
    assert _versions(running) == {"4"}

    history = running.get("/v1/deployments?service=shop")
    assert [(one["version"], one["kind"], one["state"]) for one in history] == [
        ("4", "deploy", "succeeded"), ("3", "rollback", "succeeded"), ("2", "rollback", "succeeded"),
        ("3", "deploy", "succeeded"), ("2", "deploy", "succeeded"), ("1", "first", "started")]
    assert history[0]["by"] == "configuration" and all(one["by"] for one in history)
    listed = json.loads(_command(running, "get", "deployments", "-o", "json").stdout)
    assert [one["number"] for one in listed] == [6, 5, 4, 3, 2, 1]
    assert "In place of:  version 1" in _command(running, "describe", "deployment", "2").stdout
    figures = Metrics(running.metrics())
    assert figures.sum("ballast_deployments_total", service="shop", result="succeeded") == 5
    assert figures.sum("ballast_deployments_total", service="shop") == 5


def test_orders_that_cannot_be_are_refused(ballast):
    running = _started(ballast)
    assert "runs version 1 already" in _command(running, "deploy", "shop").stdout
    assert "have no image" in _command(running, "deploy", "shop", "--image", "shop:2", expect=1).stderr
    assert "nothing else" in _command(running, "rollback", "shop", expect=1).stderr
    assert "no deployment 77" in _command(running, "rollback", "shop", "--to", "77", expect=1).stderr
    assert "under way" in _command(running, "abort", "shop", expect=1).stderr
    assert "under way" in _command(running, "promote", "shop", expect=1).stderr
    assert "shop" in _command(running, "deploy", "shoq", "--version", "2", expect=1).stderr
    running.write(CONFIGURATION.replace('      version: "{version}"\n', ""))
    told = running.run_command("check", str(running.file))
    assert told.returncode == 1 and "'version' is missing" in told.stdout + told.stderr


def test_a_canary_waits_for_promote_and_goes_back_by_abort(ballast):
    running = _started(ballast, CANARY)

    def begin(version: str) -> int:
        _command(running, "deploy", "shop", "--version", version, "--no-wait")
        wait_until(lambda: _newest(running)["state"] == "watching", 15, "the first step")
        return _newest(running)["number"]

    number = begin("2")
    one = running.get(f"/v1/deployments/{number}")
    assert (one["step"], one["steps"], one["share"], one["available"]) == (1, 2, 0.34, 2)
    waits = running.change("POST", "/v1/services/shop/deploy", {"version": "3"})
    assert waits["state"] == "waits" and waits["number"] == number
    # One may wait; another one doesn't push it aside unseen.
    assert "version 3 waits already" in _command(running, "deploy", "shop", "--version", "4", expect=1).stderr
    told = _command(running, "abort", "shop", "--reason", "wrong prices")
    assert "wrong prices" in told.stdout
    wait_until(lambda: _newest(running)["version"] == "3" and _newest(running)["state"] == "watching", 15, "the one that waited")
    _command(running, "promote", "shop")
    wait_until(lambda: _newest(running).get("step") == 2 and _newest(running)["state"] == "watching", 15, "the second step")
    _command(running, "promote", "shop")
    wait_until(lambda: _newest(running)["state"] == "succeeded", 30, "the end")
    assert _versions(running) == {"3"} and _served(running) == "shop-3"
    assert running.get(f"/v1/deployments/{number}")["state"] == "rolled-back"


def test_a_deployment_that_fails_ends_the_command_with_the_replicas_last_lines(ballast, load):
    running = ballast(
        CONFIGURATION.replace('[ {python}, {replica}, "${PORT}", "shop-${VERSION}" ]', """[ sh, -c,
        'if [ ${VERSION} = bad ]; then echo no database; exit 3; fi; exec {python} {replica} ${PORT} shop-${VERSION}' ]"""),
        version="1", deploy=ROLLING)
    running.wait_for_healthy("shop", 3)
    traffic = load(running.port, 4)
    told = _command(running, "deploy", "shop", "--version", "bad", expect=1)
    assert "no database" in told.stderr and "rolled-back" in told.stderr
    traffic.finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told
    assert _versions(running) == {"1"} and _newest(running)["lines"]
    assert Metrics(running.metrics()).sum("ballast_deployments_total", result="rolled-back") == 1
