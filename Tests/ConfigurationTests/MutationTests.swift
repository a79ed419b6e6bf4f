import Configuration
import Primitives
import Testing

/// A small deterministic fuzz: files that are nearly right must be taken or refused, never trap.
struct MutationTests {
  private static let pieces: [String] = [
    "${", "}", "&a ", "*a", "!file ", "!!str ", "\t", "\n", "  ", "- ", ": ", "{", "[", "]", "\"",
    "'", "|\n", ">-\n", "---\n", "...\n", "%YAML 1.1\n", "\u{FEFF}", "\u{85}", "\u{2028}", "\r\n",
    "99999999999999999999", "-1", "0s", "ü", "\u{0}", "<<: ", "? ", "#", ",", "null", "1e999",
  ]

  @Test func `mutated files never trap`() {
    var random = SeededRandom(seed: 60)
    let seeds = [Golden.whole, Golden.smallest].map { Array($0.utf8) }
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(2)
    var rounds = 0
    var refused = 0
    while rounds < 4000, clock.now < deadline {
      var bytes = seeds[random.below(seeds.count)]
      for _ in 0...random.below(4) { mutate(&bytes, &random) }
      let text = String(decoding: bytes, as: UTF8.self)
      let outcome = load(text, environment: ["DATABASE": "d"])
      if outcome.settings == nil {
        refused += 1
        #expect(!outcome.diagnostics.isEmpty, "round \(rounds) is refused without a word")
      }
      for diagnostic in outcome.diagnostics { _ = diagnostic.rendered(color: false) }
      let editor = ConfigurationEditor(text)
      _ = editor.value(at: "services.shop.servers")
      if rounds % 8 == 0 { _ = try? editor.setting("services.shop.servers.0", to: "[ a, {b: c} ]") }
      rounds += 1
    }
    #expect(rounds > 50)
    #expect(refused > rounds / 4)
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    guard !bytes.isEmpty else { return }
    let place = random.below(bytes.count)
    switch random.below(5) {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 1: bytes.removeSubrange(place..<min(place + 1 + random.below(12), bytes.count))
    case 2:
      bytes.insert(contentsOf: Self.pieces[random.below(Self.pieces.count)].utf8, at: place)
    case 3:
      let other = random.below(bytes.count)
      let slice = Array(bytes[other..<min(other + random.below(60), bytes.count)])
      bytes.insert(contentsOf: slice, at: place)
    default: bytes.swapAt(place, random.below(bytes.count))
    }
  }
}
