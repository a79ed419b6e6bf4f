public import Primitives
public import Topology
public import Wire

/// The 64-bit keys that connections and requests are counted by.
///
/// Hashed with a secret of this engine's, as `SessionKey` is: who could choose requests so that their
/// keys collide could use up the buckets of others.
public enum GuardKey {
  /// Of an address: of IPv6 the first eight bytes, since one subscriber has at least those (RFC 6177).
  /// All clients over unix sockets are one.
  public static func address(_ client: ClientAddress, secret: HashKey) -> UInt64 {
    var hash = SipHash(secret)
    hash.append(client.high, count: 8)
    let isOld = client.high == 0 && client.low >> 32 == 0xFFFF
    if isOld { hash.append(client.low, count: 8) }
    return hash.finish()
  }

  /// Of a request. One that lacks the header or the cookie counts by its address.
  public static func request(
    _ key: RateLimit.Key, _ head: RequestHead, _ bytes: Span<UInt8>, client: ClientAddress,
    secret: HashKey
  ) -> UInt64 {
    switch key {
    case .all: return 1
    case .clientIP: break
    case .cookie(let name):
      if let value = CookieField.find(head, bytes, name: name) {
        return hash(value, bytes, secret)
      }
    case .header(let name):
      // The first of several: a client that adds others to it stays where it is.
      if let index = head.fields.firstIndex(named: name, bytes) {
        return hash(head.fields[index].valueRange, bytes, secret)
      }
    }
    return address(client, secret: secret)
  }

  private static func hash(_ value: Range<Int>, _ bytes: Span<UInt8>, _ secret: HashKey) -> UInt64 {
    var hash = SipHash(secret)
    hash.append(bytes, value)
    return hash.finish()
  }
}
