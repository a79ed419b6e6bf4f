"""What a second worker brings. It needs a core of its own, and so does the load: on fewer than four cores only what a request
costs with one and with two can be told."""

import os
import pathlib
import re
import statistics
import subprocess

from Benchmarks import page, proxies
from Benchmarks.load import SCENARIOS, Sample, parse
from Benchmarks.proxies import Proxy

ENOUGH_CORES = 4
Samples = dict[int, list[Sample]]


def measure(folder: pathlib.Path, origin: int, binary: str, rounds: int, seconds: int, tell) -> Samples:
    samples: Samples = {1: [], 2: []}
    running: dict[int, Proxy] = {}
    try:
        for workers in samples:
            running[workers] = _make(folder, origin, binary, workers)
            running[workers].start()
        for number in range(rounds):
            for workers in (1, 2) if number % 2 == 0 else (2, 1):
                tell(f"round {number + 1}/{rounds}: {workers} worker{'s' if workers > 1 else ''}")
                samples[workers].append(_run(running[workers], seconds))
        return samples
    finally:
        for proxy in running.values():
            proxy.stop()


def _make(folder: pathlib.Path, origin: int, binary: str, workers: int) -> Proxy:
    own = folder / f"workers-{workers}"
    own.mkdir(parents=True, exist_ok=True)
    port = proxies.free_port()
    text = proxies.BALLAST.format(port=port, origin=origin, admin=proxies.free_port(), folder=own, access="")
    file = own / "ballast.yaml"
    file.write_text(re.sub(r"workers: 1", f"workers: {workers}", text))
    # Both have two cores, so that a worker is never without one.
    return Proxy(f"{workers}", port, [binary, "run", str(file)], own, cores="0,1")


def _run(proxy: Proxy, seconds: int) -> Sample:
    cores = os.cpu_count() or 1
    # The rest of the machine is the load's, with a thread for each core of it.
    mine = ",".join(map(str, range(2, cores))) if cores >= ENOUGH_CORES else "0,1"
    threads = max(1, cores - 2)
    tree = proxy.tree
    before = tree.cpu_nanoseconds()
    told = subprocess.run(
        ["taskset", "-c", mine, "wrk", "--latency", f"-t{threads}", f"-c{SCENARIOS['1k-64'].connections * threads}", f"-d{seconds}s",
         f"http://127.0.0.1:{proxy.port}/"], check=True, capture_output=True, text=True, timeout=seconds + 60).stdout
    return parse(told, tree.cpu_nanoseconds() - before, proxy)


def table(samples: Samples) -> str:
    rows = [["workers", "requests/s", "of one worker's", "CPU a request", "cores busy", "p99"]]
    rate = {workers: statistics.median(one.rate for one in found) for workers, found in samples.items()}
    for workers, found in samples.items():
        cpu, busy, p99 = (statistics.median(getattr(one, field) for one in found) for field in ("cpu", "busy", "p99"))
        rows.append([str(workers), f"{rate[workers]:,.0f}", f"{rate[workers] / rate[1]:.2f}", f"{cpu:.1f} µs", f"{busy:.2f}", f"{p99 * 1e3:.2f} ms"])
    cores = os.cpu_count() or 1
    note = "" if cores >= ENOUGH_CORES else (
        f"\nThis machine has {cores} cores, which the workers, the load and the origin share: requests/s say nothing of a second worker here. "
        "A request that costs no more with two says that they do not stand in each other's way.\n")
    return f"### One worker and two\n\n{page.markdown(rows)}\n{note}"
