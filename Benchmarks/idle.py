"""Idle keep-alive connections: what one of them costs in resident memory, and what a request costs among them when
a few are active.

Run as a program it is the client: `python3 -m Benchmarks.idle PORT COUNT SOURCE RATE` opens the
connections, one request each, says `open`, and holds them until its input ends. For each line that comes it sends
RATE requests a second for that many seconds, each on another connection, and prints how many there were and their times'
99th percentile in seconds.
"""

import dataclasses
import socket
import subprocess
import sys
import time

from Benchmarks.proxies import Proxy

# A process may hold few descriptors, so several share the work, each from an address of its own.
A_CLIENT = 5000
REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n"
ANSWER_SECONDS = 10
# Of all connections, that many send a request in a second.
ACTIVE_SHARE = 0.1


@dataclasses.dataclass(frozen=True)
class IdleCost:
    connections: int
    empty: int
    full: int
    # Of the active ones: microseconds of the proxy's CPU a request, and seconds.
    cpu: float = 0
    p99: float = 0

    @property
    def bytes_each(self) -> float:
        return (self.full - self.empty) / self.connections


def measure(proxy: Proxy, connections: int, seconds: int) -> IdleCost:
    """The proxy must be fresh: memory that load has left behind would hide the cost."""
    empty = proxy.tree.resident_bytes()
    clients = []
    try:
        for number, first in enumerate(range(0, connections, A_CLIENT)):
            count = min(A_CLIENT, connections - first)
            command = [sys.executable, "-m", "Benchmarks.idle", str(proxy.port), str(count), f"127.0.1.{number + 1}", str(int(count * ACTIVE_SHARE))]
            client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            clients.append(client)
            said = client.stdout.readline().strip()
            if said != "open":
                raise SystemExit(f"{proxy.name}: only some of {connections} idle connections: {said}\n{proxy.output()}")
        full = proxy.tree.resident_bytes()
        before = proxy.tree.cpu_nanoseconds()
        for client in clients:
            print(seconds, file=client.stdin, flush=True)
        told = [client.stdout.readline().split() for client in clients]
        used = proxy.tree.cpu_nanoseconds() - before
        requests = sum(int(count) for count, _ in told)
        return IdleCost(connections, empty, full, used / 1000 / requests, max(float(p99) for _, p99 in told))
    finally:
        for client in clients:
            client.communicate()


def hold(port: int, count: int, source: str, rate: int) -> None:
    links = []
    for number in range(count):
        try:
            link = socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS, source_address=(source, 0))
            _ask(link)
        except OSError as error:
            print(f"connection {number}: {error}", flush=True)
            return
        links.append(link)
    print("open", flush=True)
    for line in sys.stdin:
        _be_active(links, rate, float(line))


def _ask(link: socket.socket) -> None:
    link.sendall(REQUEST)
    got = b""
    while len(got.partition(b"\r\n\r\n")[2]) < 1024:
        more = link.recv(4096)
        if not more:
            raise OSError("closed before the answer's end")
        got += more


def _be_active(links: list[socket.socket], rate: int, seconds: float) -> None:
    times = []
    began = time.monotonic()
    for number in range(max(1, int(rate * seconds))):
        due = began + number / max(1, rate)
        time.sleep(max(0.0, due - time.monotonic()))
        sent = time.monotonic()
        # Far from the one before, so that no two share what a cache holds.
        _ask(links[number * 7919 % len(links)])
        times.append(time.monotonic() - sent)
    times.sort()
    print(len(times), times[len(times) * 99 // 100], flush=True)


if __name__ == "__main__":
    hold(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
