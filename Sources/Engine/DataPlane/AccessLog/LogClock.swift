import Primitives

/// The time as a log line wants it, made once a second and not once a line.
struct LogClock {
  private var second = Int64.min
  /// `2026-11-20T20:07:45.`, without the milliseconds.
  private var timestamp: [UInt8] = []
  /// `20/Nov/2026:20:07:45 +0000`.
  private var common: [UInt8] = []

  /// `2026-11-20T20:07:45.123Z`.
  mutating func appendTimestamp(_ time: WallTime, to writer: inout ByteWriter) {
    refresh(time)
    writer.append(timestamp)
    let milliseconds = Int(truncatingIfNeeded: time.milliseconds % 1_000)
    writer.append(threeDigits: max(0, milliseconds))
    writer.append(UInt8(ascii: "Z"))
  }

  mutating func appendCommon(_ time: WallTime, to writer: inout ByteWriter) {
    refresh(time)
    writer.append(common)
  }

  private mutating func refresh(_ time: WallTime) {
    let current = time.milliseconds / 1_000
    if current == second { return }
    second = current
    timestamp = Array(time.description.utf8.prefix(20))
    common = Array(time.commonLogForm.utf8)
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

  /// Text inside a JSON string: quotes, backslashes and control bytes are escaped, and bytes beyond
  /// ASCII, which need not be UTF-8, as the characters of ISO 8859-1.
  mutating func append(jsonEscaping bytes: Span<UInt8>, _ range: Range<Int>) {
    var start = range.lowerBound
    for index in range {
      let byte = bytes[index]
      if byte >= 32, byte < 127, byte != 34, byte != 92 { continue }
      append(bytes, start..<index)
      append("\\u00")
      let (high, low) = (byte >> 4, byte & 15)
      append(high < 10 ? high &+ 48 : high &+ 87)
      append(low < 10 ? low &+ 48 : low &+ 87)
      start = index + 1
    }
    append(bytes, start..<range.upperBound)
  }
}
