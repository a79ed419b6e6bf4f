"""Fixtures for the command line alone; `ballast_binary` comes from the folder above."""

import os
import subprocess
import tempfile

import pytest

from EndToEnd.cli.fake_admin import FakeAdmin

# A command that hangs fails its test after this long.
DEADLINE_SECONDS = 20


def environment(**variables):
    kept = {"PATH": os.environ["PATH"], "TZ": "UTC", "LANG": "C.UTF-8"}
    return kept | variables


@pytest.fixture
def admin():
    # The path of a socket is short; that of a test's own folder may not be.
    with tempfile.TemporaryDirectory(prefix="ballast-") as folder:
        fake = FakeAdmin(folder)
        yield fake
        fake.close()


@pytest.fixture
def cli(tmp_path, ballast_binary):
    """Runs the binary without a terminal; answers status, output, messages."""

    def run(*words, env=None, cwd=tmp_path):
        return subprocess.run(
            [ballast_binary, *words], capture_output=True, text=True, cwd=cwd,
            env=environment(**(env or {})), timeout=DEADLINE_SECONDS, stdin=subprocess.DEVNULL)

    return run


@pytest.fixture
def ask(admin, cli):
    """Runs the binary against the fake."""

    def run(*words, **more):
        return cli(*words, "--admin", admin.url, **more)

    return run
