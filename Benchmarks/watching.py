"""What it costs a request that Ballast watches: access log, traces, alerts with SLOs and events out, each alone and all together,
beside a Ballast that has none of it."""

import contextlib
import http.server
import pathlib
import socketserver
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator

from Benchmarks import load, page, proxies
from Benchmarks.proxies import Proxy

CONFIGURATION = """\
listeners:
  web: {{ address: "127.0.0.1:{port}" }}
services:
  origin:
    servers: [ "127.0.0.1:{origin}" ]
    health: {{ none: {{}} }}
{slo}admin: {{ address: "127.0.0.1:{admin}" }}
state: {{ path: "{folder}/state" }}
workers: 1
{more}
"""
SLO = "    slo: { availability: 99.9%, latency: { p95: 300ms } }\n"
NO_LOG, NO_ALERTS = "log: { level: warning }", "alerts: { standardRules: false }"
LOG = 'log: {{ level: warning, access: {{ path: "{log}", format: json }} }}'
TRACES = 'traces: {{ url: "http://127.0.0.1:{receiver}/v1/traces" }}'
ALERTS = 'alerts: {{ channels: {{ hook: {{ webhook: {{ url: "http://127.0.0.1:{receiver}/" }} }} }} }}'
EVENTS = 'events: {{ sinks: {{ bus: {{ nats: {{ servers: "127.0.0.1:{nats}" }} }} }} }}'
KINDS = {
    "nothing": [NO_LOG, NO_ALERTS],
    "access log": [LOG, NO_ALERTS],
    "traces": [NO_LOG, NO_ALERTS, TRACES],
    "alerts, SLOs and events": [NO_LOG, ALERTS, EVENTS],
    "all of it": [LOG, TRACES, ALERTS, EVENTS],
}
# What is told is a difference of some percent, so there are more turns than elsewhere, and shorter ones.
TURNS = 4
Samples = dict[str, list[load.Sample]]


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes what is posted, as a collector and a web hook do."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def measure(folder: pathlib.Path, origin: int, binary: str, rounds: int, seconds: int, tell) -> Samples:
    samples: Samples = {name: [] for name in KINDS}
    with _receivers(folder) as ports, contextlib.ExitStack() as running:
        made = [_make(name, folder, binary, origin=origin, **ports) for name in KINDS]
        for proxy in made:
            running.callback(proxy.stop)
            proxy.start()
        for number in range(rounds * TURNS):
            turn = number % len(made)
            for proxy in made[turn:] + made[:turn]:
                tell(f"round {number // TURNS + 1}/{rounds}: watching: {proxy.name}")
                samples[proxy.name].append(load.run(proxy, load.SCENARIOS["1k-64"], max(1, seconds // 2)))
    return samples


@contextlib.contextmanager
def _receivers(folder: pathlib.Path) -> Iterator[dict[str, int]]:
    """A collector, and a NATS server, beside the load."""
    receiver = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Receiver)
    receiver.daemon_threads = True
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    nats = proxies.free_port()
    process = subprocess.Popen(
        ["taskset", "-c", str(proxies.LOAD_CORE), "nats-server", "-a", "127.0.0.1", "-p", str(nats), "-js", "-sd", str(folder / "nats")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield {"receiver": receiver.server_address[1], "nats": nats}
    finally:
        receiver.shutdown()
        receiver.server_close()
        process.terminate()
        process.wait()


def _make(name: str, folder: pathlib.Path, binary: str, **ports: int) -> Proxy:
    own = folder / f"watching-{name.replace(' ', '-')}"
    own.mkdir(parents=True, exist_ok=True)
    parts, port, log = KINDS[name], proxies.free_port(), own / "access.log"
    file = own / "ballast.yaml"
    # The parts are templates as well, but for those without a place in them.
    more = "\n".join(part.format(log=log, **ports) if "{{" in part else part for part in parts)
    file.write_text(CONFIGURATION.format(
        port=port, admin=proxies.free_port(), folder=own, more=more, slo=SLO if ALERTS in parts else "", origin=ports["origin"]))
    return Proxy(name, port, [binary, "run", str(file)], own, log if LOG in parts else None)


def table(samples: Samples) -> str:
    """Ratios are medians over pairs of the same turn, so that what slows the whole machine counts for neither."""
    rows = [["watched by", "CPU a request", "of nothing's", "p99"]]
    base = samples["nothing"]
    for name, found in samples.items():
        ratio = statistics.median(one.cpu / other.cpu for one, other in zip(found, base))
        cpu, p99 = (statistics.median(getattr(one, field) for one in found) for field in ("cpu", "p99"))
        rows.append([name, f"{cpu:.2f} µs", f"{ratio:.3f}", f"{p99 * 1e3:.2f} ms"])
    failed = sum(one.failed for found in samples.values() for one in found)
    if failed:
        print(f"bench: watching: {failed} requests failed", file=sys.stderr)
    return f"### What watching costs\n\n1 KiB answers, 64 connections.\n\n{page.markdown(rows)}\n"
