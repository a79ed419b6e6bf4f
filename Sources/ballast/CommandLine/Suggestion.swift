/// "did you mean".
enum Suggestion {
  /// The longest word that is compared; a longer one is no misspelling.
  private static let longestWord = 64

  /// The candidate nearest to the word, when it is near enough to be a misspelling.
  static func nearest(_ word: String, among candidates: [String]) -> String? {
    let word = Array(word.lowercased().unicodeScalars.prefix(longestWord))
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let letters = Array(candidate.lowercased().unicodeScalars.prefix(longestWord))
      let distance =
        word.count >= 3 && letters.starts(with: word) ? 1 : self.distance(word, letters)
      let allowed = max(1, min(word.count, letters.count) / 3)
      if distance <= allowed, distance < best?.distance ?? Int.max { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// `did you mean 'services'?`, or nothing.
  static func lines(_ word: String, among candidates: [String]) -> [String] {
    nearest(word, among: candidates).map { ["did you mean '\($0)'?"] } ?? []
  }

  /// Damerau's distance with adjacent transpositions (optimal string alignment).
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var before: [Int] = []
    var last = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let change = last[column] + (left[row] == right[column] ? 0 : 1)
        var cost = min(change, last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          cost = min(cost, before[column - 1] + 1)
        }
        current.append(cost)
      }
      (before, last) = (last, current)
    }
    return last[right.count]
  }
}
