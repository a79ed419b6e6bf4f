import Faults
import Primitives
import Testing

@Suite struct FaultExportTests {
  private let began = WallTime(milliseconds: 1_790_000_000_000)

  private func record(_ id: Int64, cause: String, parent: Int64? = nil) -> FaultRecord {
    FaultRecord(
      id: id, type: .replicaExited, service: "shop", server: "shop-\(id)", parent: parent,
      began: began, detected: began, cause: cause, actions: ["restarted"], actionTimes: [began])
  }

  @Test func `cells of any content stay one cell, and no formula`() {
    var root = record(1, cause: "=HYPERLINK(\"http://evil\",\"x\")")
    root.beneath = [record(2, cause: "exit 1,\r\nthen\u{1B}[31m 2", parent: 1)]
    let text = FaultTable.text([root])
    let lines = text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false)
    #expect(lines.count == 4 && lines[3].isEmpty)
    #expect(lines[1].contains("\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\""))
    #expect(lines[2].hasPrefix("2,1,replica-exited,shop,shop-2,"))
    #expect(lines[2].contains("\"exit 1,  then [31m 2\""))
  }

  @Test func `a post-mortem says what happened, and nothing in it is markup of others`() {
    var root = FaultRecord(
      id: 7, type: .machineDown, service: "", subject: "10.0.0.1", began: began,
      detected: WallTime(milliseconds: began.milliseconds + 1_500),
      cause: "2 servers | <b>failed</b>",
      resolved: WallTime(milliseconds: began.milliseconds + 90_000),
      resolvedBy: "ann", duration: 90)
    root.append("acknowledged by ann: `rm -rf`", now: began)
    root.beneath = [record(8, cause: "[x](javascript:1)", parent: 7)]
    let timeline = FaultTimeline.make(root, events: [], now: began)
    let text = PostMortem.text(root, timeline: timeline, now: began)
    #expect(text.hasPrefix("# Fault 7: machine-down of 10.0.0.1\n"))
    #expect(text.contains("| Certain | 2026-09-21 14:13:21 UTC, after 1.5s |"))
    #expect(text.contains("| Over | 2026-09-21 14:14:50 UTC, by ann |"))
    #expect(text.contains("| Lasted | 1m 30s |") || text.contains("| Lasted | 90s |"))
    #expect(text.contains("2 servers \\| \\<b\\>failed\\</b\\>"))
    #expect(text.contains("\\[x\\]\\(javascript:1\\)"))
    #expect(text.contains("\\`rm -rf\\`"))
    #expect(text.contains("## To be written"))
  }

  @Test func `many faults are one document with the figures before the list`() {
    let month = FaultMonth(
      service: "shop", month: "2026-11", observed: 100, faults: 1, open: 0, mtbf: 100, mttr: 10,
      mtta: nil, down: 3_600, availability: 0.99, objective: 0.999, budget: 2_592,
      budgetSpent: 3_600, budgetLeft: -0.389)
    let text = FaultReport.text([record(1, cause: "killed")], months: [month], now: began)
    #expect(text.contains("| 2026-11 | shop | 1 | "))
    #expect(text.contains("| -38.9 % |"))
    #expect(text.contains("| 1 | 2026-09-21 14:13:20 UTC | replica-exited | shop/shop-1 |"))
  }
}
