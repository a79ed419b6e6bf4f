/// What makes a replica a container. The keeper passes it on and does not look at it.
public struct ContainerSpec: Codable, Sendable, Equatable {
  /// The unix socket of the daemon that runs it.
  public var socket: String
  /// As the daemon knows it: `shop:2`, `registry.example.com/shop@sha256:…`.
  public var image: String
  /// In place of the image's command; empty: the image's own. `${PORT}` and `${REPLICA}` are replaced here
  /// and in values of the environment.
  public var command: [String]
  public var environment: [ReplicaSpec.Variable]
  /// Inside the container; nil: the image's.
  public var directory: String?
  /// Name or number inside the container, with `:GROUP` or not; nil: the image's.
  public var user: String?
  /// `bridge`, `host`, or a network of the daemon.
  public var network: String
  /// Where the program listens inside; nil: at the replica's own port.
  public var port: UInt16?
  /// `SOURCE:TARGET` or `SOURCE:TARGET:OPTIONS`.
  public var volumes: [String]
  /// Cores; nil: no limit.
  public var cpu: Double?
  /// Bytes; nil: no limit.
  public var memory: Int64?
  public var pull: PullPolicy
  /// A file with what registries want to know who pulls; nil: none.
  public var credentials: String?
  /// Which Ballast it belongs to: its containers carry it as a label.
  public var instance: String

  public enum PullPolicy: String, Codable, Sendable, CaseIterable {
    /// Pulled when it is not there.
    case missing
    /// Asked for at the registry before each start.
    case always
    case never
  }

  public init(
    socket: String, image: String, command: [String] = [],
    environment: [ReplicaSpec.Variable] = [], directory: String? = nil, user: String? = nil,
    network: String = "bridge", port: UInt16? = nil, volumes: [String] = [], cpu: Double? = nil,
    memory: Int64? = nil, pull: PullPolicy = .missing, credentials: String? = nil,
    instance: String = ""
  ) {
    self.socket = socket
    self.image = image
    self.command = command
    self.environment = environment
    self.directory = directory
    self.user = user
    self.network = network
    self.port = port
    self.volumes = volumes
    self.cpu = cpu
    self.memory = memory
    self.pull = pull
    self.credentials = credentials
    self.instance = instance
  }
}
