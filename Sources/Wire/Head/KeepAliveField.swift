/// `Keep-Alive: timeout=5, max=100` (RFC 2068 section 19.7.1.1).
enum KeepAliveField {
  /// The timeout in seconds, at most five digits of it; nil when there is none that can be read.
  static func seconds(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var list = ListReader(range)
    while let element = list.next(bytes) {
      let name = element.lowerBound..<min(element.lowerBound + 8, element.upperBound)
      guard bytes.equalsIgnoringCase("timeout=", in: name) else { continue }
      let digits = name.upperBound..<element.upperBound
      guard (1...5).contains(digits.count) else { return nil }
      var seconds = 0
      for index in digits {
        guard Octets.isDigit(bytes[index]) else { return nil }
        seconds = seconds * 10 + Int(bytes[index] &- 48)
      }
      return seconds
    }
    return nil
  }
}
