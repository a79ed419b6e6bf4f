"""Clients that want to hurt: `attackers.py PORT KIND COUNT SECONDS`, many in one process.

head, body, reader: COUNT connections, each of which sends (or reads) one byte a second until it is closed.
flood: connections as fast as they come, COUNT at most open, each opened anew when it is closed. idle: COUNT
connections that say nothing. All come from addresses of their own, 127.1.0.1 and so on, up to 200 from each.

Prints `open` when all were opened once, and SECONDS later, or when none is left, a line of JSON.
"""

import dataclasses
import errno
import json
import resource
import select
import socket
import sys
import time

AN_ADDRESS = 200
STEP_SECONDS = 1.0
OPENING_SECONDS = 60.0
A_BURST = 200
MOST_PENDING = 500
# Of linux/in.h; Python has no name for it yet.
IP_BIND_ADDRESS_NO_PORT = 24
FIRST = {
    "head": b"GET / HTTP/1.1\r\nHost: shop\r\nX-Slow: ",
    "body": b"POST /slow HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000000\r\n\r\n",
    "reader": b"GET /m HTTP/1.1\r\nHost: shop\r\n\r\n",
    "flood": b"",
    "idle": b"",
}


@dataclasses.dataclass
class Link:
    socket: socket.socket
    begun: float
    # It stands, and the first bytes were sent.
    stands: bool = False


class Attackers:
    def __init__(self, port: int, kind: str, count: int) -> None:
        self.port, self.kind, self.count = port, kind, count
        self.addresses = -(-count // AN_ADDRESS)
        self.poller = select.epoll()
        self.links: dict[int, Link] = {}
        self.opened = self.refused = self.closed = self.pending = 0
        self.longest = 0.0

    def run(self, seconds: float) -> None:
        end, step, told = time.monotonic() + OPENING_SECONDS, time.monotonic() + STEP_SECONDS, False
        while time.monotonic() < end:
            again = self.kind == "flood"
            for _ in range(A_BURST):
                # More at once would only fill the kernel's queue, and wait for seconds there.
                if len(self.links) >= self.count or (self.opened >= self.count and not again) or self.pending >= MOST_PENDING:
                    break
                self.open()
            if not told and self.opened >= self.count and (self.pending == 0 or again):
                told, end = True, time.monotonic() + seconds
                print("open", flush=True)
            for number, events in self.poller.poll(0.005, 1000):
                if number in self.links:
                    self.look(number, events)
            if time.monotonic() >= step and FIRST[self.kind]:
                step += STEP_SECONDS
                for number in list(self.links):
                    self.dribble(number)
            if told and not self.links and not again:
                break

    def open(self) -> None:
        self.opened += 1
        link = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        if self.kind == "reader":
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # The port is chosen with the target, or one address would not have enough of them.
        link.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        try:
            link.bind((f"127.1.0.{self.opened % self.addresses + 1}", 0))
            link.connect(("127.0.0.1", self.port))
        except BlockingIOError:
            pass
        except OSError as problem:
            link.close()
            if problem.errno not in (errno.EADDRNOTAVAIL, errno.ECONNREFUSED):
                raise
            self.refused += 1
            return
        self.links[link.fileno()] = Link(link, time.monotonic())
        self.pending += 1
        # Edge-triggered: what a slow reader leaves unread is told once.
        self.poller.register(link.fileno(), select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET)

    def look(self, number: int, events: int) -> None:
        link = self.links[number]
        try:
            if events & (select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP):
                self.gone(number)
            elif events & select.EPOLLOUT and not link.stands:
                link.stands, link.begun = True, time.monotonic()
                self.pending -= 1
                if FIRST[self.kind]:
                    link.socket.send(FIRST[self.kind])
        except BlockingIOError:
            pass
        except OSError:
            self.gone(number)

    def dribble(self, number: int) -> None:
        link = self.links[number]
        if not link.stands:
            return
        try:
            if self.kind != "reader":
                link.socket.send(b"a")
            elif link.socket.recv(1) == b"":
                self.gone(number)
        except BlockingIOError:
            pass
        except OSError:
            self.gone(number)

    def gone(self, number: int) -> None:
        link = self.links.pop(number)
        self.closed += 1
        self.pending -= not link.stands
        self.longest = max(self.longest, time.monotonic() - link.begun)
        link.socket.close()


def main() -> None:
    port, kind, count, seconds = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    attackers = Attackers(port, kind, count)
    attackers.run(seconds)
    print(json.dumps({"opened": attackers.opened, "refused": attackers.refused, "closed": attackers.closed,
                      "left": len(attackers.links), "longest": attackers.longest}), flush=True)


if __name__ == "__main__":
    main()
