"""Files that stand in for our own error answers."""

import pytest

from EndToEnd.harness.ballast import request
from EndToEnd.harness.metrics import Metrics
from EndToEnd.harness.scripted import connect
from EndToEnd.harness.waiting import free_port, wait_until

CONFIGURATION = """\
listeners:
  web: { address: "127.0.0.1:{port}", errors: { 404: listener.txt } }
routes:
  - { match: { path: "/own/*" }, service: shop, errors: { 5xx: route.xml } }
  - { match: { path: "/shop/*" }, service: shop }
services:
  shop: { servers: [ "127.0.0.1:{dead}" ], health: { none: {} }, retries: { attempts: 0 } }
admin: { address: "127.0.0.1:{admin}" }
state: { path: "{folder}/state" }
workers: 1
errors: { 502: [ top.html, top.json ], 4xx: other.html }
"""
PAGES = {
    "listener.txt": "nothing here\n", "route.xml": "<route/>", "top.html": "<h1>soon</h1>", "top.json": '{"own":1}',
    "other.html": "<h1>your fault</h1>",
}


@pytest.fixture
def running(ballast):
    one = ballast(CONFIGURATION, start=False, dead=free_port())
    for name, text in PAGES.items():
        (one.folder / name).write_text(text)
    return one.start()


def test_a_page_is_the_route_s_then_the_listener_s_then_the_one_for_all(running):
    own = request(running.port, "GET", "/own/")
    assert (own.status, own.text, own.headers["content-type"]) == (502, "<route/>", "application/xml")
    assert own.headers["x-ballast-reason"] == "connect-failure"
    shop = request(running.port, "GET", "/shop/")
    assert (shop.status, shop.text, shop.headers["content-type"]) == (502, "<h1>soon</h1>", "text/html; charset=utf-8")
    none = request(running.port, "GET", "/none")
    assert (none.status, none.text, none.headers["content-type"]) == (404, "nothing here\n", "text/plain; charset=utf-8")
    client = connect(running.port)
    client.send(b"GET / HTTP/1.1\r\n\r\n")
    answer = client.rest()
    assert answer.startswith(b"HTTP/1.1 400 ") and answer.endswith(b"<h1>your fault</h1>")


def test_who_asks_for_json_gets_json(running):
    wanted = {"Accept": "application/json"}
    shop = request(running.port, "GET", "/shop/", headers=wanted)
    assert (shop.json(), shop.headers["content-type"]) == ({"own": 1}, "application/json")
    # The route's page is none for it, so that the next one counts.
    assert request(running.port, "GET", "/own/", headers=wanted).json() == {"own": 1}
    none = request(running.port, "GET", "/none", headers=wanted)
    assert none.json()["error"]["code"] == "no-route"


def test_head_has_the_page_s_length_and_no_body(running):
    client = connect(running.port)
    client.send(b"HEAD /shop/ HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    head = client.head()
    assert b"Content-Length: 13\r\n" in head
    assert client.rest().startswith(b"HTTP/1.1 404 ")


def test_a_reload_takes_what_the_files_say_now_and_refuses_one_that_is_gone(running):
    def reloads(result: str) -> float:
        return Metrics(running.metrics()).sum("ballast_config_reloads_total", result=result)

    (running.folder / "top.html").write_text("<h1>later</h1>")
    running.reload()
    wait_until(lambda: reloads("success") == 1, 5, "the reload")
    assert request(running.port, "GET", "/shop/").text == "<h1>later</h1>"
    (running.folder / "top.html").unlink()
    running.reload()
    wait_until(lambda: reloads("failure") == 1, 5, "the refusal")
    assert request(running.port, "GET", "/shop/").text == "<h1>later</h1>"
    checked = running.run_command("check", str(running.file))
    assert checked.returncode == 1
    assert f"{running.file}:11:18: error: " in checked.stderr and "top.html" in checked.stderr
