extension Span<UInt8> {
  /// The first place of a byte in a range, or the range's end; eight bytes at a time.
  @inlinable @inline(__always)
  public func index(of byte: UInt8, in range: Range<Int>) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    let pattern = ones &* UInt64(byte)
    let raw = unsafe self.bytes
    var offset = range.lowerBound
    while range.upperBound - offset >= 8 {
      let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ pattern
      // The lowest bit set is that of the first zero byte, those above it may be wrong.
      let zeros = (word &- ones) & ~word & high
      if zeros != 0 { return offset + zeros.trailingZeroBitCount / 8 }
      offset += 8
    }
    while offset < range.upperBound, self[offset] != byte { offset += 1 }
    return offset
  }

  /// Whether the bytes from `start` are `text`, which is in lower case, in any case.
  func equalsIgnoringCase(_ text: [UInt8], from start: Int) -> Bool {
    for index in 0..<text.count where Octets.lowercased(self[start + index]) != text[index] {
      return false
    }
    return true
  }
}
