"""Ballast as a user starts it: the release binary, a configuration file, signals, the admin API."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
from typing import Any

from EndToEnd.harness.waiting import free_port, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
START_SECONDS, STOP_SECONDS = 15, 20


def binary() -> str:
    found = os.environ.get("BALLAST", str(ROOT / ".build/release/ballast"))
    if not os.access(found, os.X_OK):
        raise FileNotFoundError(f"there is no {found}: run `make build`, or name the binary in BALLAST")
    return found


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


def request(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None,
    seconds: float = 10,
) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


class Ballast:
    """`port` is the listener's, `admin` the admin API's; the configuration names both by
    `{port}` and `{admin}`, and its folder by `{folder}`. Other words come from `names`."""

    def __init__(self, folder: pathlib.Path, configuration: str, **names: Any) -> None:
        self.folder = folder
        self.port, self.admin = free_port(), free_port()
        self.names = names
        self.file = folder / "ballast.yaml"
        self.output_file = folder / "output.txt"
        self.process: subprocess.Popen | None = None
        self.write(configuration)

    def write(self, configuration: str, **names: Any) -> None:
        """Puts another configuration in place of the one that is there, as an editor does."""
        self.names |= names
        for word, value in {"port": self.port, "admin": self.admin, "folder": self.folder, **self.names}.items():
            configuration = configuration.replace("{" + word + "}", str(value))
        draft = self.file.with_suffix(".new")
        draft.write_text(configuration)
        draft.rename(self.file)

    def start(self, wait: bool = True) -> "Ballast":
        with self.output_file.open("ab") as output:
            self.process = subprocess.Popen(
                [binary(), "run", str(self.file)], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        if wait:
            wait_until(self.is_ready, START_SECONDS, f"ready\n{self.output()}")
        return self

    def is_ready(self) -> bool:
        assert self.process is not None
        code = self.process.poll()
        assert code is None, f"Ballast ended with {code}:\n{self.output()}"
        try:
            return request(self.admin, "GET", "/readyz", seconds=2).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # The session is its own, so this ends what it started and nothing else.
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise AssertionError(f"SIGTERM did not stop it within {STOP_SECONDS} s:\n{self.output()}") from None

    def reload(self) -> None:
        """SIGHUP; who wants to know when it is done waits for what it changes."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def reload_and_wait(self) -> None:
        """Returns once the file that is there is in use."""
        last = self.get("/v1/events?limit=10000")[-1]["id"]
        self.reload()

        def is_taken() -> bool:
            return any(event["type"] == "config-reloaded" for event in self.get(f"/v1/events?limit=1000&after={last}"))

        wait_until(is_taken, 10, "the reload")

    def output(self) -> str:
        return self.output_file.read_text(errors="replace") if self.output_file.exists() else ""

    # The admin API.

    def get(self, path: str) -> Any:
        answer = request(self.admin, "GET", path)
        assert answer.status == 200, f"GET {path}: {answer.status} {answer.text}"
        return answer.json()

    def change(self, method: str, path: str, body: Any) -> Any:
        answer = request(
            self.admin, method, path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        assert answer.status in (200, 201, 202), f"{method} {path}: {answer.status} {answer.text}"
        return answer.json()

    def metrics(self) -> str:
        return request(self.admin, "GET", "/metrics").text

    def engine_pid(self) -> int:
        return self.get("/v1/status")["pid"]

    def server(self, service: str, name: str) -> dict[str, Any]:
        return self.get(f"/v1/servers/{service}/{name}")

    def replicas(self, service: str) -> list[dict[str, Any]]:
        return [replica for replica in self.get("/v1/replicas") if replica["service"] == service]

    def wait_for_healthy(self, service: str, count: int, seconds: float = 15) -> None:
        def healthy() -> bool:
            return self.get(f"/v1/services/{service}")["service"]["healthy"] == count

        wait_until(healthy, seconds, f"{count} healthy servers of {service}")

    def run_command(self, *words: str, seconds: float = 20) -> subprocess.CompletedProcess:
        """A command of the same binary, such as `check FILE`."""
        return subprocess.run(
            [binary(), *words], cwd=self.folder, capture_output=True, text=True, timeout=seconds)


def wait_for_port(port: int, seconds: float = START_SECONDS) -> float:
    """When a connection was taken, on the monotonic clock."""

    def accepts() -> float:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return time.monotonic()
        except OSError:
            return 0

    return wait_until(accepts, seconds, f"a listener on {port}")
