/// Questions about all bytes of a field, asked of eight at a time (Hacker's Delight, section 6-1).
extension Span<UInt8> {
  /// Whether a control character is among them, tabs too.
  var hasControls: Bool { holdsAny { $0.hasBytes(below: 32) || $0.hasBytes(of: 127) } }

  /// Whether all are characters of ASCII that one can see.
  var isVisible: Bool {
    !holdsAny { $0.hasBytes(below: 33) || $0.hasBytes(of: 127) || $0.hasBytesOver127 }
  }

  /// - Parameter test: whether one of eight bytes, in any order, is such a one. An A is none.
  @inline(__always)
  private func holdsAny(_ test: (UInt64) -> Bool) -> Bool {
    guard count >= 8 else {
      var word: UInt64 = 0x4141_4141_4141_4141
      for index in 0..<count { word = word << 8 | UInt64(self[index]) }
      return test(word)
    }
    let raw = unsafe bytes
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
}

extension UInt64 {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let high: UInt64 = 0x8080_8080_8080_8080

  /// For limits up to 128.
  @inline(__always)
  fileprivate func hasBytes(below limit: UInt64) -> Bool {
    (self &- Self.ones &* limit) & ~self & Self.high != 0
  }

  @inline(__always)
  fileprivate func hasBytes(of byte: UInt64) -> Bool {
    (self ^ Self.ones &* byte).hasBytes(below: 1)
  }

  @inline(__always)
  fileprivate var hasBytesOver127: Bool { self & Self.high != 0 }

  /// The eight bytes with the letters of ASCII among them in lower case.
  @inline(__always)
  var inLowerCase: UInt64 {
    let low = self & ~Self.high
    let fromA = low &+ Self.ones &* UInt64(128 - 65)
    let beyondZ = low &+ Self.ones &* UInt64(127 - 90)
    return self | ((fromA ^ beyondZ) & ~self & Self.high) >> 2
  }
}
