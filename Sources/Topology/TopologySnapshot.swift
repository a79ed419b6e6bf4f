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
  public let id: ListenerID
  public let name: String
  /// Indices into `TopologySnapshot.routes`, the first match wins.
  public let routes: [Int]
  public let errorPages: ErrorPages

  public init(
    id: ListenerID, name: String, routes: [Int], errorPages: ErrorPages = ErrorPages()
  ) {
    self.id = id
    self.name = name
    self.routes = routes
    self.errorPages = errorPages
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
  public let compression: RouteCompression

  public init(
    id: RouteID, name: String, host: [UInt8]?, path: Path, service: Int,
    errorPages: ErrorPages = ErrorPages(), compression: RouteCompression = .asService
  ) {
    self.id = id
    self.name = name
    self.host = host
    self.path = path
    self.service = service
    self.errorPages = errorPages
    self.compression = compression
  }
}
