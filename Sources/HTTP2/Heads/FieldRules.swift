import Wire

/// What a field of HTTP/2 may be (RFC 9113 sections 8.2 and 8.2.2).
enum FieldRules {
  /// A token without capital letters.
  static func isName(_ name: Span<UInt8>) -> Bool {
    guard name.count > 0 else { return false }
    if name.isPlainName { return true }
    for index in 0..<name.count where !isSmall(name[index]) { return false }
    return true
  }

  /// RFC 9110 `tchar`, but for capital letters.
  @inline(__always)
  private static func isSmall(_ byte: UInt8) -> Bool {
    if byte >= 128 { return false }
    let word: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C000_0000
    return word >> UInt64(byte & 63) & 1 == 1
  }

  static func isToken(_ text: Span<UInt8>) -> Bool {
    for index in 0..<text.count {
      let byte = text[index]
      if byte &- 65 >= 26, !isSmall(byte) { return false }
    }
    return true
  }

  /// No control characters but tabs, and no white space at either end.
  static func isValue(_ value: Span<UInt8>) -> Bool {
    guard value.count > 0 else { return true }
    if isBlank(value[0]) || isBlank(value[value.count - 1]) { return false }
    return !value.hasControls || hasTabsAlone(value)
  }

  /// Whether the control characters in it are tabs.
  private static func hasTabsAlone(_ value: Span<UInt8>) -> Bool {
    for index in 0..<value.count {
      let byte = value[index]
      if byte < 32 && byte != Octets.tab || byte == 127 { return false }
    }
    return true
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == Octets.space || byte == Octets.tab
  }

  /// Fields that speak of a connection, which HTTP/2 has none of.
  static func isOfConnection(_ name: Span<UInt8>) -> Bool {
    switch name.count {
    case 7: name.equals("upgrade")
    case 10: name.equals("connection") || name.equals("keep-alive")
    case 16: name.equals("proxy-connection")
    case 17: name.equals("transfer-encoding")
    default: false
    }
  }

  /// RFC 9113 section 8.2.2: TE may say `trailers` and nothing else.
  static func isAllowed(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(HTTP2HeadError) {
    if isOfConnection(name) { throw .connectionField }
    if name.count == 2, name.equals("te"), !value.equalsIgnoringCase("trailers") {
      throw .badTE
    }
  }

  /// Of a trailer section: what would frame, route or authenticate a message comes too late there
  /// (RFC 9110 section 6.5.1).
  static func isTooLate(_ name: Span<UInt8>) -> Bool {
    switch name.count {
    case 2: name.equals("te")
    case 4: name.equals("host")
    case 6: name.equals("cookie") || name.equals("expect")
    case 7: name.equals("trailer")
    case 10: name.equals("set-cookie")
    case 13: name.equals("authorization") || name.equals("content-range")
    case 14: name.equals("content-length")
    default: false
    }
  }
}

extension Span<UInt8> {
  /// Whether these bytes are `text`, which is in lower case, in any case.
  func equalsIgnoringCase(_ text: StaticString) -> Bool {
    equalsIgnoringCase(text, in: 0..<count)
  }
}
