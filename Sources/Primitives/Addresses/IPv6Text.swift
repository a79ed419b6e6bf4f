/// The text form of IPv6 addresses: RFC 4291 section 2.2 in, RFC 5952 out.
enum IPv6Text {
  static func parse(_ text: String) -> (high: UInt64, low: UInt64)? {
    guard let halves = split(text), let head = groups(halves.head, isLast: halves.tail == nil),
      let tail = groups(halves.tail ?? "", isLast: true)
    else { return nil }
    let missing = 8 - head.count - tail.count
    guard halves.tail == nil ? missing == 0 : missing >= 1 else { return nil }
    let all = head + Array(repeating: 0, count: missing) + tail
    let high = all[0..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
    let low = all[4..<8].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
    return (high, low)
  }

  static func describe(high: UInt64, low: UInt64) -> String {
    let groups = (0..<8).map { index -> UInt16 in
      let half = index < 4 ? high : low
      return UInt16(truncatingIfNeeded: half >> (48 - 16 * UInt64(index % 4)))
    }
    let zeros = longestZeroRun(groups)
    func text(_ slice: ArraySlice<UInt16>) -> String {
      slice.map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard zeros.count > 1 else { return text(groups[...]) }
    return text(groups[..<zeros.lowerBound]) + "::" + text(groups[zeros.upperBound...])
  }

  /// The text before and after `::`; `tail` is nil when there is none.
  private static func split(_ text: String) -> (head: String, tail: String?)? {
    guard text.utf8.count <= 45 else { return nil }
    let bytes = Array(text.utf8)
    let marks = bytes.indices.dropLast().filter { bytes[$0] == 58 && bytes[$0 + 1] == 58 }
    guard let mark = marks.first else { return (text, nil) }
    guard marks.count == 1 else { return nil }
    return (
      String(decoding: bytes[..<mark], as: UTF8.self),
      String(decoding: bytes[(mark + 2)...], as: UTF8.self)
    )
  }

  /// - Parameter isLast: nothing follows, so that the end may be written as an IPv4 address.
  private static func groups(_ text: String, isLast: Bool) -> [UInt16]? {
    if text.isEmpty { return [] }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 8 else { return nil }
    var groups: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if isLast, index == parts.count - 1, let address = SocketAddress.ipv4(String(part)) {
        groups.append(UInt16(truncatingIfNeeded: address >> 16))
        groups.append(UInt16(truncatingIfNeeded: address))
        continue
      }
      guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexadecimal),
        let group = UInt16(part, radix: 16)
      else { return nil }
      groups.append(group)
    }
    return groups
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
  }

  private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int> {
    var best = 0..<0
    var start: Int?
    for index in 0...groups.count {
      if index < groups.count, groups[index] == 0 {
        if start == nil { start = index }
      } else if let from = start {
        if index - from > best.count { best = from..<index }
        start = nil
      }
    }
    return best
  }
}
