"""What a request costs, counted rather than timed."""

import pathlib
import subprocess
import sys

import pytest

from EndToEnd.harness.ballast import binary

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize("kind", ["http1", "http1-traces", "tls", "http2", "http2-tls", "http2-servers"])
def test_a_request_takes_no_more_instructions_and_allocations_than_agreed(kind):
    told = subprocess.run(
        [sys.executable, "-m", "Benchmarks.instructions", "--ballast", str(binary()), "--kind", kind],
        cwd=ROOT, capture_output=True, text=True, timeout=50)
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{kind}: " in told.stdout
