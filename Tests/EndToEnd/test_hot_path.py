"""What a request costs, counted rather than timed."""

import pathlib
import subprocess
import sys

from EndToEnd.harness.ballast import binary

ROOT = pathlib.Path(__file__).parents[2]


def test_a_request_takes_no_more_instructions_and_allocations_than_agreed():
    told = subprocess.run(
        [sys.executable, "-m", "Benchmarks.instructions", "--ballast", str(binary())],
        cwd=ROOT, capture_output=True, text=True, timeout=50)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "instructions and" in told.stdout
