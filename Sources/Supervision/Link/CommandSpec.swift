/// A program that is run once, for its exit code and its last words: a check, or a hook. The keeper
/// runs it, with the rights that the engine has given up.
public struct CommandSpec: Codable, Sendable, Equatable {
  /// The engine's number for it; comes back with the outcome.
  public var id: UInt64
  /// The program and its arguments; without a shell.
  public var command: [String]
  /// Absolute.
  public var directory: String
  /// On top of the keeper's own environment.
  public var environment: [ReplicaSpec.Variable]
  /// Until SIGKILL goes to its process group; at most `CommandLimits.longestMilliseconds`.
  public var timeoutMilliseconds: Int64
  /// It fills this folder, which is made before; a complete one is answered as success at once, and so
  /// is an empty command.
  public var release: ReleaseSpec?

  public init(
    id: UInt64, command: [String], directory: String, environment: [ReplicaSpec.Variable] = [],
    timeoutMilliseconds: Int64, release: ReleaseSpec? = nil
  ) {
    self.id = id
    self.command = command
    self.directory = directory
    self.environment = environment
    self.timeoutMilliseconds = timeoutMilliseconds
    self.release = release
  }
}

/// What running commands may cost the keeper.
public enum CommandLimits {
  /// Those that run at once; one more is not started.
  public static let atOnce = 32
  public static let longestMilliseconds: Int64 = 3_600_000
  /// Kept of what one wrote last, in bytes.
  public static let outputBytes = 2 << 10
}
