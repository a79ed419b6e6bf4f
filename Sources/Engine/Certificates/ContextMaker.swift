import Configuration
import TLS
import Topology

/// Makes contexts of settings and of what is on the shelf. One whose parts are still the same stays
/// the same object, and with it what it keeps.
struct ContextMaker {
  /// Given to all listeners.
  var tickets: TLSTicketKeys?

  private struct ServerParts: Equatable {
    var identities: [ObjectIdentifier]
    var authorities: ObjectIdentifier?
    var settings: ListenerTLSSettings
    var protocols: [String]
  }

  private struct ClientParts: Equatable {
    var identity: ObjectIdentifier?
    var authorities: ObjectIdentifier?
    var settings: ServiceTLSSettings
    var protocols: [String]
  }

  private var servers: [String: (parts: ServerParts, context: TLSServerContext)] = [:]
  private var clients: [String: (parts: ClientParts, context: TLSClientContext)] = [:]

  init() {}

  /// - Parameters:
  ///   - identities: those that can be used, in their order.
  ///   - authorities: nil where clients' certificates can't be judged.
  /// - Returns: nil for one that has no certificate, or asks for clients' and can't judge them.
  mutating func server(
    _ listener: String, _ settings: ListenerTLSSettings, _ identities: [TLSIdentity],
    _ authorities: TLSAuthorities?, takesHTTP2: Bool
  ) throws(TLSProblem) -> TLSServerContext? {
    let protocols = takesHTTP2 ? Self.protocols : Self.oldProtocols
    let parts = ServerParts(
      identities: identities.map { ObjectIdentifier($0) },
      authorities: authorities.map { ObjectIdentifier($0) }, settings: settings,
      protocols: protocols)
    if let known = servers[listener], known.parts == parts { return known.context }
    servers[listener] = nil
    guard !identities.isEmpty else { return nil }
    var options = TLSServerOptions(identities: identities, protocols: protocols)
    options.versions = settings.minVersion.range
    options.tickets = tickets
    switch settings.clientAuth {
    case .none: break
    case .request:
      guard let authorities else { return nil }
      options.clients = .request(authorities)
    case .require:
      guard let authorities else { return nil }
      options.clients = .require(authorities)
    }
    let context = try TLSServerContext(options)
    servers[listener] = (parts, context)
    return context
  }

  /// - Returns: nil for one whose certificate or authorities can't be used.
  mutating func client(
    _ service: String, _ settings: ServiceTLSSettings, _ identity: TLSIdentity?,
    _ authorities: TLSAuthorities?, protocols: [String]
  ) throws(TLSProblem) -> TLSClientContext? {
    let parts = ClientParts(
      identity: identity.map { ObjectIdentifier($0) },
      authorities: authorities.map { ObjectIdentifier($0) }, settings: settings,
      protocols: protocols)
    if let known = clients[service], known.parts == parts { return known.context }
    clients[service] = nil
    var options = TLSClientOptions()
    options.protocols = protocols
    options.versions = settings.minVersion.range
    if settings.certificate != nil {
      guard let identity else { return nil }
      options.identity = identity
    }
    if !settings.verify {
      options.verification = .none
    } else if settings.ca != nil {
      guard let authorities else { return nil }
      options.verification = .authorities(authorities)
    }
    let context = try TLSClientContext(options)
    clients[service] = (parts, context)
    return context
  }

  /// Forgets listeners and services that there are no more.
  mutating func keep(listeners: Set<String>, services: Set<String>) {
    servers = servers.filter { listeners.contains($0.key) }
    clients = clients.filter { services.contains($0.key) }
  }

  /// What is offered to clients (RFC 7301).
  static let protocols = ["h2", "http/1.1"]
  static let oldProtocols = ["http/1.1"]
}

extension ServiceProtocol {
  /// What is offered to a server that is spoken to over TLS (RFC 7301), the preferred first.
  var offered: [String] {
    switch self {
    case .https: ["http/1.1"]
    case .https2: ["h2"]
    case .http, .http2, .tcp, .udp: []
    }
  }
}

extension MinimumTLSVersion {
  var range: ClosedRange<TLSProtocolVersion> {
    switch self {
    case .v12: .tls12 ... .tls13
    case .v13: .tls13 ... .tls13
    }
  }
}
