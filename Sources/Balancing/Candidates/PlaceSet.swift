/// A set of places `0..<count`, 64 to a word, with a second level over the words, so that the next
/// member is found without looking at the places between.
struct PlaceSet: Sendable {
  private var words: [UInt64] = []
  /// A bit for each word that isn't zero.
  private var summary: [UInt64] = []

  init() {}

  /// With all of them.
  init(all count: Int) {
    words = Array(repeating: .max, count: (count + 63) / 64)
    if count % 64 != 0 { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
    summary = Array(repeating: 0, count: (words.count + 63) / 64)
    for word in words.indices { summary[word / 64] |= 1 << UInt64(word % 64) }
  }

  mutating func insert(_ place: Int) {
    words[place >> 6] |= 1 << UInt64(place & 63)
    summary[place >> 12] |= 1 << UInt64((place >> 6) & 63)
  }

  mutating func remove(_ place: Int) {
    let word = place >> 6
    words[word] &= ~(1 << UInt64(place & 63))
    if words[word] == 0 { summary[place >> 12] &= ~(1 << UInt64(word & 63)) }
  }

  /// The first member that isn't before `start`; -1 when there is none.
  func first(from start: Int) -> Int {
    var word = start >> 6
    guard word < words.count else { return -1 }
    let rest = words[word] & (UInt64.max << UInt64(start & 63))
    if rest != 0 { return word << 6 + rest.trailingZeroBitCount }
    word += 1
    var group = word >> 6
    guard group < summary.count else { return -1 }
    var bits = summary[group] & (UInt64.max << UInt64(word & 63))
    while bits == 0 {
      group += 1
      guard group < summary.count else { return -1 }
      bits = summary[group]
    }
    word = group << 6 + bits.trailingZeroBitCount
    return word << 6 + words[word].trailingZeroBitCount
  }
}
