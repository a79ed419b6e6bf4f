"""The dashboard in a browser, against a stand-in for Ballast or, with BALLAST_ADMIN, a real one."""

import json
import re

import pytest
from playwright.sync_api import expect

from EndToEnd.dashboard.fake_ballast import Cluster, FakeBallast
from EndToEnd.dashboard.tab import Tab, server_row, service_row

# What the browser itself says of a connection that is refused, not the page.
UNREACHABLE = re.compile(r"Failed to load resource|ERR_|EventSource")
PAGES = ["", "map", "services", "services/storefront", "faults", "faults/1", "alerts", "deployments", "events", "logs", "config",
         "audit", "explain", "users", "system"]


def dialog(page):
    return page.get_by_role("dialog")


def test_every_page_opens_without_a_complaint_and_asks_nobody_else(fake, open_tab):
    fake.cluster.fail("storefront-2")
    tab = open_tab()
    for name in PAGES:
        tab.open(name)
        expect(tab.page.locator("#main h1").first).to_be_visible()
        expect(tab.page.locator("#pages a[aria-current]")).to_have_count(1)
    assert tab.complaints == []
    assert tab.strangers == []


def test_the_policy_of_the_files_forbids_all_that_is_foreign_or_inline(open_tab, base):
    answer = open_tab().page.request.get(base)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in policy and "require-trusted-types-for 'script'" in policy
    assert "style=" not in answer.text()
    assert "<script>" not in answer.text()
    assert not re.search(r"""(src|href)=["'](https?:)?//""", answer.text())


@pytest.mark.parametrize("width, scheme", [(360, "dark"), (768, "light"), (1000, "dark"), (1440, "light")])
def test_no_page_is_wider_than_the_window(fake, open_tab, width, scheme):
    fake.cluster.fail("storefront-2", cause="x" * 200)
    tab = open_tab(viewport={"width": width, "height": 800}, color_scheme=scheme)
    for name in PAGES:
        tab.open(name)
        expect(tab.page.locator("#main h1").first).to_be_visible()
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_every_word_of_every_page_is_there_in_chinese(fake, open_tab):
    fake.cluster.fail("storefront-2")
    tab = open_tab(locale="zh-CN")
    expect(tab.page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(tab.page.locator("#headline")).to_have_text("storefront 降级: 3 台服务器中 1 台中断")
    for name in PAGES:
        tab.open(name)
        expect(tab.page.locator("#main h1").first).to_be_visible()
    tab.page.get_by_role("button", name="English").click()
    expect(tab.page.locator("#pages a[aria-current]")).to_have_text("System")
    assert tab.page.evaluate("[...untranslated]") == []


def test_every_sentence_of_the_code_has_its_chinese(fake, open_tab):
    """Also those that no test brings up: the code is read."""
    page = open_tab().page
    source = page.evaluate("fetch('dashboard.js').then((answer) => answer.text())")
    said = set(re.findall(r'\bt\("((?:[^"\\]|\\.)*)"', source))
    said |= {"{n} " + (many or one + "s") for one, many in re.findall(r'\bcount\([^"\n]*?, "([\w ]+)"(?:, "([^"]+)")?\)(?!, ")', source)}
    for titles in re.findall(r"(?:headRow|simpleTable)\(\[(.*?)\]", source):
        said |= set(re.findall(r'"([^"]+)"', titles))
    known = set(page.evaluate("Object.keys(translations.zh)"))
    assert said - known == set()


def test_a_healthy_cluster_says_so(fake, open_tab):
    page = open_tab().page
    expect(page.locator("#headline")).to_have_text("All services up")
    expect(page.locator("#subline")).to_have_text("3 services, 7 servers, all taking work")
    expect(page).to_have_title("Ballast: all up")
    expect(page.get_by_text("Nothing needs you")).to_be_visible()


def test_a_failed_server_is_named_with_its_cause_until_it_recovers(fake, open_tab):
    tab = open_tab()
    page = tab.page
    fake.cluster.fail("storefront-2")
    expect(page.locator("#headline")).to_have_text("storefront is degraded: 1 of 3 servers down")
    expect(page).to_have_title("▲ storefront is degraded: 1 of 3 servers down")
    need = page.locator(".needs li").first
    expect(need).to_contain_text("Server unhealthy: storefront-2")
    expect(need).to_contain_text(re.compile(r"open for \d+ s"))
    expect(page.locator(".feed li").first).to_contain_text("storefront-2 is unhealthy")
    expect(page.locator("#pages a[data-page=faults] .badge")).to_have_text("1")
    need.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("Server unhealthy: storefront-2")
    tab.open("services/storefront")
    expect(server_row(page, "storefront-2")).to_contain_text("connection refused")
    tab.open("")
    fake.cluster.recover("storefront-2")
    expect(page.locator("#headline")).to_have_text("All services up")
    expect(page.locator(".needs li")).to_have_count(0)


def test_a_service_without_servers_reads_down(fake, open_tab):
    page = open_tab().page
    for name in ("orders-1", "orders-2"):
        fake.cluster.fail(name)
    expect(page.locator("#headline")).to_have_text("orders is down")
    expect(page.locator("#subline")).to_contain_text("2 of 2 servers down")
    expect(service_row(page, "orders")).to_contain_text("Down")


def test_a_service_that_is_asleep_is_no_trouble(fake, open_tab):
    fake.cluster.sleep("orders")
    page = open_tab().page
    expect(page.locator("#headline")).to_have_text("All services up")
    expect(page.locator("#subline")).to_have_text("3 services, 5 servers, all taking work, 1 service asleep")
    expect(service_row(page, "orders")).to_contain_text("Asleep")
    expect(service_row(page, "orders")).to_contain_text("no replica until a request comes")


def test_services_are_sought_sorted_and_filtered(fake, open_tab):
    fake.cluster.fail("orders-1")
    tab = open_tab(page="services")
    page, rows = tab.page, tab.page.locator(".services tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("orders")
    page.get_by_role("button", name="Requests/s").click()
    expect(rows.first).to_contain_text("catalog")
    tab.key("/")
    page.keyboard.type("store")
    expect(rows).to_have_count(1)
    tab.key("Escape")
    page.get_by_role("button", name="In trouble").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("orders")


def test_open_faults_stand_above_newer_resolved_ones(fake, open_tab):
    fake.cluster.fail("catalog-1")
    fake.cluster.fail("catalog-2")
    fake.cluster.recover("catalog-2")
    items = open_tab(page="faults").page.locator(".faults tbody tr")
    expect(items).to_have_count(2)
    expect(items.nth(0)).to_contain_text("catalog-1")
    expect(items.nth(1)).to_contain_text("catalog-2")


def test_each_month_says_what_is_left_of_its_budget(fake, open_tab):
    page = open_tab(page="faults").page
    row = page.locator(".figures-table tbody tr").filter(has_text="orders")
    expect(row).to_contain_text("99.995%")
    page.get_by_role("button", name="By month").click()
    expect(row).to_contain_text("87 %")
    expect(row).to_contain_text("2026-11")


def test_a_fault_is_resolved_with_its_cause(fake, open_tab):
    fake.cluster.fail("catalog-1")
    page = open_tab(page="faults/1").page
    page.get_by_role("button", name="Resolve").click()
    dialog(page).get_by_label("Cause").fill("disk full")
    dialog(page).get_by_role("button", name="Resolve").click()
    expect(page.locator("#main")).to_contain_text("disk full")
    expect(page.locator(".page-title .sign")).to_have_text("resolved")
    assert fake.changes == [("/v1/faults/1/resolve", {"cause": "disk full"})]


def test_faults_lie_on_one_clock_that_can_be_zoomed(fake, open_tab):
    fake.cluster.fail("catalog-1")
    tab = open_tab(page="faults")
    page, lanes = tab.page, tab.page.locator(".lanes")
    expect(lanes.locator("a")).to_have_count(1)
    before = lanes.get_attribute("aria-label")
    box = lanes.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 10, steps=4)
    page.mouse.up()
    expect(lanes).not_to_have_attribute("aria-label", before)
    expect(lanes.locator("a")).to_have_count(0)
    page.get_by_role("button", name="All of it").click()
    expect(lanes.locator("a")).to_have_count(1)


def test_draining_asks_first_then_puts_the_state(open_tab, base):
    tab = open_tab(page="services")
    page = tab.page
    puts = []
    page.on("request", lambda request: request.method == "PUT" and puts.append(request))
    page.locator(".services tbody th a").first.click()
    row = page.locator(".servers tbody tr").first
    name = row.locator(".name").text_content()
    service = page.locator("h1").text_content()

    row.get_by_role("button", name="Drain").click()
    expect(dialog(page)).to_contain_text(f"Drain {name}?")
    page.get_by_role("button", name="Cancel").click()
    expect(dialog(page)).to_have_count(0)
    assert puts == []

    row.get_by_role("button", name="Drain").click()
    with page.expect_response(lambda answer: answer.request.method == "PUT") as answered:
        dialog(page).get_by_role("button", name="Drain").click()
    assert answered.value.ok
    assert puts[0].url.endswith(f"/v1/servers/{service}/{name}")
    assert json.loads(puts[0].post_data) == {"state": "draining"}
    expect(row).to_contain_text("Draining")

    row.get_by_role("button", name="Ready").click()
    dialog(page).get_by_role("button", name="Ready").click()
    expect(row).to_contain_text("Healthy")


def test_a_weight_is_set_by_the_keyboard_alone(fake, open_tab):
    page = open_tab(page="services/orders").page
    server_row(page, "orders-1").get_by_role("button", name="Weight of orders-1").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(server_row(page, "orders-1").get_by_role("button", name="Weight")).to_have_text("5")
    assert fake.changes == [("/v1/servers/orders/orders-1", {"weight": 5})]


def test_the_last_server_of_a_service_is_not_drained_without_a_warning(fake, open_tab):
    fake.cluster.fail("orders-1")
    page = open_tab(page="services/orders").page
    page.get_by_role("button", name="Drain orders-2").click()
    expect(dialog(page)).to_contain_text("No other server of orders takes work")


def test_a_refused_change_shows_the_reason_and_stays_open(fake, open_tab):
    fake.refusal = "the configuration is being reloaded"
    page = open_tab(page="services/catalog").page
    page.get_by_role("button", name="Maintain catalog-1").click()
    dialog(page).get_by_role("button", name="Maintain").click()
    expect(dialog(page)).to_contain_text("the configuration is being reloaded")


@pytest.mark.parametrize("button, fields, call", [
    ("Scale", {"Replicas": "5"}, ("/v1/services/storefront/scale", {"replicas": 5})),
    ("Restart", {}, ("/v1/services/storefront/restart", {})),
    ("Roll back", {}, ("/v1/services/storefront/rollback", {})),
    ("Deploy", {"Version": "42"}, ("/v1/services/storefront/deploy", {"version": "42"})),
])
def test_what_is_done_to_a_service_is_asked_first(fake, open_tab, button, fields, call):
    page = open_tab(page="services/storefront").page
    page.locator(".page-head").get_by_role("button", name=button, exact=True).click()
    assert fake.changes == []
    for label, value in fields.items():
        dialog(page).get_by_label(label, exact=True).fill(value)
    dialog(page).get_by_role("button", name=button, exact=True).click()
    expect(dialog(page)).to_have_count(0)
    expect(page.locator("#toast")).not_to_have_text("")
    assert fake.changes == [call]


def test_a_deployment_under_way_is_seen_taken_on_and_taken_back(fake, open_tab):
    fake.cluster.deployments.append({
        "number": 7, "service": "catalog", "revision": "c0ffee", "version": "2", "formerVersion": "1", "kind": "deploy",
        "strategy": "canary", "state": "watching", "lines": [], "by": "anna", "began": fake.cluster.history["catalog"][-30]["at"],
        "available": 1, "replicas": 2, "step": 2, "steps": 4, "share": 0.25})
    tab = open_tab()
    page = tab.page
    expect(page.locator(".needs")).to_contain_text("Deployment: catalog 2")
    tab.key("g", "d")
    card = page.locator(".running")
    expect(card).to_contain_text("25 % of the requests")
    assert 0.3 < float(card.get_by_role("progressbar").get_attribute("value")) < 0.5
    for button, path, body in (("Next step", "promote", {}), ("Take back", "abort", {"reason": "slow"})):
        card.get_by_role("button", name=button).click()
        if body:
            dialog(page).get_by_label("Reason").fill("slow")
        dialog(page).get_by_role("button", name=button).click()
        expect(dialog(page)).to_have_count(0)
        assert fake.changes[-1] == (f"/v1/services/catalog/{path}", body)
    fake.cluster.deployments[0] |= {"state": "rolled-back", "ended": fake.cluster.history["catalog"][-1]["at"], "reason": "slow"}
    expect(card).to_have_count(0)
    row = page.locator(".deployments tbody tr")
    expect(row).to_contain_text("Rolled back")
    row.get_by_role("link").click()
    page.get_by_role("button", name="Deploy again").click()
    dialog(page).get_by_role("button", name="Deploy").click()
    expect(dialog(page)).to_have_count(0)
    assert fake.changes[-1] == ("/v1/services/catalog/rollback", {"to": 7})


def test_lines_of_a_log_come_by_themselves_wait_and_are_filtered(fake, open_tab):
    page = open_tab(page="logs/storefront").page
    lines = page.locator(".log li")
    expect(lines.first).to_contain_text("GET /cart/0 200")
    expect(page.locator(".log")).to_contain_text("GET /cart/45 200")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name=re.compile(r"Go on \(\d+ new\)"))).to_be_visible()
    page.get_by_role("searchbox").fill("/cart/31")
    expect(lines.locator("visible=true")).to_have_count(1)


def test_a_configuration_is_checked_shown_as_a_difference_and_applied(fake, open_tab):
    page = open_tab(page="config").page
    expect(page.locator(".source li").nth(4)).to_have_text("  storefront:")
    page.get_by_role("button", name="Edit").click()
    text = page.get_by_role("textbox", name="Configuration")
    text.fill(text.input_value().replace("replicas: 3", "replicas: 9"))
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".diff tr.old")).to_contain_text("replicas: 3")
    expect(page.locator(".diff tr.new")).to_contain_text("replicas: 9")
    page.get_by_role("button", name="Apply").click()
    dialog(page).get_by_role("button", name="Apply").click()
    expect(page.locator("#toast")).to_have_text("Configuration 4 runs")
    path, body = fake.changes[-1]
    assert path == "/v1/config" and "replicas: 9" in body["files"][0]["text"]


def test_a_former_configuration_is_compared_and_taken_again(fake, open_tab):
    page = open_tab(page="config").page
    row = page.locator(".history tbody tr").nth(1)
    row.get_by_role("button", name="What changed").click()
    expect(dialog(page).locator(".diff tr.new")).to_contain_text("replicas: 2")
    dialog(page).get_by_role("button", name="Close").click()
    row.get_by_role("button", name="Go back to it").click()
    expect(dialog(page).locator(".diff tr.old")).to_contain_text("replicas: 3")
    dialog(page).get_by_role("button", name="Go back").click()
    expect(dialog(page)).to_have_count(0)
    assert fake.changes[-1] == ("/v1/config/history/2/rollback", {})


def test_a_difference_is_the_shortest_one(fake, open_tab):
    page = open_tab().page
    kinds = "({ old, fresh }) => differences(old, fresh).map(({ kind, text }) => kind[0] + text).join()"
    assert page.evaluate(kinds, {"old": "a\nb\nc\nd", "fresh": "a\nc\nd\ne"}) == "sa,ob,sc,sd,ne"
    assert page.evaluate(kinds, {"old": "a", "fresh": "a"}) == "sa"
    assert page.evaluate(kinds, {"old": "x\ny", "fresh": "p\nq"}).count("s") == 0
    lines = "\n".join(str(number) for number in range(3000))
    assert page.evaluate("({ a, b }) => differences(a, b).length", {"a": lines, "b": lines + "\nend"}) == 3001


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
    expect(tab.page.locator(".needs li")).to_have_count(1)
    assert [text for text in tab.complaints if not UNREACHABLE.search(text)] == []


def test_a_stream_that_falls_silent_counts_as_lost(fake, open_tab):
    page = open_tab().page
    fake.period = 60
    # The page waits for some beats; a busy machine gives its timers late.
    expect(page.locator("#lost")).to_be_visible(timeout=30_000)


def test_text_from_the_data_never_becomes_markup(browser):
    hostile = "<img src=x onerror=alert(1)>"
    fake = FakeBallast(cluster=Cluster({hostile: (2, 5.0), "storefront": (1, 1.0)}))
    try:
        fake.cluster.fail(f"{hostile}-1", cause=hostile)
        tab = Tab(browser, fake.address)
        expect(service_row(tab.page, hostile)).to_have_count(1)
        expect(tab.page.locator(".needs li")).to_contain_text(hostile)
        for name in ("map", "faults", "faults/1", "events"):
            tab.open(name)
            expect(tab.page.locator("#main")).to_contain_text(hostile)
        tab.page.evaluate("name => { location.hash = addressOf('services', name) }", hostile)
        expect(tab.page.locator("h1")).to_have_text(hostile)
        expect(server_row(tab.page, f"{hostile}-1")).to_have_count(1)
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


def test_a_page_and_a_service_are_found_by_the_keyboard(fake, open_tab):
    tab = open_tab()
    page = tab.page
    for key, title in (("m", "Map"), ("f", "Faults"), ("c", "Configuration"), ("s", "Services")):
        tab.key("g", key)
        expect(page.locator("h1")).to_have_text(title)
    tab.key("Control+k")
    page.keyboard.type("catal")
    tab.key("Enter")
    expect(page.locator("h1")).to_have_text("catalog")
    tab.key("?")
    expect(dialog(page)).to_contain_text("Find a page, a service or a server")
    tab.key("Escape", "Control+k")
    page.keyboard.type("catalog-2")
    tab.key("ArrowDown", "ArrowUp", "Enter")
    expect(page.locator(".servers tbody tr")).to_have_count(1)


def test_a_chart_is_read_by_the_arrow_keys(open_tab):
    tab = open_tab(page="services")
    page = tab.page
    page.locator(".services tbody th a").first.click()
    chart = page.locator(".chart").first
    expect(chart.locator(".trace").first).to_be_visible()
    chart.locator("svg").focus()
    tab.key("ArrowLeft", "ArrowLeft")
    expect(page.locator(".chart .cursor")).to_have_count(4)
    expect(chart.locator(".tip time")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))


def test_dragging_over_a_chart_zooms_all_of_them(fake, open_tab):
    page = open_tab(page="services/storefront").page
    plot = page.locator(".chart svg").first
    expect(plot.locator(".trace").first).to_be_visible()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 50, steps=4)
    expect(plot.locator(".brush")).to_have_count(1)
    page.mouse.up()
    stretch = page.locator(".traffic .stretch")
    expect(stretch).to_have_text(re.compile(r"\d\d:\d\d:\d\d – \d\d:\d\d:\d\d"))
    plot.focus()
    page.keyboard.press("+")
    page.keyboard.press("Escape")
    expect(stretch).to_have_text("")


def test_faults_and_deployments_stand_on_the_axis_of_the_charts(fake, open_tab):
    history = fake.cluster.history["storefront"]
    fake.cluster.deployments.append({
        "number": 3, "service": "storefront", "revision": "c0ffee", "version": "2", "kind": "deploy", "strategy": "rolling",
        "state": "succeeded", "lines": [], "by": "anna", "began": history[-200]["at"], "ended": history[-150]["at"]})
    fake.cluster.fail("storefront-2")
    page = open_tab(page="services/storefront").page
    chart = page.locator(".chart").first
    expect(chart.locator(".band")).to_have_count(1)
    expect(chart.locator(".flag")).to_have_count(2)
    expect(chart.locator(".flag title").first).to_contain_text("deployment 3 2 begins")
    page.get_by_role("button", name="Together").click()
    expect(chart.locator(".area.stacked")).to_have_count(1)
    page.get_by_role("button", name="24 h").click()
    expect(chart.locator(".trace")).not_to_have_count(0)


def test_the_map_shows_the_way_of_the_requests(fake, open_tab):
    fake.cluster.fail("orders-1")
    page = open_tab(page="map").page
    boxes = page.locator(".map-column.services a")
    expect(boxes).to_have_count(3)
    expect(boxes.first).to_have_attribute("aria-label", re.compile("orders, Degraded, 1 of 2 servers"))
    expect(boxes.first.locator(".cells i[data-state=down]")).to_have_count(1)
    expect(page.locator(".map-column.routes .figure").first).to_have_text(re.compile(r"\d+/s"))
    page.get_by_role("button", name="In trouble").click()
    expect(boxes).to_have_count(1)
    boxes.first.click()
    expect(page.locator("h1")).to_have_text("orders")


def test_nothing_moves_for_those_who_want_no_motion(fake, open_tab):
    page = open_tab(page="map", reduced_motion="reduce").page
    expect(page.locator(".map-column.services a")).to_have_count(3)
    picture = "document.querySelectorAll('canvas')[1].toDataURL()"
    first = page.evaluate(picture)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate(picture) == first
