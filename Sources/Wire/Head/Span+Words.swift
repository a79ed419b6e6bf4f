/// Looking at many bytes at once.
extension Span where Element == UInt8 {
  /// The end of the letters, digits and dashes from `start`, at most `end`. May also stop earlier,
  /// near the end of all bytes.
  /// - Parameter dots: whether `.` counts too.
  func endOfWord(from start: Int, to end: Int, dots: Bool = false) -> Int {
    let lastMark: UInt64 = dots ? 0x2E : 0x2D
    var offset = start
    while offset + 8 <= count, offset < end {
      let loaded = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let word = UInt64(littleEndian: loaded)
      let text = word & 0x7F7F_7F7F_7F7F_7F7F
      let words =
        Self.inRange(text | 0x2020_2020_2020_2020, 0x61, 0x7A) | Self.inRange(text, 0x30, 0x39)
        | Self.inRange(text, 0x2D, lastMark)
      let others = (~words | word) & 0x8080_8080_8080_8080
      if others != 0 { return Swift.min(end, offset + others.trailingZeroBitCount / 8) }
      offset += 8
    }
    return Swift.min(offset, end)
  }

  /// The highest bit of each byte, all of which are under 0x80, that is in `least...most`. Nothing is
  /// carried from one byte to the next.
  @inline(__always)
  private static func inRange(_ word: UInt64, _ least: UInt64, _ most: UInt64) -> UInt64 {
    let each: UInt64 = 0x0101_0101_0101_0101
    return (word &+ (0x80 &- least) &* each) & ~(word &+ (0x7F &- most) &* each)
  }

  /// The first `byte` at or behind `start`; nil when there is none.
  public func firstIndex(of byte: UInt8, from start: Int) -> Int? {
    let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
    var offset = start
    while offset + 8 <= count {
      let loaded = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let word = UInt64(littleEndian: loaded) ^ pattern
      // The lowest bit set is that of the first byte that is zero.
      let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
      if zeros != 0 { return offset + zeros.trailingZeroBitCount / 8 }
      offset += 8
    }
    while offset < count {
      if self[offset] == byte { return offset }
      offset += 1
    }
    return nil
  }
}
