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
  /// 0 to 999 with leading zeros.
  mutating func append(threeDigits number: Int) {
    append(UInt8(truncatingIfNeeded: 48 + number / 100 % 10))
    append(UInt8(truncatingIfNeeded: 48 + number / 10 % 10))
    append(UInt8(truncatingIfNeeded: 48 + number % 10))
  }

  /// Milliseconds with three places: `12.345`.
  mutating func append(milliseconds span: TimeSpan) {
    let microseconds = Int(clamping: max(0, span.nanoseconds / 1_000))
    append(decimal: microseconds / 1_000)
    append(UInt8(ascii: "."))
    append(threeDigits: microseconds % 1_000)
  }

  /// Text of a peer: quotes, backslashes, control bytes and bytes beyond ASCII are escaped.
  mutating func append(
    _ escaping: LogText.Escaping, _ bytes: Span<UInt8>, _ range: Range<Int>
  ) {
    var start = range.lowerBound
    for index in range {
      if index - range.lowerBound >= LogText.valueBytes || room < LogText.reservedBytes {
        append(bytes, start..<min(index, start + max(0, room - LogText.reservedBytes)))
        append("...")
        return
      }
      let byte = bytes[index]
      if byte >= 32, byte < 127, byte != 34, byte != 92 { continue }
      append(bytes, start..<index)
      append(escaping == .json ? "\\u00" : "\\x")
      let (high, low) = (byte >> 4, byte & 15)
      append(high < 10 ? high &+ 48 : high &+ 87)
      append(low < 10 ? low &+ 48 : low &+ 87)
      start = index + 1
    }
    append(bytes, start..<range.upperBound)
  }
}
