/// One character of UTF-8 in bytes that may be anything.
enum UTF8Sequence {
  /// Its length and scalar at `index`, or nil when no well-formed sequence is there (Unicode 15,
  /// table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
  static func decode(_ bytes: Span<UInt8>, at index: Int) -> (length: Int, scalar: UInt32)? {
    let first = bytes[index]
    let length: Int
    var scalar: UInt32
    switch first {
    case 0..<0x80: return (1, UInt32(first))
    case 0xC2...0xDF: (length, scalar) = (2, UInt32(first & 0x1F))
    case 0xE0...0xEF: (length, scalar) = (3, UInt32(first & 0x0F))
    case 0xF0...0xF4: (length, scalar) = (4, UInt32(first & 0x07))
    default: return nil
    }
    guard bytes.count - index >= length else { return nil }
    for place in (index + 1)..<(index + length) {
      guard bytes[place] & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | UInt32(bytes[place] & 0x3F)
    }
    switch (length, scalar) {
    case (3, ..<0x800), (3, 0xD800...0xDFFF), (4, ..<0x1_0000), (4, 0x11_0000...): return nil
    default: return (length, scalar)
    }
  }

  /// Characters that a terminal acts on or that change how what follows is shown: controls, line
  /// and paragraph separators, and marks of direction (the "Trojan Source" ones).
  static func isHarmful(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
      true
    default: false
    }
  }
}
