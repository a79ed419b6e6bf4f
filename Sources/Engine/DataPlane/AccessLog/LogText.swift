import Primitives

/// How text of peers stands in a line: escaped, so that it can't end the line, leave its quotes or
/// speak to a terminal, and cut, so that a line always fits.
enum LogText {
  /// Bytes of one text that are looked at.
  static let valueBytes = 4_096
  /// What such text leaves free in the writer, for all that isn't the peers'.
  static let reservedBytes = 8_192

  enum Escaping {
    /// `\u000a`. Bytes beyond ASCII, which need not be UTF-8, are the characters of ISO 8859-1.
    case json
    /// `\x0a`, as web servers have it.
    case plain
  }
}

extension ByteWriter {
  /// Milliseconds with three places: `12.345`.
  mutating func append(milliseconds span: TimeSpan) {
    append(thousandths: Int(clamping: max(0, span.nanoseconds / 1_000)))
  }

  /// Text of a peer: quotes, backslashes, control bytes and bytes beyond ASCII are escaped.
  mutating func append(
    _ escaping: LogText.Escaping, _ bytes: Span<UInt8>, _ range: Range<Int>
  ) {
    let end = min(range.upperBound, range.lowerBound + LogText.valueBytes)
    var start = range.lowerBound
    while true {
      let plain = start..<bytes.endOfPlainText(in: start..<end)
      let fitting = max(0, room - LogText.reservedBytes)
      if plain.count > fitting {
        append(bytes, start..<start + fitting)
        break
      }
      append(bytes, plain)
      if plain.upperBound == range.upperBound { return }
      if plain.upperBound == end || room < LogText.reservedBytes { break }
      let byte = bytes[plain.upperBound]
      append(escaping == .json ? "\\u00" : "\\x")
      let (high, low) = (byte >> 4, byte & 15)
      append(high < 10 ? high &+ 48 : high &+ 87)
      append(low < 10 ? low &+ 48 : low &+ 87)
      start = plain.upperBound + 1
    }
    append("...")
  }
}

extension Span where Element == UInt8 {
  /// The first byte of the range that is escaped, or the range's end.
  func endOfPlainText(in range: Range<Int>) -> Int {
    var index = range.lowerBound
    while index < range.upperBound, index + 8 <= count {
      let loaded = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      let escaped = Self.escapedBytes(UInt64(littleEndian: loaded))
      if escaped != 0 { return min(range.upperBound, index + escaped.trailingZeroBitCount / 8) }
      index += 8
    }
    while index < range.upperBound {
      let byte = self[index]
      if byte < 32 || byte >= 127 || byte == 34 || byte == 92 { return index }
      index += 1
    }
    return range.upperBound
  }

  /// The highest bit of the first of eight bytes that is a control byte, a quote, a backslash or beyond
  /// ASCII; what stands behind it may be marked wrongly, since it borrows from there.
  private static func escapedBytes(_ word: UInt64) -> UInt64 {
    let each: UInt64 = 0x0101_0101_0101_0101
    func zeros(_ word: UInt64) -> UInt64 { (word &- each) & ~word }
    let controls = (word &- 0x20 &* each) & ~word
    let marks = zeros(word ^ 34 &* each) | zeros(word ^ 92 &* each) | zeros(word ^ 127 &* each)
    return (word | controls | marks) & 0x8080_8080_8080_8080
  }
}
