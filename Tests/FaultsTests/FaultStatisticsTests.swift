import Faults
import Primitives
import Testing

@Suite struct FaultStatisticsTests {
  private func at(_ seconds: Int64) -> WallTime { WallTime(milliseconds: seconds * 1000) }

  private func record(
    _ id: Int64, _ type: FaultRecord.Kind = .replicaExited, service: String = "shop",
    from: Int64, to: Int64?
  ) -> FaultRecord {
    FaultRecord(
      id: id, type: type, service: service, began: at(from), detected: at(from), cause: "x",
      resolved: to.map(at), duration: to.map { Double($0 - from) })
  }

  private func summary(_ records: [FaultRecord], since: Int64 = 0, now: Int64) -> FaultSummary {
    FaultStatistics.summaries(
      records: records, services: ["shop"], observedSince: at(since), now: at(now))[0]
  }

  @Test func `a service without faults is fully available`() {
    #expect(
      summary([], now: 100)
        == FaultSummary(
          service: "shop", faults: 0, open: 0, mtbf: nil, mttr: nil, availability: 1))
    #expect(summary([], since: 100, now: 100).availability == 1)
  }

  @Test func `means are over the time watched and over resolved faults`() {
    let got = summary(
      [record(1, from: 10, to: 12), record(2, from: 40, to: 44), record(3, from: 100, to: nil)],
      now: 200)
    #expect(got.faults == 3 && got.open == 1)
    #expect(got.mtbf == 200.0 / 3)
    #expect(got.mttr == 3)
    #expect(got.availability == 1)
    #expect(summary([record(1, from: 10, to: 12)], since: 100, now: 200).mtbf == 100)
  }

  @Test func `availability leaves out the time down, each second once`() {
    let got = summary(
      [
        record(1, .serviceDown, from: -50, to: 10), record(2, .serviceDown, from: 20, to: 30),
        record(3, .serviceDown, from: 25, to: 35), record(4, .serviceDown, from: 26, to: 28),
        record(5, .serviceDown, from: 95, to: nil), record(6, .serviceDown, from: 300, to: 400),
        record(7, .serviceDown, service: "other", from: 0, to: 100),
      ], now: 100)
    #expect(abs(got.availability - 0.7) < 1e-9)
  }

  @Test func `services are summed up in the order asked for`() {
    let got = FaultStatistics.summaries(
      records: [record(1, service: "b", from: 0, to: 1)], services: ["b", "a"],
      observedSince: at(0), now: at(10))
    #expect(got.map(\.service) == ["b", "a"])
    #expect(got.map(\.faults) == [1, 0])
  }
}
