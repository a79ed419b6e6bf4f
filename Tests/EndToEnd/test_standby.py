"""One active server and its standbys: promotion through a hook, switching back, orders, crashes."""

import os
import pathlib
import signal
import threading
import time

import pytest

from EndToEnd.harness.ballast import Ballast, request
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """
listeners: { web: { address: "127.0.0.1:{port}" } }
services:
  db:
    mode: primary-standby
    servers:
      - { name: a, address: "{a}" }
      - { name: b, address: "{b}" }
      - { name: c, address: "{c}" }
    health: { http: { path: /healthz }, interval: 200ms, timeout: 500ms, fall: 2, rise: 1 }
    limits: { queueTimeout: 20s }
    standby:
      promote: [ ./promote, "${SERVER}", "${FROM}" ]
      timeout: 10s
      {back}
state: { path: ./state }
admin: { address: "127.0.0.1:{admin}" }
"""

# Tells of each call, fails for whom a file `fail-NAME` names, and takes as long as the file `slow` says.
HOOK = """#!/bin/sh
echo "begin $SERVER $ADDRESS ${FROM:--} $SERVICE $EPOCH $1 ${2:--} $(date +%s.%N)" >> calls
[ -e slow ] && sleep "$(cat slow)"
if [ -e "fail-$SERVER" ]; then echo "cannot fence $FROM"; exit 3; fi
echo "end $SERVER $(date +%s.%N)" >> calls
echo "fenced ${FROM:-nobody}"
"""


SWITCH_BACK = "switchBack: when-healthy\n      after: 1s"


class Watch:
    """Asks all the time, on a connection each, and notes who answered when."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: list[tuple[float, int, str]] = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._ask) for _ in range(4)]
        for thread in self.threads:
            thread.start()

    def _ask(self) -> None:
        while not self.stopped.is_set():
            answer = request(self.port, "GET", "/", seconds=30)
            self.answers.append((time.time(), answer.status, answer.text.split(" ")[0]))

    def stop(self) -> list[tuple[float, int, str]]:
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        return sorted(self.answers)


class Group:
    def __init__(self, ballast, servers, back: str) -> None:
        self.servers = {server.name: server for server in servers("a", "b", "c")}
        addresses = {name: server.address for name, server in self.servers.items()}
        self.ballast: Ballast = ballast(CONFIGURATION, start=False, back=back, **addresses)
        hook = self.ballast.folder / "promote"
        hook.write_text(HOOK)
        hook.chmod(0o755)

    @property
    def folder(self) -> pathlib.Path:
        return self.ballast.folder

    def calls(self, word: str = "begin") -> list[list[str]]:
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line.split()[1:] for line in lines if line.startswith(word)]

    def roles(self) -> dict[str, str]:
        return {one["name"]: one["role"] for one in self.ballast.get("/v1/servers?service=db")}

    def active(self) -> str | None:
        return next((name for name, role in self.roles().items() if role == "active"), None)

    def wait_for_active(self, name: str, seconds: float = 15) -> None:
        wait_until(lambda: self.active() == name, seconds, f"{name} active: {self.ballast.output()}")

    def wait_for_health(self, name: str, health: str) -> None:
        wait_until(lambda: self.ballast.server("db", name)["health"] == health, 10, f"{name} {health}")

    def who(self) -> str:
        answer = request(self.ballast.port, "GET", "/", seconds=30)
        assert answer.status == 200, answer.text
        return answer.text.split(" ")[0]


@pytest.fixture
def group(ballast, servers):
    def make(back: str = "switchBack: never") -> Group:
        made = Group(ballast, servers, back)
        made.ballast.start()
        made.wait_for_active("a")
        return made

    return make


def _failovers(ballast: Ballast) -> list[dict]:
    return [fault for fault in ballast.get("/v1/faults?service=db&all=true") if fault["type"] == "failover"]


def test_the_first_is_active_through_its_hook_and_alone_gets_requests(group):
    db = group()
    assert [call[:7] for call in db.calls()] == [["a", db.servers["a"].address, "-", "db", "1", "a", "-"]]
    assert db.roles() == {"a": "active", "b": "standby", "c": "standby"}
    assert {db.who() for _ in range(20)} == {"a"}
    assert db.ballast.get("/v1/services/db")["service"]["state"] == "up"


def test_requests_wait_for_the_next_active_server_when_the_active_one_is_killed(group):
    db = group()
    (db.folder / "slow").write_text("0.5")
    watch = Watch(db.ballast.port)
    wait_until(lambda: len(watch.answers) > 50, 10, "answers")
    killed = time.time()
    db.servers["a"].kill()
    db.wait_for_active("b")
    served = len(watch.answers)
    wait_until(lambda: len(watch.answers) > served + 50, 10, "answers of b")
    answers = watch.stop()

    begin, end = float(db.calls()[-1][-1]), float(db.calls("end")[-1][-1])
    assert db.calls()[-1][:5] == ["b", db.servers["b"].address, "a", "db", "2"]
    # Between the kill and the checks' word nobody can answer; after it they wait.
    for at, status, who in answers:
        if status == 200:
            assert who == ("a" if at < begin else "b"), (at - killed, who)
            assert not begin < at < end
    assert all(at < begin for at, status, _ in answers if status != 200)
    assert end - killed < 5

    fault = _failovers(db.ballast)[0]
    assert fault["cause"].startswith("a failed: ") and fault["resolved"]
    assert 0.5 <= fault["duration"] < 5
    assert "b is active, epoch 2" in fault["actions"][-1] and "fenced a" in fault["actions"][-1]
    assert db.ballast.get("/v1/services/db")["service"]["state"] == "degraded"


def test_a_hook_that_fails_activates_nobody_and_the_next_one_is_tried(group):
    db = group()
    (db.folder / "fail-b").touch()
    db.servers["a"].kill()
    db.wait_for_active("c")
    assert [call[0] for call in db.calls()] == ["a", "b", "c"]
    assert {db.who() for _ in range(20)} == {"c"}
    actions = " ".join(_failovers(db.ballast)[0]["actions"])
    assert "b could not be promoted: exited with code 3: cannot fence a" in actions


def test_when_all_hooks_fail_they_are_tried_again(group):
    db = group()
    for name in ["a", "b", "c"]:
        (db.folder / f"fail-{name}").touch()
    db.servers["a"].kill()
    wait_until(lambda: len(db.calls()) >= 5, 15, "two rounds of hooks")
    assert db.active() is None
    assert not _failovers(db.ballast)[0].get("resolved")
    (db.folder / "fail-c").unlink()
    db.wait_for_active("c", 30)
    wait_until(lambda: _failovers(db.ballast)[0].get("resolved"), 5, "the fault's end")


def test_the_preferred_one_is_switched_back_to(group):
    db = group(back=SWITCH_BACK)
    db.servers["a"].kill()
    db.wait_for_active("b")
    watch = Watch(db.ballast.port)
    db.servers["a"].start()
    db.wait_for_active("a")
    served = len(watch.answers)
    wait_until(lambda: len(watch.answers) > served + 20, 10, "answers of a")
    answers = watch.stop()
    assert [call[0] for call in db.calls()] == ["a", "b", "a"]
    begin, end = float(db.calls()[-1][-1]), float(db.calls("end")[-1][-1])
    assert {status for _, status, _ in answers} == {200}
    assert {who for at, _, who in answers if at > end} == {"a"}
    assert {who for at, _, who in answers if at < begin} == {"b"}
    # It was planned, and so is no fault.
    assert len(_failovers(db.ballast)) == 1
    assert not [one for one in db.ballast.get("/v1/faults?service=db&all=true") if one["type"] == "service-down"]


def test_nothing_switches_back_by_itself_when_the_policy_says_never(group):
    db = group()
    db.servers["a"].kill()
    db.wait_for_active("b")
    db.servers["a"].start()
    db.wait_for_health("a", "healthy")
    db.servers["c"].kill()
    db.wait_for_health("c", "unhealthy")
    assert db.active() == "b"
    assert [call[0] for call in db.calls()] == ["a", "b"]


def test_an_operator_promotes_by_hand_and_no_request_fails(group):
    db = group(back=SWITCH_BACK)
    (db.folder / "slow").write_text("0.3")
    admin = f"http://127.0.0.1:{db.ballast.admin}"
    plan = db.ballast.run_command("promote", "db/c", "--dry-run", "--admin", admin)
    assert plan.returncode == 0, plan.stderr
    assert "a takes no more requests" in plan.stdout and "./promote c a" in plan.stdout
    assert db.active() == "a" and len(db.calls()) == 1

    watch = Watch(db.ballast.port)
    wait_until(lambda: len(watch.answers) > 50, 10, "answers")
    done = db.ballast.run_command("promote", "db/c", "--admin", admin)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "db/c is active, epoch 2: fenced a\n"
    served = len(watch.answers)
    wait_until(lambda: len(watch.answers) > served + 50, 10, "answers of c")
    answers = watch.stop()
    begin, end = float(db.calls()[-1][-1]), float(db.calls("end")[-1][-1])
    assert {status for _, status, _ in answers} == {200}
    assert {who for at, _, who in answers if at < begin} == {"a"}
    assert {who for at, _, who in answers if at > begin} == {"c"}
    assert all(at > end for at, _, who in answers if who == "c")

    table = db.ballast.run_command("get", "servers", "--admin", admin).stdout.splitlines()
    assert "ROLE" in table[0]
    assert [line.split()[4] for line in table[1:]] == ["standby", "standby", "active"]
    assert db.ballast.get("/v1/faults?service=db") == []


def test_what_cannot_be_promoted_is_refused_and_a_failed_hook_is_told(group):
    db = group()
    admin = f"http://127.0.0.1:{db.ballast.admin}"
    refused = db.ballast.run_command("promote", "db/a", "--admin", admin)
    assert refused.returncode == 1 and "it is the active server already" in refused.stderr
    db.servers["b"].kill()
    db.wait_for_health("b", "unhealthy")
    refused = db.ballast.run_command("promote", "db/b", "--admin", admin)
    assert refused.returncode == 1 and "its checks have not passed" in refused.stderr
    missing = db.ballast.run_command("promote", "db/d", "--admin", admin)
    assert missing.returncode == 1
    (db.folder / "fail-c").touch()
    failed = db.ballast.run_command("promote", "db/c", "--admin", admin)
    assert failed.returncode == 1 and "exited with code 3: cannot fence a" in failed.stderr
    # Who was active before is asked first.
    db.wait_for_active("a")
    assert [call[0] for call in db.calls()] == ["a", "c", "a"]


def test_a_crashed_engine_keeps_the_active_server_without_a_hook(group):
    db = group()
    db.servers["a"].kill()
    db.wait_for_active("b")
    db.servers["a"].start()
    db.wait_for_health("a", "healthy")
    engine = db.ballast.engine_pid()
    os.kill(engine, signal.SIGKILL)

    def is_another() -> bool:
        try:
            return db.ballast.engine_pid() != engine
        except (OSError, AssertionError):
            return False

    wait_until(is_another, 10, "another engine")
    assert {db.who() for _ in range(20)} == {"b"}
    assert db.roles() == {"a": "standby", "b": "active", "c": "standby"}
    assert [call[0] for call in db.calls()] == ["a", "b"]


def test_a_crash_in_the_midst_of_a_hook_begins_that_promotion_again(group):
    db = group()
    (db.folder / "slow").write_text("2")
    db.servers["a"].kill()
    wait_until(lambda: len(db.calls()) == 2, 10, "the hook of b")
    os.kill(db.ballast.engine_pid(), signal.SIGKILL)
    wait_until(lambda: len(db.calls()) == 3, 10, "the hook of b again")
    (db.folder / "slow").unlink()
    wait_until(db.ballast.is_ready, 10, "another engine")
    db.wait_for_active("b")
    assert [(call[0], call[4]) for call in db.calls()] == [("a", "1"), ("b", "2"), ("b", "3")]
    # The hook that was cut off never came to its end.
    assert [call[0] for call in db.calls("end")] == ["a", "b"]


def test_a_fresh_start_prefers_the_one_that_was_active_last_and_runs_its_hook(group):
    db = group()
    db.servers["a"].kill()
    db.wait_for_active("b")
    db.servers["a"].start()
    assert db.ballast.stop() == 0
    db.ballast.start()
    db.wait_for_active("b")
    assert [(call[0], call[2], call[4]) for call in db.calls()][2:] == [("b", "-", "3")]


def test_a_drained_one_hands_over_and_a_reload_changes_nothing(group):
    db = group()
    db.ballast.change("PUT", "/v1/servers/db/a", {"state": "draining"})
    db.wait_for_active("b")
    db.ballast.change("PUT", "/v1/servers/db/a", {"state": "ready"})
    before = db.ballast.get("/v1/status")["topologyVersion"]
    db.ballast.reload()
    wait_until(lambda: db.ballast.get("/v1/status")["topologyVersion"] > before, 10, "a reload")
    assert db.active() == "b"
    assert [call[0] for call in db.calls()] == ["a", "b"]
    assert db.ballast.get("/v1/faults?service=db") == []


def test_replicas_of_ballast_stand_by_for_one_another_through_kills_and_a_restart(ballast):
    db = ballast(
        """
listeners: { web: { address: "127.0.0.1:{port}" } }
services:
  db:
    mode: primary-standby
    run: { command: [ "{python}", "{replica}" ], replicas: 2 }
    health: { http: { path: /healthz }, interval: 200ms, timeout: 500ms }
    limits: { queueTimeout: 20s }
    standby: { promote: [ ./promote ], timeout: 10s }
state: { path: ./state }
admin: { address: "127.0.0.1:{admin}" }
""", start=False)
    hook = db.folder / "promote"
    hook.write_text(HOOK)
    hook.chmod(0o755)
    db.start()
    db.wait_for_healthy("db", 2)

    def active() -> str | None:
        servers = db.get("/v1/servers?service=db")
        found = [one["name"] for one in servers if one["role"] == "active"]
        assert len(found) <= 1
        return found[0] if found else None

    first = wait_until(active, 10, "an active replica")
    os.kill(next(one["pid"] for one in db.replicas("db") if one["name"] == first), signal.SIGKILL)
    second = wait_until(lambda: active() not in (None, first) and active(), 10, "the other one active")
    wait_until(lambda: request(db.port, "GET", "/", seconds=30).text.split()[0] == second, 10, "its answer")
    assert _failovers(db)[0]["cause"].startswith(f"{first} failed: killed by SIGKILL")
    db.wait_for_healthy("db", 2)

    # All are replaced, one by one: requests wait for each next active one, and none fails.
    before = {one["pid"] for one in db.replicas("db")}
    watch = Watch(db.port)
    db.change("POST", "/v1/services/db/restart", {})
    wait_until(
        lambda: len(db.replicas("db")) == 2 and not before & {one.get("pid") for one in db.replicas("db")}
        and active(), 30, "other replicas")
    assert {status for _, status, _ in watch.stop()} == {200}
    assert len(_failovers(db)) == 1
