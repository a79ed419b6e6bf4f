/// One flat JSON object (RFC 8259) of an agent's answer. Objects and arrays inside of it are
/// refused, so nothing here goes deeper than the text is long.
struct AgentJSON {
  enum Value: Equatable {
    case text(String)
    case number(Double)
    /// `true`, `false` or `null`.
    case word
  }

  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// In their order; the text must end with the object.
  mutating func members() throws(AgentReportError) -> [(key: String, value: Value)] {
    var members: [(key: String, value: Value)] = []
    try expect(UInt8(ascii: "{"))
    skipSpace()
    if !take(UInt8(ascii: "}")) {
      repeat {
        skipSpace()
        let key = try text()
        skipSpace()
        try expect(UInt8(ascii: ":"))
        skipSpace()
        members.append((key, try value()))
        skipSpace()
      } while take(UInt8(ascii: ","))
      try expect(UInt8(ascii: "}"))
    }
    skipSpace()
    guard offset == bytes.count else { throw broken }
    return members
  }

  private mutating func value() throws(AgentReportError) -> Value {
    switch peek {
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      throw AgentReportError("an object within the object, or a list")
    case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
      for word in ["true", "false", "null"] where bytes[offset...].starts(with: word.utf8) {
        offset += word.utf8.count
        return .word
      }
      throw broken
    default: return .number(try number())
    }
  }

  private mutating func number() throws(AgentReportError) -> Double {
    let start = offset
    while let byte = peek, (48...57).contains(byte) || "+-.eE".utf8.contains(byte) { offset += 1 }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    // Double takes more than JSON does, but of these characters only a leading + and a bare point.
    guard text.first != "+", text.first != ".", let number = Double(text) else { throw broken }
    return number
  }

  private mutating func text() throws(AgentReportError) -> String {
    try expect(UInt8(ascii: "\""))
    var result: [UInt8] = []
    while let byte = peek {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
      case UInt8(ascii: "\\"): result += try escaped()
      case 0..<32: throw broken
      default: result.append(byte)
      }
    }
    throw broken
  }

  private mutating func escaped() throws(AgentReportError) -> [UInt8] {
    guard let byte = peek else { throw broken }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"), UInt8(ascii: "f"): return [UInt8(ascii: " ")]
    case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): return [UInt8(ascii: " ")]
    case UInt8(ascii: "u"):
      let first = try unit()
      if first & 0xFC00 == 0xD800, take(UInt8(ascii: "\\")) {
        try expect(UInt8(ascii: "u"))
        let second = try unit()
        guard second & 0xFC00 == 0xDC00 else { throw broken }
        let scalar = Unicode.Scalar(0x1_0000 + (first & 0x3FF) << 10 + (second & 0x3FF))
        return Array(String(Character(scalar ?? "\u{FFFD}")).utf8)
      }
      return Array(String(Character(Unicode.Scalar(first) ?? "\u{FFFD}")).utf8)
    default: throw broken
    }
  }

  private mutating func unit() throws(AgentReportError) -> UInt32 {
    guard bytes.count - offset >= 4 else { throw broken }
    var unit: UInt32 = 0
    for byte in bytes[offset..<(offset + 4)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw broken }
      unit = unit << 4 | UInt32(digit)
    }
    offset += 4
    return unit
  }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(AgentReportError) {
    guard take(byte) else { throw broken }
  }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { offset += 1 }
  }

  private var broken: AgentReportError { AgentReportError("broken JSON at byte \(offset)") }
}
