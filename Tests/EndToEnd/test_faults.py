"""Faults: one record a root cause, when it is over, and what people say of it."""

import csv
import io
import json
import os
import signal

from EndToEnd.harness.waiting import wait_until

MACHINE = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
routes:
  - { match: { path: "/orders/*" }, service: orders }
  - { service: shop }
services:
  shop:
    health: { http: { path: /healthz }, interval: 500ms, timeout: 400ms }
    run: { command: [ "{python}", "{replica}" ], replicas: 12 }
  orders:
    health: { http: { path: /healthz }, interval: 500ms, timeout: 400ms }
    run: { command: [ "{python}", "{replica}" ], replicas: 8 }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
faults: { quiet: 1s }
workers: 1
"""

SHOP = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    servers: [ { name: a, address: "{a}" }, { name: b, address: "{b}" } ]
    health: { http: { path: / }, interval: 100ms, timeout: 1s, rise: 1, fall: 1 }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
faults: { quiet: {quiet} }
workers: 1
"""


def _ask(one, *words):
    return one.run_command(*words, "--admin", f"http://127.0.0.1:{one.admin}")


def _shop(ballast, servers, quiet="500ms"):
    first, second = servers("a", "b")
    one = ballast(SHOP, a=first.address, b=second.address, quiet=quiet)
    one.wait_for_healthy("shop", 2)
    return one, first


def _open(one):
    return one.get("/v1/faults?open=true")


def test_one_machine_with_twenty_replicas_is_one_fault_and_one_end(ballast):
    one = ballast(MACHINE)
    one.wait_for_healthy("shop", 12, seconds=60)
    one.wait_for_healthy("orders", 8, seconds=60)
    pids = [replica["pid"] for service in ("shop", "orders") for replica in one.replicas(service)]
    assert len(pids) == 20
    for pid in pids:
        os.kill(pid, signal.SIGKILL)

    def whole():
        found = _open(one)
        return found if len(found) == 1 and found[0]["type"] == "machine-down" else None

    (fault,) = wait_until(whole, 10, "one fault of the machine")
    killed = {(part["service"], part["server"]) for part in fault["beneath"] if part.get("server")}
    assert len(killed) == 20 and {name for name, _ in killed} == {"shop", "orders"}
    assert fault["subject"] == "127.0.0.1" and "20 servers at 127.0.0.1" in fault["cause"] and "SIGKILL" in fault["cause"]
    assert one.get("/v1/faults?service=orders")[0]["id"] == fault["id"]
    assert 'ballast_faults_open{type="machine-down"}' in one.metrics()

    one.wait_for_healthy("shop", 12, seconds=60)
    one.wait_for_healthy("orders", 8, seconds=60)
    wait_until(lambda: not _open(one), 20, "the fault to be over")
    (fault,) = one.get("/v1/faults")
    assert fault["resolved"] and fault["duration"] > 0
    ends = [event for event in one.get("/v1/events?limit=1000") if event["type"] == "fault-resolved"]
    assert len([event for event in ends if "servers at" in event["message"]]) == 1
    assert not [event for event in ends if event.get("server")], "none for each of the twenty"
    table = _ask(one, "faults").stdout
    assert table.count("machine-down") == 1 and "replica-exited" not in table
    assert _ask(one, "faults", "--all").stdout.count("replica-exited") == 20
    assert "Beneath it" in _ask(one, "describe", "fault", str(fault["id"])).stdout


def test_a_fault_that_comes_back_soon_is_the_same(ballast, servers):
    one, first = _shop(ballast, servers, quiet="1m")
    for _ in range(2):
        first.kill()
        one.wait_for_healthy("shop", 1)
        first.start()
        one.wait_for_healthy("shop", 2)
    (fault,) = one.get("/v1/faults")
    assert fault["returns"] == 1 and fault["recovered"] and "resolved" not in fault
    assert _ask(one, "faults").stdout.count("recovering") == 1
    # A shorter quiet time holds from the reload on.
    one.write(SHOP, quiet="100ms")
    one.reload()
    (fault,) = wait_until(lambda: [one for one in one.get("/v1/faults") if one.get("resolved")], 10, "its end")
    assert fault["duration"] > 0


def test_what_people_say_outlives_the_engine(ballast, servers):
    one, first = _shop(ballast, servers, quiet="0s")
    first.kill()
    (fault,) = wait_until(lambda: _open(one), 10, "a fault")
    number = str(fault["id"])
    assert _ask(one, "faults", "acknowledge", number, "--note", "looking").returncode == 0
    assert _ask(one, "faults", "cause", number, "a bad switch").stdout == f"fault {number}: a bad switch\n"
    before = one.engine_pid()
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: one.is_ready() and one.engine_pid() != before, 20, "a new engine")
    kept = one.get(f"/v1/faults/{number}")
    assert kept["acknowledged"] and kept["cause"] == "a bad switch" and kept["inferredCause"] == fault["cause"]
    assert "resolved" not in kept
    assert _ask(one, "faults", "resolve", number, "--cause", "a loose cable").returncode == 0
    kept = one.get(f"/v1/faults/{number}")
    assert kept["resolved"] and kept["cause"] == "a loose cable" and kept["inferredCause"] == fault["cause"]
    refused = _ask(one, "faults", "cause", "999", "none")
    assert refused.returncode == 1 and "999" in refused.stderr


def test_timeline_figures_and_files_tell_the_same(ballast, servers):
    one, first = _shop(ballast, servers, quiet="0s")
    assert _ask(one, "weight", "shop/b", "2").returncode == 0
    first.kill()
    (fault,) = wait_until(lambda: _open(one), 10, "a fault")
    number = str(fault["id"])
    _ask(one, "faults", "acknowledge", number)
    first.start()
    wait_until(lambda: not _open(one), 10, "its end")
    fault = one.get(f"/v1/faults/{number}")

    moments = one.get(f"/v1/faults/{number}/timeline")
    assert [moment["at"] for moment in moments] == sorted(moment["at"] for moment in moments)
    kinds = [moment["kind"] for moment in moments]
    assert kinds.index("person") < kinds.index("fault") and "check" in kinds
    assert moments[kinds.index("person")]["message"].startswith("shop/b is ready now, weight 2")
    assert any("acknowledged" in moment["message"] for moment in moments)

    (month,) = one.get("/v1/faults/months?objective=99%25")
    assert month["faults"] == 1 and month["objective"] == 0.99 and month["down"] == 0
    assert abs(month["mttr"] - fault["duration"]) < 1e-6 and month["mtta"] >= 0
    assert 28 * 864 <= month["budget"] <= 31 * 864 and month["budgetLeft"] == 1
    assert "100%" in _ask(one, "faults", "--months").stdout

    rows = list(csv.DictReader(io.StringIO(_ask(one, "faults", "export").stdout)))
    assert [row["id"] for row in rows] == [number] and rows[0]["state"] == "resolved"
    assert float(rows[0]["duration_seconds"]) == fault["duration"] and rows[0]["cause"] == fault["cause"]
    (record,) = json.loads(_ask(one, "faults", "export", "--format", "json").stdout)
    assert record["id"] == fault["id"]
    assert _ask(one, "faults", "export", "--since", "2999-01-01").stdout.count("\n") == 1
    document = _ask(one, "faults", "export", number).stdout
    assert document.startswith(f"# Fault {number}: server-unhealthy of shop/a")
    for heading in ("Summary", "Root cause", "What was done", "Timeline", "To be written"):
        assert f"## {heading}" in document
    assert "| month | service |" in _ask(one, "faults", "export", "--format", "markdown").stdout
    refused = _ask(one, "faults", "export", "--since", "today")
    assert refused.returncode == 1 and "2026-11-01" in refused.stderr
    refused = _ask(one, "faults", "--months", "--objective", "0")
    assert refused.returncode == 1 and "99.9%" in refused.stderr


def test_an_ejection_is_a_fault_of_its_server(ballast, servers, load):
    first, second = servers("a", "b")
    one = ballast(SHOP.replace("{ http: { path: / }, interval: 100ms, timeout: 1s, rise: 1, fall: 1 }", "{ none: {} }"),
                  a=first.address, b=second.address, quiet="1m")
    one.wait_for_healthy("shop", 2)
    traffic = load(one.port, 4)
    first.kill()

    def ejected():
        return [fault for fault in _open(one) if fault["type"] == "server-ejected"]

    (fault,) = wait_until(ejected, 10, "an ejection")
    assert fault["server"] == "a" and "failure" in fault["cause"]
    traffic.finish()
