/// Where a request stands in a trace, as whoever sent it says (W3C Trace Context, level 1).
public struct TraceContext: Sendable, Equatable {
  public var trace: TraceIdentifier
  /// The span that asked; never zero.
  public var parent: UInt64
  public var flags: TraceFlags

  public init(trace: TraceIdentifier, parent: UInt64, flags: TraceFlags) {
    self.trace = trace
    self.parent = parent
    self.flags = flags
  }

  /// Reads `VERSION-TRACE-PARENT-FLAGS` in small hexadecimal digits, with a version that is not ff and
  /// numbers that are not zero (section 3.2). A later version may have more behind another dash.
  /// - Returns: nil for all else: the trace begins anew.
  public init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    let start = range.lowerBound
    guard range.count >= Self.length, let version = Self.number(bytes, start..<(start + 2)),
      version != 255,
      range.count == Self.length || version > 0 && bytes[start + Self.length] == Self.dash,
      bytes[start + 2] == Self.dash, bytes[start + 35] == Self.dash,
      bytes[start + 52] == Self.dash,
      let high = Self.number(bytes, (start + 3)..<(start + 19)),
      let low = Self.number(bytes, (start + 19)..<(start + 35)), high | low != 0,
      let parent = Self.number(bytes, (start + 36)..<(start + 52)), parent != 0,
      let flags = Self.number(bytes, (start + 53)..<(start + 55))
    else { return nil }
    trace = TraceIdentifier(high: high, low: low)
    self.parent = parent
    self.flags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags))
  }

  /// Bytes of a traceparent of version 00, and where its parent and its flags stand.
  public static let length = 55
  public static let parentOffset = 36

  private static let dash = UInt8(ascii: "-")

  /// At most 16 digits.
  private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
    var number: UInt64 = 0
    for index in range {
      let byte = bytes[index]
      if byte &- 48 < 10 {
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

/// 128 bits, not all of them zero.
public struct TraceIdentifier: Sendable, Hashable {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  public var isZero: Bool { high | low == 0 }
}

/// The last part of a traceparent.
public struct TraceFlags: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Whoever asked keeps this trace, so that all others had better keep it too.
  public static let sampled = TraceFlags(rawValue: 1)
  /// The identifier's last seven bytes are random (level 2). It goes on as it came.
  public static let random = TraceFlags(rawValue: 2)
}
