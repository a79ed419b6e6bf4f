import pytest

from Attacks import proxy
from Attacks.recorder import Recorder


def pytest_addoption(parser):
    parser.addoption(
        "--proxy", choices=["ballast", "haproxy", "nginx"], default="ballast",
        help="what the attacks are sent to; the peers are there to compare with, and fail some")


@pytest.fixture(scope="session")
def recorder():
    server = Recorder()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def target(request, recorder, tmp_path_factory):
    running = proxy.start(request.config.getoption("--proxy"), tmp_path_factory.mktemp("proxy"), recorder.port)
    yield running
    running.stop()
