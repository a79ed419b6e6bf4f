"""A tab of the browser, and what a test looks for in it."""

from playwright.sync_api import expect


class Tab:
    """A browser tab that keeps what the console said."""

    def __init__(self, browser, base, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("console", lambda m: m.type in ("error", "warning") and self.complaints.append(m.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))")
        self.page.goto(base)
        expect(self.page.locator("body")).to_have_class("live")


def server_row(page, name):
    return page.locator("tbody tr").filter(has=page.get_by_role("rowheader", name=name))
