import EventLoop
import Primitives
import TLS

/// The admin listeners and their connections.
final class AdminServer {
  /// What connections over the network begin with.
  enum Security {
    case plain
    /// Nil while there is no certificate that can be used: nobody is taken then.
    case tls(TLSServerContext?)
  }

  var security = Security.plain
  private let reactor: Reactor
  /// Called for every request that a connection brings.
  var asked: (AdminConnection, AdminRequest) -> Void = { _, _ in }
  /// Called with the head of every request: how many bytes its body may have.
  var bodyLimit: (AdminRequest) -> Int = { AdminLimits.bodyBytes(of: $0) }
  /// By label.
  private var listeners: [String: Int32] = [:]
  private var connections: [UInt64: AdminConnection] = [:]
  private var nextID: UInt64 = 1
  /// Listeners for everybody, and how many of the connections are theirs: strangers must not keep
  /// operators out.
  private var publicListeners: Set<Int32> = []
  private var publicConnections = 0

  init(on reactor: Reactor) { self.reactor = reactor }

  /// Accepts from here on; the descriptor belongs to this server.
  func listen(
    _ label: String, _ descriptor: Int32, isUnixSocket: Bool, isPublic: Bool = false
  ) throws(SystemError) {
    unlisten(label)
    listeners[label] = descriptor
    if isPublic { publicListeners.insert(descriptor) }
    try watch(descriptor, isUnixSocket: isUnixSocket)
  }

  /// Accepts no more there; what is under way goes on.
  func unlisten(_ label: String) {
    guard let descriptor = listeners.removeValue(forKey: label) else { return }
    publicListeners.remove(descriptor)
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
      let isPublic = publicListeners.contains(listener)
      guard hasRoom(isUnixSocket: isUnixSocket, isPublic: isPublic) else {
        StreamSocket.close(descriptor)
        continue
      }
      var tls: TLSSession?
      if !isUnixSocket, !isPublic, case .tls(let context) = security {
        tls = context.flatMap { TLSSession(server: $0, descriptor: descriptor) }
        guard tls != nil else {
          StreamSocket.close(descriptor)
          continue
        }
      }
      var other = AdminPeer(of: descriptor, isUnixSocket: isUnixSocket, address: peer)
      other.isEncrypted = tls != nil
      other.isPublic = isPublic
      if isPublic { publicConnections += 1 }
      let connection = AdminConnection(
        id: nextID, descriptor: descriptor, peer: other, tls: tls, on: reactor,
        bodyLimit: { [self] in bodyLimit($0) }, asked: { [self] in asked($0, $1) },
        closed: { [self] in
          if connections.removeValue(forKey: $0.id) != nil, isPublic { publicConnections -= 1 }
        })
      nextID += 1
      connections[connection.id] = connection
      connection.run()
    }
  }

  private func hasRoom(isUnixSocket: Bool, isPublic: Bool) -> Bool {
    if isPublic { return publicConnections < AdminLimits.publicConnections }
    let reserved = isUnixSocket ? 0 : AdminLimits.reservedConnections
    return connections.count - publicConnections < AdminLimits.connections - reserved
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
