import pytest

from EndToEnd.harness.ballast import Ballast
from Attacks.case import Reply
from Attacks.recorder import Recorder
from HTTP2.frames import Link

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", {listener} }
services:
  shop:
    servers: [ "127.0.0.1:{server}" ]
    health: { none: {} }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
log: { access: { path: "{folder}/access.log", format: combined } }
workers: 1
"""


class Shop:
    """Ballast before a server that records what comes, and answers as `reply` says."""

    def __init__(self, folder, listener: str = "http2: true") -> None:
        self.recorder = Recorder()
        self.ballast = Ballast(folder, CONFIGURATION, server=self.recorder.port, listener=listener).start()
        self.port = self.ballast.port
        self.reply()

    def reply(self, raw: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", **more) -> None:
        self.recorder.begin(Reply(raw, **more))

    def link(self, settings: bytes = b"", greet: bool = True) -> Link:
        return Link(self.port, settings, greet)

    def ended(self, reason: str) -> float:
        """How often a connection or a stream was ended for the reason."""
        for line in self.ballast.metrics().splitlines():
            if line.startswith("ballast_http2_ended_total") and f'reason="{reason}"' in line:
                return float(line.split(" ")[-1])
        return 0

    def stop(self) -> None:
        code = self.ballast.stop()
        self.recorder.stop()
        assert code == 0, f"it ended with {code} on SIGTERM:\n{self.ballast.output()}"


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """One for all tests: none of them may leave it in a state in which the next one fails."""
    running = Shop(tmp_path_factory.mktemp("http2"))
    yield running
    running.stop()


@pytest.fixture
def fresh(tmp_path_factory):
    """`fresh(listener)` is one with more keys of the listener."""
    made = []

    def make(listener: str = "") -> Shop:
        keys = ", ".join(["http2: true", listener] if listener else ["http2: true"])
        made.append(Shop(tmp_path_factory.mktemp("http2"), keys))
        return made[-1]

    yield make
    for running in made:
        running.stop()
