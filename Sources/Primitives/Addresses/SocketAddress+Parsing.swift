extension SocketAddress: LosslessStringConvertible {
  /// Reads `1.2.3.4:80`, `[::1]:80`, `localhost:80` (127.0.0.1), `:80` (every IPv4 and IPv6
  /// address) and `unix:/path`. Other host names are not addresses; nil for them and for all else.
  public init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty, path.utf8.count <= Self.longestUnixPath, !path.utf8.contains(0) else {
        return nil
      }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":") else { return nil }
    guard let port = Self.port(text[text.index(after: colon)...]) else { return nil }
    let host = text[..<colon]
    switch host {
    case "": self = .ipv6(high: 0, low: 0, port: port)
    case "localhost": self = .loopback(port: port)
    default:
      // Without brackets nobody can tell where an IPv6 address ends and its port begins.
      guard host.hasPrefix("[") || !host.utf8.contains(UInt8(ascii: ":")) else { return nil }
      self.init(host: String(host), port: port)
    }
  }

  /// Reads an IPv4 address, or an IPv6 address with or without its brackets.
  public init?(host: String, port: UInt16) {
    if let address = Self.ipv4(host) {
      self = .ipv4(address: address, port: port)
      return
    }
    let bare =
      host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    guard let (high, low) = IPv6Text.parse(bare) else { return nil }
    self = .ipv6(high: high, low: low, port: port)
  }

  private static func port(_ text: Substring) -> UInt16? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return UInt16(text)
  }

  static func ipv4(_ text: String) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
        part.utf8.count == 1 || part.first != "0", let octet = UInt8(part)
      else { return nil }
      address = address << 8 | UInt32(octet)
    }
    return address
  }
}
