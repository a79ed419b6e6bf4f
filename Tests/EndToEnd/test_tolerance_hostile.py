"""Hedges, retries, queues and sessions against servers and clients that do their worst: what each request
gets must be its own answer, a POST is sent once, and nothing stays behind."""

import collections
import hashlib
import random
import threading
import time

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import Link, Scripted, connect, ok
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
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"
SECONDS = 3


@pytest.fixture
def shop(ballast):
    """`shop(a, b, more)` is Ballast before two scripts; no request may be under way in the end, and the
    engine must be the one that started."""
    made = []

    def make(a, b, more: str):
        servers = [Scripted(a), Scripted(b)]
        running = ballast(CONFIGURATION, a=servers[0].port, b=servers[1].port, more=more)
        made.append((running, running.engine_pid(), servers))
        return running

    yield make
    for running, engine, servers in made:
        wait_until(lambda one=running: busy(one) == 0, 10, "nothing under way and nothing queued")
        assert running.engine_pid() == engine
        running.stop()
        for server in servers:
            server.stop()


def busy(running) -> float:
    metrics = Metrics(running.metrics())
    return metrics.sum("ballast_server_inflight") + metrics.sum("ballast_queue_length")


class Whimsical:
    """A server whose answers come late, cut, in parts, broken, or well. What they say depends on the
    request's target, so that a mistaken one is noticed."""

    def __init__(self, seed: str, posts: collections.Counter) -> None:
        self.random, self.posts, self.lock = random.Random(seed), posts, threading.Lock()

    @staticmethod
    def body(target: bytes, length: int) -> bytes:
        word = hashlib.sha256(target).hexdigest().encode()
        return (word * (length // len(word) + 1))[:length]

    def __call__(self, link: Link, _: int) -> None:
        while self._answer(link):
            pass

    def _answer(self, link: Link) -> bool:
        head = link.head()
        method, target, _ = head.split(b" ", 2)
        with self.lock:
            if method == b"POST":
                self.posts[target] += 1
            mood, wait = self.random.random(), self.random.random() * 0.1
            length = self.random.choice([0, 1, 1000, 20_000, 65_536, 1 << 20])
        if mood < 0.05:
            # Before the request's body was read.
            link.send(self._whole(b"503 Busy", method, target, length))
            return False
        if stated := head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]:
            link.exactly(int(stated))
        whole = self._whole(b"200 OK", method, target, length)
        if mood < 0.10:
            link.send(self._whole(b"503 Busy", method, target, length))
        elif mood < 0.15:
            time.sleep(wait)
            link.reset()
            return False
        elif mood < 0.20:
            return False
        elif mood < 0.25:
            link.send(whole[:20])
            time.sleep(wait)
            link.send(whole[20:])
        elif mood < 0.30:
            link.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            time.sleep(wait)
            link.send(whole)
        elif mood < 0.33:
            link.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            link.reset()
            return False
        elif mood < 0.36:
            link.send(b"no answer at all\r\n\r\n")
            return False
        elif mood < 0.39:
            # An answer that nobody asked for.
            link.send(whole + ok(b"evil"))
        elif mood < 0.50:
            time.sleep(wait)
            link.send(whole)
        else:
            link.send(whole)
        return True

    def _whole(self, status: bytes, method: bytes, target: bytes, length: int) -> bytes:
        body = b"" if method == b"HEAD" else self.body(target, length)
        return b"HTTP/1.1 %s\r\nX-Target: %s\r\nContent-Length: %d\r\n\r\n%s" % (status, target, length, body)


class Impatient:
    """A client that pipelines, uploads, and leaves in the middle."""

    def __init__(self, port: int, number: int, seed: int, until: float) -> None:
        self.port, self.number, self.until = port, number, until
        self.random = random.Random(f"{seed} {number}")
        self.count, self.answered, self.problems = 0, 0, []
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        while time.monotonic() < self.until:
            link = connect(self.port)
            try:
                while time.monotonic() < self.until and self._batch(link):
                    pass
            except TimeoutError:
                self.problems.append(f"no end of the answer to /{self.number}/{self.count}")
            except (OSError, EOFError):
                # A cut, or our own leaving.
                pass
            finally:
                link.close()

    def _batch(self, link: Link) -> bool:
        wanted = [self._request() for _ in range(self.random.choice([1, 1, 1, 3]))]
        data = b"".join(bytes for _, _, bytes in wanted)
        if self.random.random() < 0.08:
            link.send(data[: self.random.randrange(1, len(data) + 1)])
            self.random.choice([link.reset, link.close])()
            return False
        # Answered before it is read, an upload must not block its own answer.
        sender = threading.Thread(target=self._send, args=(link, data), daemon=True)
        sender.start()
        return all(self._read(link, method, target) for method, target, _ in wanted)

    @staticmethod
    def _send(link: Link, data: bytes) -> None:
        try:
            link.send(data)
        except OSError:
            pass

    def _request(self) -> tuple[bytes, bytes, bytes]:
        self.count += 1
        method = self.random.choice([b"GET", b"GET", b"GET", b"HEAD", b"POST", b"PUT"])
        target = b"/%d/%d" % (self.number, self.count)
        head = b"%s %s HTTP/1.1\r\nHost: shop\r\n" % (method, target)
        if method not in (b"POST", b"PUT"):
            return method, target, head + b"\r\n"
        length = self.random.choice([0, 5000, 70_000, 1 << 20])
        return method, target, head + b"Content-Length: %d\r\n\r\n%s" % (length, bytes(length))

    def _read(self, link: Link, method: bytes, target: bytes) -> bool:
        head = link.head()
        while head.startswith(b"HTTP/1.1 1"):
            head = link.head()
        lower = head.lower()
        length = int(lower.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        body = b"" if method == b"HEAD" else link.exactly(length)
        self.answered += 1
        if b"x-ballast-reason:" not in lower:
            if b"\r\nx-target: %s\r\n" % target not in lower:
                self.problems.append(f"{target} got {head}")
            if method != b"HEAD" and body != Whimsical.body(target, length):
                self.problems.append(f"{target} got another's body")
        return b"connection: close" not in lower


TRYING = """retries:
      attempts: 2
      on: [ connect-failure, reset, gateway-error ]
      budget: 100%
      perTryTimeout: 200ms
      hedge: 30ms
    ejection: { failures: 0, successRate: 0% }
    timeouts: { response: 2s, total: 5s }"""


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("limits", ["{}", "{ requests: 3, connections: 4, queueTimeout: 500ms }"])
def test_whatever_servers_and_clients_do_each_request_gets_its_own_answer(shop, seed, limits):
    posts: collections.Counter = collections.Counter()
    running = shop(
        Whimsical(f"a{seed}", posts), Whimsical(f"b{seed}", posts), f"{TRYING}\n    limits: {limits}")
    until = time.monotonic() + SECONDS
    clients = [Impatient(running.port, number, seed, until) for number in range(12)]
    for client in clients:
        client.thread.join()
    assert [problem for client in clients for problem in client.problems] == []
    assert sum(client.answered for client in clients) > 50
    assert [target for target, count in posts.items() if count > 1] == []


def test_a_hedge_does_not_open_more_connections_than_allowed(shop):
    lock, links, most = threading.Lock(), [0, 0], [0, 0]

    def script(index: int):
        def serve(link, _):
            with lock:
                links[index] += 1
                most[index] = max(most[index], links[index])
            try:
                while True:
                    link.head()
                    time.sleep(0.05)
                    link.send(ok(b"late"))
            finally:
                with lock:
                    links[index] -= 1

        return serve

    running = shop(script(0), script(1), "retries: { hedge: 10ms, budget: 100% }\n    limits: { connections: 2 }")
    clients = [
        threading.Thread(target=lambda: [request(running.port, "GET", "/") for _ in range(8)]) for _ in range(6)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert max(most) <= 2


def test_clients_that_leave_the_queue_leave_nothing_behind_while_limits_change(shop):
    release = threading.Event()

    def script(link, _):
        while True:
            link.head()
            release.wait(10)
            link.send(ok(b"x"))

    running = shop(script, script, "limits: { requests: 4, queueTimeout: 8s }")
    links = [connect(running.port) for _ in range(150)]
    for link in links:
        link.send(GET)
    wait_until(lambda: busy(running) == 150, 5, "all of them at a server or in the queue")
    for link in links[0::3]:
        link.reset()
    wait_until(lambda: busy(running) == 100, 5, "the rest of them")
    for limits, under_way in [("requests: 8", 16), ("requests: 1, queue: 1", 16), ("requests: 30", 60)]:
        running.write(CONFIGURATION, more=f"limits: {{ {limits}, queueTimeout: 8s }}")
        running.reload()
        wait_until(
            lambda wanted=under_way: wanted - 8 <= Metrics(running.metrics()).sum("ballast_server_inflight") <= wanted,
            5, f"{under_way} under way")
    release.set()
    answers = [link.answer()[0] for index, link in enumerate(links) if index % 3]
    assert set(answers) <= {200, 503} and answers.count(200) > 50


def test_no_cookie_makes_a_session_of_another(shop):
    running = shop(*(lambda link, _, name=name: answer_always(link, name) for name in (b"a", b"b")),
                   "sticky: { cookie: S }")
    cookie = ""
    while not cookie:
        answer = request(running.port, "GET", "/")
        cookie = answer.headers["set-cookie"].partition(";")[0] if answer.text == "a" else ""
    token = cookie.partition("=")[2]
    many = "; ".join(f"k{number}=v" for number in range(3000))
    for kept in [cookie, f"x=1; {cookie}; y", f";;{cookie};;", f"{many}; {cookie}"]:
        assert {request(running.port, "GET", "/", headers={"Cookie": kept}).text for _ in range(4)} == {"a"}
    flipped = token[:-1] + chr(ord(token[-1]) ^ 1)
    for forged in [f"S={flipped}", f"S={token}x", f"S={token[:-1]}", f'S="{token}"', f"s={token}", f"XS={token}", "S=",
                   "S", f"S={token * 1000}"]:
        answer = request(running.port, "GET", "/", headers={"Cookie": forged})
        assert answer.status == 200 and "set-cookie" in answer.headers, forged


def answer_always(link: Link, body: bytes) -> None:
    while True:
        link.head()
        link.send(ok(body))
