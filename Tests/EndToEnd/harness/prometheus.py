"""Prometheus, scraping one Ballast, and asked as a dashboard asks."""

import http.client
import json
import pathlib
import subprocess
import urllib.parse

from EndToEnd.harness.ballast import request
from EndToEnd.harness.waiting import free_port, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
RULES = ROOT / "share/prometheus/ballast.rules.yml"
DASHBOARDS = sorted((ROOT / "share/grafana").glob("*.json"))

CONFIGURATION = """\
global: {{ scrape_interval: {interval}, scrape_timeout: {interval}, evaluation_interval: {interval} }}
rule_files: [ {rules} ]
scrape_configs:
  - job_name: ballast
    static_configs: [ {{ targets: [ "127.0.0.1:{admin}" ] }} ]
"""


class Prometheus:
    def __init__(self, folder: pathlib.Path, admin: int, interval: str) -> None:
        self.port = free_port()
        folder.mkdir()
        file = folder / "prometheus.yml"
        file.write_text(CONFIGURATION.format(interval=interval, admin=admin, rules=RULES))
        self.log = folder / "prometheus.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--enable-feature=exemplar-storage", "--log.level=warn"],
                stdout=log, stderr=log)
        wait_until(self._is_ready, 30, f"Prometheus\n{self.log.read_text()}")

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return request(self.port, "GET", "/-/ready", seconds=2).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def _ask(self, path: str, **words: object) -> object:
        answer = request(self.port, "GET", f"/api/v1/{path}?{urllib.parse.urlencode(words)}").json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression: str, at: float) -> dict[frozenset[tuple[str, str]], float]:
        """Values by labels, as of a moment in seconds since 1970."""
        found = self._ask("query", query=expression, time=at)["result"]
        return {frozenset(one["metric"].items()): float(one["value"][1]) for one in found}

    def value(self, expression: str, at: float) -> float:
        found = self.query(expression, at)
        assert len(found) == 1, f"{expression}: {found}"
        return next(iter(found.values()))

    def exemplars(self, expression: str, start: float, end: float) -> list[dict]:
        found = self._ask("query_exemplars", query=expression, start=start, end=end)
        return [example for series in found for example in series["exemplars"]]

    def targets(self) -> list[dict]:
        return self._ask("targets")["activeTargets"]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
