import EventLoop
import Primitives
import Proxying
import TLS
import Topology
import Wire

/// TLS to servers: between a connection's beginning and its first request.
extension Worker {
  mutating func secure(_ contexts: TLSContexts) {
    tlsContexts = contexts
    for index in listeners.indices {
      listeners[index].tls = contexts.listeners[listeners[index].id]
    }
    for service in snapshot.services {
      for server in service.servers { setSecurity(server, service) }
    }
  }

  /// Takes over how a server is spoken to. Connections that began otherwise serve no other request.
  mutating func setSecurity(_ server: Server, _ service: Service) {
    let context = service.security == nil ? nil : tlsContexts.services[service.id]
    var new: ServerState.Security?
    if let security = service.security {
      new = ServerState.Security(
        context: context, name: security.serverName ?? server.address.name,
        proxyHeader: service.proxyHeader)
    }
    let index = server.id.index
    guard new != servers[index].security else { return }
    servers[index].security = new
    dropIdle(index)
  }

  // MARK: Handshakes

  /// What became of a connection on its way.
  enum Opening {
    case underWay, open
    /// Why nothing can be sent on it.
    case failed(String)
  }

  /// Takes a connection as far as it gets: connected, and agreed on TLS where the server speaks it.
  mutating func open(_ upstream: Int, _ readiness: Readiness) -> Opening {
    // Once the socket stands, what the server said of TLS tells more than that it left.
    if upstreams[upstream].tls == nil || !upstreams[upstream].isWritable {
      let error = StreamSocket.error(of: upstreams[upstream].descriptor)
      if error < 0 || !readiness.isDisjoint(with: .failed) {
        return .failed(SystemError.text(error < 0 ? 0 &- error : 104))
      }
      guard readiness.contains(.writable) else { return .underWay }
      upstreams[upstream].isWritable = true
      guard let session = upstreams[upstream].tls else { return .open }
      guard sendProxyHeader(upstream) else { return .failed(SystemError.text(104)) }
      if let earlier = servers[upstreams[upstream].server].resumption { session.resume(earlier) }
    }
    guard let session = upstreams[upstream].tls else { return .open }
    switch session.handshake() {
    case .done:
      // What the server said right behind it is told of by no event.
      upstreams[upstream].isReadable = true
      return .open
    case .waiting:
      if session.hasMore { goOn(upstream) }
      return .underWay
    case .failed: return .failed("no TLS: \(Self.reason(session))")
    }
  }

  /// For the log alone: the name of what went wrong, and the library's words for it.
  static func reason(_ session: TLSSession) -> String {
    guard let failure = session.failure else { return "unknown" }
    let text = session.failureText
    return text.isEmpty ? "\(failure.name)" : "\(failure.name) (\(text))"
  }

  /// A PROXY header goes ahead of TLS, which names nobody.
  private mutating func sendProxyHeader(_ upstream: Int) -> Bool {
    guard let version = servers[upstreams[upstream].server].security?.proxyHeader else {
      return true
    }
    writer.removeAll()
    let form: ProxyHeader.Version = version == .v1 ? .text : .binary
    if let client = upstreams[upstream].client {
      let destination =
        clients[client].destination
        ?? StreamSocket.localAddress(of: clients[client].descriptor)
      ProxyHeader.write(
        form, source: clients[client].origin, destination: destination, to: &writer)
    } else {
      ProxyHeader.writeLocal(form, to: &writer)
    }
    // A new connection has room for it.
    return unsafe StreamSocket.send(upstreams[upstream].descriptor, writer.bytes) == writer.count
  }

  /// Another turn, since no event will tell that there is more.
  mutating func goOn(_ upstream: Int) {
    let generation = upstreams.generation(upstream)
    unfinished.append(Token(.upstream, index: upstream, generation: generation).rawValue)
  }

  /// Keeps what makes the next handshake with the server shorter.
  mutating func keepResumption(_ upstream: Int) {
    guard !upstreams[upstream].isReused, let session = upstreams[upstream].tls,
      let resumption = session.resumption
    else { return }
    servers[upstreams[upstream].server].resumption = resumption
  }

  /// Whether an idle connection may stay although something came: a ticket or a new key, which is
  /// TLS's own, and not an answer to nothing.
  mutating func isQuiet(_ upstream: Int) -> Bool {
    guard let session = upstreams[upstream].tls else { return false }
    return session.peek() == StreamSocket.wouldBlock
  }
}

extension SocketAddress {
  /// What a certificate for a server at this address has to name.
  fileprivate var name: String {
    if case .unix = self { "localhost" } else { host }
  }
}
