/// What kind of sockets an engine asks for.
public struct ListenOptions: Codable, Sendable, Equatable {
  /// UDP, which has no connections.
  public var isDatagram: Bool
  /// Permissions of a unix socket's file; nil is 0660.
  public var mode: Int?

  public init(isDatagram: Bool = false, mode: Int? = nil) {
    self.isDatagram = isDatagram
    self.mode = mode
  }
}
