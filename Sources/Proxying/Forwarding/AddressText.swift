import Wire

/// IP addresses as proxies write them into fields: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`,
/// `[2001:db8::1]`, `[2001:db8::1]:80`. Read without a `String`.
struct AddressText {
  var high: UInt64
  var low: UInt64
  /// Without brackets and port.
  var range: Range<Int>

  /// Nil for everything else, such as `unknown` or a name.
  init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    guard !range.isEmpty, range.count <= Self.longest else { return nil }
    var host = range
    if bytes[range.lowerBound] == UInt8(ascii: "[") {
      let close = Self.place(of: UInt8(ascii: "]"), bytes, range)
      guard close < range.upperBound,
        close + 1 == range.upperBound
          || Self.isPort(bytes, (close + 1)..<range.upperBound)
      else { return nil }
      host = (range.lowerBound + 1)..<close
    } else {
      let colon = Self.place(of: Octets.colon, bytes, range)
      let isOld = Self.place(of: UInt8(ascii: "."), bytes, range) < colon
      if isOld, colon < range.upperBound {
        guard Self.isPort(bytes, colon..<range.upperBound) else { return nil }
        host = range.lowerBound..<colon
      }
      if isOld {
        guard let address = Self.ipv4(bytes, host) else { return nil }
        (high, low, self.range) = (0, 0xFFFF_0000_0000 | address, host)
        return
      }
    }
    guard let address = Self.ipv6(bytes, host) else { return nil }
    (high, low, self.range) = (address.high, address.low, host)
  }

  /// `[` and `]` around 45 bytes of an address, and a port.
  private static let longest = 53

  /// The byte's first place, or the range's end.
  private static func place(of byte: UInt8, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    var index = range.lowerBound
    while index < range.upperBound, bytes[index] != byte { index += 1 }
    return index
  }

  /// `:` and one to five digits.
  private static func isPort(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard (2...6).contains(range.count), bytes[range.lowerBound] == Octets.colon else {
      return false
    }
    for index in range.dropFirst() where !Octets.isDigit(bytes[index]) { return false }
    return true
  }

  private static func ipv4(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64? {
    var address: UInt64 = 0
    var index = range.lowerBound
    for part in 0..<4 {
      let start = index
      var octet: UInt64 = 0
      while index < range.upperBound, Octets.isDigit(bytes[index]), index - start < 3 {
        octet = octet * 10 + UInt64(bytes[index] &- 48)
        index += 1
      }
      guard index > start, octet < 256, index - start == 1 || bytes[start] != 48 else { return nil }
      address = address << 8 | octet
      if part < 3 {
        guard index < range.upperBound, bytes[index] == UInt8(ascii: ".") else { return nil }
        index += 1
      }
    }
    return index == range.upperBound ? address : nil
  }

  /// RFC 4291 section 2.2: groups, one `::`, perhaps an IPv4 address at the end.
  private static func ipv6(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) -> (high: UInt64, low: UInt64)? {
    var groups = InlineArray<8, UInt64>(repeating: 0)
    var count = 0
    var gap = -1
    var index = range.lowerBound
    func isColon(_ place: Int) -> Bool {
      place < range.upperBound && bytes[place] == Octets.colon
    }
    if isColon(index) {
      guard isColon(index + 1) else { return nil }
      (gap, index) = (0, index + 2)
    }
    while index < range.upperBound {
      guard count < 8 else { return nil }
      let start = index
      var group: UInt64 = 0
      while index < range.upperBound, index - start < 4, let digit = digit(bytes[index]) {
        group = group << 4 | digit
        index += 1
      }
      if index < range.upperBound, bytes[index] == UInt8(ascii: ".") {
        guard count <= 6, let old = ipv4(bytes, start..<range.upperBound) else { return nil }
        (groups[count], groups[count + 1]) = (old >> 16, old & 0xFFFF)
        (count, index) = (count + 2, range.upperBound)
        break
      }
      guard index > start else { return nil }
      groups[count] = group
      count += 1
      if index == range.upperBound { break }
      guard isColon(index) else { return nil }
      index += 1
      if isColon(index) {
        guard gap < 0 else { return nil }
        (gap, index) = (count, index + 1)
      } else if index == range.upperBound {
        return nil
      }
    }
    guard gap < 0 ? count == 8 : count < 8 else { return nil }
    var (high, low) = (UInt64(0), UInt64(0))
    for place in 0..<8 {
      var value: UInt64 = 0
      if gap < 0 || place < gap {
        value = groups[place]
      } else if place >= gap + 8 - count {
        value = groups[place - (8 - count)]
      }
      if place < 4 { high = high << 16 | value } else { low = low << 16 | value }
    }
    return (high, low)
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    if Octets.isDigit(byte) { return UInt64(byte &- 48) }
    let lower = Octets.lowercased(byte)
    return lower &- 97 < 6 ? UInt64(lower &- 87) : nil
  }
}
