/// One of the two descriptors that a relay carries bytes between, and what is known of it.
public struct RelayEnd: Sendable {
  public let descriptor: Int32
  /// Whether there may be something to read, its end included · whether it may take something.
  public var isReadable: Bool
  public var isWritable: Bool
  /// Its peer sends no more; what was sent before may still be unread.
  public var peerClosed: Bool
  /// -errno of the connection's failure; 0 while there is none.
  public internal(set) var error: Int32 = 0

  public init(
    descriptor: Int32, isReadable: Bool = false, isWritable: Bool = false, peerClosed: Bool = false
  ) {
    self.descriptor = descriptor
    self.isReadable = isReadable
    self.isWritable = isWritable
    self.peerClosed = peerClosed
  }

  /// Notes what epoll told. Events are edges: each comes once.
  public mutating func note(_ readiness: Readiness) {
    if !readiness.isDisjoint(with: [.readable, .peerClosed, .failed]) { isReadable = true }
    if !readiness.isDisjoint(with: [.writable, .failed]) { isWritable = true }
    if !readiness.isDisjoint(with: [.peerClosed, .failed]) { peerClosed = true }
    if !readiness.isDisjoint(with: .failed), error == 0 {
      error = StreamSocket.error(of: descriptor)
    }
  }
}
