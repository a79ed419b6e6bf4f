"""Fixtures for whole programs: Ballast, servers behind it, load in front of it."""

import pathlib
import subprocess
import sys

import pytest

from EndToEnd.harness.ballast import Ballast, binary, wait_for_port
from EndToEnd.harness.load import Load
from EndToEnd.harness.scripted import Scripted
from EndToEnd.harness.waiting import free_port

REPLICA = pathlib.Path(__file__).parent / "harness" / "replica.py"


@pytest.fixture(scope="session")
def ballast_binary() -> str:
    try:
        return binary()
    except FileNotFoundError as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture
def ballast(tmp_path, ballast_binary):
    """`ballast(text, **names)` starts one; each must end cleanly on SIGTERM when the test is over.

    `start=False` only writes the file.
    """
    made: list[Ballast] = []

    def make(configuration: str, start: bool = True, **names) -> Ballast:
        folder = tmp_path / f"ballast-{len(made)}"
        folder.mkdir()
        one = Ballast(folder, configuration, python=sys.executable, replica=REPLICA, **names)
        made.append(one)
        return one.start() if start else one

    yield make
    problems = []
    for one in made:
        if one.process is None:
            continue
        ended_before = one.process.poll()
        try:
            code = one.stop()
        except AssertionError as problem:
            problems.append(str(problem))
            continue
        if ended_before is None and code != 0:
            problems.append(f"it ended with {code} on SIGTERM:\n{one.output()}")
    assert not problems, "\n".join(problems)


class Server:
    """A server behind Ballast that a test starts, freezes and kills by itself."""

    def __init__(self, name: str) -> None:
        self.name, self.port = name, free_port()
        self.process: subprocess.Popen | None = None
        self.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(REPLICA), str(self.port), self.name], stdout=subprocess.DEVNULL)
        wait_for_port(self.port)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def servers():
    """`servers("a", "b")` starts servers of these names."""
    made: list[Server] = []

    def make(*names: str) -> list[Server]:
        fresh = [Server(name) for name in names]
        made.extend(fresh)
        return fresh

    yield make
    for server in made:
        server.kill()


@pytest.fixture
def load():
    """`load(port, seconds)` starts wrk in the background."""
    made: list[Load] = []

    def make(port: int, seconds: int, **options) -> Load:
        made.append(Load(port, seconds, **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def scripted():
    """`scripted(script)` starts a server whose connections do what the script says."""
    made: list[Scripted] = []

    def make(script) -> Scripted:
        made.append(Scripted(script))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def stopped():
    """What is to be stopped in the end."""
    made: list = []
    yield lambda one: made.append(one) or one
    for one in made:
        one.stop()
