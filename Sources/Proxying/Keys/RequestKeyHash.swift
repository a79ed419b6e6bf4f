public import Primitives
public import Topology
public import Wire

/// The 64-bit hash of the parts of a request that a service is balanced by.
///
/// The same over workers, restarts and nodes, so that all of them send a key to the same server:
/// its SipHash key is fixed. Who chooses request keys so that they collide only makes one server
/// busier, which a bounded load limits; a session's table is another matter (`SessionKey`).
public enum RequestKeyHash {
  private static let key = HashKey(high: 0x6261_6C61_6E63_6564, low: 0x6B65_7970_6172_7473)

  /// - Parameters:
  ///   - keys: in this order. A part that the request lacks is hashed as missing. If it lacks all
  ///     of them, time spans aside, the client's address stands in: one server would get every
  ///     such request else.
  ///   - now: for `RequestKey.time`.
  public static func hash(
    _ keys: [RequestKey], _ head: RequestHead, _ bytes: Span<UInt8>, client: ClientAddress,
    now: WallTime
  ) -> UInt64 {
    var hash = SipHash(key)
    var isLacking = keys.isEmpty
    var isFound = false
    for key in keys {
      if case .time(let span) = key {
        hash.append(Self.interval(now, span), count: 8)
        continue
      }
      let size = append(key, head, bytes, client, to: &hash)
      if size == nil { isLacking = true } else { isFound = true }
      // Where a part ends, so that `a` and `bc` are not `ab` and `c`; 0 for a missing one.
      hash.append(UInt64(truncatingIfNeeded: (size ?? -1) + 1) & 0xFFFF_FFFF, count: 4)
    }
    if isLacking, !isFound { client.append(to: &hash) }
    return hash.finish()
  }

  /// The same for a stream or a datagram, of which only the client's address is known.
  public static func hash(
    _ keys: [RequestKey], client: ClientAddress, now: WallTime
  ) -> UInt64 {
    var hash = SipHash(key)
    var isFound = false
    for key in keys {
      switch key {
      case .time(let span): hash.append(interval(now, span), count: 8)
      case .clientIP where client.isKnown:
        client.append(to: &hash)
        hash.append(17, count: 4)
        isFound = true
      case .clientPort where client.isKnown:
        hash.append(UInt64(client.port), count: 2)
        hash.append(3, count: 4)
        isFound = true
      default: hash.append(0, count: 4)
      }
    }
    if !isFound, keys.contains(where: { if case .time = $0 { false } else { true } }) {
      client.append(to: &hash)
    }
    return hash.finish()
  }

  /// - Returns: bytes taken in; nil when the request lacks the part.
  private static func append(
    _ key: RequestKey, _ head: RequestHead, _ bytes: Span<UInt8>, _ client: ClientAddress,
    to hash: inout SipHash
  ) -> Int? {
    switch key {
    case .clientIP:
      guard client.isKnown else { return nil }
      client.append(to: &hash)
      return 16
    case .clientPort:
      guard client.isKnown else { return nil }
      hash.append(UInt64(client.port), count: 2)
      return 2
    case .header(let name): return appendValues(name, head, bytes, to: &hash)
    case .cookie(let name):
      return append(CookieField.find(head, bytes, name: name), bytes, to: &hash)
    case .uri: return appendPath(head, head.targetRange, bytes, to: &hash)
    case .path: return appendPath(head, head.pathRange, bytes, to: &hash)
    case .host:
      let name = HostSyntax.name(bytes, head.hostRange)
      if name.isEmpty { return nil }
      // Lower case: of the bytes of a host, bit 5 changes letters, brackets and `_` alone.
      hash.append(bytes, name, setting: 0x2020_2020_2020_2020)
      return name.count
    case .query(let name):
      return append(QueryParameter.find(head, bytes, name: name), bytes, to: &hash)
    case .time: return nil
    }
  }

  private static func append(
    _ range: Range<Int>?, _ bytes: Span<UInt8>, to hash: inout SipHash
  ) -> Int? {
    guard let range else { return nil }
    hash.append(bytes, range)
    return range.count
  }

  /// All values of that name in their order, as the list that they are together (RFC 9110 section
  /// 5.3): two lines `a` and `b` are the one line `a, b`.
  private static func appendValues(
    _ name: [UInt8], _ head: RequestHead, _ bytes: Span<UInt8>, to hash: inout SipHash
  ) -> Int? {
    var size: Int?
    var next = head.fields.firstIndex(named: name, bytes)
    while let index = next {
      if let before = size {
        hash.append(0x202C, count: 2)
        size = before + 2
      }
      let value = head.fields[index].valueRange
      hash.append(bytes, value)
      size = (size ?? 0) + value.count
      next = head.fields.firstIndex(named: name, bytes, from: index + 1)
    }
    return size
  }

  /// An absolute target without a path means `/` (RFC 9112 section 3.2.1).
  private static func appendPath(
    _ head: RequestHead, _ range: Range<Int>, _ bytes: Span<UInt8>, to hash: inout SipHash
  ) -> Int {
    if head.pathRange.isEmpty { hash.append(UInt64(Octets.slash), count: 1) }
    hash.append(bytes, range)
    return range.count + (head.pathRange.isEmpty ? 1 : 0)
  }

  /// The number of the span of civil time that `now` falls into; spans are whole milliseconds, at
  /// least one.
  private static func interval(_ now: WallTime, _ span: TimeSpan) -> UInt64 {
    let length = max(1, span.milliseconds)
    let (quotient, remainder) = now.milliseconds.quotientAndRemainder(dividingBy: length)
    return UInt64(bitPattern: remainder < 0 ? quotient - 1 : quotient)
  }
}
