/// A set of bytes.
struct ByteSet: Hashable {
  private var words: SIMD4<UInt64> = .zero

  init() {}

  init(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { insert(byte) }
  }

  static let all = ByteSet(0...255)
  static let digits = ByteSet(48...57)
  static let wordBytes = ByteSet(Array(48...57) + Array(65...90) + Array(97...122) + [95])
  /// None of them is ever part of a path.
  static let blanks = ByteSet([9, 10, 11, 12, 13, 32])

  mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
  mutating func formUnion(_ other: ByteSet) { words |= other.words }

  func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }

  var inverted: ByteSet {
    var set = self
    set.words = ~words
    return set
  }
}
