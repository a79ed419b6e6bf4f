import Configuration
import Testing

struct FolderTests {
  private let listeners = "listeners: { web: { address: \":80\" } }\n"

  @Test func `the maps and routes of several files are put together`() {
    let outcome = load(
      listeners,
      "services: { shop: { servers: [ \"10.0.0.1:80\" ] } }\nroutes: [ { service: shop } ]\n",
      """
      services: { orders: { servers: [ "10.0.0.2:80" ] } }
      routes: [ { match: { path: /orders }, service: orders } ]
      """)
    #expect(outcome.brief == [])
    #expect(outcome.settings?.services.map(\.name) == ["shop", "orders"])
    #expect(outcome.settings?.routes.map(\.name) == ["shop", "orders"])
  }

  @Test func `a key in two files is an error that names both`() {
    let outcome = load(
      Golden.smallest, "workers: 2\n", "workers: 3\nservices: { shop: { servers: [] } }\n")
    #expect(outcome.diagnostics.map(\.file) == ["c.yaml", "c.yaml"])
    #expect(
      outcome.brief == [
        "1:1 the key 'workers' is also in another file (the other is at b.yaml:1; keep one of them)",
        "2:21 the key 'servers' is also in another file (the other is at a.yaml:5; keep one of them)",
      ])
  }

  @Test func `an error of one file does not hide that of another`() {
    let outcome = load("a: [\n", "b: \"\n")
    #expect(outcome.diagnostics.map(\.file) == ["a.yaml", "b.yaml"])
  }

  @Test func `an empty file among others does no harm, and none at all is said`() {
    #expect(load("# nothing\n", Golden.smallest, "").settings != nil)
    #expect(load().messages == ["there is no configuration file here"])
    #expect(load("- a\n", Golden.smallest).settings == nil)
  }
}
