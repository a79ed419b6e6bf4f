"""How evenly, and how well through faults, a service is served: the simulator's tables, the same runs with real
processes, and faults and overload with real processes. Writes its part of docs/measurements.md."""

import argparse
import os
import pathlib
import sys
import tempfile
from collections.abc import Callable

from Benchmarks import faults, overload, page, remap, simulated
from Benchmarks.fleet import Fleet, Result

UNHASHED = ["round-robin", "random", "power-of-two", "least-connections", "least-time", "aggregate-load", "first"]


def main() -> None:
    words = argparse.ArgumentParser(prog="make bench-balancing ARGS=…", description=__doc__)
    words.add_argument("--ballast", default=".build/release/ballast", help="the binary to measure")
    words.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    words.add_argument("--output", type=pathlib.Path, help="the page; docs/measurements.md after a whole run")
    options = words.parse_args()
    options.ballast = os.path.abspath(options.ballast)
    sections = []
    for name in options.only:
        print(f"bench: {name}", file=sys.stderr, flush=True)
        section = PARTS[name](options.ballast)
        print(section, flush=True)
        sections.append(section)
    output = options.output
    if output is None and set(options.only) == set(PARTS):
        output = pathlib.Path("docs/measurements.md")
    if output is not None:
        page.replace(output, "balancing", HEADING.format(
            date=page.today(), machine=page.machine(), versions=page.versions(options.ballast)) + "\n".join(sections))
        print(f"bench: written to {output}", file=sys.stderr)


HEADING = """\
## Balancing

Written by `make bench-balancing` on {date}; do not edit. The method is told in [Benchmarks](../Benchmarks/README.md).

- Machine: {machine}
- Versions: {versions}

"""


# MARK: real processes

def real(ballast: str) -> str:
    parts = ["### The same runs with real processes\n"]
    parts.append(real_stall(ballast))
    parts.append(real_slow(ballast))
    parts.append(real_equal(ballast))
    parts.append(remap.table(ballast))
    parts.append(real_storm(ballast))
    return "\n".join(parts)


def trial(
    ballast: str, count: int, service: str, rate: float, seconds: float,
    events: Callable[[Fleet], list[tuple[float, Callable[[], None]]]] = lambda fleet: [], **words: float | int | str,
) -> tuple[Result, float]:
    """A run, and the retries in it."""
    with tempfile.TemporaryDirectory(prefix="ballast-fleet-") as folder:
        with Fleet(pathlib.Path(folder), ballast, count, service, **words) as fleet:
            result = fleet.load(rate, seconds, events=events(fleet))
            return result, fleet.metric("ballast_retries_total")


def service(balance: str, *lines: str) -> str:
    return "\n".join(f"    {line}" for line in [f"balance: {balance}", "slowStart: 0s", *lines])


def real_stall(ballast: str) -> str:
    rows = [["algorithm", "success within 1 s", "published", "p99 of the good"]]
    for name in ["round-robin", "power-of-two", "least-connections", "least-time"]:
        # Without ejection: what the algorithm does, not what the breaker does.
        result, _ = trial(
            ballast, 11, service(name, "ejection: { failures: 0, successRate: 0% }", "health: { none: {} }"), 1000, 23,
            lambda fleet: [(3, lambda: fleet.servers[2].set("stall", 2000)), (18, lambda: fleet.servers[2].set("ok"))])
        during = result.between(3, 18)
        rows.append([name, f"{during.success:.2%}", simulated.PUBLISHED.get(name, ""), f"{during.quantile(0.99):.0f} ms"])
    return (
        "11 servers (10 ms, exponential), 1,000 requests/s, one stalls at 2 s for 15 s; of the requests in that"
        f" time:\n\n{page.markdown(rows)}\n")


def real_slow(ballast: str) -> str:
    rows = [["algorithm", "p50", "p99", "p99, of round robin's", "least share of a healthy one"]]
    first = 0.0
    for name in ["round-robin", "power-of-two", "least-connections", "least-time"]:
        result, _ = trial(
            ballast, 10, service(name, "health: { none: {} }"), 500, 15,
            lambda fleet: [(0, lambda: fleet.servers[4].set("slow", 10))])
        settled = result.between(3, 15)
        p99 = settled.quantile(0.99)
        first = first or p99
        least = min(share for server, share in settled.shares.items() if server != "s5") * 10
        rows.append([name, f"{settled.quantile(0.5):.1f} ms", f"{p99:.0f} ms", f"{p99 / first:.2f}", f"{least:.2f}"])
    return (
        "10 servers (10 ms, exponential), 500 requests/s, one of them 10 times slower; the share is against a tenth:"
        f"\n\n{page.markdown(rows)}\n")


def real_equal(ballast: str) -> str:
    rows = [["algorithm", "least share", "greatest share", "Jain"]]
    for name in UNHASHED[:-1]:
        result, _ = trial(ballast, 5, service(name, "health: { none: {} }"), 1000, 12)
        shares = [share * 5 for share in result.shares.values()]
        rows.append([name, f"{min(shares):.3f}", f"{max(shares):.3f}", f"{result.fairness:.4f}"])
    return f"Five equal servers, 1,000 requests/s; shares against a fifth:\n\n{page.markdown(rows)}\n"


def real_storm(ballast: str) -> str:
    rows = [["service", "failed during", "failed from 5 s after on", "tries a request during"]]
    for name, lines in {
        "retries: 3 attempts, budget 20 %": ["retries: { attempts: 3, on: [ connect-failure, reset, gateway-error ] }"],
        "no retries": ["retries: { attempts: 0 }"],
    }.items():
        # 4 servers of 4 places and 10 ms serve 1,600 a second; 1,280 is 80 % of that.
        result, retries = trial(
            ballast, 4, service("least-time", "health: { none: {} }", *lines), 1280, 26, places=4,
            events=lambda fleet: [
                (5, lambda: [server.set("errors", 30) for server in fleet.servers]),
                (15, lambda: [server.set("ok") for server in fleet.servers])])
        during, after = result.between(5, 15), result.between(20, 26)
        rows.append([
            name, f"{1 - during.success:.1%}", f"{1 - after.success:.2%}", f"{1 + retries / during.count:.2f}"])
    return f"80 % load, 30 % of the answers are 503 for 10 s (retry storm):\n\n{page.markdown(rows)}\n"


PARTS: dict[str, Callable[[str], str]] = {
    "simulated": simulated.table, "real": real, "faults": faults.table, "overload": overload.table,
}

if __name__ == "__main__":
    main()
