import Faults
import Foundation
import Primitives
import Store
import Testing

@testable import Engine

@Suite struct EventEnvelopeTests {
  private func event(_ id: Int64, _ message: String) -> EventRecord {
    EventRecord(
      id: id, at: WallTime(milliseconds: 1_000), type: "server-healthy", service: "shop",
      server: "a", message: message)
  }

  private func fault(_ id: Int64, isResolved: Bool = false) -> FaultRecord {
    FaultRecord(
      id: id, type: .serviceDown, service: "shop", began: WallTime(milliseconds: 0),
      detected: WallTime(milliseconds: 0), cause: "c",
      resolved: isResolved ? WallTime(milliseconds: 9) : nil)
  }

  @Test func `events and faults become CloudEvents, numbered on`() throws {
    var envelope = EventEnvelope(instance: "abc", last: 41)
    let messages = envelope.messages(
      [event(7, "say \"hi\"\n\u{202e}")], [fault(1, isResolved: true), fault(2), fault(3)],
      now: WallTime(milliseconds: 2_000)
    ) { $0.resolved != nil ? .resolved : $0.id > 2 ? .opened : .changed }
    #expect(messages.map(\.number) == [42, 43, 44, 45])
    #expect(
      messages.map(\.topic) == [
        "event.server-healthy", "fault.resolved", "fault.changed", "fault.opened",
      ])
    #expect(messages[0].id == "abc.1000.42" && messages[1].id == "abc.2000.43")
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(messages[0].body.utf8)) as? [String: Any])
    #expect(json["specversion"] as? String == "1.0" && json["id"] as? String == "abc.1000.42")
    #expect(json["type"] as? String == "ballast.event.server-healthy")
    #expect(json["source"] as? String == "/ballast/abc" && json["subject"] as? String == "shop/a")
    #expect(json["time"] as? String == "1970-01-01T00:00:01.000Z")
    let data = try #require(json["data"] as? [String: Any])
    #expect(data["message"] as? String == "say \"hi\"\n\u{202e}" && data["id"] as? Int == 7)
  }

  @Test func `what is too large goes without its data, and a number never traps`() throws {
    var envelope = EventEnvelope(instance: "abc", last: .max)
    let large = String(repeating: "x", count: EventEnvelope.largest)
    let messages = envelope.messages(
      [event(9, large)], [], now: WallTime(milliseconds: 0)
    ) { _ in .changed }
    #expect(messages[0].number == 1)
    #expect(messages[0].body.hasSuffix(#""data":{"id":9,"leftOut":true}}"#))
  }
}
