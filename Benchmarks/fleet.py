"""Servers of known speed behind a Ballast, and a load that does not wait for answers."""

import collections
import dataclasses
import http.client
import json
import pathlib
import subprocess
import time
from collections.abc import Callable

from Benchmarks.proxies import compile_c, free_port, wait_until_served

CONFIGURATION = """\
listeners:
  web: {{ address: "127.0.0.1:{port}" }}
services:
  fleet:
    servers:
{servers}
{service}
admin: {{ address: "127.0.0.1:{admin}", socket: "{folder}/admin.sock" }}
state: {{ path: "{folder}/state" }}
log: {{ level: warning, access: {{ path: "off" }} }}
"""


@dataclasses.dataclass(frozen=True)
class Server:
    name: str
    port: int
    process: subprocess.Popen

    def set(self, mode: str, number: float = 0) -> None:
        """`ok`, `stall` for milliseconds, `slow` by a factor, `errors` in percent."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        link.request("GET", f"/_set/{mode}/{number}")
        link.getresponse().read()
        link.close()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)


@dataclasses.dataclass(frozen=True)
class Request:
    # Seconds from the beginning of the load, milliseconds, 0 for none and 1 for a timeout.
    due: float
    took: float
    status: int
    server: str

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 400


@dataclasses.dataclass(frozen=True)
class Result:
    requests: list[Request]

    def between(self, start: float, end: float) -> "Result":
        return Result([one for one in self.requests if start <= one.due < end])

    @property
    def count(self) -> int:
        return len(self.requests)

    @property
    def failed(self) -> int:
        return sum(not one.is_good for one in self.requests)

    @property
    def success(self) -> float:
        return 1 - self.failed / max(1, self.count)

    def quantile(self, share: float) -> float:
        """Of the good answers, in milliseconds."""
        took = sorted(one.took for one in self.requests if one.is_good)
        return took[min(len(took) - 1, int(share * len(took)))] if took else float("nan")

    @property
    def shares(self) -> dict[str, float]:
        counts = collections.Counter(one.server for one in self.requests if one.server != "-")
        return {name: count / sum(counts.values()) for name, count in counts.items()}

    @property
    def fairness(self) -> float:
        shares = list(self.shares.values())
        return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))

    def rate(self, start: float, end: float) -> float:
        """Good answers a second."""
        return sum(one.is_good for one in self.between(start, end).requests) / (end - start)


class Fleet:
    """Starts the servers and Ballast; `with` ends them."""

    def __init__(
        self, folder: pathlib.Path, ballast: str, count: int, service: str, mean: float = 10, places: int = 64,
        distribution: str = "exponential",
    ) -> None:
        self.folder = folder
        self.ballast = ballast
        self.port, self.admin = free_port(), free_port()
        self._programs = compile_c("server", folder, "-lm"), compile_c("openloop", folder, "-lm")
        self._words = [str(mean), str(places), distribution]
        self.servers = [self._start_server(f"s{number}") for number in range(1, count + 1)]
        self._service = service
        self._process: subprocess.Popen | None = None

    def _start_server(self, name: str, port: int | None = None) -> Server:
        port = port or free_port()
        process = subprocess.Popen([str(self._programs[0]), str(port), name, *self._words])
        wait_until_served(port)
        return Server(name, port, process)

    def restart(self, index: int) -> None:
        old = self.servers[index]
        old.process.kill()
        old.process.wait()
        self.servers[index] = self._start_server(old.name, old.port)

    def __enter__(self) -> "Fleet":
        listed = "\n".join(
            f'      - {{ name: {server.name}, address: "127.0.0.1:{server.port}" }}' for server in self.servers)
        file = self.folder / "ballast.yaml"
        file.write_text(CONFIGURATION.format(
            port=self.port, admin=self.admin, folder=self.folder, servers=listed, service=self._service))
        with (self.folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                [self.ballast, "run", str(file)], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        wait_until_served(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
        for server in self.servers:
            server.process.kill()
            server.process.wait()

    def load(
        self, rate: float, seconds: float, timeout: float = 1000, seed: int = 1,
        events: list[tuple[float, Callable[[], None]]] | None = None,
    ) -> Result:
        """Sends `rate` requests a second; each event happens at its second."""
        words = [str(self._programs[1]), str(self.port), str(rate), str(seconds), str(timeout), str(seed)]
        with (self.folder / "requests").open("w+") as output:
            began = time.monotonic()
            process = subprocess.Popen(words, stdout=output)
            for due, act in sorted(events or [], key=lambda pair: pair[0]):
                time.sleep(max(0.0, began + due - time.monotonic()))
                act()
            process.wait(seconds + timeout / 1000 + 30)
            output.seek(0)
            return Result([_request(line) for line in output])

    def api(self, path: str) -> object:
        link = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=10)
        link.request("GET", path)
        answer = json.loads(link.getresponse().read())
        link.close()
        return answer

    def metric(self, name: str) -> float:
        """The sum over all series."""
        link = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=10)
        link.request("GET", "/metrics")
        text = link.getresponse().read().decode()
        link.close()
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
            if line.startswith((f"{name}{{", f"{name} ")))


def _request(line: str) -> Request:
    due, took, status, server = line.split()
    return Request(float(due), float(took), int(status), server)
