/// What a byte may be in an HTTP/1 head: RFC 9110 section 5.6.2 (token), RFC 9112 section 3.
public enum Octets {
  public static let tab: UInt8 = 9
  public static let lineFeed: UInt8 = 10
  public static let carriageReturn: UInt8 = 13
  public static let space: UInt8 = 32
  public static let comma: UInt8 = 44
  public static let slash: UInt8 = 47
  public static let colon: UInt8 = 58
  public static let questionMark: UInt8 = 63

  /// Two words of 64 bits, a bit for each ASCII character that a token may have.
  private static let tokenLow: UInt64 = 0x03FF_6CFA_0000_0000
  private static let tokenHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE

  /// RFC 9110 `tchar`.
  public static func isToken(_ byte: UInt8) -> Bool {
    if byte >= 128 { return false }
    let word = byte < 64 ? tokenLow : tokenHigh
    return word >> UInt64(byte & 63) & 1 == 1
  }

  public static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }

  /// ASCII letters in lower case; every other byte as it is.
  public static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- 65 < 26 ? byte | 0x20 : byte
  }

  /// The highest bit of each of eight bytes that is a control character (under 0x20, or DEL); the
  /// first byte is the lowest. Behind the first one found it may also be set for others.
  static func controls(_ word: UInt64) -> UInt64 {
    let high: UInt64 = 0x8080_8080_8080_8080
    let belowSpace = (word &- 0x2020_2020_2020_2020) & ~word & high
    let deletion = word ^ 0x7F7F_7F7F_7F7F_7F7F
    let isDeletion = (deletion &- 0x0101_0101_0101_0101) & ~deletion & high
    return belowSpace | isDeletion
  }
}
