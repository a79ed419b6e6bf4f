"""What a request lives through: hedges, answers of 502 to 504, ejection, overload."""

import threading
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Scripted, connect, ok
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    servers:
      - { name: a, address: "127.0.0.1:{a}" }
      - { name: b, address: "127.0.0.1:{b}" }
    health: { none: {} }
    balance: round-robin
    {more}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
"""


class Shop:
    """Two servers whose answers a test chooses while they run."""

    def __init__(self) -> None:
        self.answers = {"a": ok(b"a"), "b": ok(b"b")}
        self.holds = {"a": threading.Event(), "b": threading.Event()}
        self.seen = {"a": 0, "b": 0}
        for hold in self.holds.values():
            hold.set()
        self.servers = {name: Scripted(self._script(name)) for name in self.answers}

    def _script(self, name: str):
        def script(link, _):
            while True:
                link.head()
                self.seen[name] += 1
                self.holds[name].wait(10)
                link.send(self.answers[name])

        return script

    def stop(self) -> None:
        for hold in self.holds.values():
            hold.set()
        for server in self.servers.values():
            server.stop()


@pytest.fixture
def shop(ballast):
    made = []

    def make(more: str):
        one = Shop()
        ports = {name: server.port for name, server in one.servers.items()}
        one.ballast = ballast(CONFIGURATION, more=more, **ports)
        one.port = one.ballast.port
        made.append(one)
        return one

    yield make
    for one in made:
        one.ballast.stop()
        one.stop()


def metric(running, name: str, **labels: str) -> float:
    return Metrics(running.ballast.metrics()).sum(name, **labels)


def test_a_hedge_answers_for_a_server_that_hangs(shop):
    running = shop("retries: { attempts: 1, hedge: 50ms }")
    running.holds["a"].clear()
    began = time.monotonic()
    answers = [request(running.port, "GET", "/") for _ in range(4)]
    assert {answer.text for answer in answers} == {"b"}
    assert time.monotonic() - began < 4
    assert running.seen["a"] >= 1


def test_a_post_is_never_hedged(shop):
    running = shop("retries: { attempts: 1, hedge: 20ms }")
    for hold in running.holds.values():
        hold.clear()
    answers: list[int] = []
    client = threading.Thread(target=lambda: answers.append(request(running.port, "POST", "/", b"x=1").status))
    client.start()
    wait_until(lambda: sum(running.seen.values()) == 1, 5, "the request at a server")
    # Many times the wait of a hedge, as the other requests see it.
    for _ in range(10):
        assert request(running.ballast.admin, "GET", "/readyz").status == 200
        threading.Event().wait(0.02)
    assert sum(running.seen.values()) == 1
    for hold in running.holds.values():
        hold.set()
    client.join(10)
    assert answers == [200]


def test_an_answer_of_503_is_asked_for_elsewhere(shop):
    running = shop("retries: { attempts: 1, on: [ gateway-error ] }")
    running.answers["a"] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"
    assert {request(running.port, "GET", "/").text for _ in range(8)} == {"b"}
    statuses = {request(running.port, "POST", "/", b"x").status for _ in range(3)}
    assert statuses <= {200, 503}
    assert metric(running, "ballast_retries_total", reason="gateway-error") >= 1


def test_without_the_condition_a_503_is_the_answer(shop):
    running = shop("retries: { attempts: 1 }")
    for name in ("a", "b"):
        running.answers[name] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"
    answer = request(running.port, "GET", "/")
    assert (answer.status, answer.text) == (503, "busy")


def test_a_server_that_answers_500_is_ejected_and_proves_itself_again(shop):
    running = shop("ejection: { failures: 3, time: 300ms }")
    running.answers["a"] = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    wait_until(
        lambda: request(running.port, "GET", "/").text is not None
        and running.ballast.server("shop", "a")["ejected"], 5, "an ejection")
    events = running.ballast.get("/v1/events")
    assert any(event["type"] == "server-ejected" and event["server"] == "a" for event in events)
    assert running.ballast.server("shop", "b")["ejected"] is False
    running.answers["a"] = ok(b"a")
    wait_until(lambda: request(running.port, "GET", "/").text == "a", 10, "an answer of it")
    wait_until(
        lambda: request(running.port, "GET", "/").status == 200
        and any(event["type"] == "server-readmitted" for event in running.ballast.get("/v1/events")), 10, "its return")


def test_the_last_server_is_never_ejected(shop):
    running = shop("ejection: { failures: 2, time: 60s, max: 100% }")
    for name in ("a", "b"):
        running.answers[name] = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    for _ in range(40):
        assert request(running.port, "GET", "/").headers.get("x-ballast-reason") is None
    ejected = [running.ballast.server("shop", name)["ejected"] for name in ("a", "b")]
    assert ejected.count(True) <= 1


def test_what_the_queue_can_not_hold_is_shed_with_a_retry_after(shop):
    running = shop("limits: { requests: 1, queue: 2, queueTimeout: 200ms }")
    for hold in running.holds.values():
        hold.clear()
    answers: list = []
    clients = [threading.Thread(target=lambda: answers.append(request(running.port, "GET", "/"))) for _ in range(8)]
    for client in clients:
        client.start()
    wait_until(lambda: len(answers) == 6, 10, "the answers of those that found no place")
    assert {answer.status for answer in answers} == {503}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
    assert {answer.headers["x-ballast-reason"] for answer in answers} <= {"queue-full", "queue-timeout", "overload"}
    assert request(running.ballast.admin, "GET", "/healthz").status == 200
    for hold in running.holds.values():
        hold.set()
    for client in clients:
        client.join(10)
    assert sorted(answer.status for answer in answers) == [200, 200] + [503] * 6


def session_of(running, name: str) -> str:
    while True:
        answer = request(running.port, "GET", "/")
        if answer.text == name and "set-cookie" in answer.headers:
            return answer.headers["set-cookie"].partition(";")[0]


def test_a_session_that_waits_for_its_full_server_holds_up_nobody_else(shop):
    running = shop("sticky: { cookie: S }\n    limits: { requests: 1, queueTimeout: 5s }")
    cookie = session_of(running, "a")
    running.holds["a"].clear()
    before = running.seen["a"]
    bound = [threading.Thread(target=lambda: request(running.port, "GET", "/", headers={"Cookie": cookie}))
             for _ in range(2)]
    bound[0].start()
    wait_until(lambda: running.seen["a"] == before + 1, 5, "the first at its server")
    bound[1].start()
    wait_until(lambda: 'ballast_queue_length{service="shop"} 1' in running.ballast.metrics(), 5, "the second in the queue")
    began = time.monotonic()
    answer = request(running.port, "GET", "/")
    assert (answer.status, answer.text) == (200, "b")
    assert time.monotonic() - began < 1
    running.holds["a"].set()
    for one in bound:
        one.join()


def test_a_client_whose_first_answer_was_a_hedge_stays_with_the_hedge_server(shop):
    running = shop("sticky: { source: client-ip }\n    retries: { attempts: 1, hedge: 50ms }\n    timeouts: { response: 2s }")
    running.holds["a"].clear()
    assert request(running.port, "GET", "/").text == "b"
    assert running.seen["a"] == 1
    for _ in range(3):
        answer = request(running.port, "GET", "/")
        assert (answer.status, answer.text) == (200, "b")


def test_an_interim_answer_of_the_hedge_does_not_silence_the_first(shop):
    running = shop("retries: { attempts: 1, hedge: 50ms }")
    for hold in running.holds.values():
        hold.clear()
    running.answers["b"] = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    link = connect(running.port)
    link.send(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
    wait_until(lambda: running.seen["b"] == 1, 5, "a hedge")
    running.holds["b"].set()
    link.head()
    running.holds["a"].set()
    assert link.answer() == (200, b"a")
