"""The dashboard in a real browser, against a stand-in, or a running Ballast:
`BALLAST_ADMIN=http://127.0.0.1:9900 pytest Tests/EndToEnd/dashboard` (what needs a fault on demand is skipped).
"""

import json
import re

import pytest
from playwright.sync_api import expect

from EndToEnd.dashboard.fake_ballast import Cluster, FakeBallast
from EndToEnd.dashboard.tab import Tab, server_row

UNREACHABLE = re.compile(r"Failed to load resource")


def test_the_page_answers_whether_anything_is_wrong_without_a_complaint(open_tab):
    tab = open_tab()
    expect(tab.page.locator("#headline")).to_have_text(re.compile(r"up|degraded|down|No services"))
    expect(tab.page.locator("#total-requests")).to_have_text(re.compile(r"[\d.,<]+"))
    expect(tab.page.locator(".chart svg").first).to_have_attribute("aria-label", re.compile("last 10 minutes"))
    assert tab.complaints == []


def test_the_policy_of_the_files_forbids_all_that_is_foreign_or_inline(open_tab, base):
    answer = open_tab().page.request.get(base)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "style=" not in answer.text()
    assert "<script>" not in answer.text()
    assert not re.search(r"""(src|href)=["'](https?:)?//""", answer.text())


def test_a_healthy_cluster_reads_all_services_up(fake, open_tab):
    page = open_tab().page
    expect(page.locator("#headline")).to_have_text("All services up")
    expect(page.locator("#subline")).to_have_text("3 services, 7 servers, all taking work")
    expect(page.locator("#total-faults")).to_have_text("0")
    assert page.locator(".service h2").all_text_contents() == ["storefront", "catalog", "orders"]
    expect(server_row(page, "orders-2")).to_contain_text("Healthy")
    expect(server_row(page, "orders-2")).to_contain_text("pid 4106")


def test_a_dead_server_is_named_at_the_top_with_its_fault_and_its_return(fake, open_tab):
    page = open_tab().page
    fake.cluster.fail("storefront-2")
    expect(page.locator("#headline")).to_have_text("storefront is degraded: 1 of 3 servers down")
    expect(page).to_have_title("▲ storefront is degraded: 1 of 3 servers down")
    expect(server_row(page, "storefront-2")).to_contain_text("connection refused")
    fault = page.locator("#faults > li").first
    expect(fault).to_contain_text("Server unhealthy: storefront-2")
    expect(fault).to_contain_text(re.compile(r"open for \d+ s"))
    expect(page.locator("#events li").first).to_contain_text("storefront-2 is unhealthy")
    fake.cluster.recover("storefront-2")
    expect(page.locator("#headline")).to_have_text("All services up")
    expect(fault).to_contain_text(re.compile(r"lasted \d+\.\d s"))


def test_a_service_without_servers_reads_down(fake, open_tab):
    page = open_tab().page
    for name in ("orders-1", "orders-2"):
        fake.cluster.fail(name)
    expect(page.locator("#headline")).to_have_text("orders is down")
    expect(page.locator("#subline")).to_contain_text("2 of 2 servers down")


def test_a_service_that_is_asleep_is_no_trouble(fake, open_tab):
    fake.cluster.sleep("orders")
    page = open_tab().page
    expect(page.locator("#headline")).to_have_text("All services up")
    expect(page.locator("#subline")).to_have_text("3 services, 5 servers, all taking work; 1 service asleep")
    card = page.locator(".service").filter(has_text="orders")
    expect(card).to_contain_text("Asleep")
    expect(card).to_contain_text("no replica until a request comes")


def test_open_faults_stand_above_newer_resolved_ones(fake, open_tab):
    fake.cluster.fail("catalog-1")
    fake.cluster.fail("catalog-2")
    fake.cluster.recover("catalog-2")
    items = open_tab().page.locator("#faults > li")
    expect(items).to_have_count(2)
    expect(items.nth(0)).to_contain_text("catalog-1")
    expect(items.nth(1)).to_contain_text("catalog-2")


def test_draining_asks_first_then_puts_the_state(open_tab, base):
    page = open_tab().page
    puts = []
    page.on("request", lambda request: request.method == "PUT" and puts.append(request))
    row = page.locator("tbody tr").first
    name = row.locator("[data-field=name]").text_content()
    service = page.locator(".service h2").first.text_content()

    row.get_by_role("button", name="Drain").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"Drain {name}?")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert puts == []

    row.get_by_role("button", name="Drain").click()
    with page.expect_response(lambda answer: answer.request.method == "PUT") as answered:
        page.get_by_role("dialog").get_by_role("button", name="Drain").click()
    assert answered.value.ok
    assert puts[0].url.endswith(f"/v1/servers/{service}/{name}")
    assert json.loads(puts[0].post_data) == {"state": "draining"}
    expect(row).to_contain_text("Draining")

    row.get_by_role("button", name="Ready").click()
    page.get_by_role("dialog").get_by_role("button", name="Ready").click()
    expect(row).to_contain_text("Healthy")


def test_a_weight_is_set_by_the_keyboard_alone(fake, open_tab):
    page = open_tab().page
    server_row(page, "orders-1").get_by_role("button", name="Weight of orders-1").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(server_row(page, "orders-1").get_by_role("button", name="Weight")).to_have_text("5")
    assert fake.changes == [("/v1/servers/orders/orders-1", {"weight": 5})]


def test_the_last_server_of_a_service_is_not_drained_without_a_warning(fake, open_tab):
    fake.cluster.fail("orders-1")
    page = open_tab().page
    page.get_by_role("button", name="Drain orders-2").click()
    expect(page.get_by_role("dialog")).to_contain_text("No other server of orders takes work")


def test_a_refused_change_shows_the_reason_and_stays_open(fake, open_tab):
    fake.refusal = "the configuration is being reloaded"
    page = open_tab().page
    page.get_by_role("button", name="Maintain catalog-1").click()
    page.get_by_role("dialog").get_by_role("button", name="Maintain").click()
    expect(page.get_by_role("dialog")).to_contain_text("the configuration is being reloaded")


def test_a_cut_stream_is_said_and_mends_by_itself(fake, open_tab):
    tab = open_tab()
    fake.cut()
    banner = tab.page.locator("#lost")
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("Connection lost, retrying.")
    expect(tab.page.locator("body")).to_have_class("stale")
    fake.cluster.fail("storefront-1")
    fake.mend()
    expect(banner).to_be_hidden(timeout=10_000)
    expect(tab.page.locator("#headline")).to_contain_text("storefront is degraded")
    expect(tab.page.locator("#faults > li")).to_have_count(1)
    assert [text for text in tab.complaints if not UNREACHABLE.search(text)] == []


def test_a_stream_that_falls_silent_counts_as_lost(fake, open_tab):
    page = open_tab().page
    fake.period = 60
    # The page waits for some beats; a busy machine gives its timers late.
    expect(page.locator("#lost")).to_be_visible(timeout=30_000)


def test_text_from_the_data_never_becomes_markup(browser):
    hostile = "<img src=x onerror=alert(1)>"
    fake = FakeBallast(cluster=Cluster({hostile: (2, 5.0)}))
    try:
        fake.cluster.fail(f"{hostile}-1", cause=hostile)
        tab = Tab(browser, fake.address)
        expect(tab.page.locator(".service h2")).to_have_text(hostile)
        expect(tab.page.locator("#faults > li")).to_contain_text(hostile)
        assert tab.page.locator("img").count() == 0
        assert tab.complaints == []
        tab.context.close()
    finally:
        fake.stop()


def test_the_theme_follows_the_system_until_it_is_chosen_and_is_remembered(open_tab):
    page = open_tab(color_scheme="dark").page
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.get_by_role("button", name="Use light colours").click()
    light = page.evaluate(background)
    assert light != dark
    page.reload()
    expect(page.get_by_role("button", name="Use dark colours")).to_be_visible()
    assert page.evaluate(background) == light


@pytest.mark.parametrize("width", [360, 768, 1000, 1440])
def test_nothing_is_wider_than_the_window(open_tab, width):
    page = open_tab(viewport={"width": width, "height": 800}).page
    expect(page.locator(".chart svg path").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_chart_is_read_by_the_arrow_keys(open_tab):
    page = open_tab().page
    chart = page.locator(".chart").first
    chart.locator("svg").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(chart.locator(".cursor")).to_have_count(1)
    expect(chart.locator(".reading")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
