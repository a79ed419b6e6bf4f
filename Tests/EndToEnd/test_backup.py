"""Backups: made while it runs, tried out by themselves, and restored under load."""

import hashlib
import json
import os
import pathlib
import pty
import signal
import sqlite3
import stat
import subprocess
import time

import pytest

from EndToEnd.harness.ballast import binary, request
from EndToEnd.harness.waiting import wait_until

FULL = os.environ.get("BALLAST_FULL") == "1"
RESTORE_SECONDS = 30

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    servers:
      - { name: a, address: "{a}" }
      - { name: b, address: "{b}" }
    balance: round-robin
    health: { tcp: {}, interval: 200ms }
    run: { command: [ "{python}", "{replica}" ], replicas: 1 }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state"{backup} }
log: { level: "${LEVEL:-info}" }
workers: 1
"""


def _start(ballast, servers, backup: str = ""):
    a, b = servers("a", "b")
    running = ballast(CONFIGURATION, a=a.address, b=b.address, backup=backup)
    running.wait_for_healthy("shop", 3)
    return running


def _change(running) -> None:
    """What operators set, of every kind."""
    running.change("PUT", "/v1/servers/shop/a", {"weight": 3})
    running.change("PUT", "/v1/servers/shop/b", {"state": "draining"})
    running.change("POST", "/v1/services/shop/scale", {"replicas": 2})
    running.change("POST", "/v1/bans", {"address": "203.0.113.0/24", "reason": "a test"})


def _what_was_set(running) -> tuple:
    return (
        running.server("shop", "a")["weight"], running.server("shop", "b")["state"],
        running.get("/v1/services/shop")["service"]["replicas"]["desired"],
        [ban["address"] for ban in running.get("/v1/bans")])


SET = (3, "draining", 2, ["203.0.113.0/24"])
UNSET = (1, "ready", 1, [])


def _command(running, *words: str, code: int = 0, seconds: float = 60):
    done = running.run_command(*words, "--admin", f"http://127.0.0.1:{running.admin}", seconds=seconds)
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def _backup(running, name: str = "one.backup") -> pathlib.Path:
    file = running.folder / name
    _command(running, "backup", str(file))
    return file


def _rows(file: pathlib.Path) -> dict[str, str]:
    """A hash of what each table of a state has, but for the audit log, which goes on over a restore."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        sums = {}
        for (table,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'audit%' ORDER BY name"):
            rows = sorted(map(repr, database.execute(f'SELECT * FROM "{table}"')))
            sums[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return sums


def test_a_backup_is_one_file_that_is_nobody_elses_and_has_nothing_expanded(ballast, servers):
    running = _start(ballast, servers)
    _change(running)
    file = _backup(running)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in running.folder.iterdir() if "partial" in path.name] == []
    first, second, rest = file.read_bytes().split(b"\n", 2)
    manifest = json.loads(second)
    assert first == b"ballast-backup 1" and manifest["configuration"][0]["path"] == str(running.file)
    assert running.file.read_bytes() in rest and b"${LEVEL:-info}" in rest
    assert {table["name"] for table in manifest["tables"]} >= {"events", "faults", "server_overrides", "settings"}
    said = json.loads(_command(running, "backup", str(file), "-o", "json").stdout)
    assert said["rows"] == sum(table["rows"] for table in said["tables"]) > 0
    answer = request(running.admin, "GET", "/v1/backup")
    assert answer.status == 200 and answer.body.startswith(b"ballast-backup 1\n")
    assert not list((running.folder / "state").glob(".*")), "copies are gone"


def test_a_restore_shows_asks_and_can_be_undone_while_traffic_goes_on(ballast, servers, load):
    running = _start(ballast, servers)
    _change(running)
    file = _backup(running)
    running.change("PUT", "/v1/servers/shop/a", {"weight": 1})
    running.change("PUT", "/v1/servers/shop/b", {"state": "ready"})
    running.change("POST", "/v1/services/shop/scale", {"replicas": 1})
    running.change("DELETE", "/v1/bans/203.0.113.0%2F24", {})
    assert _what_was_set(running) == UNSET
    wrk = load(running.port, 6)
    plan = json.loads(_command(running, "restore", str(file), "--dry-run", "-o", "json").stdout)
    overrides = next(table for table in plan["tables"] if table["name"] == "server_overrides")
    assert (overrides["rowsNow"], overrides["rows"], plan["dryRun"]) == (1, 2, True)
    refused = _command(running, "restore", str(file), code=1)
    assert "--yes" in refused.stderr and "server_overrides" in refused.stderr
    assert _what_was_set(running) == UNSET
    done = json.loads(_command(running, "restore", str(file), "--yes", "-o", "json").stdout)
    assert _what_was_set(running) == SET and done["duration"] < RESTORE_SECONDS
    wait_until(lambda: len(running.replicas("shop")) == 2, 10, "the second replica again")
    undone = json.loads(_command(running, "restore", done["kept"], "--yes", "-o", "json").stdout)
    assert _what_was_set(running) == UNSET
    assert wrk.finish().failed == 0, wrk.told
    types = [event["type"] for event in running.get("/v1/events")]
    assert types.count("state-restored") == 1, "the restored state knows of its own restore alone"
    # What the restored state says holds for the next Ballast as well.
    _command(running, "restore", undone["kept"], "--yes")
    assert running.stop() == 0
    running.start()
    assert _what_was_set(running) == SET


def _asked(running, file: pathlib.Path, answer: bytes) -> tuple[int, str]:
    """What a person on a terminal sees, who answers so."""
    leader, follower = pty.openpty()
    command = [binary(), "restore", str(file), "--admin", f"http://127.0.0.1:{running.admin}"]
    with subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower) as process:
        os.close(follower)
        text = b""
        while b"[y/N] " not in text:
            text += os.read(leader, 4096)
        os.write(leader, answer)
        while True:
            try:
                text += os.read(leader, 4096)
            except OSError:
                break
    os.close(leader)
    return process.returncode, text.decode()


def test_on_a_terminal_it_asks_and_only_a_yes_restores(ballast, servers):
    running = _start(ballast, servers)
    file = _backup(running)
    _change(running)
    for answer in (b"n\n", b"\n"):
        code, said = _asked(running, file, answer)
        assert code == 1 and "nothing was restored" in said and "server_overrides" in said
        assert _what_was_set(running) == SET
    code, said = _asked(running, file, b"y\n")
    assert code == 0 and "are in use" in said and _what_was_set(running) == UNSET


def test_damage_is_named_and_nothing_is_restored(ballast, servers):
    running = _start(ballast, servers)
    _change(running)
    file = _backup(running)
    whole = file.read_bytes()
    middle = len(whole) // 2
    file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:])
    assert "the database is damaged" in _command(running, "restore", str(file), "--yes", code=1).stderr
    # An engine trusts no client: the same file past the command.
    begun = running.change("POST", "/v1/restores", {})
    path = f"/v1/restores/{begun['id']}"
    assert request(running.admin, "PUT", f"{path}/content?offset=0", file.read_bytes()).status == 200
    assert request(running.admin, "PUT", f"{path}/content?offset=0", b"again").status == 409
    answer = request(running.admin, "POST", path, b"{}")
    assert answer.status == 422 and "the database is damaged" in answer.json()["error"]["message"]
    assert request(running.admin, "DELETE", path).status == 200
    later = whole.replace(b'"schema":', b'"schema":9', 1)
    file.write_bytes(later)
    assert "checksum of the whole file" in _command(running, "restore", str(file), "--yes", code=1).stderr
    assert _what_was_set(running) == SET


@pytest.mark.parametrize("how", ["deleted", "garbage"])
@pytest.mark.parametrize("killed", [False, True])
def test_drill_a_state_destroyed_under_load_is_back_within_seconds(ballast, servers, load, how, killed):
    running = _start(ballast, servers)
    _change(running)
    for number in range(1000 if FULL else 50):
        running.change("PUT", "/v1/servers/shop/a", {"weight": 4 + number % 2})
    running.change("PUT", "/v1/servers/shop/a", {"weight": 3})
    file = _backup(running)
    database = running.folder / "state/ballast.db"
    wrk = load(running.port, 15 if FULL else 8)
    if how == "deleted":
        for path in database.parent.glob("ballast.db*"):
            path.unlink()
    else:
        for path in (database, database.with_name("ballast.db-wal")):
            with path.open("r+b") as there:
                there.write(os.urandom(path.stat().st_size))
    if killed:
        former = running.engine_pid()
        os.kill(former, signal.SIGKILL)

        def is_back() -> bool:
            try:
                return running.engine_pid() != former
            except (OSError, AssertionError):
                return False

        wait_until(is_back, 10, "the next engine")
        assert _what_was_set(running) != SET
    began = time.monotonic()
    done = json.loads(_command(running, "restore", str(file), "--yes", "-o", "json").stdout)
    seconds = time.monotonic() - began
    assert _what_was_set(running) == SET and seconds <= RESTORE_SECONDS
    wrk.finish()
    # What a killed engine held is lost with it: a request for each of wrk's connections.
    assert wrk.failed <= (16 if killed else 0), wrk.told
    # Equal by hash: row for row what the backup has, in all tables that only operators change.
    then = {table["name"]: table for table in json.loads(file.read_bytes().split(b"\n", 2)[1])["tables"]}
    again = _backup(running, "again.backup")
    now = {table["name"]: table for table in json.loads(again.read_bytes().split(b"\n", 2)[1])["tables"]}
    for table in ("server_overrides", "replica_counts"):
        assert now[table]["sha256"] == then[table]["sha256"] and now[table]["rows"] > 0
    assert {table["name"]: table["sha256"] for table in done["tables"] if table["rows"] is not None} == {
        name: table["sha256"] for name, table in then.items()}
    assert running.stop() == 0
    _command_offline(running, "restore", str(file), "--state", str(database.parent), "--yes")
    restored = _rows(database)
    size = file.stat().st_size
    offset = size - 73 - sum(part["content"]["bytes"] for part in _manifest(file)["configuration"])
    copy = running.folder / "copy.db"
    copy.write_bytes(file.read_bytes()[offset - _manifest(file)["database"]["bytes"]:offset])
    assert restored == _rows(copy), "every row of every table"
    print(
        f"\nstate {how} under {wrk.requests} requests{', engine killed' if killed else ''}: restored in "
        f"{seconds:.2f} s (replaced in {done['duration'] * 1000:.0f} ms), {wrk.failed} failed, "
        f"{sum(table['rows'] for table in then.values())} rows equal by hash")
    running.start()
    assert _what_was_set(running) == SET


def _manifest(file: pathlib.Path) -> dict:
    return json.loads(file.read_bytes().split(b"\n", 2)[1])


def _command_offline(running, *words: str, code: int = 0):
    done = running.run_command(*words)
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def test_a_state_in_use_is_refused_and_a_resting_one_restored(ballast, servers, tmp_path):
    running = _start(ballast, servers)
    _change(running)
    file = _backup(running)
    state = running.folder / "state"
    assert "in use by process" in _command_offline(
        running, "restore", str(file), "--state", str(state), "--yes", code=1).stderr
    assert "is `ballast run` running?" in running.run_command(
        "restore", str(file), "--yes", "--admin", "http://127.0.0.1:1").stderr
    assert running.stop() == 0
    for path in state.glob("ballast.db*"):
        path.unlink()
    dry = _command_offline(running, "restore", str(file), "--state", str(state), "--dry-run").stdout
    assert "server_overrides" in dry and not (state / "ballast.db").exists()
    _command_offline(running, "restore", str(file), "--state", str(state), "--yes")
    assert stat.S_IMODE((state / "ballast.db").stat().st_mode) == 0o600
    running.start()
    assert _what_was_set(running) == SET
    _command_offline(running, "restore", str(file), "--configuration", str(tmp_path / "then"))
    assert (tmp_path / "then/ballast.yaml").read_text() == running.file.read_text()


def test_the_schedule_makes_tries_and_keeps(ballast, servers):
    running = _start(ballast, servers, backup=", backup: { every: 1s, keep: 2 }")
    folder = running.folder / "state/backups"
    names: set[str] = set()

    def made() -> bool:
        names.update(backup["name"] for backup in running.get("/v1/backups"))
        return len(names) >= 4

    wait_until(made, 15, "four backups")
    assert len(running.get("/v1/backups")) <= 3 and len(list(folder.glob("ballast-*.backup"))) <= 3
    status = running.get("/v1/status")["backup"]
    assert status["lastSuccess"] and status["duration"] > 0 and status["bytes"] > 0 and "problem" not in status
    metrics = running.metrics()
    assert 'ballast_backups_total{result="success"}' in metrics
    assert "ballast_backup_last_success_timestamp_seconds 1" in metrics
    table = _command(running, "get", "backups").stdout
    assert "TAKEN" in table and ".backup" in table
    newest = running.get("/v1/backups")[0]["file"]
    assert _command(running, "restore", newest, "--dry-run").stdout.startswith("a backup of ")
    # A place where nothing can be written is a fault, until one is made again.
    running.write(CONFIGURATION.replace("{backup}", ', backup: { every: 1s, path: "/proc/nowhere" }'))
    running.reload()

    def failed() -> bool:
        return any(
            fault["type"] == "backup-failed" and "resolved" not in fault for fault in running.get("/v1/faults"))

    wait_until(failed, 15, "the fault of a backup that failed")
    assert "problem" in running.get("/v1/status")["backup"]
    running.write(CONFIGURATION.replace("{backup}", ", backup: { every: 1s, keep: 2 }"))
    running.reload()
    wait_until(lambda: not failed(), 15, "its end")
