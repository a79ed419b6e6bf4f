"""What the dashboard shows of the choice of servers, against a stand-in: roles, ejections, availability, answers."""

import json
import re

import pytest
from playwright.sync_api import expect

from EndToEnd.dashboard.tab import server_row

PLAN = {"service": "orders", "server": "orders-2", "from": "orders-1", "epoch": 4, "timeout": 5, "dryRun": True,
        "command": ["./fence", "orders-1"]}
DONE = PLAN | {"dryRun": False, "detail": "fenced orders-1"}


def forecast(servers, unavailability):
    return {"servers": servers, "needed": 1, "availability": 1 - unavailability, "unavailability": unavailability,
            "minutesDownAMonth": unavailability * 43_830}


# The worked example of docs/availability.md.
AVAILABILITY = {
    "service": "orders", "watched": 360_000, "needed": 1, "server": {"mtbfIsBound": False},
    "predicted": forecast(2, 0.000379), "atLeast": forecast(2, 0.002),
    "oneMore": forecast(3, 0.000357), "oneFewer": forecast(1, 0.005),
    "halfRepair": forecast(2, 0.000184), "floorMinutesDownAMonth": 15.6, "remarks": ["no repair has ended yet"],
    "measured": {"faults": 0, "availability": 1, "unavailability": 0, "minutesDownAMonth": 0},
}


@pytest.fixture
def elected(fake):
    """orders has one active server."""
    fake.cluster.servers["orders-1"]["role"] = "active"
    fake.cluster.servers["orders-2"]["role"] = "standby"
    return fake


def answer(page, path, respond):
    """The answers of one call: `respond(body)` gives status and value."""
    bodies = []

    def fulfill(route):
        bodies.append(route.request.post_data_json)
        status, value = respond(bodies[-1])
        route.fulfill(status=status, content_type="application/json", body=json.dumps(value))

    page.route(path, fulfill)
    return bodies


def refusal(message):
    return 409, {"error": {"code": "conflict", "message": message, "details": []}}


def test_a_service_says_its_algorithm_and_why_it_is_that_one(fake, open_tab):
    page = open_tab(page="services/catalog").page
    expect(page.locator(".about").first).to_contain_text("balanced by round-robin: the servers are few and alike")


def test_a_service_says_how_many_tries_were_repeated(fake, open_tab):
    page = open_tab(page="services/catalog").page
    figure = page.locator(".figures div").filter(has_text="Retries/s").locator("dd")
    expect(figure).to_have_text("0")
    fake.cluster.retries["catalog"] += 5_000
    expect(figure).to_have_text(re.compile(r"[1-9][\d,]*"), timeout=15_000)


def test_an_ejected_server_says_since_when_and_why(fake, open_tab):
    page = open_tab(page="services/catalog").page
    fake.cluster.servers["catalog-2"]["ejected"] = True
    row = server_row(page, "catalog-2")
    expect(row).to_contain_text("Left out after failures")
    for cause in ("5 failures in a row", "its trial failed"):
        fake.cluster.event("server-ejected", f"catalog/catalog-2 is left out for 10s: {cause}", "catalog", "catalog-2",
                           "warning")
    expect(row).to_contain_text("Ejected")
    expect(row).to_contain_text(re.compile(r"\d\d:\d\d:\d\d is left out for 10s: its trial failed"))


def test_roles_stand_beside_the_names_and_only_a_standby_can_be_promoted(elected, open_tab):
    tab = open_tab()
    page = tab.page
    expect(page.locator("#subline")).to_have_text("3 services, 7 servers, 1 of them standing by")
    tab.open("services/catalog")
    expect(server_row(page, "catalog-1").locator(".role")).to_be_hidden()
    expect(page.get_by_role("button", name="Promote")).to_have_count(0)
    tab.open("services/orders")
    expect(server_row(page, "orders-1").locator(".role")).to_have_text("active")
    expect(server_row(page, "orders-2").locator(".role")).to_have_text("standby")
    expect(page.locator(".about").first).to_contain_text("orders-1 is active")
    expect(page.get_by_role("button", name="Promote")).to_have_count(1)
    elected.cluster.servers["orders-1"]["role"] = "standby"
    elected.cluster.servers["orders-2"]["role"] = "promoting"
    expect(page.locator(".about").first).to_contain_text("orders-2 is being promoted")
    expect(page.get_by_role("button", name="Promote orders-2")).to_be_disabled()


def test_a_promotion_shows_its_steps_before_anything_happens(elected, open_tab):
    page = open_tab(page="services/orders").page
    bodies = answer(page, "**/v1/servers/orders/orders-2/promote",
                    lambda body: (200, PLAN if body.get("dryRun") else DONE))
    page.get_by_role("button", name="Promote orders-2").focus()
    page.keyboard.press("Enter")
    steps = page.get_by_role("dialog").locator("ol li")
    expect(steps).to_have_text(["orders-1 takes no more requests; new ones wait.",
                                "./fence orders-1 runs, for 5 s at most.",
                                "If it succeeds, orders-2 is active, epoch 4."])
    assert bodies == [{"dryRun": True}]
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#toast")).to_have_text("orders-2 is active")
    assert bodies == [{"dryRun": True}, {}]


def test_a_promotion_that_cannot_be_is_refused_before_it_is_asked_for(elected, open_tab):
    page = open_tab(page="services/orders").page
    answer(page, "**/promote", lambda _: refusal("orders-2 is not healthy"))
    page.get_by_role("button", name="Promote orders-2").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("orders-2 is not healthy")
    expect(page.get_by_role("dialog").get_by_role("button", name="Promote")).to_be_disabled()


def test_a_hook_that_fails_is_said_in_the_dialog(elected, open_tab):
    page = open_tab(page="services/orders").page
    answer(page, "**/promote", lambda body: (200, PLAN) if body.get("dryRun") else refusal("the hook ended with 3"))
    page.get_by_role("button", name="Promote orders-2").click()
    expect(page.get_by_role("dialog").locator("ol li")).to_have_count(3)
    page.get_by_role("dialog").get_by_role("button", name="Promote").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("the hook ended with 3")
    expect(page.get_by_role("dialog").get_by_role("button", name="Promote")).to_be_enabled()


def test_availability_is_asked_for_when_it_is_opened(fake, open_tab):
    page = open_tab(page="services/orders").page
    bodies = answer(page, "**/v1/services/orders/availability", lambda _: (200, AVAILABILITY))
    part = page.locator(".availability")
    assert bodies == []
    part.get_by_text("Predicted and measured").click()
    expect(part.get_by_role("status")).to_have_text(
        "Predicted 99.962%, 16 min 36 s down a month. Measured 100%, never down in 4 d 4 h. "
        "One server more saves 57.9 s a month.")
    expect(part.get_by_role("row").filter(has_text="One server fewer")).to_contain_text("99.5%")
    expect(part).to_contain_text("No repair has ended yet.")
    assert len(bodies) == 1


def test_a_prediction_without_a_fault_is_a_limit(fake, open_tab):
    page = open_tab(page="services/orders").page
    answer(page, "**/availability", lambda _: (200, AVAILABILITY | {"server": {"mtbfIsBound": True}}))
    part = page.locator(".availability")
    part.get_by_text("Predicted and measured").click()
    expect(part.get_by_role("status")).to_contain_text("Predicted at least 99.962%, at most 16 min 36 s down a month.")
    expect(part.get_by_role("status")).to_contain_text("saves at most 57.9 s a month.")


def test_availability_that_cannot_be_told_says_why(fake, open_tab):
    page = open_tab(page="services/orders").page
    answer(page, "**/availability", lambda _: refusal("orders has no servers"))
    part = page.locator(".availability")
    part.get_by_text("Predicted and measured").click()
    expect(part.get_by_role("status")).to_have_text("orders has no servers")
    expect(part.get_by_role("table")).to_be_hidden()


def test_a_question_is_sent_with_its_headers_and_client(fake, open_tab):
    page = open_tab(page="explain").page
    told = {"method": "PUT", "target": "/cart", "client": "10.0.0.7", "listener": "web",
            "listenerReason": "it is the first",
            "routes": [{"route": "shop", "result": "host", "host": "shop.example", "service": "orders"}], "workers": []}
    bodies = answer(page, "**/v1/explain", lambda _: (200, told))
    form = page.locator("#explain")
    form.get_by_label("Method").select_option("PUT")
    form.get_by_label("URL").fill("/cart")
    form.get_by_text("Headers and client").click()
    form.get_by_label("Headers, one a line").fill("Cookie: a=1\n\nAccept: text/html ")
    form.get_by_label("Client's address").fill("10.0.0.7")
    form.get_by_role("button", name="Explain").click()
    expect(page.locator("#explain-headline")).to_have_text("No route takes it: Ballast answers 404, no-route.")
    expect(page.locator("#explain-lines")).to_contain_text("shop: takes only the host shop.example")
    assert bodies == [{"method": "PUT", "url": "/cart", "headers": ["Cookie: a=1", "Accept: text/html"],
                       "client": "10.0.0.7"}]


def test_a_late_answer_does_not_replace_the_newer_one(fake, open_tab):
    page = open_tab(page="explain").page
    held = []

    def respond(route):
        if "slow" in route.request.url:
            held.append(route)
        else:
            route.fulfill(status=404, content_type="application/json",
                          body=json.dumps({"error": {"code": "not-found", "message": "no fast", "details": []}}))

    page.route("**/v1/requests/*", respond)
    for name in ("slow", "fast"):
        page.locator("#trace input").fill(name)
        page.keyboard.press("Enter")
    expect(page.locator("#trace-headline")).to_have_text("no fast")
    with page.expect_response("**/v1/requests/slow"):
        held[0].fulfill(status=404, content_type="application/json", body="{}")
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    expect(page.locator("#trace-headline")).to_have_text("no fast")


def test_an_answer_never_becomes_markup(fake, open_tab):
    hostile = "<img src=x onerror=alert(1)>"
    tab = open_tab(page="explain")
    answer(tab.page, "**/v1/explain", lambda _: (200, {
        "method": "GET", "target": "/", "client": hostile, "listener": hostile, "listenerReason": hostile,
        "workers": [], "routes": [{"route": hostile, "result": "matched", "path": hostile, "service": hostile}]}))
    tab.page.locator("#explain").get_by_label("URL").fill("/")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#explain-lines")).to_contain_text(hostile)
    assert tab.page.locator("img").count() == 0
    assert tab.complaints == []


@pytest.mark.parametrize("width", [360, 768, 1001, 1440])
def test_what_was_opened_and_asked_is_not_wider_than_the_window(elected, open_tab, width):
    tab = open_tab(page="services/orders", viewport={"width": width, "height": 800})
    page = tab.page
    answer(page, "**/availability", lambda _: (200, AVAILABILITY))
    page.locator(".availability summary").click()
    expect(page.locator(".availability").get_by_role("row")).to_have_count(7)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    actions = server_row(page, "orders-2").get_by_role("button", name="Maintain").bounding_box()
    assert actions["x"] + actions["width"] <= width - 12
    tab.open("explain")
    page.locator("#trace input").fill("0" * 200)
    page.keyboard.press("Enter")
    expect(page.locator("#trace-headline")).to_contain_text("0" * 200)
    page.locator("#explain").get_by_text("Headers and client").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
