/// The Upgrade fields of one head, collected field by field (RFC 9110 section 7.8).
///
/// Only one protocol at a time is negotiated: with a list, nobody would know which of its names the
/// 101 has to bear, and a client that offers several does without any of them.
struct UpgradeFields {
  private var name = 0..<0
  private var isUnfit = false

  mutating func add(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    var list = ListReader(range)
    while let element = list.next(bytes) {
      if !name.isEmpty || !Self.isFit(bytes, element) { isUnfit = true }
      name = element
    }
  }

  /// The one protocol that is named; empty without one.
  var protocolRange: Range<Int> { isUnfit ? 0..<0 : name }

  /// `token [ "/" token ]`, and none that carries HTTP on: requests in the tunnel would come to the
  /// server past routes, limits and access rules.
  private static func isFit(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var end = range.lowerBound
    while end < range.upperBound, Octets.isToken(bytes[end]) { end += 1 }
    let name = range.lowerBound..<end
    guard !name.isEmpty, !carriesHTTP(bytes, name) else { return false }
    if end == range.upperBound { return true }
    guard bytes[end] == Octets.slash, end + 1 < range.upperBound else { return false }
    for index in (end + 1)..<range.upperBound where !Octets.isToken(bytes[index]) { return false }
    return true
  }

  /// RFC 7540 section 3.2 (h2c), RFC 2817 (TLS), and HTTP itself.
  private static func carriesHTTP(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
    bytes.equalsIgnoringCase("h2c", in: name) || bytes.equalsIgnoringCase("h2", in: name)
      || bytes.equalsIgnoringCase("http", in: name) || bytes.equalsIgnoringCase("tls", in: name)
  }
}
