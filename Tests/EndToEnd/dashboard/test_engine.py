"""The dashboard of the release binary: the page that it holds, over its own answers."""

import json

import pytest
from playwright.sync_api import expect

from EndToEnd.dashboard.tab import server_row
from EndToEnd.harness.ballast import request
from EndToEnd.harness.waiting import free_port, wait_until

CONFIGURATION = """
listeners: { web: { address: "127.0.0.1:{port}" } }
routes:
  - { match: { path: "/db/*" }, service: db }
  - { match: { host: other.example }, service: shop }
  - { service: shop }
services:
  shop:
    balance: least-time
    servers: [ { name: a, address: "{a}" }, { name: b, address: "{b}" } ]
    health: { http: { path: /healthz }, interval: 200ms }
  db:
    mode: primary-standby
    servers: [ { name: db1, address: "{db1}" }, { name: db2, address: "{db2}" } ]
    health: { http: { path: /healthz }, interval: 200ms }
    standby: { promote: [ /bin/sh, -c, "echo fenced $FROM" ] }
workers: 1
log: { access: { path: "{folder}/access.log" } }
state: { path: ./state }
admin: { address: "127.0.0.1:{admin}" }
"""


@pytest.fixture
def engine(ballast, servers):
    named = servers("a", "b", "db1", "db2")
    one = ballast(CONFIGURATION, **{server.name: server.address for server in named})
    one.wait_for_healthy("shop", 2)
    wait_until(lambda: one.server("db", "db1").get("role") == "active", 10, "an active server")
    return one


@pytest.fixture
def base(engine):
    return f"http://127.0.0.1:{engine.admin}"


def test_a_request_is_explained_with_routes_candidates_and_choice(engine, open_tab):
    tab = open_tab(page="explain")
    tab.page.locator("#explain").get_by_label("URL").fill("/cart")
    tab.page.keyboard.press("Enter")
    headline, lines = tab.page.locator("#explain-headline"), tab.page.locator("#explain-lines")
    expect(headline).to_contain_text("of shop, by least-time.")
    expect(lines).to_contain_text("takes only the host other.example")
    expect(lines).to_contain_text("takes only the path /db/*")
    expect(lines).to_contain_text("2 healthy of tier 0")
    expect(lines.locator("li.yes", has_text="chosen by least-time")).to_contain_text("weight 1, 0 in flight")
    assert tab.complaints == []


def test_a_request_is_looked_up_by_its_id(engine, open_tab):
    page = open_tab(page="explain").page
    assert request(engine.port, "GET", "/db/rows").status == 200
    log = engine.folder / "access.log"
    wait_until(lambda: log.exists() and log.read_text().endswith("\n"), 10, "a line in the access log")
    page.locator("#trace input").fill(json.loads(log.read_text())["requestId"])
    page.keyboard.press("Enter")
    expect(page.locator("#trace-headline")).to_contain_text("Answered 200 by db1 after")
    expect(page.locator("#trace-lines")).to_contain_text("/db/rows from 127.0.0.1")
    expect(page.locator("#trace-lines li.yes")).to_contain_text("chosen by the balancer")
    page.locator("#trace input").fill("nonsense")
    page.keyboard.press("Enter")
    expect(page.locator("#trace-headline")).to_contain_text("32 hexadecimal digits")
    expect(page.locator("#trace-lines li")).to_have_count(0)


def test_a_standby_is_promoted_from_the_page(engine, open_tab):
    page = open_tab(page="services/db").page
    page.get_by_role("button", name="Promote db2").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("db1 takes no more requests")
    expect(dialog).to_contain_text("If it succeeds, db2 is active")
    assert engine.server("db", "db1")["role"] == "active"
    dialog.get_by_role("button", name="Promote").click()
    expect(dialog).to_have_count(0)
    expect(server_row(page, "db2").locator(".role")).to_have_text("active")
    expect(server_row(page, "db1").locator(".role")).to_have_text("standby")
    assert request(engine.port, "GET", "/db/").text.startswith("db2 ")


def test_a_service_tells_its_algorithm_and_its_availability(engine, open_tab):
    page = open_tab(page="services/shop").page
    expect(page.locator(".about").first).to_contain_text("balanced by least-time: the configuration names it")
    page.locator(".availability summary").click()
    expect(page.locator(".availability").get_by_role("status")).to_contain_text("Measured 100%, never down in")
    expect(page.locator(".availability").get_by_role("row")).to_have_count(7)


PUBLIC = CONFIGURATION.replace(
    'admin: { address: "127.0.0.1:{admin}" }',
    'admin: { address: "127.0.0.1:{admin}", statusPage: { address: "127.0.0.1:{public}", title: "The shop", services: [ shop, db ] } }')


@pytest.fixture
def public(ballast, servers):
    named = servers("a", "b", "db1", "db2")
    one = ballast(PUBLIC, public=free_port(), **{server.name: server.address for server in named})
    one.wait_for_healthy("shop", 2)
    return one, {server.name: server for server in named}


def test_the_status_page_tells_everybody_what_works_and_nothing_else(public, browser):
    one, servers = public
    port = one.names["public"]
    for path in ("/v1/services", "/v1/config", "/metrics", "/healthz", "/dashboard.js", "/v1/live"):
        assert request(port, "GET", path).status == 404
    assert request(port, "POST", "/status.json", b"{}").status in (405, 413)
    # Whatever name the proxy in front of it has.
    assert request(port, "GET", "/status.json", headers={"Host": "status.example.com"}).status == 200
    for name in ("db1", "db2"):
        servers[name].kill()

    def told():
        return request(port, "GET", "/status.json").json()

    wait_until(lambda: told()["services"][1]["state"] == "down" and told()["outages"], 20, "the outage on the page")
    status = told()
    assert status["title"] == "The shop" and status["state"] == "down"
    assert [service["name"] for service in status["services"]] == ["shop", "db"]
    assert status["services"][1]["days"][-1] > 0 and status["services"][1]["days"][0] is None
    assert "db1" not in json.dumps(status) and "127.0.0.1" not in json.dumps(status)

    context = browser.new_context()
    page, complaints = context.new_page(), []
    page.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
    page.goto(f"http://127.0.0.1:{port}/")
    expect(page.locator("h1")).to_have_text("The shop")
    expect(page.locator("#headline")).to_have_text("Some services are down")
    expect(page.locator("#services li")).to_have_count(2)
    expect(page.locator("#services li").last).to_contain_text("down")
    expect(page.locator("#outages li").first).to_contain_text("goes on")
    assert complaints == []
    context.close()


def test_a_reload_moves_the_status_page_and_takes_it_away(public):
    one, _ = public
    former, fresh = one.names["public"], free_port()
    one.write(PUBLIC, public=fresh)
    one.reload_and_wait()
    assert request(fresh, "GET", "/").status == 200
    with pytest.raises(OSError):
        request(former, "GET", "/", seconds=2)
    one.write(CONFIGURATION)
    one.reload_and_wait()
    with pytest.raises(OSError):
        request(fresh, "GET", "/", seconds=2)
    assert request(one.admin, "GET", "/healthz").status == 200
