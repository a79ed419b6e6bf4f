"""The autoscaler on two traces of load, by `ballast simulate --scaling`, as plots and a table in docs/measurements.md."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

from Benchmarks import page, plots

NAMES = {"ballast": "Ballast", "kubernetes": "Kubernetes' formula", "formula": "the formula alone"}
TRACES = {
    "step": "An hour in which the load doubles at once, after a quarter of it",
    "day": "A day, from 20 requests/s in the night to 200",
}
PLOTS = pathlib.Path("docs/plots")


def simulate(ballast: str, trace: str, seed: int) -> dict:
    done = subprocess.run(
        [ballast, "simulate", "--scaling", trace, "--seed", str(seed), "-o", "json"],
        check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def plot(result: dict, path: pathlib.Path) -> None:
    runs = {run["name"]: run["points"] for run in result["runs"]}
    seconds = [point["second"] for point in runs["ballast"]]
    # An average over minutes is what an eye would draw through 5,760 looks.
    many = max(1, len(seconds) // 480)
    load = plots.Panel("requests a second")
    load.line("load", _thin(seconds, many), _mean(runs["ballast"], "requestsPerSecond", many))
    replicas = plots.Panel("replicas wanted")
    for name, points in runs.items():
        if name != "formula":
            replicas.line(NAMES[name], seconds, [point["replicas"] for point in points], steps=True)
    replicas.line(NAMES["formula"], seconds, [point["replicas"] for point in runs["formula"]], steps=True)
    latency = plots.Panel("p95", " ms", rule=result["p95LimitSeconds"] * 1000)
    latency.line(
        "Ballast", _thin(seconds, many), [1000 * value for value in _worst(runs["ballast"], "p95Seconds", many)])
    plots.write(path, f"Replicas over time: {TRACES[result['trace']]}", [load, replicas, latency], seconds[-1])


def _thin(values: list[float], many: int) -> list[float]:
    return [values[min(place + many - 1, len(values) - 1)] for place in range(0, len(values), many)]


def _mean(points: list[dict], key: str, many: int) -> list[float]:
    return [statistics.mean(point[key] for point in points[place:place + many]) for place in range(0, len(points), many)]


def _worst(points: list[dict], key: str, many: int) -> list[float]:
    return [max(point[key] for point in points[place:place + many]) for place in range(0, len(points), many)]


def table(results: list[dict]) -> str:
    rows = [["number chosen by", "changes", "reversals", "p95 held", "worst p95", "most", "replica hours"]]
    for name, title in NAMES.items():
        runs = [next(run for run in result["runs"] if run["name"] == name) for result in results]

        def span(key: str, scale: float = 1, unit: str = "", runs: list[dict] = runs) -> str:
            low, high = (f"{scale * value:.4g}" for value in (min(r[key] for r in runs), max(r[key] for r in runs)))
            return (low if low == high else f"{low} … {high}") + unit

        rows.append([
            title, span("changes"), span("reversals"), span("held", 100, " %"), span("worstP95Seconds", 1000, " ms"),
            span("most"), span("replicaHours")])
    return page.markdown(rows)


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m Benchmarks.scaling", description=__doc__)
    words.add_argument("--ballast", default=".build/release/ballast")
    words.add_argument("--seeds", type=int, default=5, help="runs of each trace; the first one is plotted")
    words.add_argument("--output", type=pathlib.Path, default=pathlib.Path("docs/measurements.md"))
    options = words.parse_args()
    parts = [
        "## Autoscaling\n",
        f"`make bench-scaling`, {page.today()}. `ballast simulate --scaling`: the autoscaler of the running program against queues, "
        f"{options.seeds} seeds each (the least … the most); the first is plotted. A replica works on 4 requests at a time, 100 ms each "
        "(exponential), and takes 20 s to start. Looks every 15 s, 2 to 20 replicas. Ballast follows `cpu: 45%`, `inflight: 4` and "
        "`p95: 500ms`; Kubernetes' formula has the same CPU and its own defaults (tolerance 10 %, highest of 300 s on the way down, "
        "double or four more in 15 s); the formula alone has neither tolerance nor window. A reversal is a change in the other direction "
        "than the one before; p95 held is the share of the looks at which it was under 500 ms.\n"]
    for trace, title in TRACES.items():
        results = []
        for seed in range(1, options.seeds + 1):
            print(f"scaling: {trace}, seed {seed}", file=sys.stderr, flush=True)
            results.append(simulate(options.ballast, trace, seed))
        path = PLOTS / f"scaling-{trace}.svg"
        plot(results[0], path)
        parts.append(f"### {title}\n\n![Replicas over time](plots/{path.name})\n\n{table(results)}\n")
    page.replace(options.output, "scaling", "\n".join(parts))


if __name__ == "__main__":
    main()
