/// Questions about all bytes of a field, asked of eight at a time (Hacker's Delight, section 6-1).
extension Span<UInt8> {
  /// Whether a control character is among them, tabs too.
  @inline(__always)
  var hasControls: Bool { holdsAny { $0.hasControls } }

  /// Whether all are characters of ASCII that one can see.
  var isVisible: Bool {
    !holdsAny { $0.hasBlanks }
  }

  /// Whether all are small letters, digits and dashes, as nearly every name of a field is.
  var isPlainName: Bool { !holdsAny { !$0.isPlainName } }

  /// - Parameter test: whether one of eight bytes, in any order, is such a one. An a is none.
  @inline(__always)
  private func holdsAny(_ test: (UInt64) -> Bool) -> Bool {
    let raw = unsafe bytes
    guard count >= 8 else { return test(Self.word(of: raw)) }
    var offset = 0
    while offset <= count - 8 {
      if test(unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)) {
        return true
      }
      offset += 8
    }
    // The last eight once more, rather than those that are left one by one.
    return test(unsafe raw.unsafeLoadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
  }

  /// Fewer than eight bytes, some of them twice, and an a for what is left.
  @inline(__always)
  private static func word(of raw: RawSpan) -> UInt64 {
    let count = raw.byteCount
    if count >= 4 {
      let first = unsafe raw.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)
      let last = unsafe raw.unsafeLoadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
      return UInt64(first) << 32 | UInt64(last)
    }
    guard count > 0 else { return 0x6161_6161_6161_6161 }
    let first = unsafe raw.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
    let middle = unsafe raw.unsafeLoad(fromByteOffset: count / 2, as: UInt8.self)
    let last = unsafe raw.unsafeLoad(fromByteOffset: count - 1, as: UInt8.self)
    return 0x6161_6161_6100_0000 | UInt64(first) << 16 | UInt64(middle) << 8 | UInt64(last)
  }

  /// Whether these bytes are `text`, byte for byte. Where it stands in the code, a few words are compared.
  @inline(__always)
  func equals(_ text: StaticString) -> Bool {
    let size = text.utf8CodeUnitCount
    guard count == size else { return false }
    let (own, other) = unsafe (bytes, UnsafeRawPointer(text.utf8Start))
    var offset = 0
    while offset + 8 <= size {
      let word = unsafe own.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if unsafe word != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self) {
        return false
      }
      offset += 8
    }
    if offset + 4 <= size {
      let word = unsafe own.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
      if unsafe word != other.loadUnaligned(fromByteOffset: offset, as: UInt32.self) {
        return false
      }
      offset += 4
    }
    while offset < size {
      if unsafe self[offset] != text.utf8Start[offset] { return false }
      offset += 1
    }
    return true
  }
}

extension UInt64 {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let high: UInt64 = 0x8080_8080_8080_8080

  /// Whether one of eight bytes is under 32, or 127.
  @inline(__always)
  fileprivate var hasControls: Bool {
    let marks = (self &- Self.ones &* 32) | ((self ^ Self.ones &* 127) &- Self.ones)
    return marks & ~self & Self.high != 0
  }

  /// Whether one is under 33, or 127, or no ASCII.
  @inline(__always)
  fileprivate var hasBlanks: Bool {
    let marks = (self &- Self.ones &* 33) | ((self ^ Self.ones &* 127) &- Self.ones) | self
    return marks & Self.high != 0
  }

  @inline(__always)
  fileprivate var isPlainName: Bool {
    let low = self & ~Self.high
    let plain =
      low.bytes(from: 0x61, to: 0x7A) | low.bytes(from: 0x30, to: 0x39)
      | low.bytes(from: 0x2D, to: 0x2D)
    return (~plain | self) & Self.high == 0
  }

  /// The highest bit of each byte, all of which are under 0x80, that is in `least...most`. Nothing is
  /// carried from one byte to the next.
  @inline(__always)
  private func bytes(from least: UInt64, to most: UInt64) -> UInt64 {
    (self &+ (0x80 &- least) &* Self.ones) & ~(self &+ (0x7F &- most) &* Self.ones) & Self.high
  }
}
