"""Medians, ratios to the better peer, and the page that they are written to."""

import datetime
import os
import pathlib
import platform
import re
import statistics
import subprocess

from Benchmarks.idle import IdleCost
from Benchmarks.load import SCENARIOS, Sample
from Benchmarks.proxies import PEERS

# By scenario, then by proxy.
Samples = dict[str, dict[str, list[Sample]]]


def median(samples: list[Sample]) -> Sample:
    def of(field: str) -> float:
        return statistics.median(getattr(sample, field) for sample in samples)

    failed = sum(sample.failed for sample in samples)
    return Sample(of("cpu"), of("rate"), of("p50"), of("p99"), of("busy"), failed)


def tables(samples: Samples, idle: dict[str, IdleCost]) -> str:
    parts = [_table(SCENARIOS[name].name, by_proxy) for name, by_proxy in samples.items() if by_proxy]
    if idle:
        parts.append(_idle_table(idle))
    return "\n".join(parts)


def _table(title: str, by_proxy: dict[str, list[Sample]]) -> str:
    medians = {name: median(samples) for name, samples in by_proxy.items()}
    peers = [medians[name] for name in PEERS if name in medians]
    rows = [
        ["proxy", "CPU a request", "of the better peer", "requests/s", "of the better peer", "p50",
         "p99", "core busy", "failed"]
    ]
    for name, found in medians.items():
        cpu = f"{found.cpu / min(peer.cpu for peer in peers):.2f}" if peers else "-"
        rate = f"{found.rate / max(peer.rate for peer in peers):.2f}" if peers else "-"
        rows.append([
            name, f"{found.cpu:.1f} µs", cpu, f"{found.rate:,.0f}", rate, _time(found.p50),
            _time(found.p99), f"{found.busy:.0%}", str(found.failed)])
    return f"### {title}\n\n{_markdown(rows)}\n"


def _idle_table(idle: dict[str, IdleCost]) -> str:
    rows = [["proxy", "connections", "empty", "with them", "each"]]
    for name, cost in idle.items():
        rows.append([
            name, f"{cost.connections:,}", f"{cost.empty / 2**20:.1f} MiB",
            f"{cost.full / 2**20:.1f} MiB", f"{cost.bytes_each / 1024:.2f} KiB"])
    return f"### Idle keep-alive connections, resident memory\n\n{_markdown(rows)}\n"


def _markdown(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: list[str]) -> str:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        return "| " + " | ".join(cells) + " |"

    rule = "|-" + "-|-".join("-" * width for width in widths[:1]) + "-|"
    rule += "|".join("-" * (width + 1) + ":" for width in widths[1:]) + "|"
    return "\n".join([line(rows[0]), rule, *map(line, rows[1:])])


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def write(path: pathlib.Path, body: str, command: str, rounds: int, seconds: int, ballast: str) -> None:
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PAGE.format(
        date=date, command=command, rounds=rounds, seconds=seconds, machine=_machine(),
        versions=_versions(ballast), body=body), encoding="utf-8")


PAGE = """\
# Measurements

Written by `{command}` on {date}; do not edit. The method is told in [Benchmarks](../Benchmarks/README.md).

- Machine: {machine}
- Versions: {versions}
- Medians of {rounds} interleaved rounds of {seconds} s. Each proxy has one core; the load (wrk) and the origin share another.
- `haproxy` and `nginx` do for each request what Ballast always does: X-Forwarded-For, -Proto and -Host, a random
  X-Request-Id, Via both ways. The ratios are to the better of these two. The `-bare` ones only pass requests on, without logs,
  counters or identifiers; `relay` passes bytes on and reads nothing of them: the floor of any proxy on this machine.
- CPU a request is the scheduler's count of user and system time over all threads and processes of the proxy.
  Where `core busy` is under 95 %, the load's core was the limit, and requests/s say nothing of the proxy.

{body}"""


def _machine() -> str:
    model = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    name = model.group(1).strip() if model else platform.machine()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{name}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}"


def _versions(ballast: str) -> str:
    def first(command: list[str]) -> str:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=10)
        except OSError:
            return ""
        return (done.stdout + done.stderr).partition("\n")[0]

    haproxy = re.search(r"version (\S+)", first(["haproxy", "-v"]))
    nginx = re.search(r"nginx/(\S+)", first(["nginx", "-v"]))
    wrk = re.search(r"wrk \S*?([\d.]+)", first(["wrk", "-v"]))
    own = re.search(r"\d+\.\d+\S*", first([ballast, "version"]))
    commit = first(["git", "rev-parse", "--short", "HEAD"])
    found = {"HAProxy": haproxy, "nginx": nginx, "wrk": wrk}
    words = [f"{name} {match.group(1)}" for name, match in found.items() if match]
    words.append(f"Ballast {own.group() if own else ''} (commit {commit})".replace("  ", " "))
    return ", ".join(words)
