"""Medians, ratios to the better peer, and the page that they are written to."""

import pathlib
import statistics

from Benchmarks import page
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


def tables(samples: Samples) -> str:
    return "\n".join(_table(SCENARIOS[name].name, by_proxy) for name, by_proxy in samples.items() if by_proxy)


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
    return f"### {title}\n\n{page.markdown(rows)}\n"


def idle_table(idle: dict[str, IdleCost]) -> str:
    rows = [["proxy", "connections", "empty", "with them", "each", "CPU a request of the active", "p99"]]
    for name, cost in idle.items():
        rows.append([
            name, f"{cost.connections:,}", f"{cost.empty / 2**20:.1f} MiB",
            f"{cost.full / 2**20:.1f} MiB", f"{cost.bytes_each / 1024:.2f} KiB", f"{cost.cpu:.1f} µs", _time(cost.p99)])
    text = "A tenth of them sends a request in a second, each another one; their times are those of a client in Python."
    return f"### Idle keep-alive connections, resident memory\n\n{text}\n\n{page.markdown(rows)}\n"


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def write(path: pathlib.Path, body: str, command: str, rounds: int, seconds: int, ballast: str) -> None:
    page.replace(path, "proxying", PART.format(
        date=page.today(), command=command, rounds=rounds, seconds=seconds, machine=page.machine(),
        versions=page.versions(ballast), body=body))


PART = """\
## Proxying

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
