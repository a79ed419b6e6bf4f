"""A new engine takes over while clients of HTTP/2 ask: none of them sees a request fail."""

import os
import threading
import time

from EndToEnd.harness.waiting import wait_until
from HTTP2.frames import DATA, END_STREAM, GOAWAY, NO_ERROR, Closed, Link, get, headers

UPGRADES = 10 if os.environ.get("BALLAST_FULL") else 3
STREAMS = 10


class Asking(threading.Thread):
    """Ten streams at a time, on one connection until it says GOAWAY, then on the next one."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.answered, self.connections = port, 0, 0
        self.failures: list[str] = []
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.is_set():
            try:
                with Link(self.port) as link:
                    self.connections += 1
                    self._ask(link)
            except (AssertionError, OSError, Closed) as problem:
                self.failures.append(repr(problem))

    def _ask(self, link: Link) -> None:
        stream, said_goodbye = 1, False
        while not self.ending.is_set() and not said_goodbye:
            link.deadline = time.monotonic() + 10
            asked = set(range(stream, stream + 2 * STREAMS, 2))
            link.send(*[headers(one, get(f"/after/{one}")) for one in sorted(asked)])
            stream += 2 * STREAMS
            while asked:
                found = link.next()
                if found.kind == GOAWAY:
                    assert found.code == NO_ERROR, found
                    said_goodbye = True
                if found.kind == DATA and found.flags & END_STREAM:
                    assert link.answers[found.stream][":status"] == "200"
                    asked.discard(found.stream)
                    self.answered += 1


def _went_on(clients: list[Asking], before: list[int]) -> bool:
    return all(client.answered >= count + 50 for client, count in zip(clients, before))


def test_no_request_fails_over_upgrades(fresh):
    shop = fresh()
    clients = [Asking(shop.port) for _ in range(2)]
    for client in clients:
        client.start()
    engines = {shop.ballast.engine_pid()}
    for _ in range(UPGRADES):
        done = shop.ballast.run_command("upgrade", "--admin", f"http://127.0.0.1:{shop.ballast.admin}", seconds=40)
        assert done.returncode == 0, done.stderr + done.stdout
        engines.add(shop.ballast.engine_pid())
        before = [client.answered for client in clients]
        wait_until(lambda: _went_on(clients, before), 10, "requests go on")
    for client in clients:
        client.ending.set()
    for client in clients:
        client.join(20)
    assert len(engines) == UPGRADES + 1
    assert [client.failures for client in clients] == [[], []]
    assert all(client.connections > UPGRADES for client in clients)
