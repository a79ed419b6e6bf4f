import Testing

@testable import Configuration

struct DiagnosticTests {
  @Test func `five mistakes give five errors with place and suggestion`() {
    let text = """
      listeners:
        web: { adress: ":8080" }
      routes:
        - service: shp
      services:
        shop:
          servers: [ "10.0.0.11:8080", "backend:8080" ]
          balance: roundrobin
          timeouts: { connect: 3 }
      """
    let outcome = load(text)
    #expect(outcome.settings == nil)
    #expect(
      outcome.brief == [
        "2:10 'adress' is no key of a listener (did you mean 'address'?)",
        "4:14 there is no service 'shp' (did you mean 'shop'?)",
        """
        7:34 an item of 'servers': 'backend:8080' has a host name, which is not supported yet \
        (write the host's IP address)
        """,
        """
        8:14 'balance' cannot be 'roundrobin' \
        (did you mean 'round-robin'? The values are round-robin, random, power-of-two, \
        least-connections, least-time, aggregate-load, first, hash)
        """,
        """
        9:26 'connect' must be a duration from 1ms to 8760h, not '3' \
        (a duration needs a unit: write '3s' or '3ms')
        """,
      ])
    #expect(outcome.diagnostics.allSatisfy { $0.file == "a.yaml" && $0.severity == .error })
  }

  @Test func `a diagnostic shows its line with a caret and what helps`() {
    let first = load("listeners:\n  web: { adress: \":80\" }\nservices: {}\n").diagnostics.first
    #expect(
      first?.rendered(color: false) == """
        a.yaml:2:10: error: 'adress' is no key of a listener
            web: { adress: ":80" }
                   ^~~~~~
          help: did you mean 'address'?
        """)
    #expect(first?.rendered(color: true).contains("\u{1B}[1;31merror:\u{1B}[0m") == true)
  }

  @Test func `columns count characters, not bytes`() {
    let outcome = load("services: { \"ü\": { severs: [] } }\nlisteners: {}\n")
    #expect(outcome.brief.first?.hasPrefix("1:13 'ü' is not a name") == true)
    let other = load("listeners: { web: { address: \"ä:80\", x: 1 } }\nservices: {}\n")
    #expect(other.diagnostics.map(\.column) == [30, 38])
  }

  @Test func `a long line is cut around the place`() throws {
    let text = "listeners: { \(String(repeating: "a: {}, ", count: 500)) web: { adress: 1 } }"
    let outcome = load(String(text))
    let last = try #require(outcome.diagnostics.last)
    #expect(last.sourceLine?.unicodeScalars.count ?? 0 <= Diagnostic.excerptLength)
    #expect(last.message.contains("twice") || last.message.contains("more errors"))
  }

  @Test func `control characters of a file do not reach the terminal`() {
    let outcome = load("listeners: { \"\\e[31mx\": {} }\nservices: { \"a\\nb\": {} }\n")
    for diagnostic in outcome.diagnostics {
      let shown = diagnostic.message + (diagnostic.suggestion ?? "")
      #expect(shown.unicodeScalars.allSatisfy { $0.value >= 32 })
    }
    #expect(!outcome.diagnostics.isEmpty)
  }

  @Test func `the errors of a hostile file are bounded`() {
    let keys = (0..<5000).map { "k\($0): 1" }.joined(separator: ", ")
    let outcome = load("{ \(keys) }")
    #expect(outcome.diagnostics.count == DiagnosticLog.limit + 1)
    #expect(outcome.diagnostics.last?.message == "4902 more errors are not shown")
  }

  @Test(arguments: [
    ("adress", "address"), ("roundRobin", "round-robin"), ("lisener", "listener"),
    ("helath", "health"), ("retires", "retries"),
  ])
  func `a near name is found`(_ typed: String, _ meant: String) {
    let names = ["listener", "address", "round-robin", "health", "retries", "run"]
    #expect(NearestName.find(typed, among: names) == meant)
  }

  @Test func `a far name is not`() {
    #expect(NearestName.find("banana", among: ["run", "servers", "health"]) == nil)
    #expect(NearestName.find("", among: ["a"]) == nil)
    #expect(NearestName.editDistance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
  }
}
