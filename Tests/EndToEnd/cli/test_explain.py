"""`ballast explain`, against the real engine: where a request would go, and where one went."""

import json
import re

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """
workers: 2
listeners: { web: { address: "127.0.0.1:{port}" } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
log: { access: { path: "{folder}/access.log", format: json } }
routes:
  - { name: admin, match: { host: admin.example.com }, service: shop }
  - { name: api, match: { path: "/api/*" }, service: shop }
services:
  shop:
    servers:
      - { name: a, address: "{a}" }
      - { name: b, address: "{b}" }
      - { name: idle, address: "{b}", weight: 0 }
    balance: { algorithm: hash, key: [ "header:X-User" ] }
    sticky: { cookie: SHOP }
    retries: { attempts: 2 }
"""


@pytest.fixture
def shop(ballast, servers):
    first, second = servers("a", "b")
    one = ballast(CONFIGURATION, a=first.address, b=second.address)
    one.wait_for_healthy("shop", 3)
    one.first, one.second = first, second

    def explain(*words):
        return one.run_command("explain", *words, "--admin", f"http://127.0.0.1:{one.admin}")

    one.explain = explain
    return one


def logged(shop, count):
    """The access log's lines, once there are so many."""
    file = shop.folder / "access.log"

    def lines():
        found = file.read_text().splitlines() if file.exists() else []
        return found if len(found) >= count else None

    return [json.loads(line) for line in wait_until(lines, 10, f"{count} lines in the access log")]


def test_it_names_the_server_that_the_request_then_goes_to(shop):
    for user in range(8):
        told = json.loads(shop.explain("GET", "/api/x", "-H", f"X-User: {user}", "-o", "json").stdout)
        choices = {worker["server"] for worker in told["workers"]}
        assert len(choices) == 1 and len(told["workers"]) == 2
        answer = request(shop.port, "GET", "/api/x", headers={"X-User": str(user)})
        assert answer.text.split()[0] in choices


def test_every_route_tells_why(shop):
    told = json.loads(shop.explain("GET", "http://shop/api/x", "-o", "json").stdout)
    assert [(trial["route"], trial["result"]) for trial in told["routes"]] == [
        ("admin", "host"), ("api", "matched")]
    told = json.loads(shop.explain("GET", "http://shop/other", "-o", "json").stdout)
    assert [trial["result"] for trial in told["routes"]] == ["host", "path"]
    assert "service" not in told and told["workers"] == []
    text = shop.explain("GET", "http://shop/other").stdout
    assert "404, no-route" in text and "takes only the path /api/*" in text


def test_people_get_a_story_with_marks(shop):
    done = shop.explain("GET", "http://shop/api/x", "-H", "X-User: 1")
    assert done.returncode == 0
    for part in [
        "✗ admin: takes only the host admin.example.com", "✓ api", "hashed: header:x-user",
        "session: none yet; cookie SHOP of ours would begin one", "worker 0: 2 healthy of tier 0",
        "weight-zero", "2 more tries after connect-failure, reset", "timeouts: connect 3s",
    ]:
        assert part in done.stdout, done.stdout
    assert re.search(r"→ [ab], by hash", done.stdout)
    assert "\x1b" not in done.stdout


def test_a_session_decides(shop):
    answer = request(shop.port, "GET", "/api/x", headers={"X-User": "1"})
    cookie = answer.headers["set-cookie"].split(";")[0]
    for user in range(6):
        told = json.loads(shop.explain(
            "GET", "/api/x", "-H", f"X-User: {user}", "-H", f"Cookie: {cookie}", "-o", "json").stdout)
        assert told["session"]["server"] == answer.text.split()[0]
        assert {worker["chosenBy"] for worker in told["workers"]} == {"session"}


def test_what_nobody_could_send_is_told(shop):
    assert "400 itself: bad-" in shop.explain("GET", "/api/a b").stderr
    assert "several-hosts" in shop.explain(
        "GET", "http://shop/", "-H", "Host: a", "-H", "Host: b").stderr
    assert shop.explain("GET", "shop").returncode == 2
    assert shop.explain("GET", "/", "-H", "nothing").returncode == 2
    assert shop.explain("GET", "/", "--listener", "none").returncode == 1


def test_a_request_is_traced_by_its_id(shop):
    request(shop.port, "GET", "/api/x?y=1")
    line = logged(shop, 1)[0]
    told = json.loads(shop.explain(line["requestId"], "-o", "json").stdout)
    assert (told["target"], told["route"], told["service"]) == ("/api/x?y=1", "api", "shop")
    assert told["status"] == 200
    (only,) = told["tries"]
    assert (only["server"], only["because"], only["end"]) == (line["server"], "chosen", "answered")
    assert abs(told["duration"] * 1000 - line["total"]) < 0.01
    text = shop.explain(line["requestId"]).stdout
    assert "chosen by the balancer, connected in" in text and ": 200 in" in text and "listener web → route api → service shop" in text


def test_a_retried_request_shows_both_tries(shop):
    victim = json.loads(shop.explain("GET", "/api/x", "-H", "X-User: 3", "-o", "json").stdout)
    name = victim["workers"][0]["server"]
    {"a": shop.first, "b": shop.second}[name].kill()
    answer = request(shop.port, "GET", "/api/x", headers={"X-User": "3"})
    assert answer.status == 200
    line = logged(shop, 1)[0]
    told = json.loads(shop.explain(line["requestId"], "-o", "json").stdout)
    assert [one["server"] for one in told["tries"]] == [name, "b" if name == "a" else "a"]
    assert [one["end"] for one in told["tries"]] == ["connect-failure", "answered"]
    assert told["tries"][1]["because"] == "connect-failure"


def test_an_unknown_id_says_how_far_back_it_looked(shop):
    done = shop.explain("0" * 32)
    assert done.returncode == 1
    assert "among the last 0" in done.stderr
    request(shop.port, "GET", "/api/x")
    logged(shop, 1)
    assert "among the last 1 since this engine started" in shop.explain("0" * 32).stderr
    assert shop.explain("0" * 31).returncode == 2
