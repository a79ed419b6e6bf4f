"""Clients that stay with their server: cookies of ours, cookies of the servers, addresses, and hashes."""

import collections
import http.client
import re

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.scripted import Scripted
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}" }
services:
  shop:
    servers:
      - { name: a, address: "{a}" }
      - { name: b, address: "{b}" }
      - { name: c, address: "{c}" }
    health: { tcp: {}, interval: 100ms, fall: 1 }
    slowStart: 0s
    {more}
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 2
"""


@pytest.fixture
def shop(ballast, servers):
    def make(more: str):
        a, b, c = servers("a", "b", "c")
        running = ballast(CONFIGURATION, a=a.address, b=b.address, c=c.address, more=more)
        running.servers = {"a": a, "b": b, "c": c}
        running.wait_for_healthy("shop", 3)
        return running

    return make


def ask(running, path: str = "/", **headers: str):
    answer = request(running.port, "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status == 200, answer.text
    return answer


def server_of(answer) -> str:
    return answer.text.split()[0]


def placed(running, count: int = 8, **headers: str) -> set[str]:
    """Each on a connection of its own, so that all workers are asked."""
    return {server_of(ask(running, **headers)) for _ in range(count)}


def test_an_inserted_cookie_binds_a_client_to_its_server(shop):
    running = shop("sticky: { cookie: SHOP, ttl: 1h }")
    first = ask(running)
    cookie = first.headers["set-cookie"]
    assert re.fullmatch(r"SHOP=[\w-]{24}; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600", cookie), cookie
    assert "private" in first.headers["cache-control"]
    value = cookie.partition(";")[0]
    for _ in range(16):
        answer = ask(running, Cookie=f"other=1; {value}")
        assert server_of(answer) == server_of(first)
        assert "set-cookie" not in answer.headers


def test_a_forged_cookie_binds_nobody(shop):
    running = shop("sticky: { cookie: SHOP }")
    cookie = ask(running).headers["set-cookie"].partition(";")[0]
    forged = cookie[:-1] + ("A" if cookie[-1] != "A" else "B")
    assert "set-cookie" in ask(running, Cookie=forged).headers


def test_sessions_hold_over_a_reload_a_restart_and_other_servers(shop):
    running = shop("sticky: { cookie: SHOP }")
    first = ask(running)
    cookie = first.headers["set-cookie"].partition(";")[0]
    version = running.get("/v1/status")["topologyVersion"]
    text = running.file.read_text()
    running.file.write_text(text.replace("interval: 100ms", "interval: 150ms"))
    running.reload()
    wait_until(lambda: running.get("/v1/status")["topologyVersion"] > version, 10, "the new topology")
    assert placed(running, Cookie=cookie) == {server_of(first)}
    assert running.stop() == 0
    running.start()
    running.wait_for_healthy("shop", 3)
    assert placed(running, Cookie=cookie) == {server_of(first)}


def test_a_draining_server_keeps_its_sessions_and_takes_no_new_ones(shop):
    running = shop("sticky: { cookie: SHOP }")
    first = ask(running)
    name = server_of(first)
    cookie = first.headers["set-cookie"].partition(";")[0]
    running.change("PUT", f"/v1/servers/shop/{name}", {"state": "draining"})
    wait_until(lambda: name not in placed(running), 5, "no new sessions on a draining server")
    assert placed(running, Cookie=cookie) == {name}
    running.change("PUT", f"/v1/servers/shop/{name}", {"state": "maintenance"})
    moved = wait_until(lambda: [one for one in [ask(running, Cookie=cookie)] if server_of(one) != name], 5, "a hand-over")[0]
    assert "set-cookie" in moved.headers


@pytest.mark.parametrize("more", ["sticky: { cookie: sid, insert: false, ttl: 1h }", "sticky: { source: client-ip }"])
def test_a_dead_server_hands_its_sessions_over_once(shop, more):
    """By the table: the client goes to one other server and stays there when the first comes back."""
    running = shop(more)
    headers = {"Cookie": "sid=abc"}
    first = server_of(ask(running, **headers))
    wait_until(lambda: placed(running, **headers) == {first}, 5, "all workers know of the session")
    running.servers[first].kill()
    second = server_of(ask(running, **headers))
    assert second != first
    wait_until(lambda: placed(running, **headers) == {second}, 5, "all workers know of the hand-over")
    running.servers[first].start()
    running.wait_for_healthy("shop", 3)
    assert placed(running, **headers) == {second}


def test_a_cookie_of_the_server_is_learned_from_its_answer(ballast):
    def login(name: bytes):
        def script(link, _):
            while True:
                link.head()
                link.send(
                    b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=of-%s; Path=/\r\nContent-Length: 1\r\n\r\n%s" % (name, name))

        return Scripted(script)

    made = {name: login(name.encode()) for name in ("a", "b", "c")}
    running = ballast(
        CONFIGURATION, **{name: f"127.0.0.1:{server.port}" for name, server in made.items()},
        more="sticky: { cookie: sid, insert: false }")
    running.wait_for_healthy("shop", 3)
    for name in ("a", "b", "c"):
        wait_until(lambda: server_of(ask(running)) == name, 5, f"an answer of {name}")
        wait_until(lambda: placed(running, Cookie=f"sid=of-{name}") == {name}, 5, "all workers learned it")
    running.stop()
    for server in made.values():
        server.stop()


@pytest.mark.parametrize("method", ["ring", "maglev", "rendezvous"])
def test_a_key_goes_to_one_server_on_all_workers_and_keys_spread(shop, method):
    running = shop(f'balance: {{ algorithm: hash, key: "header:X-User", method: {method} }}')
    counts: collections.Counter[str] = collections.Counter()
    for user in range(60):
        found = placed(running, 3, X_User=f"user-{user}")
        assert len(found) == 1
        counts[found.pop()] += 1
    assert len(counts) == 3 and min(counts.values()) >= 6, counts
    # The keys of a server that died go to the others, and only those.
    before = {user: server_of(ask(running, X_User=f"user-{user}")) for user in range(60)}
    running.servers["b"].kill()
    running.wait_for_healthy("shop", 2)
    after = {user: server_of(ask(running, X_User=f"user-{user}")) for user in range(60)}
    moved = sum(after[user] != before[user] for user in before if before[user] != "b")
    assert "b" not in after.values() and moved <= 4, moved


@pytest.mark.parametrize(
    "key, same, other",
    [
        ("cookie:sid", {"Cookie": "a=1; sid=x"}, {"Cookie": "sid=y"}),
        ("query:id", "/p?a=1&id=7", "/p?id=8"),
        ("uri", "/a?b", "/a?c"),
    ],
)
def test_every_part_of_a_request_can_be_the_key(shop, key, same, other):
    running = shop(f'balance: {{ algorithm: hash, key: "{key}" }}')

    def where(one) -> str:
        return server_of(ask(running, one) if isinstance(one, str) else ask(running, **one))

    assert len({where(same) for _ in range(8)}) == 1
    assert len({where(other) for _ in range(8)}) == 1


def test_the_cookie_stands_beside_those_of_the_server(ballast):
    def script(link, _):
        while True:
            link.head()
            link.send(b"HTTP/1.1 200 OK\r\nSet-Cookie: theirs=1\r\nContent-Length: 0\r\n\r\n")

    server = Scripted(script)
    address = f"127.0.0.1:{server.port}"
    running = ballast(CONFIGURATION, a=address, b=address, c=address, more="sticky: { cookie: SHOP }")
    running.wait_for_healthy("shop", 3)
    link = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    link.request("GET", "/")
    cookies = link.getresponse().headers.get_all("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["theirs", "SHOP"]
    running.stop()
    server.stop()
