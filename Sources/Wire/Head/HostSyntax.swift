/// `uri-host [ ":" port ]` (RFC 9110 section 7.2, RFC 3986 section 3.2.2), never empty.
public enum HostSyntax {
  /// Bytes; a name is at most 255, the rest is for a port.
  static let longest = 261

  public static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard !range.isEmpty, range.count <= longest else { return false }
    var offset = range.lowerBound
    if bytes[offset] == 91 {
      offset += 1
      let start = offset
      while offset < range.upperBound, isAddressByte(bytes[offset]) { offset += 1 }
      guard offset > start, offset < range.upperBound, bytes[offset] == 93 else { return false }
      offset += 1
    } else {
      offset = bytes.endOfWord(from: offset, to: range.upperBound, dots: true)
      while offset < range.upperBound, isNameByte(bytes[offset]) { offset += 1 }
      guard offset > range.lowerBound else { return false }
    }
    if offset == range.upperBound { return true }
    guard bytes[offset] == Octets.colon, range.upperBound - offset <= 6 else { return false }
    offset += 1
    // At most five digits, so the number can't overflow.
    var port = 0
    while offset < range.upperBound {
      guard Octets.isDigit(bytes[offset]) else { return false }
      port = port * 10 + Int(bytes[offset] &- 48)
      offset += 1
    }
    return port <= 65_535
  }

  /// The range without the port and without a trailing dot: what routes compare.
  public static func name(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var end = range.upperBound
    var offset = range.upperBound
    while offset > range.lowerBound, Octets.isDigit(bytes[offset - 1]) { offset -= 1 }
    if offset > range.lowerBound, bytes[offset - 1] == Octets.colon { end = offset - 1 }
    if end > range.lowerBound + 1, bytes[end - 1] == 46 { end -= 1 }
    return range.lowerBound..<end
  }

  private static func isAddressByte(_ byte: UInt8) -> Bool {
    let lower = Octets.lowercased(byte)
    return Octets.isDigit(byte) || lower &- 97 < 6 || byte == Octets.colon || byte == 46
  }

  /// Letters, digits, `-`, `.`, `_` and what else RFC 3986 lets stand in a registered name, but
  /// `%`: an encoded host compares unequal to itself decoded.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    let lower = Octets.lowercased(byte)
    if Octets.isDigit(byte) || lower &- 97 < 26 { return true }
    switch byte {
    case 45, 46, 95, 126, 33, 36, 38, 39, 40, 41, 42, 43, 59, 61: return true
    default: return false
    }
  }
}
