import Primitives

/// The 64-bit key of a client's session in a `SessionTable`.
///
/// Hashed with a secret of this engine's: clients choose what is hashed, and could else push
/// others out of the table by filling their set of it.
enum SessionKey {
  /// Of a cookie's value; nil for an empty one, which tells nobody apart.
  static func cookie(_ bytes: Span<UInt8>, _ value: Range<Int>, secret: HashKey) -> UInt64? {
    if value.isEmpty { return nil }
    var hash = SipHash(secret)
    hash.append(bytes, value)
    return hash.finish()
  }

  /// Of an address without its port. A client over a unix socket has none, and no session.
  static func source(_ client: ClientAddress, secret: HashKey) -> UInt64? {
    guard client.isKnown else { return nil }
    var hash = SipHash(secret)
    client.append(to: &hash)
    return hash.finish()
  }
}
