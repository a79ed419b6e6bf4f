public import Primitives

/// `run: { … }`: Ballast deploys this service itself, as `replicas` processes of `command` or containers of
/// an image.
public struct RunSettings: Sendable, Equatable {
  /// The program and its arguments; `${PORT}` and `${REPLICA}` are replaced for each replica. Of a
  /// container, what stands in place of the image's command; empty keeps that.
  public var command: [String]
  public var replicas: Int
  /// Absolute; relative paths are taken from the file's folder, which is also the default.
  public var directory: String
  /// In the order of the file, on top of Ballast's own environment; `PORT` and `REPLICA` are added.
  public var environment: [EnvironmentVariable]
  public var resources: ResourceSettings
  public var stop: StopSettings
  public var version: String?
  /// Nil for processes.
  public var container: ContainerSettings?
  /// Nil where no version has a folder of its own.
  public var release: ReleaseSettings?
  public var secrets: [SecretSettings] = []

  public init(
    command: [String], replicas: Int = 1, directory: String,
    environment: [EnvironmentVariable] = [], resources: ResourceSettings = ResourceSettings(),
    stop: StopSettings = StopSettings(), version: String? = nil,
    container: ContainerSettings? = nil
  ) {
    self.command = command
    self.replicas = replicas
    self.directory = directory
    self.environment = environment
    self.resources = resources
    self.stop = stop
    self.version = version
    self.container = container
  }
}

public struct EnvironmentVariable: Sendable, Equatable {
  public var name: String
  public var value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// `resources: { cpu, memory }` of one replica; nil means no limit.
public struct ResourceSettings: Sendable, Equatable {
  /// Cores: 0.5 is half of one.
  public var cpu: Double?
  /// Bytes.
  public var memory: Int64?

  public init(cpu: Double? = nil, memory: Int64? = nil) {
    self.cpu = cpu
    self.memory = memory
  }
}

/// `stop: { signal, timeout }`: the signal first, SIGKILL after the timeout.
public struct StopSettings: Sendable, Equatable {
  public enum Signal: String, Sendable, CaseIterable {
    case term = "TERM"
    case int = "INT"
    case quit = "QUIT"
    case hup = "HUP"
    case usr1 = "USR1"
    case usr2 = "USR2"
    case kill = "KILL"
  }

  public var signal: Signal
  public var timeout: TimeSpan

  public init(signal: Signal = .term, timeout: TimeSpan = .seconds(10)) {
    self.signal = signal
    self.timeout = timeout
  }
}
