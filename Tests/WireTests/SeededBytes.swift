import Primitives

/// Chunked bodies by chance: good ones, cut ones, and ones with a few bytes changed.
struct SeededBytes {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func message() -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<random.below(5) {
      let size = 1 + random.below(40)
      bytes += Array(String(size, radix: 16, uppercase: random.below(2) == 0).utf8)
      bytes += extensions() + [13, 10]
      bytes += (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) } + [13, 10]
    }
    bytes += Array("0".utf8) + extensions() + [13, 10]
    for _ in 0..<random.below(3) { bytes += Array("X-T: \(random.below(99))\r\n".utf8) }
    bytes += [13, 10]
    switch random.below(3) {
    case 0: return bytes + Array("next".utf8.prefix(random.below(5)))
    case 1: return Array(bytes.prefix(random.below(bytes.count)))
    default:
      for _ in 0...random.below(2) { mutate(&bytes) }
      return bytes
    }
  }

  mutating func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + random.below(30))
      pieces.append(bytes[start..<end])
      start = end
    }
    return pieces
  }

  private mutating func extensions() -> [UInt8] {
    let all = ["", "", ";a", ";a=b", ";a=\"b;\\\"c\\\\\"", ";", ";\t x"]
    return Array(all[random.below(all.count)].utf8)
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    let alphabet = Array("\r\n;\"\\:0aF x\u{0}\u{7F}".utf8)
    let byte = alphabet[random.below(alphabet.count)]
    let place = random.below(bytes.count)
    switch random.below(3) {
    case 0: bytes[place] = byte
    case 1: bytes.insert(byte, at: place)
    default: bytes.remove(at: place)
    }
  }
}
