/// A length of time in whole nanoseconds. Arithmetic saturates, so no input can trap.
public struct TimeSpan: Sendable, Hashable, Comparable, Codable {
  public var nanoseconds: Int64

  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  @inlinable public static var zero: TimeSpan { TimeSpan(nanoseconds: 0) }

  public static func nanoseconds(_ count: Int64) -> TimeSpan { TimeSpan(nanoseconds: count) }
  public static func microseconds(_ count: Int64) -> TimeSpan { scaled(count, by: 1_000) }
  public static func milliseconds(_ count: Int64) -> TimeSpan { scaled(count, by: 1_000_000) }
  public static func seconds(_ count: Int64) -> TimeSpan { scaled(count, by: 1_000_000_000) }
  public static func minutes(_ count: Int64) -> TimeSpan { scaled(count, by: 60_000_000_000) }
  public static func hours(_ count: Int64) -> TimeSpan { scaled(count, by: 3_600_000_000_000) }

  /// Whole milliseconds, rounded toward zero.
  public var milliseconds: Int64 { nanoseconds / 1_000_000 }

  /// Seconds as a fraction, for exposition and messages.
  public var seconds: Double { Double(nanoseconds) / 1e9 }

  public static func < (left: TimeSpan, right: TimeSpan) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  public static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
    let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
    guard overflow else { return TimeSpan(nanoseconds: sum) }
    return TimeSpan(nanoseconds: right.nanoseconds > 0 ? .max : .min)
  }

  public static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
    let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
    guard overflow else { return TimeSpan(nanoseconds: difference) }
    return TimeSpan(nanoseconds: right.nanoseconds > 0 ? .min : .max)
  }

  /// The span multiplied by a factor; saturates at the ends of the range, 0 for NaN.
  public func scaled(by factor: Double) -> TimeSpan {
    let product = Double(nanoseconds) * factor
    guard product.isFinite else {
      return TimeSpan(nanoseconds: product.isNaN ? 0 : product > 0 ? .max : .min)
    }
    return TimeSpan(nanoseconds: Int64(exactly: product.rounded()) ?? (product > 0 ? .max : .min))
  }

  private static func scaled(_ count: Int64, by unit: Int64) -> TimeSpan {
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    guard overflow else { return TimeSpan(nanoseconds: product) }
    return TimeSpan(nanoseconds: count > 0 ? .max : .min)
  }
}

extension TimeSpan: CustomStringConvertible {
  /// The shortest form: `250ms`, `2s`, `5m`, `1h`, `1.5s`; rounded to hundredths of its unit. The
  /// configuration reads it too, but for `us`, in which spans under a millisecond are written.
  public var description: String {
    if nanoseconds == 0 { return "0s" }
    for (unit, suffix) in [(Int64(3_600_000_000_000), "h"), (60_000_000_000, "m")]
    where nanoseconds % unit == 0 {
      return "\(nanoseconds / unit)\(suffix)"
    }
    if nanoseconds % 1_000_000_000 == 0 { return "\(nanoseconds / 1_000_000_000)s" }
    if nanoseconds.magnitude >= 1_000_000_000 {
      return "\((Double(nanoseconds) / 1e7).rounded() / 100)s".replacingZeroFraction
    }
    if nanoseconds.magnitude >= 1_000_000 {
      return "\((Double(nanoseconds) / 1e4).rounded() / 100)ms".replacingZeroFraction
    }
    return "\(nanoseconds / 1_000)us"
  }
}

extension String {
  fileprivate var replacingZeroFraction: String {
    guard let dot = firstIndex(of: "."), self[dot...].hasPrefix(".0") else { return self }
    let unit = self[dot...].drop { $0 == "." || $0.isNumber }
    // `1.05s` begins alike, but its fraction says something.
    return self[dot...].dropLast(unit.count) == ".0" ? String(self[..<dot] + unit) : self
  }
}
