import Primitives
import Testing

@testable import ballast

@Suite struct HumanTextTests {
  @Test(arguments: [
    (0, "0ms"), (0.0021, "2.1ms"), (0.25, "250ms"), (0.9999, "1s"), (1.04, "1s"), (1.25, "1.3s"),
    (9.96, "10s"), (59.4, "59s"), (59.6, "1m"), (192, "3m12s"), (3_600, "1h"), (7_260, "2h1m"),
    (187_200, "2d4h"), (-1, "-"), (.infinity, "-"), (.nan, "-"), (1e300, "-"),
  ])
  func `a duration has two units at most`(seconds: Double, text: String) {
    #expect(HumanText.duration(seconds: seconds) == text)
  }

  @Test(arguments: [
    (0, "0"), (0.04, "0.0"), (3.14, "3.1"), (9.96, "10"), (1_250.4, "1250"), (.nan, "-"),
  ])
  func `a rate is short`(value: Double, text: String) {
    #expect(HumanText.rate(value) == text)
  }

  @Test func `less than all is never a hundred percent`() {
    #expect(HumanText.share(1) == "100%")
    #expect(HumanText.share(0.9999999) == "99.999%")
    #expect(HumanText.share(0.5) == "50.0%")
    #expect(HumanText.share(.nan) == "-")
  }

  @Test func `durations are read with their unit only`() {
    #expect(HumanText.parseDuration("300ms") == .milliseconds(300))
    #expect(HumanText.parseDuration("5m") == .minutes(5))
    #expect(HumanText.parseDuration("999999999h") != nil)
    for text in ["", "5", "m", "-5m", "5 m", "1.5s", "9999999999s", "٣s"] {
      #expect(HumanText.parseDuration(text) == nil, "\(text)")
    }
  }

  @Test func `suggestions are near, and silent when nothing is`() {
    let words = ["services", "servers", "routes", "get", "set"]
    #expect(Suggestion.nearest("servces", among: words) == "services")
    #expect(Suggestion.nearest("serv", among: words) == "services")
    #expect(Suggestion.nearest("ruotes", among: words) == "routes")
    #expect(Suggestion.nearest("gte", among: words) == "get")
    #expect(Suggestion.nearest("banana", among: words) == nil)
    #expect(Suggestion.nearest("", among: words) == nil)
    #expect(Suggestion.nearest(String(repeating: "x", count: 100_000), among: words) == nil)
  }
}
