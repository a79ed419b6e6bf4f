/// Text from outside, made safe for a line of a log and for a terminal: one line, no control
/// characters, no escape sequences, no marks of direction. What was there can still be told:
/// `\n`, `\r`, `\t`, `\\`, `\x1b` for other bytes, `\u{202e}` for other characters.
public struct EscapedText: Sendable, CustomStringConvertible {
  public let description: String

  public init(_ text: String) { self.init(bytes: Array(text.utf8)) }

  /// Bytes that are no UTF-8 are written as `\xff`. At most `limit` bytes are read; `…` follows when
  /// there were more.
  public init(bytes: [UInt8], limit: Int = 8192) {
    var escaped: [UInt8] = []
    escaped.reserveCapacity(min(bytes.count, limit) + 16)
    let span = bytes.span
    let end = min(bytes.count, max(0, limit))
    var index = 0
    while index < end {
      guard let (length, scalar) = UTF8Sequence.decode(span, at: index) else {
        escaped.append(contentsOf: "\\x\(Self.hexadecimal(UInt32(span[index]), digits: 2))".utf8)
        index += 1
        continue
      }
      switch scalar {
      case 0x0A: escaped.append(contentsOf: "\\n".utf8)
      case 0x0D: escaped.append(contentsOf: "\\r".utf8)
      case 0x09: escaped.append(contentsOf: "\\t".utf8)
      case 0x5C: escaped.append(contentsOf: "\\\\".utf8)
      case _ where UTF8Sequence.isHarmful(scalar) && scalar < 0x80:
        escaped.append(contentsOf: "\\x\(Self.hexadecimal(scalar, digits: 2))".utf8)
      case _ where UTF8Sequence.isHarmful(scalar):
        escaped.append(contentsOf: "\\u{\(Self.hexadecimal(scalar, digits: 2))}".utf8)
      default: for place in index..<(index + length) { escaped.append(span[place]) }
      }
      index += length
    }
    if end < bytes.count { escaped.append(contentsOf: "…".utf8) }
    description = String(decoding: escaped, as: UTF8.self)
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}
