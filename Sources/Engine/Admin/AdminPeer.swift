import EventLoop
import Primitives

/// The other end of a connection to the admin side, as the kernel knows it.
struct AdminPeer: Sendable, Equatable {
  /// Nil over the unix socket.
  var address: SocketAddress?
  /// Over the unix socket; nil where the kernel doesn't tell.
  var user: UInt32?
  var isEncrypted = false
  /// It came to the status page's listener, and gets nothing else.
  var isPublic = false

  /// - Parameter address: what `accept` said.
  init(of descriptor: Int32, isUnixSocket: Bool, address: SocketAddress) {
    if isUnixSocket {
      user = StreamSocket.peerUser(of: descriptor)
    } else {
      self.address = address
    }
  }

  init(address: SocketAddress) { self.address = address }

  init(user: UInt32?) { self.user = user }

  var isOverUnixSocket: Bool { address == nil }

  /// As logs and the audit name it.
  var description: String {
    if let address { return "\(address)" }
    return user.map { "unix:uid \($0)" } ?? "unix:"
  }
}
