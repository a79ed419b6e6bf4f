import Primitives
import Supervision

/// What runs replicas of one kind. It holds no policy: `ReplicaSetMachine` decides, and whatever it
/// decides is the same for every kind. For the event loop's thread only.
///
/// A driver writes what a replica says into its `ReplicaSpec.logFile`, as the `RotatingLog` that
/// `ballast logs` reads.
protocol ReplicaDriver: AnyObject {
  /// Hears of each replica what becomes of it, in its order.
  var happened: (ReplicaEvent) -> Void { get set }

  /// Takes over replicas that run already, before any other call for them.
  func adopt(_ running: [RunningReplica])

  /// Answered by `started` or `startFailed`; a start that is taken back by `stop` before it was
  /// answered, by `exited`.
  func start(_ spec: ReplicaSpec)

  /// Answered by `exited`; once more, or later, it may only shorten the time.
  /// - Parameter timeout: before SIGKILL. With SIGKILL as the signal it counts for nothing.
  func stop(_ name: String, _ signal: ProcessSignal, within timeout: TimeSpan)

  /// What replicas have used since their start, by pid; those that it can't tell of are left out.
  /// - Parameter done: called once, perhaps before this returns.
  func usage(
    of pids: Set<Int32>, _ done: @escaping ([Int32: ProcessTable.Usage]) -> Void)
}

/// What a replica is.
enum ReplicaKind: Sendable { case process, container }

/// What a driver tells.
enum ReplicaEvent {
  case started(RunningReplica)
  case startFailed(name: String, message: String)
  case exited(ExitedReplica)
}
