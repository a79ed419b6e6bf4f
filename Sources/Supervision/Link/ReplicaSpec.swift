/// One replica to run. The engine writes it, the keeper runs it and keeps it, and tells it to the
/// next engine.
public struct ReplicaSpec: Codable, Sendable, Equatable {
  public struct Variable: Codable, Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// `SERVICE-N`; no two running replicas have the same.
  public var name: String
  public var service: String
  /// The program and its arguments; `${PORT}` and `${REPLICA}` are replaced here and in values of
  /// the environment.
  public var command: [String]
  /// Absolute.
  public var directory: String
  /// On top of the keeper's own environment; PORT and REPLICA are added.
  public var environment: [Variable]
  /// On 127.0.0.1; 0: the keeper chooses one.
  public var port: UInt16
  /// Cores; nil: no limit.
  public var cpu: Double?
  /// Bytes; nil: no limit.
  public var memory: Int64?
  /// Takes standard output and error; its folder is made when it is missing.
  public var logFile: String
  public var version: String?
  /// Which template it was made from, in the engine's words; the keeper does not look at it.
  public var template: String
  /// How the keeper stops it when the engine is not there to say so.
  public var stopSignal: ProcessSignal
  public var stopTimeoutMilliseconds: Int64
  /// Set for a container: `command` is then the program that holds it.
  public var container: ContainerSpec?
  /// For a process that holds something outside of its group: SIGALRM comes so long before SIGKILL, and
  /// it lets go at once. Nil: SIGKILL comes by itself.
  public var killNoticeMilliseconds: Int64?
  /// The folder that `${RELEASE}` stands for, which is complete.
  public var release: String?
  /// Given to it as files in `${SECRETS}`, or as variables.
  public var secrets: [SecretSpec]?

  public init(
    name: String, service: String, command: [String], directory: String,
    environment: [Variable] = [], port: UInt16 = 0, cpu: Double? = nil, memory: Int64? = nil,
    logFile: String, version: String? = nil, template: String = "",
    stopSignal: ProcessSignal = .term, stopTimeoutMilliseconds: Int64 = 10_000,
    container: ContainerSpec? = nil, killNoticeMilliseconds: Int64? = nil
  ) {
    self.name = name
    self.service = service
    self.command = command
    self.directory = directory
    self.environment = environment
    self.port = port
    self.cpu = cpu
    self.memory = memory
    self.logFile = logFile
    self.version = version
    self.template = template
    self.stopSignal = stopSignal
    self.stopTimeoutMilliseconds = stopTimeoutMilliseconds
    self.container = container
    self.killNoticeMilliseconds = killNoticeMilliseconds
  }
}
