"""Releases: a folder a version, prepared once before its first replica; files and secrets of replicas."""

import pathlib
import subprocess

from EndToEnd.harness.ballast import request
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    run:
      command: [ sh, ./start, {python}, {replica} ]
      replicas: {count}
      version: "{version}"
      prepare: [ ./prepare.sh, "${VERSION}" ]
      prepareTimeout: 10s
      keepReleases: 1
      files: { settings: "level = 3", start: { text: "echo $VERSION_IS; exec \\"$@\\"\\n", mode: "0755" } }
      environment: { VERSION_IS: "in ${RELEASE}" }
    health: { http: { path: /healthz }, interval: 100ms, timeout: 90ms, rise: 1 }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""
PREPARE = """\
#!/bin/sh
echo "$1" >> "$SOURCE/prepared"
[ -f "$SOURCE/broken" ] && { echo "no compiler here"; exit 3; }
test "$(cat settings)" = "level = 3" && test "$PWD" = "$RELEASE" && echo "built $VERSION" | tee built
"""


def _write_script(running) -> None:
    script = running.folder / "prepare.sh"
    script.write_text(PREPARE)
    script.chmod(0o755)


def _releases(running) -> list[pathlib.Path]:
    return sorted((running.folder / "state/releases/shop").iterdir())


def _folder_of(pid: int) -> pathlib.Path:
    return pathlib.Path(f"/proc/{pid}/cwd").readlink()


def _prepared(running) -> list[str]:
    return (running.folder / "prepared").read_text().split()


def _events(running, kind: str) -> list[str]:
    return [one["message"] for one in running.get("/v1/events?limit=1000") if one["type"] == kind]


def test_each_version_is_prepared_once_in_a_folder_of_its_own(ballast):
    running = ballast(CONFIGURATION, start=False, count=3, version="1")
    _write_script(running)
    running.start()
    running.wait_for_healthy("shop", 3)
    assert _prepared(running) == ["1"], "once for three replicas"
    (release,) = _releases(running)
    assert (release / "built").read_text() == "built 1\n"
    assert {_folder_of(one["pid"]) for one in running.replicas("shop")} == {release}
    assert (release / "start").stat().st_mode & 0o777 == 0o755
    log = running.run_command("logs", "shop", "--admin", f"127.0.0.1:{running.admin}").stdout
    assert f"in {release}" in log

    # A replica that dies comes back from the folder that is there.
    subprocess.run(["kill", "-9", str(running.replicas("shop")[0]["pid"])], check=True)
    wait_until(lambda: running.replicas("shop")[0]["restarts"] == 1, 10, "its restart")
    running.wait_for_healthy("shop", 3)
    assert _prepared(running) == ["1"]

    for version in ("2", "3"):
        running.write(CONFIGURATION, version=version)
        told = running.run_command("apply", "--admin", f"127.0.0.1:{running.admin}", seconds=60)
        assert told.returncode == 0, told.stderr
    assert _prepared(running) == ["1", "2", "3"]
    assert {_folder_of(one["pid"]) for one in running.replicas("shop")} <= set(_releases(running))
    wait_until(lambda: len(_releases(running)) == 2, 10, "the third, and the one before it, alone")


def test_what_cannot_be_prepared_starts_nothing_and_stops_nothing(ballast):
    running = ballast(CONFIGURATION, start=False, count=2, version="1")
    _write_script(running)
    running.start()
    running.wait_for_healthy("shop", 2)
    before = {one["pid"] for one in running.replicas("shop")}
    (running.folder / "broken").write_text("")
    running.write(CONFIGURATION, version="2")
    running.reload()
    wait_until(lambda: _events(running, "prepare-failed"), 10, "its failure among the events")
    assert "prepare exited with code 3: no compiler here" in _events(running, "prepare-failed")[0]
    assert before <= {one["pid"] for one in running.replicas("shop") if one["state"] == "ready"}
    assert request(running.port, "GET", "/").status == 200
    # Mended, the next try brings it, by itself.
    (running.folder / "broken").unlink()

    def replaced() -> bool:
        replicas = running.replicas("shop")
        return len(replicas) == 2 and not before & {one["pid"] for one in replicas} and all(
            one["state"] == "ready" for one in replicas)

    wait_until(replaced, 40, "the second version")


SECRETS = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    run:
      command: [ sh, -c, 'cat $SECRETS/db > {folder}/seen; echo $TOKEN >> {folder}/seen; exec "$@"', sh, {python}, {replica} ]
      secrets:
        db: { file: ./db }
        TOKEN: { environment: SHOP_TOKEN, as: variable }
    health: { http: { path: /healthz }, interval: 100ms, timeout: 90ms, rise: 1 }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""


def test_secrets_reach_the_replica_and_nothing_else(ballast, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "t0ken-of-the-test")
    running = ballast(SECRETS, start=False)
    (running.folder / "db").write_text("hunter-of-the-test\n")
    running.start()
    running.wait_for_healthy("shop", 1)
    assert (running.folder / "seen").read_text().split() == ["hunter-of-the-test", "t0ken-of-the-test"]
    (replica,) = running.replicas("shop")
    variables = pathlib.Path(f"/proc/{replica['pid']}/environ").read_bytes().split(b"\0")
    folder = pathlib.Path(next(one for one in variables if one.startswith(b"SECRETS="))[8:].decode())
    assert folder.stat().st_mode & 0o777 == 0o700 and folder.stat().st_uid == (running.folder / "seen").stat().st_uid

    shown = [request(running.admin, "GET", path).text for path in (
        "/v1/config", "/v1/services/shop", "/v1/replicas", "/v1/events?limit=1000", "/v1/config/history/1", "/metrics")]
    shown.append(running.output())
    shown.append(pathlib.Path(f"/proc/{replica['pid']}/cmdline").read_bytes().decode())
    shown += [path.read_bytes().decode(errors="replace") for path in (running.folder / "state").rglob("*")
              if path.is_file()]
    for secret in ("hunter-of-the-test", "t0ken-of-the-test"):
        assert not [text for text in shown if secret in text]

    running.stop()
    assert not folder.exists() and not folder.parent.exists()


def test_a_secret_that_is_not_there_is_told_and_found_later(ballast, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "x")
    running = ballast(SECRETS)
    wait_until(lambda: "the secret db cannot be read" in json_text(running), 10, "why it does not start")
    (running.folder / "db").write_text("there\n")
    running.wait_for_healthy("shop", 1, 30)


def json_text(running) -> str:
    return request(running.admin, "GET", "/v1/replicas").text
