/// Places by streams' numbers. These are odd and come one after the other, so that half a number, cut to
/// the table's size, is a hash that seldom meets another (Knuth, The Art of Computer Programming 3,
/// section 6.4, algorithms L and R: linear probing, and removal without marks). A dictionary's hash, which
/// nobody can foresee, would be a cost for nothing: whoever chooses numbers far apart can make at most as many
/// meet as there are streams at a time.
struct StreamTable {
  /// A stream of 0 is an empty slot.
  private var slots: [(stream: Int32, place: Int32)] = []
  private(set) var count = 0

  /// Nil when it has none.
  func place(_ stream: Int32) -> Int? {
    guard let slot = slot(stream) else { return nil }
    return Int(slots[slot].place)
  }

  /// - Parameters:
  ///   - stream: not 0.
  ///   - place: at most `Int32.max`.
  mutating func insert(_ stream: Int32, _ place: Int) {
    if let slot = slot(stream) {
      slots[slot].place = Int32(truncatingIfNeeded: place)
      return
    }
    if count * 2 >= slots.count { grow() }
    put(stream, Int32(truncatingIfNeeded: place))
    count += 1
  }

  mutating func remove(_ stream: Int32) -> Int? {
    guard var hole = slot(stream) else { return nil }
    let place = Int(slots[hole].place)
    count -= 1
    var next = hole
    while true {
      next = (next + 1) & (slots.count - 1)
      guard slots[next].stream != 0 else { break }
      // What would not be found any more with a hole in front of it moves into it.
      let distance = (next &- home(slots[next].stream)) & (slots.count - 1)
      guard distance >= (next &- hole) & (slots.count - 1) else { continue }
      slots[hole] = slots[next]
      hole = next
    }
    slots[hole] = (0, 0)
    return place
  }

  private func home(_ stream: Int32) -> Int { Int(stream >> 1) & (slots.count - 1) }

  private func slot(_ stream: Int32) -> Int? {
    guard count > 0 else { return nil }
    var slot = home(stream)
    while slots[slot].stream != stream {
      if slots[slot].stream == 0 { return nil }
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func put(_ stream: Int32, _ place: Int32) {
    var slot = home(stream)
    while slots[slot].stream != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = (stream, place)
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: (0, 0), count: max(8, old.count * 2))
    for (stream, place) in old where stream != 0 { put(stream, place) }
  }
}
