"""Kill, hang, errors and flapping of one server on fleets of 1, 2, 3 and 5, with real processes."""

import http.client
import pathlib
import re
import signal
import tempfile
import threading
import time
from collections.abc import Callable

from Benchmarks import page
from Benchmarks.fleet import Fleet

FLEETS = (1, 2, 3, 5)
RATE, BEGIN, END, SECONDS = 300, 2.0, 8.0, 10
POLL = 0.05
SERVICE = """\
    slowStart: 0s
    health: { http: { path: /healthz }, interval: 1s }
    retries: { attempts: 2, on: [ connect-failure, reset, gateway-error ], perTryTimeout: 300ms }"""

Events = list[tuple[float, Callable[[], None]]]


def _kill(fleet: Fleet) -> Events:
    return [(BEGIN, lambda: fleet.servers[0].signal(signal.SIGKILL)), (END, lambda: fleet.restart(0))]


def _hang(fleet: Fleet) -> Events:
    return [
        (BEGIN, lambda: fleet.servers[0].signal(signal.SIGSTOP)), (END, lambda: fleet.servers[0].signal(signal.SIGCONT))]


def _errors(fleet: Fleet) -> Events:
    return [(BEGIN, lambda: fleet.servers[0].set("errors", 100)), (END, lambda: fleet.servers[0].set("ok"))]


def _flap(fleet: Fleet) -> Events:
    events: Events = []
    for second in range(int(BEGIN), int(END), 2):
        events.append((second, lambda: fleet.servers[0].set("errors", 100)))
        events.append((second + 1, lambda: fleet.servers[0].set("ok")))
    return events


FAULTS = {"kill": _kill, "hang": _hang, "errors": _errors, "flap": _flap}


def table(ballast: str) -> str:
    rows = [["fault", "servers", "requests", "failed", "slowest good answer", "left after", "false ejections"]]
    for name, events in FAULTS.items():
        for count in FLEETS:
            rows.append([name, str(count), *_measure(ballast, count, events)])
    return (
        "### Faults\n\nOne server of each fleet (10 ms, exponential) is killed, stopped, answers 503, or does so every"
        f" other second, for {END - BEGIN:.0f} s at {RATE} requests/s. Checks every second, a per-try timeout of 300 ms, two"
        " retries. Failed: requests of the whole run without a good answer within 1 s. Left after: when the server's part of the tries"
        " fell under a tenth of its fair share. A fleet of one has nowhere to go.\n\n"
        f"{page.markdown(rows)}\n")


def _measure(ballast: str, count: int, events: Callable[[Fleet], Events]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="ballast-fleet-") as folder:
        with Fleet(pathlib.Path(folder), ballast, count, SERVICE) as fleet:
            watch = Watch(fleet)
            watch.start()
            result = fleet.load(RATE, SECONDS, events=events(fleet))
            watch.stop()
            ejected = _series(fleet.admin, "ballast_ejections_total")
    others = sum(number for server, number in ejected.items() if server != "s1")
    slowest = max((one.took for one in result.requests if one.is_good), default=float("nan"))
    left = watch.left_after(count)
    return [
        str(result.count), str(result.failed), f"{slowest:.0f} ms", "-" if left is None else f"{left:.2f} s",
        f"{others:.0f}"]


class Watch:
    """Follows how many tries each server got."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._samples: list[tuple[float, dict[str, float]]] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ends.wait(POLL):
            counts = _series(self._fleet.admin, "ballast_server_requests_total")
            self._samples.append((time.monotonic() - self._began, counts))

    def left_after(self, count: int) -> float | None:
        """Seconds from the fault to the first 200 ms in which the server got under a tenth of its fair share."""
        if count == 1:
            return None
        for (start, before), (end, after) in zip(self._samples, self._samples[4:]):
            if start < BEGIN:
                continue
            tries = sum(after.values()) - sum(before.values())
            if tries > 0 and after.get("s1", 0) - before.get("s1", 0) < 0.1 * tries / count:
                return start - BEGIN
        return None


def _series(port: int, name: str) -> dict[str, float]:
    """By server, over all other labels."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    link.request("GET", "/metrics")
    text = link.getresponse().read().decode()
    link.close()
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith(name + "{"):
            server = re.search(r'server="([^"]*)"', line)
            if server:
                found[server.group(1)] = found.get(server.group(1), 0) + float(line.rsplit(" ", 1)[1])
    return found
