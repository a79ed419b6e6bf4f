import Primitives
import Supervision

/// Replicas as processes, which the keeper starts, captures and stops. What they need over an engine's
/// end the keeper holds, so nothing is kept here.
final class ProcessReplicaDriver: ReplicaDriver {
  var happened: (ReplicaEvent) -> Void = { _ in }
  /// Tells the keeper.
  var send: (EngineMessage) -> Void = { _ in }

  func adopt(_ running: [RunningReplica]) {}

  func start(_ spec: ReplicaSpec) { send(.start(spec)) }

  func stop(_ name: String, _ signal: ProcessSignal, within timeout: TimeSpan) {
    send(.stop(replica: name, signal: signal, timeoutMilliseconds: timeout.milliseconds))
  }

  func usage(
    of pids: Set<Int32>, _ done: @escaping ([Int32: ProcessTable.Usage]) -> Void
  ) {
    done(ProcessTable.usage(ofSessions: pids))
  }
}
