"""Runs HAProxy, nginx, a relay that parses nothing and Ballast beside one another."""

import argparse
import os
import pathlib
import resource
import sys
import tempfile

from Benchmarks import calls, idle, layer4, load, proxies, report, routes, secure, watching, workers

# What a whole run has, in the order of the page.
PARTS = ["proxying", "idle", "routes", "layer4", "workers", "tls", "http2", "grpc", "watching"]

# Load average above which others take the cores that are measured.
BUSY = 0.5


def main() -> None:
    options = parse()
    raise_file_limit()
    if os.cpu_count() < 2 or not {proxies.PROXY_CORE, proxies.LOAD_CORE} <= os.sched_getaffinity(0):
        raise SystemExit("bench: two cores are needed, one for the proxy and one for the load")
    if any(name.startswith("ballast") for name in options.only) and not os.access(options.ballast, os.X_OK):
        raise SystemExit(f"bench: there is no {options.ballast}; run `make build`, or choose others with --only")
    if os.getloadavg()[0] > BUSY:
        tell("this machine is busy with something else; the numbers will not be worth much")
    with tempfile.TemporaryDirectory(prefix="ballast-bench-") as folder:
        body = "\n".join(measure(options, pathlib.Path(folder)))
    print(body)
    output = options.output
    if output is None and set(options.only) == set(proxies.MAKERS) and set(options.scenario) == set(load.SCENARIOS) \
            and options.idle > 0 and options.part == PARTS:
        output = pathlib.Path("docs/measurements.md")
    if output is not None:
        words = " ".join(sys.argv[1:])
        command = f"make bench ARGS='{words}'" if "--rounds" in words or "--seconds" in words else "make bench"
        report.write(output, body, command, options.rounds, options.seconds, options.ballast)
        print(f"bench: written to {output}", file=sys.stderr)


def measure(options: argparse.Namespace, folder: pathlib.Path) -> list[str]:
    """The tables of the parts."""
    origin, port = proxies.start_origin(folder)
    of_all = (options.ballast, options.rounds, options.seconds, tell)
    tables = []
    try:
        if "proxying" in options.part:
            tables.append(report.tables(measure_proxying(options, folder, port)))
        if "idle" in options.part and options.idle > 0:
            tables.append(report.idle_table(measure_idle(options, folder, port)))
        if "routes" in options.part:
            tables.append(routes.tables(routes.measure(folder, port, *of_all)))
        if "layer4" in options.part:
            tables.append(layer4.table(layer4.measure(folder, *of_all)))
        if "workers" in options.part:
            tables.append(workers.table(workers.measure(folder, port, *of_all)))
        for part in (part for part in secure.PARTS if part in options.part):
            tables.append(secure.tables(part, secure.measure(part, folder, port, *of_all)))
        if "grpc" in options.part:
            tables.append(calls.page_table(calls.measure(folder, *of_all)))
        if "watching" in options.part:
            tables.append(watching.table(watching.measure(folder, port, *of_all)))
        return tables
    finally:
        origin.kill()
        origin.wait()


def measure_idle(options: argparse.Namespace, folder: pathlib.Path, port: int) -> dict[str, idle.IdleCost]:
    costs = {}
    # The relay holds no state, and what a peer does with a head costs nothing while idle.
    for name in (name for name in options.only if name != "relay" and not name.endswith("-bare")):
        tell(f"{options.idle:,} idle connections: {name}")
        proxy = proxies.make(name, folder / "idle", port, options.ballast)
        try:
            proxy.start()
            costs[name] = idle.measure(proxy, options.idle, options.seconds)
        finally:
            proxy.stop()
    return costs


def measure_proxying(options: argparse.Namespace, folder: pathlib.Path, port: int) -> report.Samples:
    running: list[proxies.Proxy] = []
    try:
        for name in options.only:
            proxy = proxies.make(name, folder, port, options.ballast)
            running.append(proxy)
            proxy.start()
        samples: report.Samples = {name: {} for name in options.scenario}
        for number in range(1, options.rounds + 1):
            # Each round begins with another proxy, so that none has the same neighbour throughout.
            turn = (number - 1) % max(1, len(running))
            for scenario in options.scenario:
                for proxy in running[turn:] + running[:turn]:
                    tell(f"round {number}/{options.rounds}: {scenario}: {proxy.name}")
                    sample = load.run(proxy, load.SCENARIOS[scenario], options.seconds)
                    samples[scenario].setdefault(proxy.name, []).append(sample)
        order = list(proxies.MAKERS)
        for scenario, found in samples.items():
            samples[scenario] = dict(sorted(found.items(), key=lambda pair: order.index(pair[0])))
        return samples
    finally:
        for proxy in running:
            proxy.stop()


def parse() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    words.add_argument("--ballast", default=".build/release/ballast", help="the binary to measure")
    words.add_argument("--part", nargs="+", choices=PARTS, default=PARTS)
    words.add_argument("--only", nargs="+", choices=list(proxies.MAKERS), default=list(proxies.MAKERS))
    words.add_argument("--scenario", nargs="+", choices=list(load.SCENARIOS), default=list(load.SCENARIOS))
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--seconds", type=int, default=4, help="of load a measurement")
    words.add_argument("--idle", type=int, default=15000, help="idle connections; 0 leaves them out")
    words.add_argument("--output", type=pathlib.Path, help="the page; docs/measurements.md after a whole run")
    options = words.parse_args()
    options.ballast = os.path.abspath(options.ballast)
    return options


def raise_file_limit() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def tell(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
