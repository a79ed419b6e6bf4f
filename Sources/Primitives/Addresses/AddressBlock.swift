/// A block of IP addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3): `10.0.0.0/8`,
/// `2001:db8::/32`, or a single address.
public struct AddressBlock: Sendable, Hashable {
  public enum Problem: Error, Sendable, Equatable {
    case notAnAddress
    /// The bits behind the prefix are not all zero; with the block that has them so.
    case strayBits(AddressBlock)
  }

  /// The sixteen bytes of IPv6. An IPv4 block is the one that RFC 4291 section 2.5.5.2 maps it to.
  let high: UInt64
  let low: UInt64
  /// Leading bits that an address shares with the block, 0 … 128.
  let length: Int

  private init(high: UInt64, low: UInt64, length: Int) {
    self.high = high & Self.mask(length)
    self.low = low & Self.mask(length - 64)
    self.length = length
  }

  /// Reads `ADDRESS` or `ADDRESS/LENGTH`.
  public init(_ text: String) throws(Problem) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let host = parts.first,
      let address = SocketAddress(host: String(host), port: 0), !host.hasPrefix("[")
    else { throw .notAnAddress }
    let (high, low, isOld) = Self.bits(of: address)
    var length = isOld ? 32 : 128
    if parts.count == 2 {
      guard (1...3).contains(parts[1].utf8.count),
        parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let stated = Int(parts[1]),
        stated <= length
      else { throw .notAnAddress }
      length = stated
    }
    self.init(high: high, low: low, length: isOld ? length + 96 : length)
    if self.high != high || self.low != low { throw .strayBits(self) }
  }

  /// - Parameter high, low: an address's sixteen bytes in host byte order, IPv4 mapped.
  public func contains(high: UInt64, low: UInt64) -> Bool {
    (high ^ self.high) & Self.mask(length) == 0 && (low ^ self.low) & Self.mask(length - 64) == 0
  }

  /// False for a unix socket.
  public func contains(_ address: SocketAddress) -> Bool {
    if case .unix = address { return false }
    let (high, low, _) = Self.bits(of: address)
    return contains(high: high, low: low)
  }

  private static func bits(of address: SocketAddress) -> (high: UInt64, low: UInt64, isOld: Bool) {
    switch address {
    case .ipv4(let address, _): (0, 0xFFFF_0000_0000 | UInt64(address), true)
    case .ipv6(let high, let low, _): (high, low, false)
    case .unix: (0, 0, false)
    }
  }

  /// The first `length` bits of 64.
  static func mask(_ length: Int) -> UInt64 {
    length <= 0 ? 0 : length >= 64 ? .max : ~(.max >> UInt64(length))
  }
}

extension AddressBlock: CustomStringConvertible {
  /// What `init(_:)` reads, without the length of a single address.
  public var description: String {
    let isOld = length >= 96 && high == 0 && low >> 32 == 0xFFFF
    let address: SocketAddress =
      isOld
      ? .ipv4(address: UInt32(truncatingIfNeeded: low), port: 0)
      : .ipv6(high: high, low: low, port: 0)
    if length == 128 { return address.host }
    return "\(address.host)/\(isOld ? length - 96 : length)"
  }
}
