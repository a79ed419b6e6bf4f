import Primitives

/// What the servers of a group said of themselves, counted as they came: a group may have thousands.
struct CommonCauses: Sendable {
  /// Different ones that are kept apart; the rest is counted together.
  static let limit = 20
  static let shown = 3

  private var counts: [String: Int] = [:]
  private var others = 0
  private(set) var first: WallTime?
  private(set) var last: WallTime?

  mutating func add(_ cause: String, began: WallTime) {
    first = min(first ?? began, began)
    last = max(last ?? began, began)
    if counts[cause] != nil || counts.count < Self.limit {
      counts[cause, default: 0] += 1
    } else {
      others += 1
    }
  }

  /// From the first to the last of them.
  var span: TimeSpan {
    guard let first, let last else { return .zero }
    return .milliseconds(max(0, (last - first).milliseconds))
  }

  /// The most frequent ones, with their numbers if there are several.
  var text: String {
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    if let only = sorted.first, sorted.count == 1, others == 0 { return only.key }
    let named = sorted.prefix(Self.shown).map { "\($0.key.prefix(100)) (\($0.value))" }
    let rest = sorted.dropFirst(Self.shown).reduce(others) { $0 + $1.value }
    return named.joined(separator: "; ") + (rest > 0 ? "; others (\(rest))" : "")
  }
}
