/// The members of a JSON object (RFC 8259) from a server, as far as somebody asks for them. What is
/// inside of a member is read when that is asked for, so nothing is nested here.
struct JSONMembers {
  enum Value: Equatable {
    case text(String)
    /// A number, `true`, `false` or `null`, as it is written.
    case word(String)
    /// An object or a list, as it is written.
    case inner([UInt8])
  }

  /// Of one object; what has more is refused.
  static let mostMembers = 128
  /// Objects and lists within one another.
  static let deepest = 32

  private var values: [String: Value] = [:]

  /// Nil for what is no object. Of a name that comes twice the last one counts.
  init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    reader.skipSpace()
    guard reader.take(0x7B) else { return nil }
    reader.skipSpace()
    if reader.take(0x7D) { return }
    while values.count < Self.mostMembers {
      reader.skipSpace()
      guard let name = reader.text() else { return nil }
      reader.skipSpace()
      guard reader.take(0x3A) else { return nil }
      reader.skipSpace()
      guard let value = reader.value() else { return nil }
      values[name] = value
      reader.skipSpace()
      if reader.take(0x7D) { return }
      guard reader.take(0x2C) else { return nil }
    }
    return nil
  }

  func text(_ name: String) -> String? {
    if case .text(let text)? = values[name] { text } else { nil }
  }

  func integer(_ name: String) -> Int? {
    if case .word(let word)? = values[name] { Int(word) } else { nil }
  }

  func isTrue(_ name: String) -> Bool { values[name] == .word("true") }

  func object(_ name: String) -> JSONMembers? {
    if case .inner(let bytes)? = values[name] { JSONMembers(bytes) } else { nil }
  }
}

extension JSONMembers {
  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    private var next: UInt8? { bytes.indices.contains(place) ? bytes[place] : nil }

    mutating func take(_ byte: UInt8) -> Bool {
      guard next == byte else { return false }
      place += 1
      return true
    }

    mutating func skipSpace() {
      while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
    }

    mutating func value() -> Value? {
      switch next {
      case 0x22: return text().map { .text($0) }
      case 0x7B, 0x5B: return inner().map { .inner($0) }
      default:
        let start = place
        while let byte = next, Self.isOfWord(byte) { place += 1 }
        return place > start ? .word(String(decoding: bytes[start..<place], as: UTF8.self)) : nil
      }
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
      default: false
      }
    }

    /// From a bracket to the one that closes it.
    private mutating func inner() -> [UInt8]? {
      let start = place
      var depth = 0
      while let byte = next {
        switch byte {
        case 0x22:
          guard text() != nil else { return nil }
          continue
        case 0x7B, 0x5B:
          depth += 1
          guard depth <= JSONMembers.deepest else { return nil }
        case 0x7D, 0x5D: depth -= 1
        default: break
        }
        place += 1
        if depth == 0 { return Array(bytes[start..<place]) }
      }
      return nil
    }

    /// A string, its escapes read.
    mutating func text() -> String? {
      guard take(0x22) else { return nil }
      var found: [UInt8] = []
      while let byte = next {
        place += 1
        switch byte {
        case 0x22: return String(decoding: found, as: UTF8.self)
        case 0x5C:
          guard let escaped = escape() else { return nil }
          found += Array(String(escaped).utf8)
        case 0..<0x20: return nil
        default: found.append(byte)
        }
      }
      return nil
    }

    private mutating func escape() -> Character? {
      guard let byte = next else { return nil }
      place += 1
      switch byte {
      case 0x22, 0x2F, 0x5C: return Character(UnicodeScalar(byte))
      case 0x62: return "\u{8}"
      case 0x66: return "\u{c}"
      case 0x6E: return "\n"
      case 0x72: return "\r"
      case 0x74: return "\t"
      case 0x75:
        guard bytes.count - place >= 4,
          let number = UInt32(
            String(decoding: bytes[place..<(place + 4)], as: UTF8.self), radix: 16)
        else { return nil }
        place += 4
        // Halves of pairs stand for nothing alone, and nothing here needs them together.
        return Character(UnicodeScalar(number) ?? "\u{FFFD}")
      default: return nil
      }
    }
  }
}
