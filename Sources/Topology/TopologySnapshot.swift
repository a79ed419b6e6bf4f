public import Primitives

/// What the data plane serves: immutable, versioned, replaced whole. A request keeps the snapshot
/// that it began with.
public final class TopologySnapshot: Sendable {
  public let version: UInt64
  public let listeners: [Listener]
  public let routes: [Route]
  public let services: [Service]
  public let errorPages: ErrorPages

  public init(
    version: UInt64, listeners: [Listener], routes: [Route], services: [Service],
    errorPages: ErrorPages = ErrorPages()
  ) {
    self.version = version
    self.listeners = listeners
    self.routes = routes
    self.services = services
    self.errorPages = errorPages
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
  /// Indices into `TopologySnapshot.routes`, the first match wins.
  public let routes: [Int]
  public let errorPages: ErrorPages
  /// Who has to say by a PROXY header who its client is; nil means nobody may.
  public let proxies: [AddressBlock]?
  /// For UDP: clients that are remembered at a time, by all workers together.
  public let sessions: Int

  public init(
    id: ListenerID, name: String, kind: Kind = .http, routes: [Int] = [],
    errorPages: ErrorPages = ErrorPages(), proxies: [AddressBlock]? = nil, sessions: Int = 16_384
  ) {
    self.id = id
    self.name = name
    self.kind = kind
    self.routes = routes
    self.errorPages = errorPages
    self.proxies = proxies
    self.sessions = sessions
  }
}

public struct Route: Sendable {
  public enum Path: Sendable, Equatable {
    case any
    case exact([UInt8])
    /// Ends with a slash; also takes the path without it.
    case prefix([UInt8])
  }

  public let id: RouteID
  public let name: String
  /// Lower case, without port or trailing dot; nil takes any host.
  public let host: [UInt8]?
  public let path: Path
  /// Index into `TopologySnapshot.services`.
  public let service: Int
  public let errorPages: ErrorPages

  public init(
    id: RouteID, name: String, host: [UInt8]?, path: Path, service: Int,
    errorPages: ErrorPages = ErrorPages()
  ) {
    self.id = id
    self.name = name
    self.host = host
    self.path = path
    self.service = service
    self.errorPages = errorPages
  }
}
