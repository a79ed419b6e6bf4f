"""Who looks, who is told, and who changed what: the dashboard's pages of people, against a stand-in."""

import re

import pytest
from playwright.sync_api import expect

from EndToEnd.dashboard.answers import alert
from EndToEnd.dashboard.tab import server_row


def dialog(page):
    return page.get_by_role("dialog")


def test_alerts_are_acknowledged_silenced_and_channels_tested(fake, open_tab):
    fake.cluster.alerts += [alert(fake.cluster, 1, "errors", "critical", service="storefront"),
                            alert(fake.cluster, 2, "latency", "warning", service="orders", silenced=True)]
    tab = open_tab()
    page = tab.page
    expect(page.locator(".needs")).to_contain_text("errors of storefront")
    expect(page.locator("#pages a[data-page=alerts] .badge")).to_have_text("1")
    tab.key("g", "a")
    row = page.locator(".alerts tbody tr").filter(has_text="errors of storefront")
    row.get_by_role("button", name="Acknowledge").click()
    dialog(page).get_by_label("Note").fill("looking")
    dialog(page).get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("acknowledged by anna")
    assert fake.changes[-1] == ("/v1/alerts/acknowledge", {"alerts": [f"{1:016x}"], "comment": "looking"})
    row.get_by_role("button", name="Silence").click()
    dialog(page).get_by_label("For").select_option("4 h")
    dialog(page).get_by_label("Why").fill("known")
    dialog(page).get_by_role("button", name="Silence").click()
    expect(dialog(page)).to_have_count(0)
    assert fake.changes[-1] == ("/v1/silences", {"match": {"alertname": "errors", "service": "storefront"}, "duration": 14400, "comment": "known"})
    silence = page.locator("section", has=page.get_by_role("heading", name="Silences")).locator("tbody tr")
    expect(silence).to_contain_text("alertname=errors, service=storefront", timeout=15_000)
    silence.get_by_role("button", name="End").click()
    dialog(page).get_by_role("button", name="End it").click()
    expect(silence).to_have_count(0)
    page.get_by_role("button", name="Test ops").click()
    dialog(page).get_by_role("button", name="Send").click()
    expect(page.locator("#toast")).to_have_text("ops took the test")
    page.get_by_role("link", name="errors", exact=True).click()
    expect(page.locator(".page-title")).to_contain_text("Firing")
    assert tab.complaints == []


def test_very_many_alerts_come_a_page_at_a_time(fake, open_tab):
    fake.cluster.alerts += [alert(fake.cluster, number, f"rule-{number}", "critical") for number in range(700)]
    tab = open_tab(page="alerts")
    page = tab.page
    rows = page.locator(".alerts tbody tr")
    expect(rows).to_have_count(300)
    expect(page.locator("#pages a[data-page=alerts] .badge")).to_have_text("300+")
    more = page.get_by_role("button", name="Show more")
    more.click()
    expect(rows).to_have_count(600)
    more.click()
    expect(rows).to_have_count(700)
    expect(more).to_have_count(0)
    expect(page.locator("#pages a[data-page=alerts] .badge")).to_have_text("700")


def test_the_audit_is_sought_and_verified(fake, open_tab):
    page = open_tab(page="audit").page
    rows = page.locator(".audit tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text('{"state":"draining"}')
    page.get_by_role("combobox", name="Who").fill("ben")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("it is not healthy")
    page.get_by_role("button", name="Verify").click()
    expect(page.locator(".audit-told")).to_contain_text("Nothing was altered, removed or reordered: 3 entries, 1 to 3")


def test_users_and_tokens_are_made_changed_and_removed(fake, open_tab):
    page = open_tab(page="users").page
    page.get_by_role("button", name="Add a user").click()
    for label, value in (("Name", "ben"), ("Password", "correct horse")):
        dialog(page).get_by_label(label).fill(value)
    dialog(page).get_by_label("Role").select_option("operator")
    dialog(page).get_by_role("button", name="Add").click()
    row = page.locator("tbody tr").filter(has_text="ben")
    expect(row).to_contain_text("operator")
    row.get_by_role("button", name="Change").click()
    dialog(page).get_by_label("May not sign in").check()
    dialog(page).get_by_role("button", name="Save").click()
    expect(row).to_contain_text("disabled")
    row.get_by_role("button", name="Remove").click()
    dialog(page).get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Make a token").click()
    dialog(page).get_by_label("Name").fill("scraper")
    dialog(page).get_by_label("For").select_option("metrics")
    dialog(page).get_by_role("button", name="Make it").click()
    expect(dialog(page)).to_contain_text("ballast_0123456789abcdef")
    dialog(page).get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Revoke").click()
    dialog(page).get_by_role("button", name="Revoke").click()
    expect(page.locator("tbody tr").filter(has_text="scraper")).to_have_count(0)


@pytest.fixture
def guarded(fake):
    """Nobody is signed in, and everybody has to be."""
    fake.cluster.session = {"required": True, "signedIn": False, "setup": False}
    return fake


def sign_in(page, password="right"):
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_who_has_to_sign_in_sees_nothing_before(guarded, open_tab):
    tab = open_tab(wait_for="signed-out")
    page = tab.page
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator("#side")).to_be_hidden()
    sign_in(page, "wrong")
    expect(page.get_by_role("alert").filter(has_text="wrong")).to_have_text("the name or the password is wrong")
    sign_in(page)
    expect(page.locator("#headline")).to_have_text("All services up")
    tab.open("services/orders")
    page.get_by_role("button", name="Drain orders-1").click()
    dialog(page).get_by_role("button", name="Drain").click()
    expect(server_row(page, "orders-1")).to_contain_text("Draining")
    assert guarded.csrf == "c5rf"
    page.locator(".user summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.locator("#main")).not_to_contain_text("orders")


def test_a_session_that_ends_elsewhere_leads_back_to_signing_in(guarded, open_tab):
    page = open_tab(wait_for="signed-out").page
    sign_in(page)
    expect(page.locator("#headline")).to_have_text("All services up")
    page.keyboard.press("?")
    expect(dialog(page)).to_have_count(1)
    guarded.cluster.session.update(signedIn=False)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("alert").filter(has_text="ended")).to_have_text("Your session has ended.")
    expect(dialog(page)).to_have_count(0)
    # The next one to sign in here sees nothing of what this one saw.
    assert page.evaluate("report === null && series === null && events.size === 0 && faults.size === 0")


def test_a_viewer_is_offered_no_change(guarded, open_tab):
    guarded.cluster.role = "viewer"
    guarded.cluster.fail("orders-1")
    tab = open_tab(wait_for="signed-out")
    page = tab.page
    sign_in(page)
    expect(page.locator("#headline")).to_contain_text("orders")
    for name in ("config", "audit"):
        expect(page.locator(f"#pages a[data-page={name}]")).to_have_count(0)
    tab.open("services/orders")
    expect(server_row(page, "orders-1")).to_contain_text("Down")
    expect(page.locator("#main").get_by_role("button", name=re.compile("Drain|Maintain|Scale|Deploy|Restart"))).to_have_count(0)
    expect(page.get_by_role("button", name="Weight of orders-1")).to_be_disabled()
    tab.open("faults/1")
    expect(page.locator("h1")).to_contain_text("orders-1")
    expect(page.locator("#main").get_by_role("button", name="Resolve")).to_have_count(0)
