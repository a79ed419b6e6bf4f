import Testing

@testable import Configuration

@Suite struct ErrorPageSettingsTests {
  private let files = [
    "/srv/shop/503.html": "<h1>soon</h1>", "/srv/shop/503.json": "{}", "/srv/shop/any.txt": "no",
    "/srv/shop/page.css": "", "/srv/shop/large.html": String(repeating: "x", count: 65_537),
  ]

  private func load(_ errors: String) -> LoadOutcome {
    ConfigurationTests.load(Golden.smallest + "errors: \(errors)\n", files: files)
  }

  @Test func `a status may have a page for each kind of client`() {
    let outcome = load("{ 5xx: any.txt, 503: [ ./503.html, ./503.json ] }")
    #expect(outcome.brief == [])
    #expect(
      outcome.settings?.errorPages == [
        ErrorPageSettings(statuses: 503...503, kind: .html, text: "<h1>soon</h1>"),
        ErrorPageSettings(statuses: 503...503, kind: .json, text: "{}"),
        ErrorPageSettings(statuses: 500...599, kind: .txt, text: "no"),
      ])
  }

  @Test func `listeners and routes have pages of their own`() {
    let text = """
      listeners:
        web: { address: ":8080", errors: { 404: any.txt } }
      routes:
        - { service: shop, errors: { 503: 503.html } }
      services:
        shop: { servers: [ "10.0.0.11:8080" ] }
      """
    let settings = ConfigurationTests.load(text, files: files).settings
    #expect(settings?.listeners.first?.errorPages.map(\.statuses) == [404...404])
    #expect(settings?.routes.first?.errorPages.map(\.statuses) == [503...503])
  }

  @Test(arguments: [
    ("{ 503: ./missing.html }", "6:16", "cannot be read"),
    ("{ 503: page.css }", "6:16", "does not tell its type"),
    ("{ 503: large.html }", "6:16", "has more than 64 KiB"),
    ("{ 503: [ 503.html, 503.html ] }", "6:28", "two files of one kind"),
    ("{ 200: 503.html }", "6:11", "is no status of an error"),
    ("{ 5x: 503.html }", "6:11", "is no status of an error"),
    ("{ 0503: 503.html }", "6:11", "is no status of an error"),
  ])
  func `what is no page is refused at its place`(errors: String, place: String, message: String) {
    let outcome = load(errors)
    #expect(outcome.settings == nil)
    #expect(outcome.brief.count == 1)
    let told = outcome.brief.first ?? ""
    #expect(told.hasPrefix(place) && told.contains(message), "\(told)")
  }
}
