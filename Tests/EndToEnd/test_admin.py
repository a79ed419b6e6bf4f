"""The admin listener: metrics that tools take, and callers that it refuses."""

import subprocess

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
routes:
  - { name: shop, match: { host: 127.0.0.1 }, service: shop }
services:
  shop:
    servers:
      - { name: a, address: "{a}" }
      - { name: gone, address: "127.0.0.1:1" }
    health: { tcp: {}, interval: 200ms }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""


@pytest.fixture
def running(ballast, servers):
    (a,) = servers("a")
    found = ballast(CONFIGURATION, a=a.address)
    found.wait_for_healthy("shop", 1)
    return found


def _some_traffic(running) -> None:
    for method in ("GET", "POST", "BREW"):
        assert request(running.port, method, "/").status == 200
    assert request(running.port, "GET", "/", headers={"Host": "nowhere"}).status == 404


def test_promtool_finds_nothing_in_the_metrics(running):
    _some_traffic(running)
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=running.metrics(), capture_output=True, text=True, timeout=20)
    assert checked.returncode == 0 and not checked.stdout + checked.stderr, checked.stdout + checked.stderr


def test_metrics_have_what_promtool_does_not_look_at(running):
    _some_traffic(running)
    answer = request(running.admin, "GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    metrics = Metrics(answer.text)
    assert not metrics.problems
    counts = metrics.series("ballast_request_duration_seconds_count")
    assert counts
    for labels, count in counts.items():
        buckets = {
            dict(has)["le"]: value
            for has, value in metrics.series("ballast_request_duration_seconds_bucket").items()
            if labels <= has
        }
        assert buckets["+Inf"] == count
        in_order = [buckets[edge] for edge in sorted(buckets, key=float)]
        assert in_order == sorted(in_order), "buckets are cumulative"
    assert metrics.sum("ballast_requests_total", service="shop", code="200") == 3
    assert metrics.sum("ballast_requests_total", method="_other") == 1
    assert metrics.sum("ballast_server_up", server="a") == 1 and metrics.sum("ballast_server_up", server="gone") == 0
    promised = (
        "ballast_server_requests_total", "ballast_server_inflight", "ballast_connections", "ballast_connections_total",
        "ballast_checks_total", "ballast_topology_version", "process_cpu_seconds_total", "process_resident_memory_bytes",
        "process_open_fds", "process_start_time_seconds")
    missing = [name for name in promised if not metrics.series(name)]
    assert not missing
    names = ("ballast_retries_total", "ballast_faults_total", "ballast_config_reloads_total")
    assert not [name for name in names if name not in metrics.types]


@pytest.mark.parametrize("headers", [
    {"Host": "evil.example"},
    {"Host": "evil.example:9900"},
    {"Host": "127.0.0.1.evil.example"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
])
@pytest.mark.parametrize("method, path", [("GET", "/v1/services"), ("POST", "/v1/config/reload"), ("GET", "/")])
def test_foreign_hosts_and_origins_are_refused(running, method, path, headers):
    answer = request(running.admin, method, path, b"{}" if method == "POST" else None, headers)
    assert answer.status == 403


def test_our_own_hosts_and_origins_may_ask(running):
    for host in (f"127.0.0.1:{running.admin}", f"localhost:{running.admin}"):
        answer = request(running.admin, "GET", "/v1/services", headers={"Host": host, "Origin": f"http://{host}"})
        assert answer.status == 200


def test_errors_have_one_form(running):
    for path, status in (("/v1/services/none", 404), ("/v1/nothing", 404), ("/v1/servers/shop/none", 404)):
        answer = request(running.admin, "GET", path)
        assert answer.status == status
        error = answer.json()["error"]
        assert error["code"] == "not-found" and error["message"] and isinstance(error["details"], list)


def test_the_openapi_document_has_every_path_that_answers(running):
    document = running.get("/v1/openapi.json")
    for path in ("/v1/services", "/v1/servers", "/v1/routes", "/v1/listeners", "/v1/replicas", "/v1/faults", "/v1/events", "/v1/config"):
        assert isinstance(running.get(path), (list, dict))
        assert path in document["paths"]
