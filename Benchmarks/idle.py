"""Idle keep-alive connections: what one of them costs in resident memory.

Run as a program it is the client: `python3 -m Benchmarks.idle PORT COUNT SOURCE` opens the
connections, one request each, says `open`, and holds them until its input ends.
"""

import dataclasses
import socket
import subprocess
import sys

from Benchmarks.proxies import Proxy

# A process may hold few descriptors, so several share the work, each from an address of its own.
A_CLIENT = 5000
REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n"
ANSWER_SECONDS = 10


@dataclasses.dataclass(frozen=True)
class IdleCost:
    connections: int
    empty: int
    full: int

    @property
    def bytes_each(self) -> float:
        return (self.full - self.empty) / self.connections


def measure(proxy: Proxy, connections: int) -> IdleCost:
    """The proxy must be fresh: memory that load has left behind would hide the cost."""
    empty = proxy.tree.resident_bytes()
    clients = []
    try:
        for number, first in enumerate(range(0, connections, A_CLIENT)):
            count = min(A_CLIENT, connections - first)
            command = [sys.executable, "-m", "Benchmarks.idle", str(proxy.port), str(count), f"127.0.1.{number + 1}"]
            client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            clients.append(client)
            said = client.stdout.readline().strip()
            if said != "open":
                raise SystemExit(f"{proxy.name}: only some of {connections} idle connections: {said}\n{proxy.output()}")
        return IdleCost(connections, empty, proxy.tree.resident_bytes())
    finally:
        for client in clients:
            client.communicate()


def hold(port: int, count: int, source: str) -> None:
    links = []
    for number in range(count):
        try:
            link = socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS, source_address=(source, 0))
            link.sendall(REQUEST)
            got = b""
            while len(got.partition(b"\r\n\r\n")[2]) < 1024:
                more = link.recv(4096)
                if not more:
                    raise OSError("closed before the answer's end")
                got += more
        except OSError as error:
            print(f"connection {number}: {error}", flush=True)
            return
        links.append(link)
    print("open", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    hold(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
