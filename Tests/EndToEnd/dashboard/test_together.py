"""The pages of people, faults and alerts over the answers of the release binary."""

import re

import pytest
from playwright.sync_api import expect

from EndToEnd.dashboard.tab import server_row
from EndToEnd.dashboard.test_people import dialog
from EndToEnd.harness.ballast import request
from EndToEnd.harness.waiting import wait_until

CONFIGURATION = """
listeners: { web: { address: "127.0.0.1:{port}" } }
services:
  shop:
    servers: [ { name: a, address: "{a}" }, { name: b, address: "{b}" } ]
    health: { http: { path: /healthz }, interval: 200ms }
workers: 1
log: { access: { path: off } }
state: { path: ./state }
faults: { quiet: 1s }
admin: { address: "127.0.0.1:{admin}" }
"""
PASSWORD = "correct horse battery"
SLOW = 40_000  # Milliseconds: a password is hashed at a cost, and a busy machine has little to give.


@pytest.fixture
def shop(ballast, servers):
    named = servers("a", "b")
    one = ballast(CONFIGURATION, **{server.name: server.address for server in named})
    one.wait_for_healthy("shop", 2)
    return one, {server.name: server for server in named}


@pytest.fixture
def base(shop):
    return f"http://127.0.0.1:{shop[0].admin}"


def sign_in(page, name):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_every_page_opens_over_the_real_answers_without_a_complaint(shop, open_tab):
    tab = open_tab()
    for name in ("", "map", "services", "services/shop", "faults", "alerts", "deployments", "events", "logs", "config", "audit",
                 "explain", "users", "system"):
        tab.open(name)
        expect(tab.page.locator("#main h1").first).to_be_visible()
        tab.page.wait_for_load_state("load")
        expect(tab.page.locator("#toast")).to_have_text("")
    assert tab.complaints == []
    assert tab.strangers == []


def test_a_fault_is_acknowledged_gets_its_cause_and_closes_by_itself(shop, open_tab):
    one, servers = shop
    servers["a"].kill()
    tab = open_tab()
    page = tab.page
    expect(page.locator("#headline")).to_have_text("shop is degraded: 1 of 2 servers down", timeout=15_000)
    page.locator(".needs li").first.get_by_role("link").click()
    expect(page.locator(".moments")).to_contain_text("first sign")
    page.get_by_role("button", name="Acknowledge").click()
    dialog(page).get_by_label("Note").fill("on my way")
    dialog(page).get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".page-title .sign")).to_have_text("acknowledged")
    page.get_by_role("button", name="Edit the cause").click()
    dialog(page).get_by_label("Cause").fill("the rack has no power")
    dialog(page).get_by_role("button", name="Save").click()
    expect(page.locator(".facts")).to_contain_text("the rack has no power")
    servers["a"].start()
    expect(page.locator(".page-title .sign")).to_have_text("resolved", timeout=20_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Post-mortem").click()
    assert "the rack has no power" in download.value.path().read_text()
    assert tab.complaints == []


def test_the_first_user_makes_everybody_sign_in_and_the_audit_names_who_changed_what(shop, open_tab):
    one, _ = shop
    tab = open_tab(page="users")
    page = tab.page
    for name, role in (("ann", "admin"), ("vic", "viewer")):
        if name == "vic":
            tab.open("users")
        page.get_by_role("button", name="Add a user").click()
        dialog(page).get_by_label("Name").fill(name)
        dialog(page).get_by_label("Password").fill(PASSWORD)
        dialog(page).get_by_label("Role").select_option(role)
        dialog(page).get_by_role("button", name="Add").click()
        if name == "ann":
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=SLOW)
            sign_in(page, "ann")
            expect(page.locator("#pages")).to_be_visible(timeout=SLOW)
        expect(dialog(page)).to_have_count(0, timeout=SLOW)
    tab.open("services/shop")
    page.get_by_role("button", name="Drain b").click()
    dialog(page).get_by_role("button", name="Drain").click()
    expect(server_row(page, "b")).to_contain_text("Draining")
    assert request(one.admin, "PUT", "/v1/servers/shop/b", b'{"state":"ready"}').status == 401
    tab.open("audit")
    row = page.locator(".audit tbody tr").filter(has_text="server.change")
    expect(row).to_contain_text("ann")
    expect(row).to_contain_text("Dashboard")
    page.get_by_role("button", name="Verify").click()
    expect(page.locator(".audit-told")).to_contain_text("Nothing was altered, removed or reordered")
    page.locator(".user summary").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "vic")
    expect(page.locator("#pages")).to_be_visible(timeout=SLOW)
    tab.open("services/shop")
    expect(server_row(page, "b")).to_contain_text("Draining")
    expect(page.locator("#main").get_by_role("button", name=re.compile("Ready|Maintain"))).to_have_count(0)
    expect(page.locator("#pages a[data-page=config]")).to_have_count(0)


def test_a_silence_is_made_and_ended(shop, open_tab):
    one, _ = shop
    tab = open_tab(page="alerts")
    page = tab.page
    page.get_by_role("button", name="Silence", exact=True).click()
    dialog(page).get_by_label("Labels, one a line").fill("service=shop")
    dialog(page).get_by_label("Why").fill("a rehearsal")
    dialog(page).get_by_role("button", name="Silence").click()
    expect(dialog(page)).to_have_count(0)
    row = page.locator("tbody tr").filter(has_text="a rehearsal")
    expect(row).to_contain_text("service=shop")
    assert wait_until(lambda: one.get("/v1/silences"), 5, "the silence")
    row.get_by_role("button", name="End").click()
    dialog(page).get_by_role("button", name="End it").click()
    expect(row).to_have_count(0)
    assert tab.complaints == []
