import Primitives
import Testing

@testable import HealthChecking

struct AgentReportTests {
  private func report(_ text: String) throws(AgentReportError) -> AgentReport {
    try AgentReport(line: Array(text.utf8))
  }

  @Test(arguments: [
    ("up", AgentReport(isUp: true)), ("DOWN", AgentReport(isUp: false)),
    ("failed", AgentReport(isUp: false)),
    ("stopped#for the night ", AgentReport(isUp: false, reason: "for the night")),
    ("drain", AgentReport(isDraining: true)), ("maint", AgentReport(isDraining: true)),
    ("ready", AgentReport(isDraining: false)), ("75%", AgentReport(weight: 75)),
    (
      "up ready\t10%,maxconn:30 # busy, a bit\r",
      AgentReport(isUp: true, isDraining: false, weight: 10, reason: "busy, a bit")
    ),
    ("300%", AgentReport(weight: 100)), ("maxconn:9", AgentReport()),
    ("# only words", AgentReport(reason: "only words")),
  ])
  func `text is read as HAProxy's agents write it`(_ text: String, _ expected: AgentReport) throws {
    #expect(try report(text) == expected)
  }

  @Test(arguments: [
    (
      #"{"state":"up","weight":50,"cpu":0.4,"memory":0.5,"reason":"fine"}"#,
      AgentReport(
        isUp: true, isDraining: false, weight: 50, cpu: 0.4, memory: 0.5, reason: "fine")
    ),
    (#" { "state" : "Drain" } "#, AgentReport(isDraining: true)),
    (
      #"{"state":"down","reason":"\u00fc\ud83d\ude00\n\"x\""}"#,
      AgentReport(isUp: false, reason: "ü😀 \"x\"")
    ),
    (#"{"cpu":7e1,"memory":0,"weight":1e3}"#, AgentReport(weight: 100, cpu: 1, memory: 0)),
    (#"{"version":"1.2","ok":true,"nothing":null,"n":-3}"#, AgentReport()), ("{}", AgentReport()),
  ])
  func `JSON is read, and other keys are passed over`(
    _ text: String, _ expected: AgentReport
  ) throws {
    #expect(try report(text) == expected)
  }

  @Test(arguments: [
    "", " \r", "hello", "HTTP/1.1 200 OK", "up sideways", "-5%", "%", "1000000000000%", "5 %",
    "maxconn:", "maxconn:-1", "maxconn:many", "{", "{}x", #"{"state":"maybe"}"#, #"{"state":1}"#,
    #"{"cpu":"0.5"}"#, #"{"cpu":-1}"#, #"{"cpu":1e999}"#, #"{"cpu":nan}"#, #"{"cpu":+1}"#,
    #"{"cpu":.5}"#, #"{"cpu":}"#, #"{"a":{}}"#, #"{"a":[1]}"#, #"{"a":1,}"#, #"{"a" 1}"#,
    #"{"reason":"\ud800"}x"#, #"{"reason":"\ud800\u0041"}"#, #"{"reason":"\x"}"#,
    #"{"reason":"\u12"}"#, #"{"reason":"open}"#, "{\"reason\":\"a\tb\"}", #"{"weight":true}"#,
  ])
  func `what is none of both is refused`(_ text: String) {
    #expect(throws: AgentReportError.self) { try report(text) }
  }

  @Test func `a reason is one short line that harms no terminal`() throws {
    let reason = try #require(
      try report("up #a\u{1B}[31m\u{7}\u{202E}b" + String(repeating: "ü", count: 900)).reason)
    #expect(reason.hasPrefix("a[31mbü"))
    #expect(reason.unicodeScalars.count == 200)
    let error = #expect(throws: AgentReportError.self) { try report("\u{1B}]0;x\u{7}") }
    #expect(error?.description == "\"]0;x\" is no word of an agent")
  }

  @Test(arguments: 0..<200)
  func `no bytes can trap it`(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let good = Array(
      #"{"state":"up","weight":50,"cpu":0.4,"reason":"\u00fc\ud83d\ude00 \"x\""}up 75%#a"#.utf8)
    for _ in 0..<50 {
      var bytes = good
      for _ in 0..<(1 + random.below(8)) {
        let place = random.below(bytes.count)
        switch random.below(3) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes[random.below(bytes.count)], at: place)
        }
      }
      guard let report = try? AgentReport(line: bytes) else { continue }
      #expect((0...100).contains(report.weight ?? 0))
      #expect((0...1).contains(report.cpu ?? 0) && (0...1).contains(report.memory ?? 0))
    }
  }
}
