"""Drills: faults on purpose, with real processes and real load, that end by themselves."""

import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

from EndToEnd.harness.ballast import binary, request
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    run: { command: [ "{python}", "{replica}" ], replicas: {replicas} }
    balance: round-robin
    slowStart: 0s
    health: { http: { path: /healthz }, interval: 500ms, timeout: 300ms, rise: 2, fall: 2 }
    ejection: { failures: 5, time: 1s }
    retries: { attempts: 2, on: [ connect-failure, reset{on} ] }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""


@pytest.fixture
def shop(ballast):
    def start(replicas: int = 3, on: str = ""):
        running = ballast(CONFIGURATION, replicas=replicas, on=on)
        running.wait_for_healthy("shop", replicas)
        return running

    return start


def _drill(running, *words: str, code: int = 0, seconds: float = 60):
    done = running.run_command(
        "drill", *words, "--admin", f"http://127.0.0.1:{running.admin}", "-o", "json", seconds=seconds)
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout) if code == 0 else done.stderr


def _show(report: dict) -> None:
    expected, measured = report["predicted"], report["measured"]
    print(
        f"\n{report['order']}: left out after {measured.get('detectedAfter')} s (expected at most "
        f"{expected.get('detectedWithin')} s, by {expected['detectedBy']}), {measured['failed']} of "
        f"{measured['requests']} failed (at most {expected.get('failedAtMost')}), {measured['retried']} tried again, "
        f"well again after {measured.get('recoveredAfter')} s (at most {expected.get('recoveredWithin')} s)")


def _has_traffic(running) -> bool:
    """The rates of the forecast are those of the last seconds."""
    return all(server["requestsPerSecond"] > 100 for server in running.get("/v1/servers"))


def _state(pid: int) -> str:
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def _pid(running, name: str) -> int:
    return next(replica["pid"] for replica in running.replicas("shop") if replica["name"] == name)


def test_a_kill_costs_no_request_and_its_fault_says_that_it_was_a_drill(shop, load):
    running = shop()
    # A start that was seen says how long the next one takes.
    wrk = load(running.port, 8)
    wait_until(lambda: _has_traffic(running), 8, "traffic at all servers")
    report = _drill(running, "kill", "shop")
    _show(report)
    measured, expected = report["measured"], report["predicted"]
    assert report["state"] == "done" and measured["failed"] == expected["failedAtMost"] == 0
    # Whoever is first: the end of the process, or connections that fail.
    assert measured["detectedAfter"] <= expected["detectedWithin"]
    assert "SIGKILL" in measured["detectedBy"] or "failures in a row" in measured["detectedBy"]
    assert measured["recoveredAfter"] <= expected["recoveredWithin"]
    assert wrk.finish().failed == 0, wrk.told
    fault = next(fault for fault in running.get("/v1/faults?all=true") if fault["type"] == "replica-exited")
    assert fault["cause"].startswith("in drill 1, kill: killed by SIGKILL")
    types = [event["type"] for event in running.get("/v1/events")]
    assert types.count("drill-began") == types.count("drill-ended") == 1
    drills = running.run_command("get", "drills", "--admin", f"http://127.0.0.1:{running.admin}").stdout
    assert "RECOVERED" in drills and "kill" in drills


def test_a_hang_is_found_by_checks_and_ends(shop, load):
    running = shop()
    wrk = load(running.port, 12)
    wait_until(lambda: _has_traffic(running), 8, "traffic at all servers")
    report = _drill(running, "hang", "shop", "--for", "4s")
    _show(report)
    measured, expected = report["measured"], report["predicted"]
    assert report["state"] == "done" and measured["failed"] == expected["failedAtMost"] == 0
    assert 0.3 <= measured["detectedAfter"] <= expected["detectedWithin"]
    assert measured["recoveredAfter"] <= expected["recoveredWithin"]
    assert _state(_pid(running, report["server"])) != "T"
    assert wrk.finish().failed == 0, wrk.told
    fault = next(fault for fault in running.get("/v1/faults?all=true") if fault["type"] == "server-unhealthy")
    assert fault["cause"].startswith("in drill 1, hang for 4s: ") and (fault.get("recovered") or fault.get("resolved"))


def test_errors_are_the_servers_own_for_all_that_judges(shop, load):
    running = shop()
    wrk = load(running.port, 10)
    wait_until(lambda: _has_traffic(running), 8, "traffic at all servers")
    report = _drill(running, "errors", "shop/shop-1", "--for", "2s")
    _show(report)
    measured, expected = report["measured"], report["predicted"]
    assert report["state"] == "done" and measured["drilled"] >= 5
    assert "5 failures in a row" in measured["detectedBy"]
    assert 0 < measured["failed"] <= expected["failedAtMost"]
    assert measured["detectedAfter"] <= expected["detectedWithin"]
    assert measured["recoveredAfter"] <= expected["recoveredWithin"]
    wrk.finish()
    assert wrk.failed == measured["failed"], "nobody else's request failed"
    running.wait_for_healthy("shop", 3)
    before = running.server("shop", "shop-1")["requests"]
    wait_until(
        lambda: request(running.port, "GET", "/").status == 200
        and running.server("shop", "shop-1")["requests"] > before, 5, "work for the server again")


def test_errors_that_may_be_repeated_hurt_nobody_and_a_share_is_a_share(shop, load):
    running = shop(on=", gateway-error")
    wrk = load(running.port, 8)
    wait_until(lambda: _has_traffic(running), 8, "traffic at all servers")
    report = _drill(running, "errors", "shop", "--for", "2s", "--share", "20%")
    _show(report)
    measured = report["measured"]
    assert measured["drilled"] > 0 and measured["failed"] == 0 and measured["retried"] >= measured["drilled"]
    assert wrk.finish().failed == 0, wrk.told


def test_slow_answers_are_late_and_whole_and_nobody_is_left_out(shop):
    running = shop()
    order = {"kind": "slow", "server": "shop-1", "duration": 5, "delay": 0.4}
    begun = running.change("POST", "/v1/services/shop/drills", order)
    times: dict[str, list[float]] = {}
    for _ in range(9):
        began = time.monotonic()
        answer = request(running.port, "GET", "/")
        assert answer.status == 200 and "x-ballast-drill" not in answer.headers
        times.setdefault(answer.text.split()[0], []).append(time.monotonic() - began)
    assert min(times["shop-1"]) >= 0.39 and max(times["shop-2"] + times["shop-3"]) < 0.3, times
    stopped = request(running.admin, "DELETE", f"/v1/drills/{begun['id']}")
    assert stopped.status == 200
    # What was held goes on at once, and the end is reported.
    wait_until(lambda: running.get(f"/v1/drills/{begun['id']}")["state"] == "stopped", 5, "its end")
    report = running.get(f"/v1/drills/{begun['id']}")
    _show(report)
    assert report["measured"]["failed"] == 0 and "detectedAfter" not in report["measured"]
    assert report["measured"]["drilled"] == len(times["shop-1"])
    began = time.monotonic()
    for _ in range(6):
        assert request(running.port, "GET", "/").status == 200
    assert time.monotonic() - began < 0.39


def test_what_is_not_safe_is_refused_with_its_reason_and_dry_runs_do_nothing(shop):
    running = shop(replicas=1)
    plan = _drill(running, "kill", "shop", "--dry-run")
    assert plan["state"] == "planned" and "last server" in plan["objections"][0]
    refused = _drill(running, "kill", "shop", code=1)
    assert "last server of shop" in refused and "not safe" in refused
    assert "10m" in running.run_command("drill", "hang", "shop", "--help").stdout
    assert running.run_command("drill", "kill", "shop", "--for", "3s").returncode == 2
    assert running.get("/v1/drills") == []
    pid = _pid(running, "shop-1")
    report = _drill(running, "kill", "shop", "--force")
    assert report["state"] == "done" and report["forced"] and _pid(running, "shop-1") != pid


@pytest.mark.parametrize("who", ["command", "engine"])
def test_a_hang_ends_also_when_somebody_dies_in_the_middle(shop, who):
    running = shop()
    command = subprocess.Popen(
        [binary(), "drill", "hang", "shop/shop-1", "--for", "3s", "--admin", f"http://127.0.0.1:{running.admin}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    pid = _pid(running, "shop-1")
    wait_until(lambda: _state(pid) == "T", 5, "the hang")
    if who == "command":
        command.kill()
    else:
        os.kill(running.engine_pid(), signal.SIGKILL)
    wait_until(lambda: _state(pid) != "T", 5, "its end")
    if who == "engine":
        said, _ = command.communicate(timeout=30)
        assert command.returncode == 1 and "the engine ended in the middle" in said

    def is_over() -> bool:
        drills = running.get("/v1/drills")
        return drills[0]["state"] == ("done" if who == "command" else "interrupted")

    wait_until(is_over, 15, "the report")
    command.communicate(timeout=10) if command.poll() is None else command.wait()
    running.wait_for_healthy("shop", 3)
    assert _drill(running, "kill", "shop")["id"] == 2
