import Telemetry

/// JSON that is written once and kept nowhere.
indirect enum JSONMessage {
  case text(String)
  case integer(Int64)
  case boolean(Bool)
  case array([JSONMessage])
  /// In this order.
  case object([(String, JSONMessage)])

  static func strings(_ labels: [String: String]) -> JSONMessage {
    .object(labels.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })
  }

  var bytes: [UInt8] {
    var buffer: [UInt8] = []
    append(to: &buffer)
    return buffer
  }

  private func append(to buffer: inout [UInt8]) {
    switch self {
    case .text(let text): JSONText.appendQuoted(text, to: &buffer)
    case .integer(let number): buffer += Array("\(number)".utf8)
    case .boolean(let value): buffer += Array("\(value)".utf8)
    case .array(let items):
      buffer.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { buffer.append(UInt8(ascii: ",")) }
        item.append(to: &buffer)
      }
      buffer.append(UInt8(ascii: "]"))
    case .object(let members):
      buffer.append(UInt8(ascii: "{"))
      for (index, (name, value)) in members.enumerated() {
        if index > 0 { buffer.append(UInt8(ascii: ",")) }
        JSONText.appendQuoted(name, to: &buffer)
        buffer.append(UInt8(ascii: ":"))
        value.append(to: &buffer)
      }
      buffer.append(UInt8(ascii: "}"))
    }
  }

  /// Bytes of a text within JSON, without its quotes.
  static func cost(_ text: String) -> Int {
    var buffer: [UInt8] = []
    JSONText.append(text.utf8.span, to: &buffer)
    return buffer.count
  }
}
