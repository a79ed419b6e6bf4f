"""What a daemon of containers may answer, and what must not come of it."""

import json
import os
import random
import threading
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.false_daemon import FalseDaemon, begin, reply
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
routes:
  - { match: { path: /contained }, service: contained }
  - { service: plain }
services:
  contained:
    health: { http: { path: /healthz }, interval: 100ms }
    run: { image: "shop:1", replicas: 2, stop: { timeout: 500ms } }
  plain:
    health: { http: { path: /healthz }, interval: 100ms }
    run: { command: [ "{python}", "{replica}" ] }
containers: { socket: "{socket}" }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""


def _events(running, kind: str) -> list[str]:
    return [event["message"] for event in running.get("/v1/events") if event["type"] == kind]


def _last_exits(running) -> set[str]:
    return {one.get("lastExit") or "" for one in running.replicas("contained")}


@pytest.fixture
def false(stopped):
    return lambda answer: stopped(FalseDaemon(answer))


def test_a_pull_is_told_as_it_goes_and_made_once(ballast, false):
    goes_on = threading.Event()

    def answer(asked, method, path):
        if path.startswith("/containers/json"):
            reply(asked, 200, "[]")
        elif path.startswith("/images/create"):
            begin(asked)
            for done in range(0, 101, 10):
                if done == 60:
                    goes_on.wait(20)
                line = {"status": "Downloading", "id": "a", "progressDetail": {"current": done, "total": 100}}
                asked.wfile.write(json.dumps(line).encode() + b"\r\n")
                asked.wfile.flush()
        elif path.startswith("/containers/create"):
            reply(asked, 500, json.dumps({"message": "there is no room for\nit."}))
        else:
            reply(asked, 404, json.dumps({"message": "no such thing"}))

    daemon = false(answer)
    running = ballast(CONFIGURATION, socket=daemon.socket)
    half = "pulling the image shop:1: 50 %"
    wait_until(lambda: half in _events(running, "image-pull"), 10, "half of a pull")
    assert {one["state"] for one in running.replicas("contained")} == {"starting"}
    goes_on.set()
    wait_until(lambda: _last_exits(running) == {"exited with code 125"}, 10, "the reason")
    assert _events(running, "image-pull")[:5] == [
        "pulling the image shop:1", "pulling the image shop:1: 30 %", half, "pulling the image shop:1: 80 %",
        "the image shop:1 is pulled"]
    assert len([one for one in daemon.asked if one == "POST /images/create?fromImage=shop&tag=1"]) >= 1
    first = daemon.asked.index("POST /images/create?fromImage=shop&tag=1")
    made = [one for one in daemon.asked[:first + 4] if one.startswith("POST /images/create")]
    assert len(made) == 1, daemon.asked
    told = [event["message"] for event in running.get("/v1/events") if event.get("service") == "contained"]
    assert any("there is no room for it" in message for message in told), told


def test_a_pull_that_fails_is_told_in_the_daemons_words(ballast, false):
    def answer(asked, method, path):
        if path.startswith("/containers/json"):
            return reply(asked, 200, "[]")
        if path.startswith("/images/create"):
            begin(asked)
            return asked.wfile.write(b'{"error":"manifest for shop:1 not found"}\r\n')
        return reply(asked, 404, "")

    running = ballast(CONFIGURATION, socket=false(answer).socket)
    reason = "the image shop:1 cannot be pulled: manifest for shop:1 not found"
    wait_until(lambda: _last_exits(running) == {reason}, 10, "the reason")


def test_nonsense_of_any_kind_harms_nobody(ballast, false):
    chance = random.Random(41)
    pieces = [
        b"", b"\0\1\2", b"HTTP/1.1 200 OK\r\n\r\n[[[[", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[{"Id":1,"Labels":{"ballast.state":7}}]',
        b'HTTP/1.1 201 OK\r\nConnection: close\r\n\r\n{"Id":"../../x y?z","Warnings":["\\u0000\\u001b[2J"]}',
        b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"StatusCode":-9223372036854775808}',
        b"HTTP/1.1 999 \xff\r\n\r\n", b"HTTP/1.1 204 OK\r\n\r\n", b"HTTP/1.1 500 X\r\nConnection: close\r\n\r\n" + b"x" * 300_000,
        b"HTTP/1.1 200 OK\r\n" + b"A: " + b"b" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n' + b'{"a":' * 2_000, b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (5 << 20),
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\1\0\0\0\xff\xff\xff\xff" + b"y" * 100_000,
    ]

    def answer(asked, method, path):
        asked.wfile.write(chance.choice(pieces))

    daemon = false(answer)
    running = ballast(CONFIGURATION, socket=daemon.socket)
    running.wait_for_healthy("plain", 1)
    engine = running.engine_pid()
    for _ in range(6):
        # Each change makes both replicas begin anew, without the backoff of those before.
        running.write(CONFIGURATION.replace("replicas: 2", f"replicas: 2, version: \"{chance.random()}\""))
        asked = len(daemon.asked)
        running.reload()
        wait_until(lambda: len(daemon.asked) >= asked + 3, 15, "questions")
    assert running.engine_pid() == engine
    assert request(running.port, "GET", "/").status == 200
    assert not [fault for fault in running.get("/v1/faults") if fault["type"] == "engine-crashed"]
    assert not any("SIG" in exit for exit in _last_exits(running)), _last_exits(running)


def test_a_daemon_that_hangs_holds_up_nobody(ballast, false):
    def answer(asked, method, path):
        if path.startswith("/containers/create"):
            asked.rfile.read(1)
        elif method == "GET" and path.startswith("/images"):
            reply(asked, 200, "{}")
        elif path.startswith("/containers/json"):
            reply(asked, 200, "[]")
        else:
            reply(asked, 404, "{}")

    daemon = false(answer)
    running = ballast(CONFIGURATION, socket=daemon.socket)
    running.wait_for_healthy("plain", 1)
    wait_until(lambda: len([one for one in daemon.asked if "create" in one]) == 2, 10, "two holders that wait")
    assert request(running.port, "GET", "/").status == 200
    holders = [one["pid"] for one in running.replicas("contained")]
    began = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began < 5
    assert not any(os.path.exists(f"/proc/{pid}") for pid in holders)
