import EventLoop
import Primitives

/// The admin listeners and their connections.
final class AdminServer {
  private let reactor: Reactor
  /// Called for every request that a connection brings.
  var asked: (AdminConnection, AdminRequest) -> Void = { _, _ in }
  /// By label.
  private var listeners: [String: Int32] = [:]
  private var connections: [UInt64: AdminConnection] = [:]
  private var nextID: UInt64 = 1

  init(on reactor: Reactor) { self.reactor = reactor }

  /// Accepts from here on; the descriptor belongs to this server.
  func listen(
    _ label: String, _ descriptor: Int32, isUnixSocket: Bool
  ) throws(SystemError) {
    unlisten(label)
    listeners[label] = descriptor
    try watch(descriptor, isUnixSocket: isUnixSocket)
  }

  /// Accepts no more there; what is under way goes on.
  func unlisten(_ label: String) {
    guard let descriptor = listeners.removeValue(forKey: label) else { return }
    reactor.forget(descriptor)
    StreamSocket.close(descriptor)
  }

  /// Another engine answers from here on: streams end, so that their readers come to it, and the
  /// answers that are being made are the last ones.
  func retire() {
    for label in listeners.keys { unlisten(label) }
    for connection in connections.values { connection.retire() }
  }

  var streaming: [AdminConnection] { connections.values.filter { $0.stream != nil } }

  subscript(id: UInt64) -> AdminConnection? { connections[id] }

  private func watch(_ descriptor: Int32, isUnixSocket: Bool) throws(SystemError) {
    try reactor.watch(descriptor, .readable) { [self] _ in
      accept(descriptor, isUnixSocket: isUnixSocket)
    }
  }

  private func accept(_ listener: Int32, isUnixSocket: Bool) {
    while true {
      var peer = SocketAddress.unix(path: "")
      let descriptor = StreamSocket.accept(listener, peer: &peer)
      if StreamSocket.isExhaustion(descriptor) {
        return pause(listener, isUnixSocket: isUnixSocket)
      }
      if descriptor == Int32(StreamSocket.interrupted) { continue }
      guard descriptor >= 0 else { return }
      guard connections.count < AdminLimits.connections else {
        StreamSocket.close(descriptor)
        continue
      }
      let connection = AdminConnection(
        id: nextID, descriptor: descriptor,
        peer: AdminPeer(of: descriptor, isUnixSocket: isUnixSocket, address: peer), on: reactor,
        asked: { [self] in asked($0, $1) }, closed: { [self] in connections[$0.id] = nil })
      nextID += 1
      connections[connection.id] = connection
      connection.run()
    }
  }

  /// A listener that stays readable while nothing can be accepted would spin.
  private func pause(_ listener: Int32, isUnixSocket: Bool) {
    reactor.forget(listener)
    reactor.schedule(after: AdminLimits.acceptPause) { [self] in
      guard listeners.values.contains(listener) else { return }
      do throws(SystemError) {
        try watch(listener, isUnixSocket: isUnixSocket)
      } catch {
        pause(listener, isUnixSocket: isUnixSocket)
      }
    }
  }
}
