public import Primitives

/// How a client's later requests find the server of its first one.
public enum Stickiness: Sendable, Equatable {
  /// A cookie of ours that names the server (`Server.stickyToken`). Zero lives as long as the
  /// browser's session.
  case inserted(cookie: [UInt8], age: TimeSpan)
  /// A cookie that the servers set themselves: its value is learned from their answers and forgotten
  /// when it was not seen for `expiry`.
  case learned(cookie: [UInt8], expiry: TimeSpan)
  /// The client's address, forgotten when it was not seen for `expiry`.
  case source(expiry: TimeSpan)
}
