/// Where a socket listens or connects: an IP address with a port, or a path.
public enum SocketAddress: Sendable, Hashable {
  /// `address` in host byte order: 127.0.0.1 is 0x7F000001.
  case ipv4(address: UInt32, port: UInt16)
  /// `high` and `low` are the address's first and last eight bytes, in host byte order.
  case ipv6(high: UInt64, low: UInt64, port: UInt16)
  case unix(path: String)

  public static func loopback(port: UInt16) -> SocketAddress {
    .ipv4(address: 0x7F00_0001, port: port)
  }

  public var port: UInt16? {
    switch self {
    case .ipv4(_, let port), .ipv6(_, _, let port): port
    case .unix: nil
    }
  }

  /// Whether only this machine reaches it: 127.0.0.0/8, ::1, or a unix socket.
  public var isLoopback: Bool {
    switch self {
    case .ipv4(let address, _): address >> 24 == 127
    case .ipv6(let high, let low, _): high == 0 && low == 1
    case .unix: true
    }
  }

  /// The longest path that fits `sockaddr_un.sun_path` with its final NUL, in bytes.
  public static let longestUnixPath = 107
}

extension SocketAddress: CustomStringConvertible {
  /// `10.0.0.1:80`, `[::1]:80` (RFC 5952), `unix:/path`; what `init(_:)` reads.
  public var description: String {
    switch self {
    case .ipv4(_, let port): "\(host):\(port)"
    case .ipv6(_, _, let port): "[\(host)]:\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// The address without its port: `10.0.0.1`, `::1`, `/path`.
  public var host: String {
    switch self {
    case .ipv4(let address, _):
      "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    case .ipv6(let high, let low, _): IPv6Text.describe(high: high, low: low)
    case .unix(let path): path
    }
  }
}

extension SocketAddress: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let address = SocketAddress(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no address: \(text)")
    }
    self = address
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
