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
  public var audit = AuditSettings()
  public var metrics = MetricsSettings()
  public var errorPages: [ErrorPageSettings] = []
  public var compression: CompressionSettings?
  public var events = EventSettings()
  /// nil: no traces are made.
  public var traces: TraceSettings?
  /// Data-plane loops; nil means one a core.
  public var workers: Int?
  public var upgrade: UpgradeSettings
  public var faults = FaultSettings()
  /// The zone that this Ballast is in; nil when zones don't matter.
  public var zone: String?
  /// Addresses that no listener serves.
  public var bans: [AddressBlock] = []
  public var alerts = AlertSettings()

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

/// `admin: { address, socket, signIn, hosts, tls, plain }`. The defaults are 127.0.0.1:9900 and no
/// socket.
public struct AdminSettings: Sendable, Equatable {
  public enum SignIn: String, Sendable, CaseIterable {
    /// Not at a loopback address before there are users.
    case auto
    case always, never
  }

  public var address: SocketAddress
  public var signIn = SignIn.auto
  /// Names that it is asked under besides its address, in lower case.
  public var hosts: [String] = []
  public var tls: ListenerTLSSettings?
  /// A path for a unix socket beside the address, made absolute against the file's folder.
  public var socket: String?
  /// Nil: there is none.
  public var statusPage: StatusPageSettings?

  public init(address: SocketAddress = .loopback(port: 9900), socket: String? = nil) {
    self.address = address
    self.socket = socket
  }
}

/// `admin: { statusPage: { address, title, services } }`.
public struct StatusPageSettings: Sendable, Equatable {
  public var address: SocketAddress
  public var title: String
  /// In this order; nil: all.
  public var services: [String]?

  public init(address: SocketAddress, title: String = "Status", services: [String]? = nil) {
    self.address = address
    self.title = title
    self.services = services
  }
}

/// `state: { path, backup }`, made absolute against the file's folder.
public struct StateSettings: Sendable, Equatable {
  public var path: String
  /// nil: no backup is made by itself.
  public var backup: BackupSettings?

  public init(path: String = "state", backup: BackupSettings? = nil) {
    self.path = path
    self.backup = backup
  }
}

/// `state: { backup: { every, keep, path } }`.
public struct BackupSettings: Sendable, Equatable {
  public var every: TimeSpan
  /// How many of them stay; the oldest go first.
  public var keep: Int
  /// The folder, absolute; nil is `backups` in the folder of the state.
  public var path: String?

  public init(every: TimeSpan = .hours(1), keep: Int = 24, path: String? = nil) {
    self.every = every
    self.keep = keep
    self.path = path
  }
}

/// `faults: { quiet }`.
public struct FaultSettings: Sendable, Equatable {
  /// For how long a cause has to be gone before its fault is over.
  public var quiet: TimeSpan

  public init(quiet: TimeSpan = .seconds(10)) { self.quiet = quiet }
}

/// `upgrade: { drain }`.
public struct UpgradeSettings: Sendable, Equatable {
  /// How long an engine that another one has replaced may finish.
  public var drain: TimeSpan

  public init(drain: TimeSpan = .hours(1)) { self.drain = drain }
}
