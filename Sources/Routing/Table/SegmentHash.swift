/// Hashes of path segments and hosts, eight bytes at a time.
enum SegmentHash {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let high: UInt64 = 0x8080_8080_8080_8080
  private static let factor: UInt64 = 0x9FB2_1C65_1E98_DF25

  /// The end of the segment at the front of `range`, and the hash of its bytes.
  static func read(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (stop: Int, hash: UInt64) {
    let slashes = ones &* UInt64(UInt8(ascii: "/"))
    var hash: UInt64 = 0
    var offset = range.lowerBound
    while true {
      let (word, count) = word(bytes, offset..<range.upperBound)
      let different = word ^ slashes
      // The lowest bit set is that of the first slash; bytes beyond the range are none.
      let found = (different &- ones) & ~different & high
      if found != 0 {
        let size = found.trailingZeroBitCount / 8
        let stop = offset + size
        return (stop, finish(mix(hash, word & mask(size)), stop - range.lowerBound))
      }
      hash = mix(hash, word)
      offset += count
      if count < 8 { return (offset, finish(hash, offset - range.lowerBound)) }
    }
  }

  /// The hash of all of `range`, letters in lower case.
  static func folded(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
    var hash: UInt64 = 0
    var offset = range.lowerBound
    while offset < range.upperBound {
      let (word, count) = word(bytes, offset..<range.upperBound)
      // Of the bytes of a host, bit 5 changes letters, brackets and `_` alone; equality is tested.
      hash = mix(hash, (word | 0x2020_2020_2020_2020) & mask(count))
      offset += count
    }
    return finish(hash, range.count)
  }

  /// Up to eight bytes from the front of a range, zeros behind them.
  @inline(__always)
  private static func word(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) -> (word: UInt64, count: Int) {
    let count = min(8, range.count)
    if range.lowerBound + 8 <= bytes.count {
      let whole = unsafe bytes.bytes.unsafeLoadUnaligned(
        fromByteOffset: range.lowerBound, as: UInt64.self)
      return (UInt64(littleEndian: whole) & mask(count), count)
    }
    var word: UInt64 = 0
    for index in 0..<count {
      word |= UInt64(bytes[range.lowerBound + index]) << UInt64(8 * index)
    }
    return (word, count)
  }

  /// The lowest `count` bytes, 0 … 8.
  @inline(__always)
  private static func mask(_ count: Int) -> UInt64 {
    count >= 8 ? .max : (1 << UInt64(8 * count)) &- 1
  }

  @inline(__always)
  private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word) &* factor
    return product ^ product >> 29
  }

  @inline(__always)
  private static func finish(_ hash: UInt64, _ count: Int) -> UInt64 {
    mix(hash, UInt64(truncatingIfNeeded: count))
  }
}
