public import Primitives
public import Wire

/// Who sent a request that came through proxies which are trusted.
public struct ForwardedClient: Sendable {
  public var address: ClientAddress
  public var peer: PeerText

  /// The rightmost address of all X-Forwarded-For fields that is no trusted proxy's; the leftmost if
  /// all are. What stands to the left of it could have been written by anybody. Nil when there is
  /// no address at the list's end: then the peer is all that is known.
  public init?(_ head: RequestHead, _ bytes: Span<UInt8>, trusted: AddressSet) {
    var found: AddressText?
    search: for index in (0..<head.fields.count).reversed() {
      let field = head.fields[index]
      guard field.name == .xForwardedFor else { continue }
      var end = field.valueRange.upperBound
      let start = field.valueRange.lowerBound
      while end > start {
        var begin = end
        while begin > start, bytes[begin - 1] != Octets.comma { begin -= 1 }
        let element = Self.trimmed(bytes, begin..<end)
        end = max(start, begin - 1)
        if element.isEmpty { continue }
        // What nobody can read, nobody vouched for.
        guard let address = AddressText(bytes, element) else { break search }
        found = address
        if !trusted.contains(high: address.high, low: address.low) { break search }
      }
    }
    guard let found else { return nil }
    address = ClientAddress(high: found.high, low: found.low)
    peer = PeerText(bytes, found.range)
  }

  private static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, bytes[start] == Octets.space || bytes[start] == Octets.tab { start += 1 }
    while end > start, bytes[end - 1] == Octets.space || bytes[end - 1] == Octets.tab { end -= 1 }
    return start..<end
  }
}
