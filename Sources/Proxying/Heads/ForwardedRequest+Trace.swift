public import Wire

extension ForwardedRequest {
  /// The trace that a head says it belongs to (W3C Trace Context, section 3.2.2.3); nil without one, and
  /// where a server would not go on with it either.
  public static func traceIdentifier(_ head: RequestHead, _ bytes: Span<UInt8>) -> Identifier? {
    guard TraceContext.isValid(head, bytes) else { return nil }
    for index in 0..<head.fields.count where head.fields[index].name == .traceparent {
      let start = head.fields[index].valueRange.lowerBound + 3
      return Identifier(
        high: number(bytes, start..<(start + 16)), low: number(bytes, (start + 16)..<(start + 32)))
    }
    return nil
  }

  /// 16 digits, which were found to be such.
  private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
    var number: UInt64 = 0
    for index in range {
      let byte = bytes[index]
      number = number << 4 | UInt64(Octets.isDigit(byte) ? byte &- 48 : byte &- 87)
    }
    return number
  }
}
