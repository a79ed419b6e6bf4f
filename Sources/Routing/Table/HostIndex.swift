/// From a request's host to the trees of its paths.
struct HostIndex: Sendable {
  private static let exactSpace = 0
  private static let wildcardSpace = 1

  private var keys: KeyTable
  /// The lengths that wildcards have, a bit for each.
  private var lengths = SIMD4<UInt64>.zero
  /// The tree of the rules without a host.
  let anyHost: Int?
  let namesAny: Bool

  init(exact: [[UInt8]: Int], wildcards: [[UInt8]: Int], anyHost: Int?) {
    var entries: [KeyTable.Entry] = []
    for (host, root) in exact {
      entries.append(.init(space: Self.exactSpace, key: host, value: root))
    }
    for (suffix, root) in wildcards {
      entries.append(.init(space: Self.wildcardSpace, key: suffix, value: root))
      if suffix.count < 256 { lengths[suffix.count >> 6] |= 1 << UInt64(suffix.count & 63) }
    }
    keys = KeyTable(entries.sorted(), isFolded: true)
    self.anyHost = anyHost
    namesAny = !entries.isEmpty
  }

  var hasWildcards: Bool { lengths != .zero }

  func exact(_ bytes: Span<UInt8>, _ host: Range<Int>) -> Int? {
    let hash = SegmentHash.folded(bytes, host)
    return keys.find(space: Self.exactSpace, hash, bytes, host, isFolded: true)
  }

  /// The tree of the wildcard whose bytes begin `place` bytes behind the host's first.
  func wildcard(_ bytes: Span<UInt8>, _ host: Range<Int>, at place: Int) -> Int? {
    let suffix = (host.lowerBound + place)..<host.upperBound
    guard place > 0, !suffix.isEmpty, bytes[suffix.lowerBound] == UInt8(ascii: "."),
      suffix.count < 256,
      lengths[suffix.count >> 6] >> UInt64(suffix.count & 63) & 1 == 1
    else { return nil }
    let hash = SegmentHash.folded(bytes, suffix)
    return keys.find(space: Self.wildcardSpace, hash, bytes, suffix, isFolded: true)
  }
}
