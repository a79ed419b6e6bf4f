"""Ballast before servers of HTTP/2, for a test of its own."""

import pytest

from EndToEnd.harness.frames import FrameServer
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Scripted, connect
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    protocol: http2
    servers: [{servers}]
    health: { none: {} }
    balance: round-robin
    {more}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"


@pytest.fixture
def shop(ballast):
    """`shop(*requests, more="…")` is Ballast before a server for each; no request may be under way in the
    end, and the engine must be the one that started."""
    made = []

    def make(*requests, more: str = "", **options):
        servers = [one if isinstance(one, Scripted) else FrameServer(one, **options) for one in requests]
        names = ", ".join(f'"127.0.0.1:{server.port}"' for server in servers)
        running = ballast(CONFIGURATION, servers=names, more=more)
        made.append((running, running.engine_pid(), servers))
        return running, *servers

    yield make
    for running, engine, servers in made:
        wait_until(lambda one=running: busy(one) == 0, 10, "nothing under way and nothing queued")
        assert running.engine_pid() == engine
        running.stop()
        for server in servers:
            server.stop()


def busy(running) -> float:
    metrics = Metrics(running.metrics())
    return metrics.sum("ballast_server_inflight") + metrics.sum("ballast_queue_length")


def cut_after(port: int, target: str = "/") -> bytes:
    """What a client gets of an answer until its connection ends, be it by a reset."""
    link = connect(port)
    link.send(GET.replace(b"/ ", target.encode() + b" "))
    link.socket.settimeout(10)
    received = b""
    try:
        while data := link.socket.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    link.close()
    return received
