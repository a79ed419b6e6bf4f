public import Primitives

/// One validated configuration: every default filled in, every reference resolved by name.
/// Maps are arrays in the order of the file, so that tables and indices stay stable.
public struct Settings: Sendable, Equatable {
  public var listeners: [ListenerSettings]
  public var routes: [RouteSettings]
  public var services: [ServiceSettings]
  public var admin: AdminSettings
  public var state: StateSettings
  public var log: LogSettings
  public var errorPages: [ErrorPageSettings] = []
  /// Data-plane loops; nil means one a core.
  public var workers: Int?
  public var upgrade: UpgradeSettings
  /// The zone that this Ballast is in; nil when zones don't matter.
  public var zone: String?

  public init(
    listeners: [ListenerSettings] = [], routes: [RouteSettings] = [],
    services: [ServiceSettings] = [], admin: AdminSettings = AdminSettings(),
    state: StateSettings = StateSettings(), log: LogSettings = LogSettings(), workers: Int? = nil,
    upgrade: UpgradeSettings = UpgradeSettings(), zone: String? = nil
  ) {
    self.listeners = listeners
    self.routes = routes
    self.services = services
    self.admin = admin
    self.state = state
    self.log = log
    self.workers = workers
    self.upgrade = upgrade
    self.zone = zone
  }
}

/// `listeners: { NAME: … }`.
public struct ListenerSettings: Sendable, Equatable {
  public var name: String
  public var address: SocketAddress
  public var `protocol`: ListenerProtocol
  /// The service that takes every request which no route of this listener takes.
  public var service: String?
  public var errorPages: [ErrorPageSettings] = []
  /// `acceptProxyProtocol: { from }`: who has to send a PROXY header; nil means nobody may.
  public var proxies: [AddressBlock]?
  /// Permissions of a unix socket's file; nil leaves them to the keeper, 0660.
  public var mode: Int?
  /// For UDP: clients that are remembered at a time.
  public var sessions: Int

  public init(
    name: String, address: SocketAddress, protocol: ListenerProtocol = .http,
    service: String? = nil, proxies: [AddressBlock]? = nil, mode: Int? = nil,
    sessions: Int = 16_384
  ) {
    self.name = name
    self.address = address
    self.protocol = `protocol`
    self.service = service
    self.proxies = proxies
    self.mode = mode
    self.sessions = sessions
  }
}

/// `routes: [ … ]`.
public struct RouteSettings: Sendable, Equatable {
  public var name: String
  /// Names of listeners; empty means all.
  public var listeners: [String]
  /// Lower-case host without port or trailing dot; nil means any.
  public var host: String?
  public var path: PathPattern
  /// On a `tls-passthrough` listener: protocols of which the client speaks one; empty means any.
  public var alpn: [String]
  public var priority: Int
  public var service: String
  public var errorPages: [ErrorPageSettings] = []

  public init(
    name: String, listeners: [String] = [], host: String? = nil, path: PathPattern = .any,
    alpn: [String] = [], priority: Int = 0, service: String
  ) {
    self.name = name
    self.listeners = listeners
    self.host = host
    self.path = path
    self.alpn = alpn
    self.priority = priority
    self.service = service
  }
}

/// `path: /exact`, or `path: /prefix/*`. The prefix keeps its final slash and also takes the
/// path without it: `/api/*` takes `/api`, `/api/` and `/api/x`, not `/apix`.
public enum PathPattern: Sendable, Equatable {
  case any
  case exact(String)
  case prefix(String)
}

/// `admin: { address, socket }`. The defaults are 127.0.0.1:9900 and no socket.
public struct AdminSettings: Sendable, Equatable {
  public var address: SocketAddress
  /// A path for a unix socket beside the address, made absolute against the file's folder.
  public var socket: String?

  public init(address: SocketAddress = .loopback(port: 9900), socket: String? = nil) {
    self.address = address
    self.socket = socket
  }
}

/// `state: { path }`, made absolute against the file's folder.
public struct StateSettings: Sendable, Equatable {
  public var path: String

  public init(path: String = "state") { self.path = path }
}

/// `upgrade: { drain }`.
public struct UpgradeSettings: Sendable, Equatable {
  /// How long an engine that another one has replaced may finish.
  public var drain: TimeSpan

  public init(drain: TimeSpan = .hours(1)) { self.drain = drain }
}
