"""The scenarios of Examples/simulations by `ballast simulate`, as tables."""

import json
import pathlib
import statistics
import subprocess
import tempfile
from collections.abc import Callable

from Benchmarks import page

SCENARIOS = pathlib.Path("Examples/simulations")
PUBLISHED = {"round-robin": "95 %", "least-connections": "99 %", "least-time": "99.9 %"}
RANDOM_RUNS = 10_000


def table(ballast: str) -> str:
    return "### Simulated\n\n" + "\n".join(make(ballast) for make in (_stall, _slow, _equal, _remap, _storm, _overload, _random))


def _simulate(ballast: str, file: str, *words: str, change: Callable[[str], str] = lambda text: text) -> dict:
    with tempfile.TemporaryDirectory(prefix="ballast-simulate-") as folder:
        scenario = pathlib.Path(folder) / file
        scenario.write_text(change((SCENARIOS / file).read_text()))
        command = [ballast, "simulate", str(scenario), "-o", "json", *words]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _compare(ballast: str, file: str) -> list[dict]:
    return _simulate(ballast, file, "--compare")["reports"]


def _stall(ballast: str) -> str:
    rows = [["algorithm", "success within 1 s", "of the half minute", "published", "p99", "p99.9"]]
    for report in _compare(ballast, "stall.yaml"):
        name, during = report["algorithm"], report["seconds"][15:45]
        failed = sum(second["failed"] for second in during) / sum(second["arrived"] for second in during)
        rows.append([
            name, f"{report['success']:.2%}", f"{1 - failed:.2%}", PUBLISHED.get(name, ""),
            f"{report['latency']['p99Milliseconds']:.0f} ms", f"{report['latency']['p999Milliseconds']:.0f} ms"])
    return (
        "`stall.yaml`: 11 servers, 1,000 requests/s, one stalls at 2 s for half a minute, clients wait 1 s. Published: "
        f"Buoyant, \"Beyond Round Robin\", 2016. `first` uses one server only.\n\n{page.markdown(rows)}\n")


def _slow(ballast: str) -> str:
    rows = [["algorithm", "p50", "p99", "round robin's p99, of it", "least share of a healthy one"]]
    reports = _compare(ballast, "slow.yaml")
    first = next(report for report in reports if report["algorithm"] == "round-robin")["latency"]["p99Milliseconds"]
    for report in reports:
        # The slow one is the one with the longest answers.
        slow = max(report["servers"], key=lambda server: server["meanMilliseconds"] or 0)
        least = min(server["ofFairShare"] for server in report["servers"] if server is not slow)
        p99 = report["latency"]["p99Milliseconds"]
        rows.append([
            report["algorithm"], f"{report['latency']['p50Milliseconds']:.1f} ms", f"{p99:.0f} ms", f"{first / p99:.1f}×",
            f"{least:.2f}"])
    return f"`slow.yaml`: 10 servers, one 10 times slower:\n\n{page.markdown(rows)}\n"


def _equal(ballast: str) -> str:
    rows = [["algorithm", "least share", "greatest share", "Jain"]]
    for report in _compare(ballast, "equal.yaml"):
        if report["algorithm"].startswith(("hash", "first")):
            continue
        shares = [server["ofFairShare"] for server in report["servers"]]
        rows.append([report["algorithm"], f"{min(shares):.3f}", f"{max(shares):.3f}", f"{report['fairness']:.4f}"])
    return f"`equal.yaml`: five equal servers; shares against a fifth:\n\n{page.markdown(rows)}\n"


def _remap(ballast: str) -> str:
    rows = [["method", "clients", "had to move", "moved beyond that"]]
    for method in ("ring", "maglev", "rendezvous"):
        report = _simulate(
            ballast, "remap.yaml", change=lambda text: text.replace("method: maglev", f"method: {method}"))
        scaling = report["scaling"][0]
        clients, had_to = scaling["clients"], scaling["hadToMove"]
        rows.append([
            method, f"{clients:,}", f"{had_to / clients:.2%}", f"{(scaling['moved'] - had_to) / clients:.2%}"])
    return f"`remap.yaml`: one of 100 servers goes away:\n\n{page.markdown(rows)}\n"


def _storm(ballast: str) -> str:
    rows = [["service", "failed during", "failed from 5 s after on", "tries a request during", "of the whole run"]]
    for name, change in {
        "3 attempts, budget 20 %": lambda text: text,
        "no retries": lambda text: text.replace("attempts: 3", "attempts: 0"),
    }.items():
        report = _simulate(ballast, "storm.yaml", change=change)
        seconds = report["seconds"]
        during, after = seconds[10:20], seconds[25:40]
        arrived = sum(second["arrived"] for second in during)
        rows.append([
            name, f"{sum(second['failed'] for second in during) / arrived:.1%}",
            f"{sum(second['failed'] for second in after) / sum(second['arrived'] for second in after):.2%}",
            f"{1 + sum(second['retries'] for second in during) / arrived:.2f}", f"{report['amplification']:.2f}"])
    return (
        "`storm.yaml`: 80 % load, 30 % of the answers are errors for 10 s, each asked for elsewhere:"
        f"\n\n{page.markdown(rows)}\n")


def _overload(ballast: str) -> str:
    report = _simulate(ballast, "overload.yaml")
    seconds = report["seconds"]
    calm, flood, after = seconds[10:19], seconds[24:39], seconds[40:60]

    def p99(part: list[dict]) -> float:
        return statistics.median(second["p99Milliseconds"] for second in part)

    well = next((number for number, second in enumerate(after) if second["failed"] <= 0.01 * second["arrived"]), None)
    rows = [["", "answered a second", "p99 of the answered"]]
    for name, part in {"before, at 0.75×": calm, "at 3×": flood}.items():
        rows.append([name, f"{statistics.mean(second['succeeded'] for second in part):,.0f}", f"{p99(part):.0f} ms"])
    return (
        f"`overload.yaml`: three times as much as the servers can do (1,600/s), limits that follow the latency; recovered {well} s after:"
        f"\n\n{page.markdown(rows)}\n")


def _random(ballast: str) -> str:
    done = subprocess.run(
        [ballast, "simulate", "--random", str(RANDOM_RUNS)], capture_output=True, text=True, check=True)
    return f"{RANDOM_RUNS:,} runs with random fleets, algorithms and faults: `ballast simulate --random {RANDOM_RUNS}` says:\n\n```\n{done.stdout.strip()}\n```\n"
