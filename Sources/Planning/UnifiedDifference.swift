/// Two texts in the unified form of `diff -u`: three lines around each change. Myers, "An O(ND)
/// Difference Algorithm and Its Variations", Algorithmica 1986, in its greedy form.
public enum UnifiedDifference {
  static let context = 3
  /// Lines that are added and removed together; beyond it the rest is one change, since the trace
  /// grows with its square.
  static let mostEdits = 2_000

  /// - Returns: empty where the texts are the same.
  public static func lines(
    from old: String, to new: String, names: (old: String, new: String)
  ) -> [String] {
    guard old != new else { return [] }
    let (before, after) = (split(old), split(new))
    let edits = edits(before, after)
    return ["--- \(names.old)", "+++ \(names.new)"] + hunks(edits)
  }

  private enum Edit {
    case same(String)
    case removed(String)
    case added(String)

    var isSame: Bool { if case .same = self { true } else { false } }
  }

  private static func split(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  // MARK: The shortest edit

  private static func edits(_ old: [Substring], _ new: [Substring]) -> [Edit] {
    var first = 0
    while first < min(old.count, new.count), old[first] == new[first] { first += 1 }
    var (oldEnd, newEnd) = (old.count, new.count)
    while oldEnd > first, newEnd > first, old[oldEnd - 1] == new[newEnd - 1] {
      oldEnd -= 1
      newEnd -= 1
    }
    let middle = changes(Array(old[first..<oldEnd]), Array(new[first..<newEnd]))
    return old[..<first].map { .same(String($0)) } + middle
      + old[oldEnd...].map { .same(String($0)) }
  }

  private static func changes(_ old: [Substring], _ new: [Substring]) -> [Edit] {
    guard let trace = trace(old, new) else {
      return old.map { .removed(String($0)) } + new.map { .added(String($0)) }
    }
    var edits: [Edit] = []
    var (x, y) = (old.count, new.count)
    for (depth, reached) in trace.enumerated().reversed() {
      let diagonal = x - y
      let goesDown =
        diagonal == -depth
        || diagonal != depth && reached[at: diagonal - 1] < reached[at: diagonal + 1]
      let former = goesDown ? diagonal + 1 : diagonal - 1
      let beforeX = depth == 0 ? 0 : reached[at: former]
      let beforeY = depth == 0 ? 0 : beforeX - former
      while x > beforeX, y > beforeY {
        edits.append(.same(String(old[x - 1])))
        x -= 1
        y -= 1
      }
      if depth == 0 { break }
      edits.append(goesDown ? .added(String(new[y - 1])) : .removed(String(old[x - 1])))
      (x, y) = (beforeX, beforeY)
    }
    return edits.reversed()
  }

  /// The furthest place on each diagonal, before each edit; nil when there are too many.
  private static func trace(_ old: [Substring], _ new: [Substring]) -> [Reached]? {
    let most = min(old.count + new.count, mostEdits)
    var reached = Reached(most: most)
    var trace: [Reached] = []
    for depth in 0...most {
      trace.append(reached.within(depth))
      for diagonal in stride(from: -depth, through: depth, by: 2) {
        let goesDown =
          diagonal == -depth
          || diagonal != depth && reached[at: diagonal - 1] < reached[at: diagonal + 1]
        var x = goesDown ? reached[at: diagonal + 1] : reached[at: diagonal - 1] + 1
        var y = x - diagonal
        while x < old.count, y < new.count, y >= 0, old[x] == new[y] {
          x += 1
          y += 1
        }
        reached[at: diagonal] = x
        if x >= old.count, y >= new.count { return trace }
      }
    }
    return nil
  }

  private struct Reached {
    private var places: [Int]
    private let center: Int

    init(most: Int) {
      center = most + 1
      places = Array(repeating: 0, count: 2 * most + 3)
    }

    private init(places: [Int], center: Int) {
      self.places = places
      self.center = center
    }

    /// Only what an edit of that depth looks at.
    func within(_ depth: Int) -> Reached {
      let kept = max(0, center - depth - 1)...min(places.count - 1, center + depth + 1)
      return Reached(places: Array(places[kept]), center: center - kept.lowerBound)
    }

    subscript(at diagonal: Int) -> Int {
      get { places.indices.contains(center + diagonal) ? places[center + diagonal] : 0 }
      set { if places.indices.contains(center + diagonal) { places[center + diagonal] = newValue } }
    }
  }

  // MARK: Hunks

  private static func hunks(_ edits: [Edit]) -> [String] {
    let changed = edits.indices.filter { !edits[$0].isSame }
    var lines: [String] = []
    var place = 0
    var (oldLine, newLine) = (1, 1)
    var next = 0
    while next < changed.count {
      let start = max(place, changed[next] - context)
      var last = changed[next]
      while next < changed.count, changed[next] - last <= 2 * context {
        last = changed[next]
        next += 1
      }
      let end = min(edits.count, last + context + 1)
      for edit in edits[place..<start] { count(edit, &oldLine, &newLine) }
      let (oldStart, newStart) = (oldLine, newLine)
      var body: [String] = []
      for edit in edits[start..<end] {
        count(edit, &oldLine, &newLine)
        switch edit {
        case .same(let text): body.append(" " + text)
        case .removed(let text): body.append("-" + text)
        case .added(let text): body.append("+" + text)
        }
      }
      let (olds, news) = (oldLine - oldStart, newLine - newStart)
      lines.append("@@ -\(range(oldStart, olds)) +\(range(newStart, news)) @@")
      lines += body
      place = end
    }
    return lines
  }

  private static func count(_ edit: Edit, _ oldLine: inout Int, _ newLine: inout Int) {
    switch edit {
    case .same:
      oldLine += 1
      newLine += 1
    case .removed: oldLine += 1
    case .added: newLine += 1
    }
  }

  /// An empty range begins behind the line before it.
  private static func range(_ start: Int, _ count: Int) -> String {
    "\(count == 0 ? start - 1 : start),\(count)"
  }
}
