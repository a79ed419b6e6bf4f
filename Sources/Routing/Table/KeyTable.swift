/// Byte strings in several spaces to numbers: open addressing, half full at most. It is made once; what
/// is looked up can only meet the keys of the configuration, so no request makes it slow.
struct KeyTable: Sendable {
  struct Entry: Comparable {
    var space: Int
    var key: [UInt8]
    var value: Int

    static func < (left: Entry, right: Entry) -> Bool {
      left.space == right.space
        ? left.key.lexicographicallyPrecedes(right.key) : left.space < right.space
    }
  }

  private struct Slot: Sendable {
    var hash: UInt64 = 0
    var space: Int32 = -1
    var value: Int32 = 0
    /// Of the key in `labels`.
    var start: Int32 = 0
    var count: Int32 = 0
  }

  private var slots: [Slot]
  private var labels: [UInt8] = []
  private let mask: Int

  /// - Parameter isFolded: keys are hashed for look-ups in any case.
  init(_ entries: [Entry], isFolded: Bool) {
    var size = 2
    while size < 2 * entries.count { size *= 2 }
    slots = [Slot](repeating: Slot(), count: size)
    mask = size - 1
    for entry in entries {
      let key = entry.key.span
      let hash =
        isFolded
        ? SegmentHash.folded(key, entry.key.indices)
        : SegmentHash.read(key, entry.key.indices).hash
      var place = Self.place(hash, space: entry.space) & mask
      while slots[place].space >= 0 { place = (place + 1) & mask }
      slots[place] = Slot(
        hash: hash, space: Int32(clamping: entry.space), value: Int32(clamping: entry.value),
        start: Int32(clamping: labels.count), count: Int32(clamping: entry.key.count))
      labels += entry.key
    }
  }

  private static func place(_ hash: UInt64, space: Int) -> Int {
    let mixed = (hash ^ UInt64(truncatingIfNeeded: space)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 32)
  }

  /// - Parameter isFolded: letters of the range count in lower case.
  func find(
    space: Int, _ hash: UInt64, _ bytes: Span<UInt8>, _ range: Range<Int>, isFolded: Bool
  ) -> Int? {
    var place = Self.place(hash, space: space) & mask
    while true {
      let slot = slots[place]
      if slot.space < 0 { return nil }
      if slot.hash == hash, Int(slot.space) == space, Int(slot.count) == range.count,
        agrees(Int(slot.start), bytes, range, isFolded: isFolded)
      {
        return Int(slot.value)
      }
      place = (place + 1) & mask
    }
  }

  private func agrees(
    _ start: Int, _ bytes: Span<UInt8>, _ range: Range<Int>, isFolded: Bool
  ) -> Bool {
    for index in 0..<range.count {
      var byte = bytes[range.lowerBound + index]
      if isFolded, byte &- 65 < 26 { byte |= 0x20 }
      if byte != labels[start + index] { return false }
    }
    return true
  }
}
