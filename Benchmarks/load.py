"""One run of wrk against one proxy, and what it cost the proxy."""

import dataclasses
import os
import pathlib
import re
import subprocess

from Benchmarks.proxies import LOAD_CORE, Proxy

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    path: str
    connections: int
    # A wrk script beside this file, and the words that it gets.
    script: str = ""
    words: tuple[str, ...] = ()


SCENARIOS = {
    "1k-64": Scenario("1 KiB answers, 64 connections", "/", 64),
    "1k-1000": Scenario("1 KiB answers, 1,000 connections", "/", 1000),
    "1m-64": Scenario("1 MiB answers, 64 connections", "/m", 64),
    "1m-up": Scenario("1 MiB request bodies, 64 connections", "/", 64, "upload.lua"),
}


@dataclasses.dataclass(frozen=True)
class Sample:
    # Microseconds of the proxy's CPU a request; requests a second; seconds; share of one core.
    cpu: float
    rate: float
    p50: float
    p99: float
    busy: float
    failed: int


def run(proxy: Proxy, scenario: Scenario, seconds: int) -> Sample:
    script = ["-s", str(pathlib.Path(__file__).with_name(scenario.script))] if scenario.script else []
    words = ["--", *scenario.words] if scenario.words else []
    tree = proxy.tree
    before = tree.cpu_nanoseconds()
    told = subprocess.run(
        ["taskset", "-c", str(LOAD_CORE), "wrk", "--latency", "-t1", f"-c{scenario.connections}",
         f"-d{seconds}s", *script, f"http://127.0.0.1:{proxy.port}{scenario.path}", *words],
        check=True, capture_output=True, text=True, timeout=seconds + 60).stdout
    used = tree.cpu_nanoseconds() - before
    if proxy.log is not None and proxy.log.exists():
        # Rounds of a minute would fill the disk; the proxy appends, so the file may be cut.
        os.truncate(proxy.log, 0)
    return parse(told, used, proxy)


def parse(told: str, used: int, proxy: Proxy) -> Sample:
    """What wrk said; `used` are the proxy's nanoseconds of processor time meanwhile."""
    done, taken = _find(r"(\d+) requests in ([\d.]+\w+)", told)
    requests, elapsed = int(done), _seconds(taken)
    if requests == 0:
        raise SystemExit(f"{proxy.name} answered nothing:\n{told}\n{proxy.output()}")
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    failed = sum(map(int, errors.groups())) if errors else 0
    failed += int(refused.group(1)) if refused else 0
    return Sample(
        cpu=used / 1000 / requests, rate=requests / elapsed,
        p50=_seconds(_find(r"50%\s+([\d.]+\w+)", told)[0]),
        p99=_seconds(_find(r"99%\s+([\d.]+\w+)", told)[0]),
        busy=used / 1e9 / elapsed, failed=failed)


def _find(pattern: str, told: str) -> tuple[str, ...]:
    found = re.search(pattern, told)
    if found is None:
        raise SystemExit(f"wrk said something unknown:\n{told}")
    return found.groups()


def _seconds(word: str) -> float:
    number, unit = _find(r"^([\d.]+)(us|ms|s|m)$", word)
    return float(number) * UNITS[unit]
