/// A machine by its name or address, and a port: `bus.example.com:4222`, `[::1]:4222`.
public struct HostAndPort: Sendable, Hashable, CustomStringConvertible {
  /// Without brackets.
  public var host: String
  public var port: UInt16

  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// - Parameter usualPort: where none is written.
  /// - Returns: nil for what is none.
  public init?(_ text: String, usualPort: UInt16) {
    var host = text[...]
    var port: Substring?
    if host.hasPrefix("[") {
      guard let end = host.firstIndex(of: "]") else { return nil }
      let rest = host[host.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      port = rest.isEmpty ? nil : rest.dropFirst()
      host = host[..<end].dropFirst()
      guard host.contains(":") else { return nil }
    } else if let colon = host.lastIndex(of: ":") {
      port = host[host.index(after: colon)...]
      host = host[..<colon]
      guard !host.contains(":") else { return nil }
    }
    guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(Self.isHostByte) else {
      return nil
    }
    if let port {
      guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy({ (48...57).contains($0) }),
        let number = UInt16(port), number > 0
      else { return nil }
      self.init(host: String(host), port: number)
    } else {
      self.init(host: String(host), port: usualPort)
    }
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...58, 65...90, 97...122, 45, 46, 95: true
    default: false
    }
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
