"""Fixtures of the dashboard's tests: a browser, a stand-in for Ballast, tabs."""

import os

import pytest
from playwright.sync_api import sync_playwright

from EndToEnd.dashboard.fake_ballast import FakeBallast
from EndToEnd.dashboard.tab import Tab

BROWSER = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ADMIN = os.environ.get("BALLAST_ADMIN")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])


@pytest.fixture
def fake():
    """A stand-in that a test can break; skips when a real Ballast is asked for."""
    if ADMIN:
        pytest.skip("needs the stand-in")
    ballast = FakeBallast()
    yield ballast
    ballast.stop()


@pytest.fixture
def base(request):
    return ADMIN or request.getfixturevalue("fake").address


@pytest.fixture
def open_tab(browser, base):
    tabs = []

    def open_one(**options):
        tabs.append(Tab(browser, base, **options))
        return tabs[-1]

    yield open_one
    for tab in tabs:
        tab.context.close()
