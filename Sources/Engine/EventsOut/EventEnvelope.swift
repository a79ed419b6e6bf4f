import Configuration
import Faults
import Primitives
import Store
import Telemetry

/// Puts what happened into the form that sinks get: CloudEvents 1.0 in JSON
/// (https://github.com/cloudevents/spec), numbered in the order in which it happened.
struct EventEnvelope {
  /// What this Ballast is called; the same for as long as its state is kept.
  let instance: String
  private(set) var number: Int64

  /// Of one message, in bytes. What is larger goes without its data, which can be asked for by its id.
  static let largest = 128 << 10

  /// - Parameter last: the number of the last message of an engine before this one.
  init(instance: String, last: Int64) {
    self.instance = instance
    number = max(0, last)
  }

  enum Change: String { case opened, changed, resolved }

  /// - Parameter change: what a fault record tells of.
  mutating func messages(
    _ events: [EventRecord], _ faults: [FaultRecord], now: WallTime,
    change: (FaultRecord) -> Change
  ) -> [OutgoingRecord] {
    var messages: [OutgoingRecord] = []
    for event in events {
      messages.append(
        message(
          "event.\(event.type)", at: event.at, id: event.id,
          subject: Self.subject(event.service ?? "", event.server), event))
    }
    for fault in faults {
      messages.append(
        message(
          "fault.\(change(fault).rawValue)", at: now, id: fault.id,
          subject: Self.subject(fault.service, fault.server), fault))
    }
    return messages
  }

  private static func subject(_ service: String, _ server: String?) -> String {
    server.map { "\(service)/\($0)" } ?? service
  }

  /// The time is in the id as well: a state that was restored counts from where it was once.
  private mutating func message(
    _ topic: String, at time: WallTime, id record: Int64, subject: String, _ data: some Encodable
  ) -> OutgoingRecord {
    number = number == .max ? 1 : number + 1
    let id = "\(instance).\(time.milliseconds).\(number)"
    var json = Array(#"{"specversion":"1.0","id":"#.utf8)
    JSONText.appendQuoted(id, to: &json)
    let fields = [
      ("source", "/ballast/\(instance)"), ("type", "ballast.\(topic)"),
      ("time", time.description), ("subject", subject), ("datacontenttype", "application/json"),
    ]
    for (name, value) in fields where !value.isEmpty {
      json += Array(",\"\(name)\":".utf8)
      JSONText.appendQuoted(value, to: &json)
    }
    json += Array(#","data":"#.utf8)
    if let data = AdminJSON.encode(data), json.count + data.count < Self.largest {
      json += data
    } else {
      json += Array(#"{"id":\#(record),"leftOut":true}"#.utf8)
    }
    json.append(UInt8(ascii: "}"))
    return OutgoingRecord(
      number: number, id: id, topic: topic, body: String(decoding: json, as: UTF8.self))
  }
}
