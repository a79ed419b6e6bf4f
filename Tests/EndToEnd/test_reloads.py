"""A reload changes what the file changed and nothing else."""

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    servers: {list}
    health: { http: { path: /healthz }, interval: 200ms, timeout: 150ms }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""
RELOADS = 50


def _written(servers) -> str:
    return "[ " + ", ".join(f'{{ name: {one.name}, address: "{one.address}" }}' for one in servers) + " ]"


def _reloads(running, result: str | None = None) -> float:
    labels = {} if result is None else {"result": result}
    return Metrics(running.metrics()).sum("ballast_config_reloads_total", **labels)


def _reload(running) -> None:
    before = _reloads(running)
    running.reload()
    wait_until(lambda: _reloads(running) > before, 5, "the reload counted")


def test_fifty_reloads_under_load_fail_no_request_and_keep_the_counters(ballast, servers, load):
    a, b, c = servers("a", "b", "c")
    running = ballast(CONFIGURATION, list=_written([a, b, c]))
    running.wait_for_healthy("shop", 3)
    traffic = load(running.port, 12)
    wait_until(lambda: running.server("shop", "a")["requests"] > 0, 5, "a first request")
    counted = 0
    for number in range(RELOADS):
        # Every other reload changes the list; the server a stands in all of them.
        chosen = [a, b, c] if number % 2 == 0 else [a, b] if number % 4 == 1 else [a, c]
        running.write(CONFIGURATION, list=_written(chosen))
        _reload(running)
        now = running.server("shop", "a")
        assert now["requests"] >= counted, "the counter of a server that stayed began anew"
        assert now["health"] == "healthy", "the health of a server that stayed began anew"
        counted = now["requests"]
        names = {server["name"] for server in running.get("/v1/servers?service=shop")}
        assert names == {one.name for one in chosen}
    assert traffic.is_running, "the load ended before the reloads did"
    traffic.finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told
    total = Metrics(running.metrics()).sum("ballast_requests_total", service="shop")
    assert total >= traffic.requests


def test_run_time_state_stays_over_a_reload(ballast, servers):
    a, b = servers("a", "b")
    running = ballast(CONFIGURATION, list=_written([a, b]))
    running.change("PUT", "/v1/servers/shop/a", {"state": "draining"})
    running.change("PUT", "/v1/servers/shop/b", {"weight": 7})
    (c,) = servers("c")
    running.write(CONFIGURATION, list=_written([a, b, c]))
    _reload(running)
    assert running.server("shop", "a")["state"] == "draining"
    assert running.server("shop", "b")["weight"] == 7
    assert running.server("shop", "c")["state"] == "ready"


def test_a_reload_begins_and_ends_the_access_log_and_loses_no_line(ballast, servers):
    (a,) = servers("a")
    running = ballast(CONFIGURATION, list=_written([a]))
    running.wait_for_healthy("shop", 1)
    for name, form, begins in (("first.log", "json", "{"), ("second.log", "combined", "127.0.0.1 - - [")):
        running.write(CONFIGURATION + f'log: {{ access: {{ path: "{running.folder}/{name}", format: {form} }} }}\n',
                      list=_written([a]))
        _reload(running)
        for number in range(5):
            assert request(running.port, "GET", f"/{name}/{number}").status == 200
        file = running.folder / name
        wait_until(lambda: file.exists() and file.read_text().count("\n") == 5, 5, f"five lines in {name}")
        # Workers hand over their lines in batches, so the order is theirs.
        lines = file.read_text().splitlines()
        assert all(line.startswith(begins) for line in lines)
        assert all(any(f"/{name}/{number}" in line for line in lines) for number in range(5))
    running.write(CONFIGURATION, list=_written([a]))
    _reload(running)
    assert request(running.port, "GET", "/silent").status == 200
    assert "/silent" not in (running.folder / "second.log").read_text()


def test_the_last_lines_of_the_access_log_survive_a_stop(ballast, servers):
    (a,) = servers("a")
    running = ballast(
        CONFIGURATION + 'log: { access: { path: "{folder}/access.log" } }\n', list=_written([a]))
    running.wait_for_healthy("shop", 1)
    for number in range(20):
        assert request(running.port, "GET", f"/{number}").status == 200
    assert running.stop() == 0
    assert (running.folder / "access.log").read_text().count("\n") == 20


FIVE_MISTAKES = """\
listeners:
  web: { adress: "127.0.0.1:{port}" }
services:
  shop:
    servers: [ "127.0.0.1:99999" ]
    balance: round-robbin
    timeouts: { connect: 3 seconds }
    retries: { attempts: many }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
"""


def test_five_mistakes_are_five_errors_and_the_running_configuration_goes_on(ballast, servers, load):
    (a,) = servers("a")
    running = ballast(CONFIGURATION, list=_written([a]))
    running.wait_for_healthy("shop", 1)
    version = running.get("/v1/status")["topologyVersion"]
    traffic = load(running.port, 3)
    running.write(FIVE_MISTAKES)

    checked = running.run_command("check", str(running.file))
    errors = [line for line in checked.stderr.splitlines() + checked.stdout.splitlines() if ": error: " in line]
    assert checked.returncode == 1
    places = sorted(int(line.split(str(running.file))[1].split(":")[1]) for line in errors)
    assert places == [2, 5, 6, 7, 8], "\n".join(errors)
    told = checked.stderr + checked.stdout
    assert "address" in told and "round-robin" in told, "the suggestions are missing"

    _reload(running)
    assert running.get("/v1/status")["topologyVersion"] == version
    assert running.server("shop", "a")["health"] == "healthy"
    traffic.finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told


def test_a_wrong_configuration_does_not_start(ballast):
    running = ballast(FIVE_MISTAKES, start=False).start(wait=False)
    assert running.process.wait(10) == 1
    assert running.output().count(": error: ") == 5
