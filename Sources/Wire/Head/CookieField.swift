/// Cookies as a client sends them: `Cookie: a=1; b=2` (RFC 6265 section 4.2).
public enum CookieField {
  /// The value of the first cookie of that name, over all Cookie fields; it may be empty. Names are
  /// compared byte for byte, values stay as they came, quotes included.
  public static func find(
    _ head: RequestHead, _ bytes: Span<UInt8>, name: [UInt8]
  ) -> Range<Int>? {
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      guard field.name == .cookie else { continue }
      if let value = find(bytes, field.valueRange, name) { return value }
    }
    return nil
  }

  private static func find(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ name: [UInt8]
  ) -> Range<Int>? {
    var offset = range.lowerBound
    while offset < range.upperBound {
      while offset < range.upperBound, CookiePair.isBlank(bytes[offset]) { offset += 1 }
      let end = bytes.index(of: CookiePair.semicolon, in: offset..<range.upperBound)
      if let value = CookiePair.value(bytes, offset..<end, name) { return value }
      offset = end + 1
    }
    return nil
  }
}

/// A cookie that a server sets: `Set-Cookie: a=1; Path=/` (RFC 6265 section 4.1).
public enum SetCookieField {
  /// The value that the client is left with for that name: of the last such field. Nil when there
  /// is none or it is empty, which is how a cookie is taken back.
  public static func find(
    _ head: ResponseHead, _ bytes: Span<UInt8>, name: [UInt8]
  ) -> Range<Int>? {
    for index in (0..<head.fields.count).reversed() {
      let field = head.fields[index]
      guard field.name == .setCookie else { continue }
      let end = bytes.index(of: CookiePair.semicolon, in: field.valueRange)
      if let value = CookiePair.value(bytes, field.valueRange.lowerBound..<end, name) {
        return value.isEmpty ? nil : value
      }
    }
    return nil
  }
}

enum CookiePair {
  static let semicolon = UInt8(ascii: ";")

  static func isBlank(_ byte: UInt8) -> Bool { byte == Octets.space || byte == Octets.tab }

  /// The value of `name=value` without the white space behind it; nil for another name.
  static func value(_ bytes: Span<UInt8>, _ pair: Range<Int>, _ name: [UInt8]) -> Range<Int>? {
    let equals = pair.lowerBound + name.count
    guard equals < pair.upperBound, bytes[equals] == UInt8(ascii: "=") else { return nil }
    for index in 0..<name.count where bytes[pair.lowerBound + index] != name[index] { return nil }
    var end = pair.upperBound
    while end > equals + 1, isBlank(bytes[end - 1]) { end -= 1 }
    return (equals + 1)..<end
  }
}
