/// Finds what a mistyped name was meant to be.
enum NearestName {
  /// Names longer than this are not compared; the cost is the product of two lengths.
  static let longest = 64

  /// The candidate with the least edit distance, if it is near: a third of the name's length, or
  /// the same letters in another case or with other separators.
  static func find<Names: Sequence<String>>(_ name: String, among candidates: Names) -> String? {
    let letters = Array(name.utf8)
    guard letters.count <= longest, !letters.isEmpty else { return nil }
    let folded = fold(letters)
    var best: (name: String, distance: Int)?
    for candidate in candidates where candidate != name && candidate.utf8.count <= longest {
      let other = fold(Array(candidate.utf8))
      let allowed = max(1, min(folded.count, other.count) / 3)
      guard abs(folded.count - other.count) <= allowed else { continue }
      let distance = editDistance(folded, other)
      if distance <= allowed, distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.name
  }

  /// Lower-case letters and digits only: `round_robin`, `roundRobin` and `round-robin` are one.
  private static func fold(_ bytes: [UInt8]) -> [UInt8] {
    bytes.compactMap { byte in
      switch byte {
      case 65...90: byte + 32
      case 45, 46, 95: nil
      default: byte
      }
    }
  }

  /// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours
  /// (Damerau 1964, Levenshtein 1965).
  static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var before: [Int] = []
    var previous = Array(0...right.count)
    for i in 0..<left.count {
      var current = [i + 1]
      for j in 0..<right.count {
        let cost = left[i] == right[j] ? 0 : 1
        var least = min(previous[j + 1] + 1, current[j] + 1, previous[j] + cost)
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          least = min(least, before[j - 1] + 1)
        }
        current.append(least)
      }
      before = previous
      previous = current
    }
    return previous[right.count]
  }
}
