"""Three times the load that a fleet can serve, with real processes."""

import pathlib
import tempfile

from Benchmarks import page
from Benchmarks.fleet import Fleet, Result

# 4 servers of 4 places and 10 ms serve 1,600 requests/s.
SERVERS, PLACES, MEAN, CAPACITY = 4, 4, 10.0, 1600
SECONDS = 15
SERVICES = {
    "adaptive limit": "limits: { adaptive: true, queue: 32, queueTimeout: 100ms }",
    "limit of 4 a server": "limits: { requests: 4, queue: 32, queueTimeout: 100ms }",
    "no limit": "retries: { attempts: 0 }",
}


def table(ballast: str) -> str:
    rows = [[
        "service", "peak goodput", "p99 there", "goodput at 3×", "of the peak", "p99 of the admitted", "of p99 at the peak",
        "recovered after"]]
    for name, line in SERVICES.items():
        rows.append([name, *_measure(ballast, line)])
    return (
        f"### Overload\n\n{SERVERS} servers with {PLACES} places each, {MEAN:.0f} ms (exponential): {CAPACITY:,} requests/s at"
        f" most. Clients give up after 1 s. Peak: the best of 0.8, 0.9 and 1.0 of that; then 3× for {SECONDS} s, then"
        f" 0.6×. Recovered: the first second in which 99 % are answered again.\n\n{page.markdown(rows)}\n")


def _measure(ballast: str, line: str) -> list[str]:
    service = f"    slowStart: 0s\n    health: {{ none: {{}} }}\n    {line}"
    with tempfile.TemporaryDirectory(prefix="ballast-fleet-") as folder:
        words = {"mean": MEAN, "places": PLACES}
        with Fleet(pathlib.Path(folder), ballast, SERVERS, service, **words) as fleet:
            fleet.load(CAPACITY * 0.5, 4)
            peaks = [fleet.load(CAPACITY * share, 6) for share in (0.8, 0.9, 1.0)]
            peak = max(peaks, key=lambda result: result.rate(1, 6))
            flood = fleet.load(CAPACITY * 3, SECONDS)
            after = fleet.load(CAPACITY * 0.6, 8)
    goodput = flood.rate(3, SECONDS)
    best, calm, admitted = peak.rate(1, 6), peak.quantile(0.99), flood.between(3, SECONDS).quantile(0.99)
    return [
        f"{best:,.0f}/s", f"{calm:.0f} ms", f"{goodput:,.0f}/s", f"{goodput / best:.2f}", f"{admitted:.0f} ms",
        f"{admitted / calm:.2f}", _recovery(after)]


def _recovery(after: Result) -> str:
    for second in range(8):
        if after.between(second, second + 1).success >= 0.99:
            return f"{second} s"
    return "not in 8 s"
