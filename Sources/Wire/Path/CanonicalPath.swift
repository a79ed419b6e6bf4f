/// The one form of a path (RFC 3986 section 6.2.2): what routes are matched by, and what the server
/// gets. Two readers of the form can't take it for two different paths.
///
/// - `%XX` of a letter, a digit, `-`, `.`, `_` or `~` is that character; other hexadecimal digits are in
///   capitals.
/// - `.` and `..` are resolved, `//` is `/`.
/// - Refused is what servers read in more than one way: an encoded `/` or `\`, a `\`, an encoded control
///   character, UTF-8 that is longer than it has to be, `..` above the beginning, and a segment that is
///   empty, `.` or `..` but for the parameters behind its `;`.
public enum CanonicalPath {
  /// The form of a path that begins with `/`; nil when it is refused.
  public static func of(_ path: [UInt8]) -> [UInt8]? {
    guard path.first == Octets.slash else { return nil }
    var bytes = path
    let all = bytes.indices
    var span = bytes.mutableSpan
    guard let count = write(&span, all) else { return nil }
    return Array(bytes[..<count])
  }

  /// Whether a path is in the form.
  public static func isCanonical(_ bytes: Span<UInt8>, _ path: Range<Int>) -> Bool {
    if isPlain(bytes, path) { return !path.isEmpty && bytes[path.lowerBound] == Octets.slash }
    var copy: [UInt8] = []
    copy.reserveCapacity(path.count)
    for index in path { copy.append(bytes[index]) }
    return of(copy) == copy
  }

  /// Whether it can be told at a glance, eight bytes at a time, that a path is in the form already.
  public static func isPlain(_ bytes: Span<UInt8>, _ path: Range<Int>) -> Bool {
    var offset = path.lowerBound
    var lastIsSlash: UInt64 = 0
    while offset < path.upperBound {
      let count = min(8, path.upperBound - offset)
      let word = word(bytes, offset, count)
      let slash = zeros(word ^ pattern(Octets.slash))
      // `.` and `/` differ in the lowest bit alone.
      let dotOrSlash = zeros((word | pattern(1)) ^ pattern(Octets.slash))
      let special =
        zeros(word ^ pattern(UInt8(ascii: "%"))) | zeros(word ^ pattern(UInt8(ascii: "\\")))
      let next = dotOrSlash | zeros(word ^ pattern(UInt8(ascii: ";")))
      if special | next & (slash << 8 | lastIsSlash) != 0 { return false }
      lastIsSlash = slash >> 56
      offset += count
    }
    return true
  }

  /// Brings the path in `range`, which begins with a slash, into its form.
  /// - Returns: how many bytes from the range's start it has; nil when it is refused.
  static func write(_ bytes: inout MutableSpan<UInt8>, _ range: Range<Int>) -> Int? {
    // Behind the last slash written. What is written never is longer than what was read.
    var segment = range.lowerBound + 1
    var end = segment
    var hasParameters = false
    var lead: UInt8 = 0
    var offset = range.lowerBound + 1
    while offset < range.upperBound {
      let byte = bytes[offset]
      switch byte {
      case Octets.slash:
        guard let start = finish(&bytes, range.lowerBound, segment, end, hasParameters) else {
          return nil
        }
        end = start
        if bytes[end - 1] != Octets.slash {
          bytes[end] = Octets.slash
          end += 1
        }
        segment = end
        hasParameters = false
      case UInt8(ascii: "\\"): return nil
      case UInt8(ascii: "%"):
        guard offset + 2 < range.upperBound, let high = digit(bytes[offset + 1]),
          let low = digit(bytes[offset + 2])
        else { return nil }
        let value = high << 4 | low
        guard isGood(value, behind: lead) else { return nil }
        lead = value
        offset += 3
        if isUnreserved(value) {
          bytes[end] = value
          end += 1
        } else {
          bytes[end] = UInt8(ascii: "%")
          bytes[end + 1] = capital(high)
          bytes[end + 2] = capital(low)
          end += 3
        }
        continue
      default:
        if byte == UInt8(ascii: ";") { hasParameters = true }
        bytes[end] = byte
        end += 1
      }
      lead = 0
      offset += 1
    }
    return finish(&bytes, range.lowerBound, segment, end, hasParameters).map {
      $0 - range.lowerBound
    }
  }

  /// Looks at the segment that was just written.
  /// - Returns: where to go on writing; nil when the segment is refused.
  private static func finish(
    _ bytes: inout MutableSpan<UInt8>, _ first: Int, _ segment: Int, _ end: Int,
    _ hasParameters: Bool
  ) -> Int? {
    var nameEnd = end
    if hasParameters {
      nameEnd = segment
      while nameEnd < end, bytes[nameEnd] != UInt8(ascii: ";") { nameEnd += 1 }
    }
    var dots = 0
    while segment + dots < nameEnd, dots < 3, bytes[segment + dots] == UInt8(ascii: ".") {
      dots += 1
    }
    guard segment + dots == nameEnd, dots < 3 else { return end }
    if hasParameters { return nil }
    if dots < 2 { return segment }
    // Back behind the slash before the segment before this one.
    var start = segment - 1
    guard start > first else { return nil }
    while bytes[start - 1] != Octets.slash { start -= 1 }
    return start
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    if Octets.isDigit(byte) || Octets.lowercased(byte) &- 97 < 26 { return true }
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): return true
    default: return false
    }
  }

  /// Whether a byte may stand encoded in a path.
  /// - Parameter lead: the encoded byte right before it; 0 when there is none.
  private static func isGood(_ byte: UInt8, behind lead: UInt8) -> Bool {
    if byte < 32 || byte == 127 || byte == Octets.slash || byte == UInt8(ascii: "\\") {
      return false
    }
    guard byte & 0xC0 == 0x80 else { return true }
    // A character that has a shorter form (RFC 3629 section 10).
    switch lead {
    case 0xC0, 0xC1, 0xF8...0xFD: return false
    case 0xE0: return byte >= 0xA0
    case 0xF0: return byte >= 0x90
    default: return true
    }
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    if Octets.isDigit(byte) { return byte &- 48 }
    let letter = Octets.lowercased(byte) &- 97
    return letter < 6 ? letter &+ 10 : nil
  }

  private static func capital(_ digit: UInt8) -> UInt8 { digit < 10 ? digit &+ 48 : digit &+ 55 }

  // MARK: Eight bytes at a time

  @inline(__always)
  private static func word(_ bytes: Span<UInt8>, _ offset: Int, _ count: Int) -> UInt64 {
    if offset + 8 <= bytes.count {
      let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
      return count >= 8
        ? UInt64(littleEndian: word)
        : UInt64(littleEndian: word) & ((1 << UInt64(8 * count)) &- 1)
    }
    var word: UInt64 = 0
    for index in 0..<count { word |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    return word
  }

  @inline(__always)
  private static func pattern(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

  /// The high bit of each zero byte, perhaps also of one behind such a byte.
  @inline(__always)
  private static func zeros(_ word: UInt64) -> UInt64 {
    (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
  }
}
