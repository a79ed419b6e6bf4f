public import Primitives
public import Routing
public import Wire

/// What the data plane serves: immutable, versioned, replaced whole. A request keeps the snapshot
/// that it began with.
public final class TopologySnapshot: Sendable {
  public let version: UInt64
  public let listeners: [Listener]
  public let routes: [Route]
  public let services: [Service]
  public let errorPages: ErrorPages
  /// Whether any answer may be compressed.
  public let compresses: Bool

  public init(
    version: UInt64, listeners: [Listener], routes: [Route], services: [Service],
    errorPages: ErrorPages = ErrorPages()
  ) {
    self.version = version
    self.listeners = listeners
    self.routes = routes
    self.services = services
    self.errorPages = errorPages
    compresses =
      services.contains { $0.compression != nil }
      || routes.contains { if case .on = $0.compression { true } else { false } }
  }

  /// How answers of a route's service are compressed; nil lets them go as they are.
  public func compression(route: Int, service: Service) -> CompressionPolicy? {
    switch routes[route].compression {
    case .asService: service.compression
    case .off: nil
    case .on(let policy): policy
    }
  }

  public static let empty = TopologySnapshot(version: 0, listeners: [], routes: [], services: [])
}

/// A stable number for a name: it stays the same over every topology of one engine, so that
/// counters and connections survive a change. Dense from 0.
public struct ListenerID: Sendable, Hashable {
  public var index: Int
  public init(_ index: Int) { self.index = index }
}

public struct RouteID: Sendable, Hashable {
  public var index: Int
  public init(_ index: Int) { self.index = index }
}

public struct ServiceID: Sendable, Hashable {
  public var index: Int
  public init(_ index: Int) { self.index = index }
}

public struct ServerID: Sendable, Hashable {
  public var index: Int
  public init(_ index: Int) { self.index = index }
}

public struct Listener: Sendable {
  public enum Kind: Sendable {
    case http
    /// Connections, or datagrams, whose bytes go to a service as they are; an index into
    /// `TopologySnapshot.services`.
    case tcp(service: Int)
    case udp(service: Int)
    case tlsPassthrough(ServerNameTable)
  }

  public let id: ListenerID
  public let name: String
  public let kind: Kind
  /// Leads to indices into `TopologySnapshot.routes`. Listeners with the same routes share one.
  public let table: RouteTable
  /// Takes what no route of the table takes.
  public let defaultRoute: Int?
  /// Whether all that it does is to send clients elsewhere.
  public let onlyRedirects: Bool
  public let errorPages: ErrorPages
  public let policy: ListenerPolicy
  /// Who has to say by a PROXY header who its client is; nil means nobody may.
  public let proxies: [AddressBlock]?
  /// For UDP: clients that are remembered at a time, by all workers together.
  public let sessions: Int
  /// nil for clients without TLS.
  public let security: ListenerSecurity?

  public init(
    id: ListenerID, name: String, kind: Kind = .http, table: RouteTable = .empty,
    defaultRoute: Int? = nil, onlyRedirects: Bool = false,
    errorPages: ErrorPages = ErrorPages(), policy: ListenerPolicy = ListenerPolicy(),
    proxies: [AddressBlock]? = nil, sessions: Int = 16_384, security: ListenerSecurity? = nil
  ) {
    self.id = id
    self.name = name
    self.kind = kind
    self.table = table
    self.defaultRoute = defaultRoute
    self.onlyRedirects = onlyRedirects
    self.errorPages = errorPages
    self.policy = policy
    self.proxies = proxies
    self.sessions = sessions
    self.security = security
  }
}

extension TopologySnapshot {
  /// Whether a route of any listener names the request's host, or none names any.
  public func knowsHost(of head: RequestHead, _ bytes: Span<UInt8>) -> Bool {
    listeners.contains { $0.table.knowsHost(of: head, bytes) }
      || !listeners.contains { $0.table.namesHosts }
  }

  /// The route of a request: an index into `routes`; nil when none takes it.
  /// - Parameters:
  ///   - listener: an index into `listeners`.
  ///   - head: with its path in canonical form.
  ///   - subject: of the client's certificate, which was verified; empty without one.
  public func route(
    listener: Int, _ head: RequestHead, _ bytes: Span<UInt8>, client: ClientAddress,
    subject: [UInt8] = []
  ) -> Int? {
    listeners[listener].table.route(for: head, bytes, client: client, subject: subject)
      ?? listeners[listener].defaultRoute
  }
}
