"""The audit log: every change has an entry, and whatever is done to the log afterwards is found."""

import hashlib
import http.server
import json
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import struct
import threading
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    servers:
      - { name: a, address: "{a}" }
      - { name: b, address: "{b}" }
    balance: {balance}
    health: { tcp: {}, interval: 200ms }
    run: { command: [ "{python}", "{replica}" ], replicas: 1, environment: { API_TOKEN: "{token}" } }
admin: { address: "127.0.0.1:{admin}", socket: "{folder}/admin.sock" }
state: { path: "{folder}/state" }
audit: { {audit} }
workers: 1
"""
COLUMNS = "number, at, source, actor, role, origin, action, subject, before_value, after_value, result, detail, hash"
VERIFY_SECONDS = 2


def _start(ballast, servers, audit: str = "keep: 1000"):
    a, b = servers("a", "b")
    running = ballast(
        CONFIGURATION, a=a.address, b=b.address, balance="round-robin", token="first-secret", audit=audit)
    running.wait_for_healthy("shop", 3)
    return running


def _state(running) -> pathlib.Path:
    return running.folder / "state"


def _audit(running, query: str = "") -> list[dict]:
    """Oldest first."""
    return running.get(f"/v1/audit?limit=10000{query}")[::-1]


def _command(running, *words: str, code: int = 0, live: bool = True):
    where = ["--socket", str(running.folder / "admin.sock")] if live else []
    done = running.run_command(*words, *where, seconds=60)
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def _verify(running, *words: str, sound: bool, live: bool = False) -> dict:
    words = (*words, *([] if live else ["--state", str(_state(running))]))
    return json.loads(_command(running, "audit", "verify", *words, "-o", "json", code=0 if sound else 1, live=live).stdout)


def _named(verdict: dict) -> list[tuple]:
    return [(finding["kind"], finding["number"], finding.get("through")) for finding in verdict["findings"]]


def _encoded(value: int | str | None) -> bytes:
    if value is None:
        return b"\5"
    if isinstance(value, int):
        return b"\1" + struct.pack(">q", value)
    text = value.encode()
    return b"\3" + struct.pack(">Q", len(text)) + text


def _hash(former: bytes, row: tuple) -> bytes:
    """As docs/audit.md says it, and not as Ballast has it."""
    return hashlib.sha256(former + b"".join(_encoded(value) for value in row[:-1])).digest()


def _processor_time() -> float:
    """Seconds of one core, of all commands that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _append(database: sqlite3.Connection, count: int) -> None:
    """Entries as another Ballast would have written them."""
    number, text = database.execute("SELECT number, hash FROM audit_ends").fetchone()
    former, rows = bytes.fromhex(text), []
    for number in range(number + 1, number + count + 1):
        row = (
            number, 1_790_000_000_000 + number, "api", "ann", "admin", "192.0.2.7:51234", "server.change", "shop/a",
            '{"state":"ready","weight":%d}' % number, '{"state":"draining","weight":1}', "done", None, "")
        former = _hash(former, row)
        rows.append((*row[:-1], former.hex()))
    database.executemany(f"INSERT INTO audit ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    database.execute("UPDATE audit_ends SET number = ?, hash = ?", (number, former.hex()))


def test_every_change_has_an_entry_with_who_from_where_what_before_and_after(ballast, servers):
    running = _start(ballast, servers)
    _command(running, "drain", "shop/a")
    _command(running, "weight", "shop/b", "7")
    running.change("POST", "/v1/services/shop/scale", {"replicas": 2})
    running.change("POST", "/v1/bans", {"address": "203.0.113.0/24", "reason": "a test"})
    assert request(running.admin, "PUT", "/v1/servers/shop/b", b'{"weight":100000}').status == 400
    assert request(running.admin, "PUT", "/v1/servers/shop/nobody", b'{"weight":1}').status == 404
    _command(running, "config", "set", "services.shop.balance", "random")
    entries = _audit(running, "&source=command")
    assert [(entry["action"], entry["subject"], entry["result"]) for entry in entries] == [
        ("server.change", "shop/a", "done"), ("server.change", "shop/b", "done"),
        ("config.set", "services.shop.balance", "done")]
    drained, weighed, configured = entries
    assert drained["from"] == f"unix:uid {os.geteuid()}" and drained["role"] == "admin" and drained["actor"]
    assert (json.loads(drained["before"])["state"], json.loads(drained["after"])["state"]) == ("ready", "draining")
    assert (json.loads(weighed["before"])["weight"], json.loads(weighed["after"])["weight"]) == (1, 7)
    assert json.loads(configured["before"])["values"] == {"services.shop.balance": "round-robin"}
    assert json.loads(configured["after"])["values"] == {"services.shop.balance": "random"}
    scaled, banned, too_heavy, nobody = _audit(running, "&source=api")
    assert scaled["from"].startswith("127.0.0.1:") and scaled["action"] == "service.scale"
    assert (json.loads(scaled["before"])["replicas"], json.loads(scaled["after"])["replicas"]) == (1, 2)
    assert banned["subject"] == "203.0.113.0/24" and json.loads(banned["after"])[0]["reason"] == "a test"
    assert too_heavy["result"] == nobody["result"] == "refused" and "weight" in too_heavy["detail"]
    assert nobody["subject"] == "shop/nobody"
    # A dry run, a question and a look are no changes.
    before = len(_audit(running))
    running.change("POST", "/v1/plan", {})
    running.get("/v1/services")
    assert len(_audit(running)) == before
    shown = _command(running, "audit", "show", str(drained["number"])).stdout
    assert "server.change" in shown and drained["hash"] in shown
    assert "services.shop.balance" in _command(running, "audit", "--action", "config.").stdout
    assert _command(running, "audit", "--actor", "nobody-else", "-o", "json").stdout.strip() == "[]"
    assert _verify(running, sound=True, live=True)["entries"] == before


def test_a_file_a_signal_and_the_machine_are_recorded_and_no_secret_is(ballast, servers):
    running = _start(ballast, servers)
    running.write(CONFIGURATION, balance="first", token="second-secret")
    running.reload_and_wait()
    wait_until(lambda: _audit(running, "&source=signal"), 10, "the entry of the reload")
    reloaded = _audit(running, "&source=signal")[0]
    assert reloaded["action"] == "config.reload" and reloaded["from"] == "SIGHUP" and reloaded["result"] == "done"
    assert json.loads(reloaded["before"])["values"]["services.shop.balance"] == "round-robin"
    assert json.loads(reloaded["after"])["values"]["services.shop.balance"] == "first"
    running.write(CONFIGURATION, balance="no-such-algorithm")
    running.reload()
    wait_until(lambda: len(_audit(running, "&source=signal")) == 2, 10, "the entry of what was refused")
    refused = _audit(running, "&source=signal")[1]
    assert refused["result"] == "refused" and "has an error" in refused["detail"]
    wait_until(lambda: _audit(running, "&action=deployment.end"), 20, "the deployment's end")
    machine = _audit(running, "&source=machine")
    assert machine[0]["action"] == "engine.start" and machine[0]["actor"] == "ballast"
    assert "deployment.begin" in [entry["action"] for entry in machine]
    assert [entry["action"] for entry in _audit(running, "&source=file")] == ["config.start"]
    assert "secret" not in json.dumps(_audit(running))
    running.write(CONFIGURATION, balance="random")
    running.stop()
    running.start()
    assert [entry["action"] for entry in _audit(running, "&source=file")] == ["config.start"] * 2
    assert "engine.stop" in [entry["action"] for entry in _audit(running, "&source=machine")]


def test_what_was_answered_is_in_the_log_after_a_kill_and_what_was_begun_as_well(ballast, servers):
    running = _start(ballast, servers)
    running.change("PUT", "/v1/servers/shop/a", {"weight": 3})
    os.kill(running.engine_pid(), signal.SIGKILL)
    wait_until(running.is_ready, 15, "the next engine")
    entries = _audit(running)
    assert [entry["action"] for entry in entries if entry["source"] == "api"] == ["server.change"]
    assert "engine.restart" in [entry["action"] for entry in entries]
    running.stop()
    # As an engine leaves it that was killed between a change and its entry.
    begun = {
        "at": "2026-11-28T04:15:00.000Z", "source": "api", "actor": "ann", "from": "192.0.2.7:1", "action": "ban.add",
        "subject": "203.0.113.9", "before": "[]", "result": "unknown"}
    with sqlite3.connect(_state(running) / "ballast.db") as database:
        database.execute("INSERT INTO audit_pending (id, record) VALUES (9, ?)", (json.dumps(begun),))
    running.start()
    (unknown,) = _audit(running, "&result=unknown")
    assert unknown["action"] == "ban.add" and unknown["actor"] == "ann" and "the engine ended" in unknown["detail"]
    assert _verify(running, sound=True, live=True)["sound"]


def test_a_hundred_thousand_entries_are_verified_in_time_and_whatever_was_done_is_named(ballast, servers):
    running = _start(ballast, servers, "keep: 200000")
    running.stop()
    file = _state(running) / "ballast.db"
    with sqlite3.connect(file) as database:
        number = database.execute("SELECT number FROM audit_ends").fetchone()[0]
        _append(database, 100_000 - number)
    database.close()
    head = running.folder / "heads"
    head.write_text(_command(running, "audit", "head", "--state", str(_state(running)), live=False).stdout)
    began, spent = time.monotonic(), _processor_time()
    assert _verify(running, sound=True)["entries"] == 100_000
    spent = _processor_time() - spent
    print(f"\n100,000 entries verified in {time.monotonic() - began:.2f} s, {spent:.2f} s of one core")
    # Others may have the cores: what it takes of one is what it takes alone.
    assert spent < VERIFY_SECONDS
    kept = running.folder / "kept.db"
    shutil.copy(file, kept)

    def after(*statements: str, heads: bool = False) -> list[tuple]:
        shutil.copy(kept, file)
        with sqlite3.connect(file) as database:
            for statement in statements:
                database.execute(statement)
        database.close()
        return _named(_verify(running, *(["--head", str(head)] if heads else []), sound=False))

    assert after("UPDATE audit SET actor = 'bnn' WHERE number = 54321") == [("altered", 54321, None)]
    assert after("DELETE FROM audit WHERE number = 54321") == [("missing", 54321, None)]
    assert after(
        "UPDATE audit SET number = -1 WHERE number = 700", "UPDATE audit SET number = 700 WHERE number = 90000",
        "UPDATE audit SET number = 90000 WHERE number = -1") == [("misplaced", 700, None), ("misplaced", 90000, None)]
    assert after("DELETE FROM audit WHERE number > 99990") == [("missing", 99991, 100_000)]
    cut = (
        "DELETE FROM audit WHERE number > 99990",
        "UPDATE audit_ends SET number = 99990, hash = (SELECT hash FROM audit WHERE number = 99990)")
    assert after(*cut, heads=True) == [("missing", 99991, 100_000)]
    # One byte of the file itself, as a disk or an editor of bytes changes it.
    content = bytearray(kept.read_bytes())
    place = content.index(b'{"state":"ready","weight":77777}')
    content[place + 2] ^= 1
    file.write_bytes(content)
    assert _named(_verify(running, sound=False)) == [("altered", 77777, None)]
    # The engine itself names it as well, and others are served meanwhile.
    running.start()
    assert _named(_verify(running, sound=False, live=True)) == [("altered", 77777, None)]


def test_it_is_verified_without_ballast_and_nothing_in_the_folder_is_changed(ballast, servers):
    running = _start(ballast, servers)
    for weight in range(2, 12):
        running.change("PUT", "/v1/servers/shop/a", {"weight": weight})
    # While it runs, past the engine.
    live = _verify(running, sound=True)
    assert live["entries"] >= 12
    os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait()
    state = _state(running)
    wal = state / "ballast.db-wal"
    assert wal.stat().st_size > 0, "what was written last is in the log only"
    hashes = {file: hashlib.sha256(file.read_bytes()).digest() for file in (state / "ballast.db", wal)}
    # The machine may have decided something more before it was killed.
    assert _verify(running, sound=True)["entries"] >= live["entries"]
    listed = json.loads(_command(running, "audit", "--state", str(state), "-o", "json", live=False).stdout)
    assert [entry["action"] for entry in listed].count("server.change") == 10
    assert hashes == {file: hashlib.sha256(file.read_bytes()).digest() for file in hashes}
    _command(running, "audit", "verify", "--state", str(running.folder / "nowhere"), code=1, live=False)


class _Receiver(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heads.append((json.loads(body), self.headers["Authorization"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def receiver():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    server.heads, server.status = [], 500
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_heads_are_kept_elsewhere_and_tell_of_a_chain_that_was_written_anew(ballast, servers, receiver):
    url = f"http://127.0.0.1:{receiver.server_port}/heads"
    running = _start(
        ballast, servers,
        "head: { every: 1s, file: heads, webhook: { url: \"%s\", authorization: Bearer abc } }" % url)
    running.change("PUT", "/v1/servers/shop/a", {"weight": 3})
    wait_until(lambda: receiver.heads, 10, "a head")
    wait_until(
        lambda: any(event["type"] == "audit-head-failed" for event in running.get("/v1/events?limit=1000")), 10,
        "word of the webhook that refuses")
    receiver.status = 204

    def is_taken() -> bool:
        status = running.get("/v1/audit/head")
        return all(one.get("number") == status["number"] and not one.get("problem") for one in status["exports"])

    wait_until(is_taken, 15, "a head that was taken everywhere")
    head, authorization = receiver.heads[-1]
    status = running.get("/v1/audit/head")
    assert (head["number"], head["hash"]) == (status["number"], status["hash"]) and authorization == "Bearer abc"
    assert 'ballast_audit_head_exports_total{result="failure",target="webhook"}' in running.metrics()
    running.stop()
    lines = (running.folder / "heads").read_text().splitlines()
    number, text, _ = lines[-1].split()
    with sqlite3.connect(_state(running) / "ballast.db") as database:
        assert (int(number), text) == database.execute("SELECT number, hash FROM audit_ends").fetchone()
        # Whoever can write it writes everything anew, to the very end.
        rows = database.execute(f"SELECT {COLUMNS} FROM audit ORDER BY number").fetchall()
        former = bytes(32)
        for row in rows:
            row = (*row[:3], "nobody", *row[4:])
            former = _hash(former, row)
            database.execute("UPDATE audit SET actor = 'nobody', hash = ? WHERE number = ?", (former.hex(), row[0]))
        database.execute("UPDATE audit_ends SET hash = ?", (former.hex(),))
    database.close()
    assert _verify(running, sound=True)["entries"] == len(rows)
    found = _verify(running, "--head", str(running.folder / "heads"), sound=False)
    assert {kind for kind, _, _ in _named(found)} == {"replaced"} and found["headsCompared"] == len(set(lines))


def test_the_oldest_go_and_the_rest_is_still_a_chain(ballast, servers):
    running = _start(ballast, servers, "keep: 100")
    first = running.get("/v1/audit/head")
    for weight in range(60):
        running.change("PUT", "/v1/servers/shop/a", {"weight": weight + 2})
        running.change("PUT", "/v1/servers/shop/b", {"weight": weight + 2})
    head = running.get("/v1/audit/head")
    assert head["removed"] > 0 and head["entries"] <= 111
    assert "audit.trim" in [entry["action"] for entry in _audit(running)]
    assert _verify(running, sound=True, live=True)["entries"] == head["entries"]
    heads = running.folder / "old"
    heads.write_text(f"{first['number']} {first['hash']}\n{head['number']} {head['hash']}\n")
    assert _verify(running, "--head", str(heads), sound=True, live=True)["headsCompared"] == 1


def test_a_restore_leaves_the_log_as_it_is_and_is_an_entry_in_it(ballast, servers):
    running = _start(ballast, servers)
    backup = running.folder / "one.backup"
    running.change("PUT", "/v1/servers/shop/a", {"weight": 3})
    _command(running, "backup", str(backup))
    running.change("PUT", "/v1/servers/shop/a", {"weight": 4})
    before = _audit(running)
    _command(running, "restore", str(backup), "--yes")
    after = _audit(running)
    assert after[: len(before)] == before
    assert [entry["action"] for entry in before].count("state.backup") == 1
    restored = [entry for entry in after if entry["action"] == "state.restore"]
    assert len(restored) == 1 and restored[0]["result"] == "done"
    assert _verify(running, sound=True, live=True)["sound"]
    running.stop()
    _command(running, "restore", str(backup), "--state", str(_state(running)), "--yes", live=False)
    running.start()
    offline = [entry for entry in _audit(running) if entry["action"] == "state.restore"]
    assert len(offline) == 2 and offline[1]["subject"] == str(backup) and offline[1]["from"] == f"unix:uid {os.getuid()}"
    assert _verify(running, sound=True, live=True)["sound"]
