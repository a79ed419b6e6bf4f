"""A tab of the browser, and what a test looks for in it."""

from urllib.parse import urlsplit

from playwright.sync_api import expect


class Tab:
    """A browser tab that keeps what the console said, and what was asked of any other place."""

    def __init__(self, browser, base, page="", wait_for="live", **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.base, self.complaints, self.strangers = base, [], []
        self.page.on("console", lambda m: m.type in ("error", "warning") and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._note)
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))")
        self.page.goto(f"{base}/#/{page}")
        expect(self.page.locator("body")).to_have_class(wait_for)

    def _note(self, request):
        if urlsplit(request.url).netloc != urlsplit(self.base).netloc:
            self.strangers.append(request.url)

    def open(self, page):
        """Another page of the dashboard, without loading it anew."""
        self.page.evaluate("address => { location.hash = address }", f"#/{page}")

    def key(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)


def server_row(page, name):
    return page.locator(".servers tbody tr").filter(has=page.get_by_role("rowheader", name=name))


def service_row(page, name):
    return page.locator(".services tbody tr").filter(has=page.get_by_role("rowheader", name=name))
