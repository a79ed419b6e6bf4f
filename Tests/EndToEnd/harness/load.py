"""wrk in the background, and what it says of errors."""

import re
import subprocess


class Load:
    """Begins at once; `finish` waits for its end, `failed` counts what a user would have noticed."""

    def __init__(self, port: int, seconds: int, connections: int = 16, path: str = "/") -> None:
        self.seconds = seconds
        self.process = subprocess.Popen(
            ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", f"http://127.0.0.1:{port}{path}"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.told = ""

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def finish(self) -> "Load":
        self.told, _ = self.process.communicate(timeout=self.seconds + 30)
        assert self.process.returncode == 0, self.told
        return self

    def stop(self) -> None:
        if self.is_running:
            self.process.kill()
        if not self.process.stdout.closed:
            self.process.communicate()

    @property
    def requests(self) -> int:
        found = re.search(r"(\d+) requests in", self.told)
        return int(found.group(1)) if found else 0

    @property
    def mean_seconds(self) -> float:
        """Of the requests' latency."""
        found = re.search(r"Latency\s+([\d.]+)(us|ms|s)\b", self.told)
        assert found, self.told
        return float(found.group(1)) * {"us": 1e-6, "ms": 1e-3, "s": 1}[found.group(2)]

    @property
    def failed(self) -> int:
        errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", self.told)
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", self.told)
        return sum(map(int, errors.groups() if errors else ())) + (int(refused.group(1)) if refused else 0)
