/// Times of the day and days of the week as they are written.
enum WeekTimes {
  static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

  /// `08:00` … `24:00` in minutes.
  static func minutes(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
      let hours = ScalarText.integer(String(parts[0])), hours >= 0,
      let minutes = ScalarText.integer(String(parts[1])), (0...59).contains(minutes)
    else { return nil }
    let all = hours * 60 + minutes
    return all <= 1_440 ? all : nil
  }

  /// `mon`, `mon-fri`, `sat-mon`.
  static func days(_ text: String) -> Set<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let places = parts.compactMap { part in names.firstIndex { $0 == part } }
    guard places.count == parts.count, let first = places.first, let last = places.last,
      places.count <= 2
    else { return nil }
    return Set((0...(last - first + 7) % 7).map { (first + $0) % 7 })
  }
}
