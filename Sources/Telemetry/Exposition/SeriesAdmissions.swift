/// Which sets of labels each metric shows, over all its pages: who is shown stays, so that no sum
/// over a metric ever jumps. What comes when a metric is full is folded for good, and so is what has
/// left the configuration once others need its place.
public struct SeriesAdmissions: Sendable {
  private struct Family {
    /// Hashes: two that are equal show one more than the limit, and nothing else.
    var shown: Set<Int> = []
    var folded: Set<Int> = []
    /// Whether one was ever folded.
    var isPressed = false
  }

  /// Sets of labels that are remembered as folded, for each that may be shown; beyond it no new one
  /// is shown any more.
  public static let foldedFactor = 4

  private var families: [String: Family] = [:]

  public init() {}

  /// - Parameters:
  ///   - limit: how many may be shown.
  ///   - isGone: whether it has left the configuration; asked only once the family is full.
  /// - Returns: whether the set of labels is shown under its own name.
  mutating func admits(
    _ hash: Int, to name: String, limit: Int, isGone: () -> Bool
  ) -> Bool {
    let most = limit * Self.foldedFactor
    var family = families[name, default: Family()]
    // Taken out meanwhile, or its sets would be copied.
    families[name] = nil
    defer { families[name] = family }
    if family.shown.contains(hash) {
      guard family.isPressed, isGone() else { return true }
      family.shown.remove(hash)
      if family.folded.count < most { family.folded.insert(hash) }
      return false
    }
    if family.folded.contains(hash) { return false }
    if family.shown.count < limit, family.folded.count < most {
      family.shown.insert(hash)
      return true
    }
    family.isPressed = true
    if family.folded.count < most { family.folded.insert(hash) }
    return false
  }
}
