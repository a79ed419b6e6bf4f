import Primitives

/// The text forms of numbers and measures. nil for what is not one, also when it is too large.
enum ScalarText {
  /// Digits, with a sign before them.
  static func integer(_ text: String) -> Int? {
    let digits = text.utf8.first == 45 ? text.utf8.dropFirst() : text.utf8[...]
    guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
    return Int(text)
  }

  /// Whether it is an integer, perhaps one that no type of ours can hold.
  static func looksLikeInteger(_ text: String) -> Bool {
    let digits = text.utf8.first == 45 ? text.utf8.dropFirst() : text.utf8[...]
    return !digits.isEmpty && digits.allSatisfy(isDigit)
  }

  /// Digits with at most one point among them.
  static func decimal(_ text: Substring) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.utf8.count <= 32,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) })
    else { return nil }
    return Double(text)
  }

  /// `500ms`, `2s`, `1.5m`, `1h`.
  static func duration(_ text: String) -> TimeSpan? {
    let units: [(String, Int64)] = [
      ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]
    return scaled(text, units).map(TimeSpan.init(nanoseconds:))
  }

  /// `1024`, `64KiB`, `64Ki`, and so on to `Ti`.
  static func size(_ text: String) -> Int64? {
    let units: [(String, Int64)] = [
      ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
      ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("", 1),
    ]
    return scaled(text, units)
  }

  /// `20%` as 0.2.
  static func share(_ text: String) -> Double? {
    guard text.hasSuffix("%") else { return nil }
    return decimal(text.dropLast()).map { $0 / 100 }
  }

  /// `200` or `200-299`, in the range of final and interim status codes.
  static func statusRange(_ text: String) -> ClosedRange<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { integer(String($0)) }
    guard numbers.count == parts.count, let low = numbers.first, let high = numbers.last,
      numbers.count <= 2, low <= high, low >= 100, high <= 599
    else { return nil }
    return low...high
  }

  /// `503`, or `5xx` as 500 to 599.
  static func errorStatus(_ text: String) -> ClosedRange<Int>? {
    switch text {
    case "4xx": 400...499
    case "5xx": 500...599
    default:
      text.utf8.count == 3
        ? integer(text).flatMap { (400...599).contains($0) ? $0...$0 : nil } : nil
    }
  }

  private static func scaled(_ text: String, _ units: [(String, Int64)]) -> Int64? {
    for (suffix, unit) in units where text.hasSuffix(suffix) {
      let digits = text.dropLast(suffix.count)
      if let whole = integer(String(digits)), whole >= 0 {
        let (product, overflow) = Int64(whole).multipliedReportingOverflow(by: unit)
        return overflow ? nil : product
      }
      if unit > 1, let number = decimal(digits) {
        return Int64(exactly: (number * Double(unit)).rounded())
      }
    }
    return nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
