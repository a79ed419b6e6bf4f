import Faults
import Primitives
import Testing

@Suite struct FaultMonthTests {
  private func at(_ text: String) throws -> WallTime { try #require(WallTime(text)) }

  private func record(
    _ id: Int64, _ type: FaultRecord.Kind, parent: Int64? = nil, service: String = "shop",
    from: String, to: String?, acknowledged: String? = nil
  ) throws -> FaultRecord {
    let (began, resolved) = (try at(from), try to.map(at))
    return FaultRecord(
      id: id, type: type, service: service, parent: parent, began: began, detected: began,
      cause: "x", acknowledged: try acknowledged.map(at), resolved: resolved,
      duration: resolved.map { ($0 - began).seconds })
  }

  @Test func `a month has its own faults, times and budget`() throws {
    let records = [
      try record(
        1, .replicaExited, from: "2026-10-05T00:00:00Z", to: "2026-10-05T00:10:00Z",
        acknowledged: "2026-10-05T00:02:00Z"),
      try record(2, .serviceDown, from: "2026-10-31T23:50:00Z", to: "2026-11-01T00:10:00Z"),
      try record(3, .replicaExited, from: "2026-11-02T00:00:00Z", to: nil),
    ]
    let months = FaultStatistics.months(
      records: records, services: ["shop"], objectives: ["shop": 0.999],
      observedSince: try at("2026-10-01T00:00:00Z"), now: try at("2026-11-03T00:00:00Z"))
    #expect(months.map(\.month) == ["2026-11", "2026-10"])
    let (november, october) = (months[0], months[1])
    #expect(october.faults == 2 && october.mttr == 900 && october.mtta == 120)
    #expect(october.observed == 31 * 86_400 && october.mtbf == 31 * 43_200)
    #expect(october.down == 600)
    #expect(abs(october.availability - (1 - 600 / (31 * 86_400))) < 1e-12)
    #expect(abs(october.budget - 31 * 86.4) < 1e-6)
    #expect(abs(october.budgetLeft - (1 - 600 / (31 * 86.4))) < 1e-9)
    #expect(november.faults == 1 && november.open == 1 && november.mttr == nil)
    #expect(november.observed == 2 * 86_400 && november.down == 600)
    #expect(abs(november.budget - 30 * 86.4) < 1e-6, "of the whole month")
  }

  @Test func `a root cause counts once for each service that it touches`() throws {
    let began = "2026-11-02T00:00:00Z"
    var machine = try record(
      1, .machineDown, service: "", from: began, to: "2026-11-02T00:05:00Z")
    machine.acknowledged = try at("2026-11-02T00:01:00Z")
    let records =
      [machine]
      + (try (2...5).map {
        try record(
          $0, .replicaExited, parent: 1, service: $0 < 4 ? "shop" : "orders", from: began,
          to: "2026-11-02T00:0\($0 - 1):00Z")
      })
    let summaries = FaultStatistics.summaries(
      records: records, services: ["shop", "orders", "quiet"],
      observedSince: try at("2026-11-01T00:00:00Z"), now: try at("2026-11-03T00:00:00Z"))
    #expect(summaries.map(\.faults) == [1, 1, 0])
    #expect(summaries.map(\.mttr) == [120, 240, nil])
    #expect(summaries.map(\.mtta) == [60, 60, nil])
  }

  @Test func `a budget can be overdrawn, and be none at all`() throws {
    let down = try record(
      1, .serviceDown, from: "2026-11-01T00:00:00Z", to: "2026-11-01T02:00:00Z")
    func month(_ objective: Double, _ records: [FaultRecord]) throws -> FaultMonth {
      try #require(
        FaultStatistics.months(
          records: records, services: ["shop"], objectives: ["shop": objective],
          observedSince: try at("2026-11-01T00:00:00Z"), now: try at("2026-11-02T00:00:00Z")
        ).first)
    }
    #expect(abs(try month(0.999, [down]).budgetLeft - (1 - 7_200 / 2_592)) < 1e-9)
    #expect(try month(1, [down]).budgetLeft == -1)
    #expect(try month(1, []).budgetLeft == 1)
    #expect(try month(.infinity, []).budget == 0)
  }

  @Test func `years change, and clocks that are wrong make no months`() throws {
    func months(_ from: WallTime, _ to: WallTime) -> [String] {
      FaultStatistics.months(
        records: [], services: ["shop"], observedSince: from, now: to
      ).map(\.month)
    }
    #expect(
      months(try at("2026-12-31T23:59:59Z"), try at("2027-01-01T00:00:00Z"))
        == ["2027-01", "2026-12"])
    #expect(months(try at("2027-01-01T00:00:00Z"), try at("2026-01-01T00:00:00Z")) == [])
    #expect(months(WallTime(milliseconds: .max), WallTime(milliseconds: .max)) == [])
    #expect(
      months(WallTime(milliseconds: .min), try at("2026-11-01T00:00:00Z")).count
        == FaultStatistics.mostMonths)
  }
}
