"""What `import` writes is a configuration that runs."""

import sys

from EndToEnd.conftest import REPLICA
from EndToEnd.harness.ballast import request

COMPOSE = """\
services:
  web:
    command: [ {python}, {replica} ]
    ports: [ "127.0.0.1:{port}:3000" ]
    environment: [ "LEVEL=debug" ]
    healthcheck: { test: [ CMD, curl, "http://localhost:3000/healthz" ], interval: 200ms }
    deploy: { replicas: 2 }
    depends_on: [ nothing ]
"""
ENDING = """\
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
"""


def test_a_compose_file_becomes_a_running_service(ballast):
    running = ballast("", start=False)
    words = {"{python}": sys.executable, "{replica}": str(REPLICA), "{port}": str(running.port)}
    text = COMPOSE
    for word, value in words.items():
        text = text.replace(word, value)
    (running.folder / "docker-compose.yml").write_text(text)
    imported = running.run_command("import", "docker-compose.yml")
    assert imported.returncode == 0, imported.stderr
    assert "docker-compose.yml:8:5: warning: 'depends_on' is not carried over" in imported.stderr
    strict = running.run_command("import", "docker-compose.yml", "--strict")
    assert strict.returncode == 1 and strict.stdout == imported.stdout
    running.write(imported.stdout + ENDING)
    assert running.run_command("check", str(running.file)).returncode == 0
    running.start()
    running.wait_for_healthy("web", 2)
    assert request(running.port, "GET", "/").text.startswith("web-")


def test_a_procfile_becomes_running_services(ballast):
    running = ballast("", start=False)
    (running.folder / "Procfile").write_text(
        f"web: {sys.executable} {REPLICA} $PORT proc\nworker: while :; do sleep 0.2; done\n")
    imported = running.run_command("import", "Procfile")
    assert imported.returncode == 0 and imported.stderr == ""
    running.write(imported.stdout.replace(":8080", f"127.0.0.1:{running.port}") + ENDING)
    running.start()
    running.wait_for_healthy("web", 1)
    running.wait_for_healthy("worker", 1)
    assert request(running.port, "GET", "/").text.startswith("proc ")


def test_what_is_neither_is_refused(ballast):
    running = ballast("", start=False)
    (running.folder / "notes.txt").write_text("just a text\n")
    refused = running.run_command("import", "notes.txt")
    assert refused.returncode == 1 and refused.stdout == ""
    assert "notes.txt:1:1: error: the file must be a map, not text" in refused.stderr
    assert running.run_command("import", "nothing").returncode == 1
