"""Makes the pictures of docs/dashboard.md: `cd Tests && python3 -m EndToEnd.dashboard.screenshots`."""

import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from EndToEnd.dashboard.conftest import BROWSER
from EndToEnd.dashboard.fake_ballast import Cluster, FakeBallast, rfc3339

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
SERVICES = {"storefront": (4, 240.0), "catalog": (3, 410.0), "orders": (3, 36.0), "payments": (2, 18.0), "search": (5, 650.0), "mail": (1, 2.0)}
PICTURES = [
    ("overview", "", "light", (1280, 800)), ("service", "services/storefront", "dark", (1280, 800)), ("map", "map", "light", (1280, 640)),
    ("faults", "faults", "light", (1280, 640)), ("phone", "", "dark", (390, 780)),
]


def story():
    """A quarter of an hour of a shop: two faults, a deployment that is done and one under way."""
    cluster, now = Cluster(SERVICES), time.time()
    cluster.fail("search-4", "timeout after 1s", began=now - 500)
    cluster.recover("search-4", at=now - 430)
    cluster.fail("storefront-2", "connection refused", began=now - 140)
    cluster.deployments += [
        {"number": 12, "service": "catalog", "revision": "9f2c41aa", "version": "1.8", "formerVersion": "1.7", "kind": "deploy",
         "strategy": "canary", "state": "watching", "lines": [], "by": "anna", "began": rfc3339(now - 95), "available": 1, "replicas": 3,
         "step": 2, "steps": 4, "share": 0.25},
        {"number": 11, "service": "storefront", "revision": "51bb70e2", "version": "42", "formerVersion": "41", "kind": "deploy",
         "strategy": "rolling", "state": "succeeded", "lines": [], "by": "ben", "began": rfc3339(now - 380), "ended": rfc3339(now - 340)},
    ]
    cluster.event("deployment-began", "catalog: 1.8 in the place of 1.7, by anna", "catalog", at=now - 95)
    return cluster


def main():
    IMAGES.mkdir(exist_ok=True)
    fake = FakeBallast(cluster=story(), period=1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        for name, page, scheme, (width, height) in PICTURES:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            tab = context.new_page()
            tab.goto(f"{fake.address}/#/{page}")
            tab.wait_for_selector("body.live")
            tab.wait_for_load_state("load")
            tab.wait_for_function("series !== null")
            tab.wait_for_timeout(2500)
            tab.screenshot(path=str(IMAGES / f"{name}.png"))
            context.close()
        browser.close()
    fake.stop()


if __name__ == "__main__":
    main()
