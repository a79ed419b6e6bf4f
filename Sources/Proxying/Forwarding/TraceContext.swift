import Wire

/// The field of W3C Trace Context that a server continues a trace by.
enum TraceContext {
  /// Whether there is one traceparent, and it is `VERSION-TRACE-PARENT-FLAGS` in small hexadecimal
  /// digits, with a version that is not ff and numbers that are not zero (section 3.2). A later
  /// version may have more behind another dash.
  static func isValid(_ head: RequestHead, _ bytes: Span<UInt8>) -> Bool {
    var found: Range<Int>?
    for index in 0..<head.fields.count where head.fields[index].name == .traceparent {
      if found != nil { return false }
      found = head.fields[index].valueRange
    }
    return found.map { isValid(bytes, $0) } ?? false
  }

  private static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let start = range.lowerBound
    guard range.count >= 55, let version = number(bytes, start..<(start + 2)), version != 255,
      range.count == 55 || version > 0 && bytes[start + 55] == dash,
      bytes[start + 2] == dash, bytes[start + 35] == dash, bytes[start + 52] == dash,
      let first = number(bytes, (start + 3)..<(start + 19)),
      let second = number(bytes, (start + 19)..<(start + 35)), first | second != 0,
      let parent = number(bytes, (start + 36)..<(start + 52)), parent != 0,
      number(bytes, (start + 53)..<(start + 55)) != nil
    else { return false }
    return true
  }

  private static let dash = UInt8(ascii: "-")

  /// At most 16 digits.
  private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
    var number: UInt64 = 0
    for index in range {
      let byte = bytes[index]
      if Octets.isDigit(byte) {
        number = number << 4 | UInt64(byte &- 48)
      } else if byte &- 97 < 6 {
        number = number << 4 | UInt64(byte &- 87)
      } else {
        return nil
      }
    }
    return number
  }
}
