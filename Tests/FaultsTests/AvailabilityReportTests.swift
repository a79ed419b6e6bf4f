import Primitives
import Testing

@testable import Faults

@Suite struct AvailabilityReportTests {
  private static let hour: Int64 = 3_600

  private func at(_ seconds: Int64) -> WallTime { WallTime(milliseconds: seconds * 1000) }

  private func fault(
    _ server: String?, from: Int64, to: Int64?, _ type: FaultRecord.Kind = .serverUnhealthy,
    service: String = "shop"
  ) -> FaultRecord {
    FaultRecord(
      id: from, type: type, service: service, server: server, began: at(from), detected: at(from),
      cause: "x", resolved: to.map(at), duration: to.map { Double($0 - from) })
  }

  private func report(
    _ records: [FaultRecord], servers: [String] = ["a", "b"], needed: Int = 1, hours: Int64 = 100
  ) -> AvailabilityReport {
    AvailabilityReport.make(
      service: "shop", records: records, servers: servers, needed: needed, neededFrom: .usual,
      since: at(0), now: at(hours * Self.hour))
  }

  private func isClose(_ got: Double, _ wanted: Double) -> Bool {
    abs(got - wanted) <= 1e-9 * max(1, abs(wanted))
  }

  @Test func `a worked example agrees with its calculation by hand`() {
    // Two servers, 100 h each, two faults of half an hour: (200 - 1) h / 2 and 30 min; U = 1 / 200.
    let got = report([
      fault("a", from: 10 * Self.hour, to: 10 * Self.hour + 1_800),
      fault("b", from: 50 * Self.hour, to: 50 * Self.hour + 1_800),
    ])
    #expect(got.server.mtbf == 99.5 * 3_600 && got.server.mttr == 1_800)
    #expect(isClose(got.server.unavailability, 0.005))
    // The prior's half of a fault among 5, and two that came alone: 0.5 / 7.
    #expect(isClose(got.commonCause.beta, 0.5 / 7))
    let (common, own) = (0.005 / 14, 0.005 * 13 / 14)
    #expect(
      isClose(got.predicted.unavailability, common + (1 - common) * own * own))
    #expect(
      isClose(got.predicted.minutesDownAMonth, got.predicted.unavailability * 43_830))
    #expect(isClose(got.floorMinutesDownAMonth, common * 43_830))
    #expect(
      isClose(got.oneMore.unavailability, common + (1 - common) * own * own * own))
    #expect(isClose(got.oneFewer?.unavailability ?? 0, 0.005))
    #expect(got.halfRepair.unavailability < got.predicted.unavailability / 1.9)
    #expect(got.atLeast.unavailability > got.predicted.unavailability)
    #expect(got.measured.availability == 1)
    #expect(got.servers.map(\.availability).allSatisfy { isClose($0, 0.995) })
    #expect(got.remarks.count == 2)
  }

  @Test func `without a fault the rule of three bounds the prediction`() {
    let got = report([])
    #expect(got.server.mtbfIsBound && got.server.mttrIsAssumed)
    // 200 h watched with nothing seen: at most 3 faults were to be expected.
    #expect(isClose(got.server.mtbf, 200.0 / 3 * 3_600))
    #expect(got.server.mttr == ServerReliability.assumedRepair)
    #expect(got.commonCause.beta == CommonCause.prior)
    #expect(got.atLeast == got.predicted)
    #expect(got.servers.allSatisfy { $0.mtbf == nil && $0.mttr == nil && $0.availability == 1 })
    #expect(got.remarks.contains { $0.contains("rule of three") })
    #expect(got.remarks.contains { $0.contains("5m") })
  }

  @Test func `faults that begin together are a common cause`() {
    let records = (0..<10).flatMap { number -> [FaultRecord] in
      let start = Int64(number + 1) * Self.hour
      return [fault("a", from: start, to: start + 60), fault("b", from: start + 9, to: start + 60)]
    }
    let got = report(records)
    #expect(got.commonCause.together == 20 && got.commonCause.faults == 20)
    #expect(isClose(got.commonCause.beta, 20.5 / 25))
    // 11 s apart, or of one and the same server, they are not.
    let apart = report([
      fault("a", from: 100, to: 200), fault("b", from: 111, to: 200),
      fault("a", from: 1_000, to: 1_001), fault("a", from: 1_002, to: 1_003),
    ])
    #expect(apart.commonCause.together == 0)
  }

  @Test func `what is not a fault of one of the servers that there are counts for nothing`() {
    let got = report([
      fault("gone", from: 10, to: 20), fault("a", from: -10, to: 20),
      fault(nil, from: 10, to: 70, .serviceDown), fault(nil, from: 10, to: 20, .storeDamaged),
      fault("a", from: 10, to: 20, service: "other"),
    ])
    #expect(got.server.faults == 0)
    #expect(got.measured.faults == 1)
    #expect(isClose(got.measured.unavailability, 60.0 / 360_000))
  }

  @Test func `an open fault counts with its time so far`() {
    let open = report([fault("a", from: 99 * Self.hour, to: nil)])
    #expect(open.server.faults == 1 && open.server.mttrIsAssumed)
    #expect(open.server.mttr == 3_600)
    let both = report([
      fault("b", from: 10, to: 70), fault("a", from: 99 * Self.hour, to: nil),
    ])
    #expect(!both.server.mttrIsAssumed && both.server.mttr == 3_660)
  }

  @Test func `a service is told what it lacks`() {
    #expect(report([], needed: 3).predicted.availability == 0)
    #expect(report([], needed: 3).remarks.contains("it needs 3 servers and has 2"))
    let empty = report([], servers: [])
    #expect(empty.predicted.availability == 0 && empty.oneFewer == nil)
    #expect(empty.remarks.contains("the service has no servers now"))
    let fresh = report([], hours: 0)
    #expect(fresh.server.unavailability == 1 && fresh.measured.availability == 1)
  }

  @Test func `the load says how many servers are needed`() {
    #expect(AvailabilityReport.needed(inflight: 0, limit: 10) == 1)
    #expect(AvailabilityReport.needed(inflight: 10, limit: 10) == 1)
    #expect(AvailabilityReport.needed(inflight: 11, limit: 10) == 2)
    #expect(AvailabilityReport.needed(inflight: .max, limit: 0) == .max)
  }
}
