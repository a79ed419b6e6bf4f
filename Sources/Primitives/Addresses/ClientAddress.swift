/// A client's address as numbers, without heap: what it is matched and hashed by.
public struct ClientAddress: Sendable, Equatable {
  /// The sixteen bytes of IPv6. An IPv4 address is the one that RFC 4291 section 2.5.5.2 maps it
  /// to, so that a client is the same on a listener of either kind.
  public let high: UInt64
  public let low: UInt64
  public let port: UInt16
  /// False for a unix socket: its clients have no address, and count as one.
  public let isKnown: Bool

  public init(_ address: SocketAddress) {
    switch address {
    case .ipv4(let address, let port):
      (high, low) = (0, 0xFFFF_0000_0000 | UInt64(address))
      (self.port, isKnown) = (port, true)
    case .ipv6(let high, let low, let port):
      (self.high, self.low, self.port, isKnown) = (high, low, port, true)
    case .unix:
      (high, low, port, isKnown) = (0, 0, 0, false)
    }
  }

  /// - Parameter high, low: sixteen bytes in host byte order, IPv4 mapped; without a port.
  public init(high: UInt64, low: UInt64) {
    (self.high, self.low, port, isKnown) = (high, low, 0, true)
  }

  /// Whether it lies in a block; a client without an address lies in none.
  public func isIn(_ block: AddressBlock) -> Bool {
    isKnown && block.contains(high: high, low: low)
  }

  /// False for a unix socket.
  public func isIn(_ set: AddressSet) -> Bool { isKnown && set.contains(high: high, low: low) }
}
