"""The page of metrics, and what others make of it: Prometheus, its tools, and the dashboards that come with Ballast."""

import json
import os
import re
import subprocess
import sys
import time

import pytest
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from EndToEnd.harness.ballast import request, wait_for_port
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.prometheus import DASHBOARDS, ROOT, RULES, Prometheus
from EndToEnd.harness.waiting import free_port, wait_until

OPEN = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"

ONE_SERVICE = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop: { servers: [ { name: a, address: "127.0.0.1:{server}" } ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
log: { access: { path: access.log } }
workers: 2
"""

# All that a rule or a dashboard may ask for, and more routes than 100 lines have room for.
EVERYTHING = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
  secure: { address: "127.0.0.1:{secure}", tls: { selfSigned: true } }
routes:
{routes}
  - { match: { path: /shop }, service: shop }
services:
  shop:
    run: { command: [ "{python}", "{replica}", "${PORT}" ], replicas: 1 }
    scale: { min: 1, max: 2, inflight: 20 }
  fixed: { servers: [ { name: a, address: "127.0.0.1:{server}" } ], health: { none: {} } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state", backup: { every: 1h } }
log: { access: { path: access.log } }
metrics: { series: 100 }
workers: 2
"""


def _open_metrics(running) -> str:
    answer = request(running.admin, "GET", "/metrics", headers={"Accept": OPEN})
    assert answer.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    return answer.text


@pytest.fixture
def running(ballast, servers):
    (server,) = servers("a")
    return ballast(ONE_SERVICE, server=server.port)


@pytest.fixture
def everything(ballast, servers):
    (server,) = servers("a")
    routes = "\n".join(f"  - {{ name: r{number}, match: {{ path: /r{number} }}, service: fixed }}" for number in range(120))
    running = ballast(EVERYTHING, server=server.port, secure=free_port(), routes=routes)
    running.wait_for_healthy("shop", 1)
    for number in range(120):
        assert request(running.port, "GET", f"/r{number}").status == 200
    assert request(running.port, "GET", "/shop").status == 200
    return running


def test_open_metrics_are_what_its_own_parser_takes(everything):
    page = _open_metrics(everything)
    families = {family.name: family for family in text_string_to_metric_families(page)}
    assert page.endswith("# EOF\n")
    # The same series under the same names in both formats.
    names = {sample.name for family in families.values() for sample in family.samples}
    text = Metrics(everything.metrics())
    assert not text.problems
    assert names == {name for name, _ in text.samples}
    assert families["ballast_requests"].type == "counter" and families["ballast_server_up"].type == "gauge"
    assert families["ballast_connections"].type == "gauge" and families["ballast_connections_total"].type == "unknown"


def test_a_bucket_leads_to_a_request_and_its_trace(running):
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"
    assert request(running.port, "GET", "/traced", headers={"traceparent": parent}).status == 200

    def examples() -> list[dict[str, str]]:
        (family,) = [one for one in text_string_to_metric_families(_open_metrics(running)) if one.name == "ballast_request_duration_seconds"]
        return [sample.exemplar.labels for sample in family.samples if sample.exemplar]

    (example,) = examples()
    log = running.folder / "access.log"
    wait_until(lambda: log.exists() and log.read_text(), 5, "a line")
    assert example == {"trace_id": TRACE, "request_id": json.loads(log.read_text())["requestId"]}
    assert running.get(f"/v1/requests/{example['request_id']}")["tries"]
    # What is no trace is none of an example either.
    assert request(running.port, "POST", "/", headers={"traceparent": parent.replace("00-", "ff-", 1)}).status == 200
    assert sorted(len(one) for one in examples()) == [1, 2]
    assert "request_id" not in running.metrics()


def test_histograms_survive_reloads(running):
    def counts() -> dict[str, float]:
        metrics = Metrics(running.metrics())
        assert not metrics.problems
        return {
            "count": metrics.sum("ballast_request_duration_seconds_count", service="shop"),
            "first": metrics.sum("ballast_request_duration_seconds_bucket", service="shop", le="10"),
            "sum": metrics.sum("ballast_request_duration_seconds_sum", service="shop"),
        }

    for _ in range(20):
        assert request(running.port, "GET", "/").status == 200
    before = counts()
    assert before["count"] == before["first"] == 20 and before["sum"] > 0
    original = running.file.read_text()
    # Another algorithm, then another service in its place, then the first one again.
    for text in (
        original.replace("health: { none: {} }", "health: { none: {} }, balance: random"),
        original.replace("shop:", "orders:"), original,
    ):
        running.file.write_text(text)
        running.reload_and_wait()
        assert counts() == before
    assert request(running.port, "GET", "/").status == 200
    assert counts()["count"] == 21


def test_what_is_beyond_the_limit_is_added_up_and_counted(everything):
    first = Metrics(everything.metrics())
    assert not first.problems
    shown = first.series("ballast_requests_total")
    # 100 of their own, and the sums by code and method.
    assert len(shown) <= 102
    assert sum(shown.values()) == 121
    assert first.sum("ballast_requests_total", route="_other", code="200", method="GET") == 121 - 100
    assert first.sum("ballast_exposition_folded_series", family="ballast_requests_total") >= 21
    # Five sets of labels are 85 lines, which is all that there is room for.
    assert first.sum("ballast_request_duration_seconds_count") == 121
    assert len(first.series("ballast_request_duration_seconds_count")) <= 7
    # Whoever is shown stays: nothing ever counts less than before.
    for number in (119, 0, 60):
        assert request(everything.port, "POST", f"/r{number}").status == 200
    second = Metrics(everything.metrics())
    for series, value in first.samples.items():
        if series[0].endswith(("_total", "_count", "_bucket")) and not series[0].startswith("process"):
            assert second.samples[series] >= value, series


def test_promtool_takes_page_rules_and_their_tests(everything):
    for words, text in (
        (["check", "metrics"], everything.metrics()),
        (["check", "rules", str(RULES)], None),
        (["test", "rules", str(RULES.with_name("ballast.rules.test.yml"))], None),
    ):
        told = subprocess.run(["promtool", *words], input=text, capture_output=True, text=True, timeout=60)
        assert told.returncode == 0, told.stdout + told.stderr
        if words[1] == "metrics":
            assert not told.stdout + told.stderr, told.stdout + told.stderr


def _rules() -> list[dict]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def _targets(panels: list[dict]) -> list[str]:
    found = []
    for panel in panels:
        found += [target["expr"] for target in panel.get("targets", [])] + _targets(panel.get("panels", []))
    return found


def _expressions(dashboard: dict) -> list[str]:
    return _targets(dashboard["panels"]) + [one["expr"] for one in dashboard["annotations"]["list"]]


def _named(expression: str) -> set[str]:
    """Metrics that an expression asks for."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", " ", expression)
    return set(re.findall(r"(?<![\w:])(?:ballast|process|\w+:ballast)_[\w:]+(?![\w:]*\s*\()", bare))


def test_every_metric_that_rules_and_dashboards_name_is_there(everything):
    page = Metrics(everything.metrics())
    recorded = {rule["record"] for rule in _rules() if "record" in rule}
    there = set(page.types) | {f"{name}_{part}" for name, kind in page.types.items() if kind == "histogram" for part in ("bucket", "sum", "count")}
    reference = (ROOT / "docs/reference/metrics.md").read_text()
    texts = {rule.get("record", rule.get("alert")): rule["expr"] for rule in _rules()}
    for file in DASHBOARDS:
        dashboard = json.loads(file.read_text())
        texts |= {f"{file.name} {number}": text for number, text in enumerate(_expressions(dashboard))}
        texts |= {f"{file.name} {one['name']}": one["query"]["query"] for one in dashboard["templating"]["list"] if one["type"] == "query"}
    assert len(DASHBOARDS) == 3 and len(texts) > 80
    for place, text in texts.items():
        names = _named(text)
        assert names or "up{" in text, f"{place}: {text}"
        assert names <= there | recorded, f"{place}: {names - there - recorded}"
    # Nor is one on the page that the reference doesn't know.
    undocumented = {name for name in page.types if f"`{name}`" not in reference}
    assert not undocumented


def test_dashboards_are_sound(tmp_path):
    queries = []
    for file in DASHBOARDS:
        dashboard = json.loads(file.read_text())
        assert dashboard["uid"] == f"ballast-{file.stem}"
        variables = {one["name"] for one in dashboard["templating"]["list"]}
        used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard))) - {"__all"}
        assert used <= variables, used - variables
        numbers = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(numbers)) == len(numbers)
        taken = set()
        for panel in dashboard["panels"]:
            assert panel["title"] and (panel["type"] == "row" or panel["datasource"]["uid"] == "${datasource}")
            at = panel["gridPos"]
            places = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            assert at["x"] + at["w"] <= 24 and not places & taken, panel["title"]
            taken |= places
        queries += [re.sub(r"\$\w+", "x", text) for text in _expressions(dashboard)]
    rules = {"groups": [{"name": "all", "rules": [{"record": f"a{number}", "expr": text} for number, text in enumerate(queries)]}]}
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump(rules))
    told = subprocess.run(["promtool", "check", "rules", str(file)], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stdout + told.stderr


# Prometheus beside the load generator.

FULL = os.environ.get("BALLAST_FULL") == "1"
LOAD_SECONDS = 300 if FULL else 8
INTERVAL = "5s" if FULL else "200ms"
# So long that what the machine is busy with besides is little beside it.
ANSWER_SECONDS, EVERY = 0.4, 10


@pytest.fixture
def steady(stopped):
    class Server:
        def __init__(self) -> None:
            self.port = free_port()
            script = ROOT / "Tests/EndToEnd/harness/steady.py"
            self.process = subprocess.Popen([sys.executable, str(script), str(self.port), str(ANSWER_SECONDS), str(EVERY)])
            wait_for_port(self.port)

        def stop(self) -> None:
            self.process.kill()
            self.process.wait()

    return stopped(Server())


def _rule(name: str, window: int) -> str:
    (rule,) = [rule for rule in _rules() if rule.get("record") == name]
    return re.sub(r"\[1m\]", f"[{window}s]", rule["expr"])


@pytest.mark.timeout(LOAD_SECONDS + 120)
def test_prometheus_computes_what_the_load_generator_measured(ballast, steady, load, stopped, tmp_path):
    running = ballast(ONE_SERVICE, server=steady.port)
    prometheus = stopped(Prometheus(tmp_path / "prometheus", running.admin, INTERVAL))
    # Its counters are there before the load begins, as they are when a service is in use: what a series begins with is no increase.
    assert {request(running.port, "GET", "/").status for _ in range(EVERY)} == {200, 500}
    wait_until(lambda: len(prometheus.query("ballast_requests_total", time.time())) == 2, 30, "first samples", step=0.1)
    began = time.time()
    wrk = load(running.port, LOAD_SECONDS, connections=160).finish()
    ended = time.time()
    (target,) = prometheus.targets()
    assert target["health"] == "up", target
    measured = {
        "service:ballast_requests:rate1m": wrk.requests / LOAD_SECONDS,
        "service:ballast_errors:ratio_rate1m": wrk.failed / wrk.requests,
        "service:ballast_request_duration_seconds:mean_1m": wrk.mean_seconds,
        "server:ballast_server_requests:rate1m": wrk.requests / LOAD_SECONDS,
    }
    # The last scrape of the load has to be there.
    wait_until(lambda: prometheus.value("timestamp(ballast_topology_version)", time.time()) >= ended, 30, "a last sample", step=0.1)
    computed = {name: prometheus.value(_rule(name, round(ended - began)), ended) for name in measured}
    if FULL:
        # As it was recorded, from when a minute of load had gone by.
        span = int(LOAD_SECONDS - 70)
        computed |= {f"{name} as recorded": prometheus.value(f"avg_over_time({name}[{span}s])", ended - 5) for name in measured}
        measured |= {f"{name} as recorded": value for name, value in measured.items()}
    print({name: (round(value, 5), round(computed[name], 5)) for name, value in measured.items()})
    for name, value in measured.items():
        assert computed[name] == pytest.approx(value, rel=0.02), f"{name}: {computed[name]} beside {value}"
    median = prometheus.value(_rule("service:ballast_request_duration_seconds:p50_1m", round(ended - began)), ended)
    assert 0.25 < median <= 0.5, "the bucket in which it is"
    assert prometheus.exemplars("ballast_request_duration_seconds_bucket", began, ended)
