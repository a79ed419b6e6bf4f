"""`plan` says what `apply` does then, and the history leads back."""

import http.client
import json
import pathlib

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", service: shop }
services:
  shop:
    servers: {list}
    balance: { algorithm: hash, key: [ "header:X-User" ], method: {method} }
    health: { http: { path: /healthz }, interval: 100ms, timeout: 90ms, rise: 1 }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""
REPLICAS = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    run: { command: [ {python}, {replica} ], replicas: {count}, version: "{version}" }
    deploy: { healthyFor: 300ms, {deploy} }
    health: { http: { path: /healthz }, interval: 100ms, timeout: 90ms, rise: 1 }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""
KEYS = 5_000
TOLERANCE = 0.02


def _written(servers) -> str:
    return "[ " + ", ".join(f'{{ name: {one.name}, address: "{one.address}" }}' for one in servers) + " ]"


def _command(running, *words: str, expect: int = 0, seconds: float = 60):
    result = running.run_command(*words, "--admin", f"127.0.0.1:{running.admin}", seconds=seconds)
    assert result.returncode == expect, f"{words}: {result.returncode}\n{result.stdout}{result.stderr}"
    return result


def _plan(running, *words: str, expect: int = 3) -> dict:
    return json.loads(_command(running, "plan", *words, "-o", "json", expect=expect).stdout)


def _homes(running) -> list[str]:
    """Which server each of many users is led to, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    homes = []
    for number in range(KEYS):
        connection.request("GET", "/", headers={"X-User": f"user-{number}"})
        answer = connection.getresponse()
        homes.append(answer.read().decode().split()[0])
        assert answer.status == 200
    connection.close()
    return homes


@pytest.mark.parametrize("method", ["ring", "maglev"])
def test_the_share_of_remapped_keys_is_what_requests_measure(ballast, servers, method):
    a, b, c, d, e = servers("a", "b", "c", "d", "e")
    running = ballast(CONFIGURATION, list=_written([a, b, c, d]), method=method)
    running.wait_for_healthy("shop", 4)
    before = _homes(running)
    running.write(CONFIGURATION, list=_written([a, b, c, e]))
    plan = _plan(running, str(running.file))
    service = plan["services"][0]
    assert service["ready"] == {"now": 4, "lowest": 3, "after": 4}
    _command(running, "apply", str(running.file))
    running.wait_for_healthy("shop", 4)
    after = _homes(running)
    measured = sum(x != y for x, y in zip(before, after, strict=True)) / KEYS
    assert abs(measured - service["remappedKeys"]) <= TOLERANCE, (measured, service["remappedKeys"])
    assert service["leaving"]["servers"] == ["d"]


@pytest.mark.parametrize("deploy, lowest", [
    ("maxSurge: 1", 3), ("maxSurge: 0, maxUnavailable: 1", 2), ("strategy: blue-green, keepOld: 1s", 3)])
def test_the_lowest_capacity_of_a_rollout_is_what_polling_measures(ballast, load, deploy, lowest):
    running = ballast(REPLICAS, count=3, version="1", deploy=deploy)
    running.wait_for_healthy("shop", 3)
    running.write(REPLICAS, version="2")
    service = _plan(running)["services"][0]
    assert service["ready"] == {"now": 3, "lowest": lowest, "after": 3}
    pids = {one["pid"] for one in running.replicas("shop")}
    seen = 3

    def replaced() -> bool:
        nonlocal seen
        replicas = running.replicas("shop")
        seen = min(seen, sum(one["state"] == "ready" for one in replicas))
        return len(replicas) == 3 and not pids & {one["pid"] for one in replicas} and all(
            one["state"] == "ready" for one in replicas)

    traffic = load(running.port, 10)
    _command(running, "apply", "--no-wait")
    wait_until(replaced, 30, "all replicas replaced")
    assert seen == lowest
    assert {one["version"] for one in running.replicas("shop")} == {"2"}
    traffic.stop()


def test_plan_says_each_difference_and_changes_nothing(ballast, servers):
    a, b = servers("a", "b")
    running = ballast(CONFIGURATION, list=_written([a, b]), method="ring")
    running.wait_for_healthy("shop", 2)
    assert _command(running, "plan").stdout == "no differences\n"
    version = running.get("/v1/status")["topologyVersion"]
    text = running.file.read_text()
    other = running.folder / "other.yaml"
    other.write_text(
        text.replace("interval: 100ms", "interval: 1s").replace("workers: 2", "workers: 1")
        + 'bans: [ 203.0.113.7 ]\n')
    found = {one["path"]: (one["old"] if "old" in one else None, one.get("new"))
             for one in _plan(running, "other.yaml")["differences"]}
    assert found == {
        "services.shop.health.interval": ("100ms", "1s"), "workers": ("2", "1"),
        "bans": (None, "[ 203.0.113.7 ]")}
    told = _command(running, "plan", "other.yaml", expect=3).stdout
    assert "health.interval: 100ms → 1s" in told
    assert "workers holds only after `ballast upgrade`" in told
    assert running.get("/v1/status")["topologyVersion"] == version
    assert running.file.read_text() == text

    other.write_text(text.replace("method: ring", "method: rnig"))
    wrong = _command(running, "plan", "other.yaml", expect=1)
    checked = running.run_command("check", "other.yaml")
    assert checked.stderr.splitlines()[:3] == wrong.stderr.splitlines()[:3]
    nowhere = running.run_command("plan", "other.yaml", "--admin", "127.0.0.1:1")
    assert nowhere.returncode == 4


def test_strict_refuses_what_falls_under_the_load(ballast, servers, load):
    a, b = servers("a", "b")
    running = ballast(CONFIGURATION + "", list=_written([a, b]), method="ring")
    running.wait_for_healthy("shop", 2)
    traffic = load(running.port, 15)
    wait_until(lambda: running.get("/v1/services/shop")["service"]["requestsPerSecond"] > 100, 10, "load")
    # Each server may have one request at a time, and wrk keeps more under way than what is left takes.
    text = running.file.read_text().replace("    health:", "    limits: { requests: 1 }\n    health:")
    text = text.replace(f'{{ name: b, address: "{b.address}" }}', f'{{ name: b, address: "{b.address}", weight: 0 }}')
    other = running.folder / "other.yaml"
    other.write_text(text)

    def is_under() -> bool:
        return _plan(running, "other.yaml")["isUnderCapacity"]

    wait_until(is_under, 10, "a load that one server does not take")
    refused = _command(running, "apply", "other.yaml", "--strict", expect=1)
    assert "it may fall under the load" in refused.stderr
    assert running.get("/v1/config/value?path=services.shop.health.interval")["value"].strip() == "100ms"
    assert "limits" not in running.get("/v1/config")["text"]
    traffic.stop()


def test_apply_takes_another_file_saves_it_and_the_history_leads_back(ballast, servers):
    a, b = servers("a", "b")
    running = ballast(CONFIGURATION, list=_written([a, b]), method="ring")
    running.wait_for_healthy("shop", 2)
    first = running.file.read_text()
    second = first.replace("method: ring", "method: maglev")
    other = running.folder / "other.yaml"
    other.write_text(second)
    told = _command(running, "apply", "other.yaml").stdout
    assert told.startswith("applied: configuration 2, saved to ")
    assert running.file.read_text() == second
    assert _command(running, "apply", "other.yaml").stdout.startswith("no change: ")
    _command(running, "config", "set", "services.shop.panic", "10%")
    entries = json.loads(_command(running, "config", "history", "-o", "json").stdout)
    assert [(one["number"], one["origin"], one["isCurrent"]) for one in entries] == [
        (3, "set services.shop.panic", True), (2, "apply", False), (1, "start", False)]

    difference = _command(running, "config", "diff", "1", "2", expect=3).stdout
    assert difference.splitlines()[:2] == ["--- ballast.yaml (1)", "+++ ballast.yaml (2)"]
    changed = [line for line in difference.splitlines()[2:] if line[0] in "+-"]
    assert [line[0] for line in changed] == ["-", "+"] and "maglev" in changed[1]
    assert _command(running, "config", "diff", "2", "2").stdout == ""

    dry = _command(running, "config", "rollback", "1", "--dry-run", expect=3).stdout
    assert "balance.method: maglev → ring" in dry
    assert running.get("/v1/config")["text"] != first
    assert _command(running, "config", "rollback", "1").stdout.startswith("applied: configuration 4")
    assert running.get("/v1/config")["text"] == first and running.file.read_text() == first
    assert "no configuration 99" in _command(running, "config", "rollback", "99", expect=1).stderr

    running.stop()
    running.start()
    newest = json.loads(_command(running, "config", "history", "-o", "json").stdout)[0]
    assert newest["number"] == 4 and newest["origin"] == "rollback to 1", "a start with the same text is no news"


def test_what_cannot_be_applied_changes_nothing(ballast, servers):
    (a,) = servers("a")
    running = ballast(CONFIGURATION, list=_written([a]), method="ring")
    text = running.file.read_text()
    taken = running.folder / "taken.yaml"
    taken.write_text(text.replace("services:", f'  more: {{ address: "127.0.0.1:{a.port}" }}\nservices:', 1))
    assert "cannot listen" in _command(running, "apply", "taken.yaml", expect=1).stderr
    assert running.file.read_text() == text and running.get("/v1/config")["text"] == text
    assert len(json.loads(_command(running, "config", "history", "-o", "json").stdout)) == 1

    # Somebody edits the file while another text is applied: the edit is not lost.
    running.file.write_text(text + "# mine\n")
    other = running.folder / "other.yaml"
    other.write_text(text.replace("method: ring", "method: maglev"))
    refused = _command(running, "apply", "other.yaml", expect=1)
    assert "was changed meanwhile" in refused.stderr
    assert running.file.read_text() == text + "# mine\n"
    assert running.get("/v1/config")["unsaved"] is True


def test_a_folder_is_applied_as_a_folder(ballast, servers, tmp_path):
    (a,) = servers("a")
    running = ballast(CONFIGURATION, start=False, list=_written([a]), method="ring")
    parts = running.folder / "conf"
    parts.mkdir()
    listeners, services = running.file.read_text().split("services:")
    (parts / "a.yaml").write_text(listeners)
    (parts / "b.yaml").write_text("services:" + services)
    (parts / "c.yaml").write_text("zone: here\n")
    running.file = parts
    running.start()
    running.wait_for_healthy("shop", 1)
    assert "name a folder" in _command(running, "apply", "conf/a.yaml", expect=1).stderr

    other = tmp_path / "other"
    other.mkdir()
    for name in ("a.yaml", "b.yaml"):
        (other / name).write_text((parts / name).read_text())
    (other / "d.yaml").write_text("zone: there\n")
    _command(running, "apply", str(other))
    names = sorted(path.name for path in pathlib.Path(parts).iterdir())
    assert names == ["a.yaml", "b.yaml", "d.yaml"]
    assert running.get("/v1/config/value?path=zone")["value"].strip() == "there"
    _command(running, "config", "rollback")
    assert (parts / "c.yaml").read_text() == "zone: here\n" and not (parts / "d.yaml").exists()


def test_secrets_of_the_environment_stay_out_of_plan_and_history(ballast, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    text = REPLICAS.replace('version: "{version}"', 'environment: { PASSWORD: "${SHOP_PASSWORD}" }')
    running = ballast(text, count=1, deploy="maxSurge: 1")
    running.wait_for_healthy("shop", 1)
    other = running.folder / "other.yaml"
    other.write_text(running.file.read_text().replace("${SHOP_PASSWORD}", "${SHOP_PASSWORD}-$${x}"))
    plan = _command(running, "plan", "other.yaml", "-o", "json", expect=3).stdout
    _command(running, "apply", "other.yaml")
    entry = request(running.admin, "GET", "/v1/config/history/1").text
    assert "hunter2" not in plan + entry + running.output()
    assert "${SHOP_PASSWORD}" in entry
