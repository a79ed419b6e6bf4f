"""Honest clients: requests at times of their own (Benchmarks/openloop.c), whatever becomes of the others."""

import pathlib
import subprocess

from EndToEnd.harness.ballast import ROOT

TIMEOUT_MILLISECONDS = 5000


def compile_program(name: str, folder: pathlib.Path) -> pathlib.Path:
    """One of those in Benchmarks: what is slow by itself would be taken for Ballast's doing."""
    program = folder / name
    subprocess.run(["cc", "-O2", "-o", program, ROOT / f"Benchmarks/{name}.c", "-lm"], check=True)
    return program


class Honest:
    """Begins at once. `failed` are those without a 200, `p99` is in milliseconds."""

    def __init__(self, program: pathlib.Path, port: int, rate: int, seconds: float) -> None:
        self.seconds = seconds
        self.process = subprocess.Popen(
            [program, str(port), str(rate), str(seconds), str(TIMEOUT_MILLISECONDS), "1"], stdout=subprocess.PIPE, text=True)
        self.times: list[float] = []
        self.failed: list[str] = []

    def finish(self) -> "Honest":
        told, _ = self.process.communicate(timeout=self.seconds + 30)
        for line in told.splitlines():
            due, took, status, _ = line.split()
            if status == "200":
                self.times.append(float(took))
            else:
                self.failed.append(f"{status} at {due} s")
        self.times.sort()
        return self

    @property
    def p99(self) -> float:
        return self.times[len(self.times) * 99 // 100]
