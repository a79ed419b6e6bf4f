public import Primitives

/// `grpc-timeout: 1500m`: how long a call's client waits for all of it ("gRPC over HTTP/2", Requests).
public enum GRPCTimeout {
  /// At most eight digits and a unit, as the protocol has it.
  static let digits = 8

  /// Nil for what is none; the call then has no deadline of its client's.
  public static func read(_ bytes: Span<UInt8>, _ range: Range<Int>) -> TimeSpan? {
    guard range.count >= 2, range.count <= digits + 1 else { return nil }
    var count: Int64 = 0
    for index in range.dropLast() {
      guard Octets.isDigit(bytes[index]) else { return nil }
      // Under 10^8.
      count = count &* 10 &+ Int64(bytes[index] &- 48)
    }
    // Spans saturate: 10^8 hours are more than they hold.
    switch bytes[range.upperBound - 1] {
    case UInt8(ascii: "H"): return .hours(count)
    case UInt8(ascii: "M"): return .minutes(count)
    case UInt8(ascii: "S"): return .seconds(count)
    case UInt8(ascii: "m"): return .milliseconds(count)
    case UInt8(ascii: "u"): return .microseconds(count)
    case UInt8(ascii: "n"): return .nanoseconds(count)
    default: return nil
    }
  }
}
