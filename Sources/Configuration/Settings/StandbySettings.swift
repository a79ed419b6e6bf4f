public import Primitives

/// `mode: NAME`.
public enum ServiceMode: String, Sendable, CaseIterable {
  case balanced
  case primaryStandby = "primary-standby"
}

/// `mode: primary-standby` with `standby: { promote, timeout, switchBack, after }`.
public struct StandbySettings: Sendable, Equatable {
  public enum SwitchBack: String, Sendable, CaseIterable {
    case never
    case whenHealthy = "when-healthy"
  }

  /// Must end with 0 before a server becomes the active one; nil asks nobody. `${SERVER}`,
  /// `${ADDRESS}`, `${FROM}`, `${SERVICE}` and `${EPOCH}` in it are replaced for each promotion.
  public var promote: CommandSettings?
  /// A command that takes longer has failed.
  public var timeout: TimeSpan
  /// Whether the work goes back to a server that stands earlier in the file.
  public var switchBack: SwitchBack
  /// For how long that one must have been healthy.
  public var after: TimeSpan

  public init(
    promote: CommandSettings? = nil, timeout: TimeSpan = .seconds(30),
    switchBack: SwitchBack = .never, after: TimeSpan = .seconds(30)
  ) {
    self.promote = promote
    self.timeout = timeout
    self.switchBack = switchBack
    self.after = after
  }
}

/// A program that Ballast runs at an event; without a shell.
public struct CommandSettings: Sendable, Equatable {
  /// The program and its arguments.
  public var arguments: [String]
  /// Where it runs, and where a relative path of it starts: the configuration's folder, absolute.
  public var directory: String

  public init(arguments: [String], directory: String) {
    self.arguments = arguments
    self.directory = directory
  }
}
