internal import Glibc
internal import Primitives

/// Numbers, lengths of time and moments as people read them.
enum HumanText {
  /// `3m12s`, `850ms`, `2d4h`: two units at most.
  static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "-" }
    if seconds < 0.0995 {
      let milliseconds = (seconds * 10_000).rounded() / 10
      return (milliseconds == milliseconds.rounded() ? "\(Int(milliseconds))" : "\(milliseconds)")
        + "ms"
    }
    if seconds < 0.9995 { return "\(Int((seconds * 1_000).rounded()))ms" }
    if seconds < 9.95 {
      let tenths = (seconds * 10).rounded() / 10
      return (tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)") + "s"
    }
    let whole = Int(seconds.rounded())
    for (unit, name, smaller, smallerName) in units where whole >= unit {
      let rest = whole % unit / smaller
      return "\(whole / unit)\(name)" + (rest > 0 ? "\(rest)\(smallerName)" : "")
    }
    return "\(whole)s"
  }

  private static let units = [
    (86_400, "d", 3_600, "h"), (3_600, "h", 60, "m"), (60, "m", 1, "s"),
  ]

  /// From a moment to now.
  static func age(_ time: WallTime, now: WallTime) -> String {
    duration(seconds: max(0, (now - time).seconds))
  }

  /// `0`, `0.4`, `37`, `1250`.
  static func rate(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    if value == 0 { return "0" }
    if value < 9.95 { return "\((value * 10).rounded() / 10)" }
    return "\(Int(value.rounded()))"
  }

  /// `99.95%`; never 100 % for less than all.
  static func share(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    if value >= 1 { return "100%" }
    let floored = (max(0, value) * 100_000).rounded(.down) / 1_000
    return "\(floored)%"
  }

  /// Local time: `2026-11-20 20:07:45`.
  static func moment(_ time: WallTime) -> String {
    var seconds = time_t(time.milliseconds / 1_000)
    var parts = unsafe tm()
    guard unsafe localtime_r(&seconds, &parts) != nil else { return time.description }
    let (year, month, day) = unsafe (Int(parts.tm_year) + 1900, parts.tm_mon + 1, parts.tm_mday)
    let (hour, minute, second) = unsafe (parts.tm_hour, parts.tm_min, parts.tm_sec)
    func padded(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return
      "\(year)-\(padded(month))-\(padded(day)) \(padded(hour)):\(padded(minute)):\(padded(second))"
  }

  static var now: WallTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Control characters escaped, so that no name or cause can move the cursor or forge a line.
  static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where isControl(scalar):
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count < 2 ? "0" : "") + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 32 || (127...159).contains(scalar.value)
  }

  /// `500ms`, `2s`, `5m`, `1h`; nil for all else.
  static func parseDuration(_ text: String) -> TimeSpan? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, digits.count <= 9, let count = Int64(digits) else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": return .milliseconds(count)
    case "s": return .seconds(count)
    case "m": return .minutes(count)
    case "h": return .hours(count)
    default: return nil
    }
  }
}
