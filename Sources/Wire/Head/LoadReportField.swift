/// What a server says of its own load in an answer, in the words of Open Request Cost Aggregation:
/// `Endpoint-Load-Metrics: TEXT cpu_utilization=0.3, mem_utilization=0.8`, or the same as
/// `JSON {"cpu_utilization":0.3,"mem_utilization":0.8}`.
public struct LoadReportField: Sendable, Equatable {
  /// Shares of what the server has, 0 … 1; nil when not told, or not a number.
  public var cpu: Double?
  public var memory: Double?

  /// Nil when the head has no such field.
  public static func find(_ head: ResponseHead, _ bytes: Span<UInt8>) -> LoadReportField? {
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      guard field.name == .endpointLoadMetrics else { continue }
      return LoadReportField(
        cpu: share("cpu_utilization", bytes, field.valueRange),
        memory: share("mem_utilization", bytes, field.valueRange))
    }
    return nil
  }

  /// The number behind the name, the quote that closes it in JSON, and `=` or `:`.
  private static func share(
    _ name: StaticString, _ bytes: Span<UInt8>, _ range: Range<Int>
  ) -> Double? {
    let count = name.utf8CodeUnitCount
    var start = range.lowerBound
    while start + count < range.upperBound {
      if bytes.equalsIgnoringCase(name, in: start..<(start + count)) {
        return number(bytes, (start + count)..<range.upperBound)
      }
      start += 1
    }
    return nil
  }

  /// `0.25`, without sign or exponent, the first twelve digits of it; at most 1.
  private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
    var offset = range.lowerBound
    while offset < range.upperBound, !Octets.isDigit(bytes[offset]), bytes[offset] != dot {
      guard separators.contains(bytes[offset]) else { return nil }
      offset += 1
    }
    var (value, scale, digits) = (0.0, 1.0, 0)
    var isFraction = false
    while offset < range.upperBound, digits < 12 {
      let byte = bytes[offset]
      if byte == dot, !isFraction {
        isFraction = true
      } else if Octets.isDigit(byte) {
        digits += 1
        value = value * 10 + Double(byte &- 48)
        if isFraction { scale *= 10 }
      } else {
        break
      }
      offset += 1
    }
    return digits > 0 ? min(value / scale, 1) : nil
  }

  private static let dot = UInt8(ascii: ".")
  private static let separators: [UInt8] = Array("\"=: ".utf8)
}
