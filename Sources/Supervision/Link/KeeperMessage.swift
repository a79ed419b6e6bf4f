public import Primitives

/// What the keeper tells the engine.
public enum KeeperMessage: Codable, Sendable, Equatable {
  /// Comes with the listener's descriptors. The address is the one bound: port 0 became a number.
  case listening(name: String, address: SocketAddress)
  case listenFailed(name: String, message: String)
  /// Only before `welcome`: a replica that an engine before this one started.
  case running(RunningReplica)
  /// All that the keeper holds has been told. Comes with the descriptor of the kept configuration
  /// if there is one. `restarts` counts engines before this one, `lastEnd` says how the last ended.
  /// With `upgrade` this engine is a successor: another one is in charge until `takeOver`, and
  /// replicas are told then.
  case welcome(restarts: Int, lastEnd: String?, upgrade: UpgradeProgress?)
  /// The engine doesn't speak this keeper's version of the link, and is ended.
  case incompatible(message: String)
  case started(RunningReplica)
  case startFailed(replica: String, message: String)
  case exited(ExitedReplica)
  case ran(CommandOutcome)
  /// A drill was begun or ended; `problem` says why not.
  case drilled(replica: String, problem: String?)
  /// SIGHUP came.
  case reload
  /// SIGTERM or SIGINT came: finish what runs within the timeout, send `finished`, end.
  case drain(timeoutMilliseconds: Int64)

  // An upgrade (docs/decisions/0011).

  /// How it goes, to the engine in charge.
  case upgrade(UpgradeProgress)
  /// A successor is prepared: give up what only one may have. Answered by `retired` or
  /// `retireRefused`.
  case retire
  /// To the successor: the state is free, all replicas have been told; serve. Comes with the
  /// keeper's standard output and error.
  case takeOver
  /// To a retired engine: another one serves. Take no more connections, drain, end.
  case handedOver
  /// To the engine in charge: comes with a memory file that a retired one sent.
  case sessions
  /// To the engine in charge: those that are left, whenever that changes.
  case draining([DrainingEngine])
}

/// Limits of the link.
public enum LinkLimits {
  /// The longest message, in bytes of JSON.
  public static let message = 192 << 10
  /// Most descriptors with one message: Linux's SCM_MAX_FD.
  public static let descriptors = 253
  /// Messages that wait in the keeper for a slow engine; with more it counts as hung.
  public static let waiting = 1_024
  /// Descriptors that wait with them; each is a duplicate that the keeper holds open.
  public static let waitingDescriptors = 4_096
  /// How long an engine waits for the keeper to take a message or to answer `hello`.
  public static let patienceMilliseconds: Int32 = 10_000
  /// The environment variable that tells an engine the link's descriptor.
  public static let variable = "BALLAST_LINK"
  /// Of a kept configuration, in bytes.
  public static let configuration = 16 << 20
  /// The longest that a drill may hold a replica.
  public static let freezeMilliseconds: Int64 = 600_000
  /// Of the sessions that one engine hands to the next, in bytes.
  public static let sessions = 64 << 20
}
