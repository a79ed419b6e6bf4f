/// What a `run` with `driver: container` has beyond a process.
public struct ContainerSettings: Sendable, Equatable {
  public enum Pull: String, Sendable, CaseIterable {
    case missing, always, never
  }

  public var image: String
  public var pull: Pull
  /// Where the program listens inside; nil: at the replica's own port, which it is told as `PORT`.
  public var port: UInt16?
  /// `bridge`, `host`, or a network that the daemon has.
  public var network: String
  /// Inside the container; nil: the image's.
  public var directory: String?
  public var user: String?
  /// `SOURCE:TARGET` or `SOURCE:TARGET:OPTIONS`; sources that are paths are absolute.
  public var volumes: [String]
  /// Of the daemon that runs it.
  public var socket: String

  /// A file with what registries want to know who pulls; nil: none.
  public var credentials: String?

  public static let usualSocket = "/var/run/docker.sock"

  public init(
    image: String, pull: Pull = .missing, port: UInt16? = nil, network: String = "bridge",
    directory: String? = nil, user: String? = nil, volumes: [String] = [],
    socket: String = ContainerSettings.usualSocket, credentials: String? = nil
  ) {
    self.image = image
    self.pull = pull
    self.port = port
    self.network = network
    self.directory = directory
    self.user = user
    self.volumes = volumes
    self.socket = socket
    self.credentials = credentials
  }
}
