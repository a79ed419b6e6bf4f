/// A server within its service. A replica bears the name of its server.
public struct ServerName: Sendable, Hashable, CustomStringConvertible {
  public var service: String
  public var server: String

  public init(service: String, server: String) {
    self.service = service
    self.server = server
  }

  /// `shop/shop-1`.
  public var description: String { "\(service)/\(server)" }
}
