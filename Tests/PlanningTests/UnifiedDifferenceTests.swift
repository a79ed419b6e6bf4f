import Planning
import Primitives
import Testing

@Suite struct UnifiedDifferenceTests {
  private func lines(_ old: String, _ new: String) -> [String] {
    UnifiedDifference.lines(from: old, to: new, names: ("a", "b"))
  }

  @Test func `a changed line stands between three others`() {
    let old = (1...9).map { "line \($0)\n" }.joined()
    let new = old.replacing("line 5", with: "line five")
    #expect(
      lines(old, new) == [
        "--- a", "+++ b", "@@ -2,7 +2,7 @@", " line 2", " line 3", " line 4", "-line 5",
        "+line five", " line 6", " line 7", " line 8",
      ])
  }

  @Test func `an empty text gets and loses all lines`() {
    #expect(lines("", "x\n") == ["--- a", "+++ b", "@@ -0,0 +1,1 @@", "+x"])
    #expect(lines("x\n", "") == ["--- a", "+++ b", "@@ -1,1 +0,0 @@", "-x"])
    #expect(lines("x\n", "x\n").isEmpty)
  }

  @Test func `what is removed and added leads from one text to the other, with few lines`() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<300 {
      let old = (0..<random.below(30)).map { _ in "\(random.below(6))" }
      var new = old
      for _ in 0..<random.below(6) {
        let place = random.below(new.count + 1)
        if random.below(2) == 0 || place == new.count {
          new.insert("new \(random.below(3))", at: place)
        } else {
          new.remove(at: place)
        }
      }
      let text = { (lines: [String]) in lines.map { $0 + "\n" }.joined() }
      let found = lines(text(old), text(new))
      #expect(applied(found, to: old) == new)
      #expect(found.count { $0.hasPrefix("+") || $0.hasPrefix("-") } <= 2 + 5)
    }
  }

  /// As `patch` does it.
  private func applied(_ lines: [String], to old: [String]) -> [String] {
    var (result, place): ([String], Int) = ([], 0)
    for line in lines.dropFirst(2) {
      if line.hasPrefix("@@") {
        let first = line.split(separator: " ")[1].dropFirst().split(separator: ",")
        let start = (Int(first[0]) ?? 0) - (first[1] == "0" ? 0 : 1)
        result += old[place..<start]
        place = start
        continue
      }
      let text = String(line.dropFirst())
      switch line.first {
      case "+": result.append(text)
      case "-": place += 1
      default:
        result.append(text)
        place += 1
      }
    }
    return result + old[place...]
  }

  @Test func `texts that have nothing in common are one change`() {
    let (old, new) = (
      (0..<3_000).map { "a\($0)\n" }.joined(), (0..<3_000).map { "b\($0)\n" }.joined()
    )
    let found = lines(old, new)
    #expect(found.count == 3 + 6_000)
  }
}
