import Primitives
import Telemetry

/// Writes a value as JSON (RFC 8259) straight into bytes, the members of each object in the order of
/// their names, so that answers can be compared as text.
///
/// Foundation's encoder builds a tree of the value first, which is most of what a long list takes.
/// This one needs no memory for an object but its text: a place of `levels` is used again by every
/// value at the same depth.
///
/// A container is written to before its parent gets its next value, as all synthesized encodings do.
final class AnswerEncoder {
  /// Of values in values; what is deeper is refused.
  static let deepest = 100

  private(set) var bytes: [UInt8] = []
  private var levels: [AnswerLevel] = []
  private var depth = 0
  /// While the members of an object are put in order.
  private var scratch: [UInt8] = []
  private var isTooDeep = false

  /// Throws for a number that JSON has not, and for values that are too deep.
  static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = AnswerEncoder()
    // Levels and their encoder hold each other.
    defer { encoder.levels = [] }
    try encoder.write(value: value)
    guard !encoder.isTooDeep else { throw tooDeep }
    return encoder.bytes
  }

  func write<Value: Encodable>(value: Value) throws {
    if try writeScalar(value) { return }
    let level = try enter()
    try value.encode(to: level)
    leave(level)
  }

  /// - Returns: false for a value that has an encoding of its own.
  func writeScalar<Value: Encodable>(_ value: Value) throws -> Bool {
    // Comparing types costs nothing; casting is for those that are equal.
    if Value.self == WallTime.self, let time = value as? WallTime {
      bytes.append(0x22)
      time.append(to: &bytes)
      bytes.append(0x22)
    } else if Value.self == String.self, let text = value as? String {
      write(text)
    } else if Value.self == Int.self, let number = value as? Int {
      write(number: number)
    } else {
      return false
    }
    return true
  }

  func write(_ text: String) { JSONText.appendQuoted(text, to: &bytes) }

  func write(_ truth: Bool) { write(raw: truth ? "true" : "false") }

  func write(number: some BinaryInteger) { write(raw: String(number)) }

  /// A whole number has no fraction.
  func write(real number: some BinaryFloatingPoint & CustomStringConvertible) throws {
    guard number.isFinite else {
      throw EncodingError.invalidValue(
        number, .init(codingPath: [], debugDescription: "JSON has no such number"))
    }
    let text = number.description
    write(raw: text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
  }

  func write(raw text: String) { bytes.append(contentsOf: text.utf8) }

  // MARK: Levels

  private static var tooDeep: EncodingError {
    .invalidValue(
      deepest, .init(codingPath: [], debugDescription: "values in values, too deep"))
  }

  private func enter() throws -> AnswerLevel {
    guard let level = open() else { throw Self.tooDeep }
    return level
  }

  /// Nil when it would be too deep; then there is no answer.
  func open() -> AnswerLevel? {
    guard depth < Self.deepest else {
      isTooDeep = true
      return nil
    }
    if depth == levels.count { levels.append(AnswerLevel(self)) }
    let level = levels[depth]
    depth += 1
    level.begin()
    return level
  }

  func leave(_ level: AnswerLevel) {
    level.finish()
    depth -= 1
  }

  /// Members that were written one behind the other, with commas between, from `start` on.
  func rearrange(_ members: [Range<Int>], from start: Int) {
    scratch.removeAll(keepingCapacity: true)
    for (place, member) in members.enumerated() {
      if place > 0 { scratch.append(0x2C) }
      scratch.append(contentsOf: bytes[member])
    }
    bytes.removeLast(bytes.count - start)
    bytes.append(contentsOf: scratch)
  }

  func append(_ byte: UInt8) { bytes.append(byte) }
}
