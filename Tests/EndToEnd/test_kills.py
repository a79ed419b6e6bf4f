"""The shop stays up while its parts are killed and frozen."""

import os
import re
import shutil
import signal
import time

import pytest

from EndToEnd.harness.ballast import ROOT, Ballast
from EndToEnd.harness.waiting import free_port, wait_until

SHOP = ROOT / "Examples" / "shop"
SERVICES = {"storefront": 3, "catalog": 2, "orders": 2}


@pytest.fixture
def shop(tmp_path, ballast) -> Ballast:
    """The shop of the examples as it is, on ports of its own."""
    text = (SHOP / "ballast.yaml").read_text()
    text += "\nfaults: { quiet: 500ms }\n"
    text = text.replace(":8080", "127.0.0.1:{port}").replace("8081", "{inner}").replace("127.0.0.1:9900", "127.0.0.1:{admin}")
    running = ballast(text, start=False, inner=free_port())
    for part in SHOP.iterdir():
        if part.is_file() and part.name != "ballast.yaml":
            shutil.copy(part, running.folder)
    running.start()
    for service, count in SERVICES.items():
        running.wait_for_healthy(service, count, seconds=20)
    return running


def _replica(shop: Ballast, service: str, name: str) -> dict:
    return next(one for one in shop.replicas(service) if one["name"] == name)


def _faults(shop: Ballast, service: str, name: str) -> list[dict]:
    return [fault for fault in shop.get(f"/v1/faults?service={service}&all=true") if fault.get("server") == name]


def _check_record(shop: Ballast, service: str, name: str) -> None:
    def resolved() -> bool:
        found = _faults(shop, service, name)
        return bool(found) and all(fault.get("resolved") for fault in found)

    wait_until(resolved, 10, f"a resolved fault record of {service}/{name}")
    for fault in _faults(shop, service, name):
        assert fault["cause"] and fault["duration"] >= 0 and fault["actions"]


def test_no_request_fails_while_every_replica_is_killed_in_turn(shop, load):
    traffic = load(shop.port, 12)
    killed = []
    for service, count in SERVICES.items():
        for name in sorted(one["name"] for one in shop.replicas(service)):
            before = _replica(shop, service, name)["pid"]
            os.kill(before, signal.SIGKILL)
            killed.append((service, name))

            def is_back() -> bool:
                now = _replica(shop, service, name)
                return now["state"] == "ready" and now.get("pid") not in (None, before)

            wait_until(is_back, 10, f"another process for {name} that is ready")
            shop.wait_for_healthy(service, count)
    traffic.finish()
    assert len(killed) == sum(SERVICES.values())
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told
    for service, name in killed:
        _check_record(shop, service, name)


def test_a_frozen_replica_is_out_within_a_second_and_costs_no_request(shop, load):
    traffic = load(shop.port, 6)
    replica = shop.replicas("catalog")[0]
    name = replica["name"]
    os.kill(replica["pid"], signal.SIGSTOP)
    began = time.monotonic()
    try:
        wait_until(lambda: shop.server("catalog", name)["health"] == "unhealthy", 5, f"{name} found frozen")
        took = time.monotonic() - began
    finally:
        os.kill(replica["pid"], signal.SIGCONT)
    assert took < 1, f"the checks took {took:.2f} s"
    wait_until(lambda: shop.server("catalog", name)["health"] == "healthy", 10, f"{name} taken back")
    traffic.finish()
    assert traffic.requests > 0 and traffic.failed == 0, traffic.told
    slowest = _slowest(traffic.told)
    assert slowest < 2, f"a request took {slowest} s, more than the tries that it may cost"
    _check_record(shop, "catalog", name)


def _slowest(told: str) -> float:
    """The longest of all requests: the third number of wrk's line on latency."""
    value, unit = re.search(r"Latency\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)", told).groups()
    return float(value) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[unit]


