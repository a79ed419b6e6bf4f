import Faults
import Primitives
import Testing

@Suite struct FaultTimelineTests {
  private let began = WallTime(milliseconds: 1_790_000_000_000)

  private func at(_ seconds: Int64) -> WallTime {
    WallTime(milliseconds: began.milliseconds + seconds * 1_000)
  }

  private func event(_ id: Int64, _ type: String, _ seconds: Int64, service: String? = "shop")
    -> EventRecord
  {
    EventRecord(id: id, at: at(seconds), type: type, service: service, message: "\(type) \(id)")
  }

  private var record: FaultRecord {
    var record = FaultRecord(
      id: 7, type: .replicaExited, service: "shop", server: "shop-1", began: began,
      detected: at(1), cause: "killed", resolved: at(60), duration: 60)
    record.append("acknowledged by ann: on it", now: at(20))
    record.append("started again as pid 4", now: at(30))
    return record
  }

  @Test func `changes before it, signs, deeds and messages stand on one clock`() {
    let events = [
      event(1, "deployment", -500), event(2, "server-unhealthy", -400),
      event(3, "config-reloaded", -60, service: nil), event(4, "server-unhealthy", 1),
      event(5, "scaled", 5), event(6, "alert-sent", 10),
      event(7, "deployment", 6, service: "other"),
      event(8, "fault-resolved", 60), event(9, "alert-sent", 100), event(10, "scaled", 500),
      event(11, "deployment", -700), event(12, "backup", 3, service: nil),
    ]
    let moments = FaultTimeline.make(record, events: events, now: at(1_000))
    #expect(
      moments.map(\.kind) == [
        .deployment, .configuration, .fault, .fault, .check, .scaling, .alert, .person, .fault,
        .fault, .alert,
      ])
    #expect(moments.map(\.at) == moments.map(\.at).sorted())
    #expect(moments.filter { $0.fault == 7 }.count == 5)
    #expect(moments.contains { $0.message == "fault 7 (replica-exited): over after 1m" })
  }

  @Test func `what hangs beneath a fault is in its timeline, to a bound`() {
    var root = record
    root.beneath = (0..<400).map { number in
      FaultRecord(
        id: 100 + number, type: .replicaExited, service: "shop", server: "s\(number)",
        began: at(2), detected: at(2), cause: "killed")
    }
    let moments = FaultTimeline.make(root, events: [], now: at(100))
    #expect(moments.count == FaultTimeline.limit)
    #expect(moments.contains { $0.message.hasPrefix("… (") })
    #expect(moments.last?.message.contains("over after") == true)
  }
}
