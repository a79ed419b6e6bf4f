/// A point in civil time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
public struct WallTime: Sendable, Hashable, Comparable, Codable {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  public static func < (left: WallTime, right: WallTime) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// Saturates.
  public static func - (later: WallTime, earlier: WallTime) -> TimeSpan {
    let (span, overflow) =
      later.milliseconds.subtractingReportingOverflow(earlier.milliseconds)
    guard overflow else { return .milliseconds(span) }
    return TimeSpan(nanoseconds: later > earlier ? .max : .min)
  }

  /// Coded as its RFC 3339 text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let time = WallTime(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no time: \(text)")
    }
    self = time
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension WallTime: LosslessStringConvertible {
  /// Reads what `description` writes, with or without the fraction; nil for all else.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 20 || bytes.count == 24, bytes.last == UInt8(ascii: "Z") else {
      return nil
    }
    let template = Array("0000-00-00T00:00:00.000Z".utf8)
    for (byte, expected) in zip(bytes.dropLast(), template) {
      let digit = (48...57).contains(byte)
      guard expected == UInt8(ascii: "0") ? digit : byte == expected else { return nil }
    }
    func number(_ range: Range<Int>) -> Int64 {
      bytes[range].reduce(0) { $0 * 10 + Int64($1) - 48 }
    }
    let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
    let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
    guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    let days = daysSinceEpoch(year: year, month: month, day: day)
    // A day that its month doesn't have would come back as one of the next month.
    guard civilDate(daysSinceEpoch: days) == (year, month, day) else { return nil }
    let fraction = bytes.count == 24 ? number(20..<23) : 0
    milliseconds = ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + fraction
  }
}

extension WallTime {
  /// RFC 3339 in UTC with milliseconds: `2026-11-20T20:07:45.123Z`.
  public var description: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(24)
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends what `description` is.
  public func append(to bytes: inout [UInt8]) {
    let (days, inDay) = milliseconds.flooredDivision(by: 86_400_000)
    let (year, month, day) = civilDate(daysSinceEpoch: days)
    let seconds = inDay / 1_000
    if year < 0 || year > 9_999 {
      bytes.append(contentsOf: String(year).utf8)
    } else {
      bytes.append(digits: year, 4)
    }
    bytes.append(UInt8(ascii: "-"))
    bytes.append(digits: month, 2)
    bytes.append(UInt8(ascii: "-"))
    bytes.append(digits: day, 2)
    bytes.append(UInt8(ascii: "T"))
    bytes.append(digits: seconds / 3_600, 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(digits: seconds / 60 % 60, 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(digits: seconds % 60, 2)
    bytes.append(UInt8(ascii: "."))
    bytes.append(digits: inDay % 1_000, 3)
    bytes.append(UInt8(ascii: "Z"))
  }
}

extension [UInt8] {
  /// The last `count` decimal digits of what is not negative.
  fileprivate mutating func append(digits value: Int64, _ count: Int) {
    var scale: Int64 = 1
    for _ in 1..<count { scale *= 10 }
    while scale > 0 {
      append(UInt8(truncatingIfNeeded: value / scale % 10) + 48)
      scale /= 10
    }
  }
}

/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
private func civilDate(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
  let yearOfEra =
    (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}

/// The inverse of `civilDate`, days_from_civil of the same source.
private func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
  let (era, yearOfEra) = (month <= 2 ? year - 1 : year).flooredDivision(by: 400)
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

extension WallTime {
  /// The time of Apache's log formats, in UTC: `20/Nov/2026:20:07:45 +0000`.
  public var commonLogForm: String {
    let text = Array(description.utf8)
    func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    // Years beyond 9999 have five digits; a log line of that time is not ours to worry about.
    let month = Int(part(5..<7)).flatMap { months.indices.contains($0 - 1) ? months[$0 - 1] : nil }
    return part(8..<10) + "/" + (month ?? "???") + "/" + part(0..<4) + ":" + part(11..<19)
      + " +0000"
  }
}
