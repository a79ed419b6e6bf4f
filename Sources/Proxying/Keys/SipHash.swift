import Primitives

/// SipHash-1-3: one round for each eight bytes, three at the end. Aumasson, Bernstein: "SipHash: a
/// fast short-input PRF", 2012; fewer rounds than the paper's 2-4 suffice where only a table's
/// place hangs on the result, as in the hash tables of Swift, Rust and Python.
struct SipHash {
  private var first: UInt64
  private var second: UInt64
  private var third: UInt64
  private var fourth: UInt64
  /// The bytes that do not fill a word yet, the rest of it zero.
  private var tail: UInt64 = 0
  private var count = 0

  init(_ key: HashKey) {
    first = key.low ^ 0x736F_6D65_7073_6575
    second = key.high ^ 0x646F_7261_6E64_6F6D
    third = key.low ^ 0x6C79_6765_6E65_7261
    fourth = key.high ^ 0x7465_6462_7974_6573
  }

  /// - Parameter mask: set in each eight bytes before they are taken in.
  mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>, setting mask: UInt64 = 0) {
    let raw = unsafe bytes.bytes
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    var offset = range.lowerBound
    while range.upperBound - offset >= 8 {
      let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      append(word | mask, count: 8)
      offset += 8
    }
    let rest = range.upperBound - offset
    if rest == 0 { return }
    var word: UInt64 = 0
    for index in 0..<rest { word |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    append(word | mask & ((1 << UInt64(8 * rest)) - 1), count: rest)
  }

  /// The lowest `size` bytes of a word, little-endian; the others are zero.
  @inline(__always)
  mutating func append(_ word: UInt64, count size: Int) {
    let held = count & 7
    tail |= word << UInt64(8 * held)
    count &+= size
    guard held + size >= 8 else { return }
    compress(tail)
    tail = held == 0 ? 0 : word >> UInt64(64 - 8 * held)
  }

  consuming func finish() -> UInt64 {
    compress(tail | UInt64(truncatingIfNeeded: count & 255) << 56)
    third ^= 255
    for _ in 0..<3 { mix() }
    return first ^ second ^ third ^ fourth
  }

  @inline(__always)
  private mutating func compress(_ word: UInt64) {
    fourth ^= word
    mix()
    first ^= word
  }

  @inline(__always)
  private mutating func mix() {
    first &+= second
    second = rotate(second, 13) ^ first
    first = rotate(first, 32)
    third &+= fourth
    fourth = rotate(fourth, 16) ^ third
    first &+= fourth
    fourth = rotate(fourth, 21) ^ first
    third &+= second
    second = rotate(second, 17) ^ third
    third = rotate(third, 32)
  }

  @inline(__always)
  private func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    word &<< bits | word &>> (64 &- bits)
  }
}

/// What a keyed hash depends on beside its input.
public struct HashKey: Sendable {
  let high: UInt64
  let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

extension ClientAddress {
  func append(to hash: inout SipHash) {
    hash.append(high, count: 8)
    hash.append(low, count: 8)
  }
}
