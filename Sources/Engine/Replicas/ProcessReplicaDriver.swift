import Primitives
import Supervision

/// Replicas as processes, which the keeper starts, captures and stops. What they need over an engine's
/// end the keeper holds; kept here is only who waits for the release that it runs from.
final class ProcessReplicaDriver: ReplicaDriver {
  var happened: (ReplicaEvent) -> Void = { _ in }
  /// Tells the keeper.
  var send: (EngineMessage) -> Void = { _ in }
  /// Makes a release, unless it is complete.
  var prepare: (ReleaseOrder, @escaping (CommandOutcome) -> Void) -> Void = { _, _ in }

  private static let mostOrders = 1_000

  /// How a release is made, by its folder.
  private var orders: [String: ReleaseOrder] = [:]
  /// Replicas that start once their release is complete, by its folder.
  private var waiting: [String: [ReplicaSpec]] = [:]

  func adopt(_ running: [RunningReplica]) {}

  /// Comes before the first start from that folder.
  func learn(_ order: ReleaseOrder, folder: String) {
    // Those of long ago are learned again before they are needed.
    if orders.count >= Self.mostOrders { orders = orders.filter { waiting[$0.key] != nil } }
    orders[folder] = order
  }

  func start(_ spec: ReplicaSpec) {
    guard let folder = spec.release, let order = orders[folder] else { return send(.start(spec)) }
    let isFirst = waiting[folder] == nil
    waiting[folder, default: []].append(spec)
    guard isFirst else { return }
    prepare(order) { [self] outcome in
      let specs = waiting.removeValue(forKey: folder) ?? []
      for spec in specs {
        if outcome.succeeded {
          send(.start(spec))
        } else {
          happened(.startFailed(name: spec.name, message: ReleaseOrder.failure(outcome)))
        }
      }
    }
  }

  func stop(_ name: String, _ signal: ProcessSignal, within timeout: TimeSpan) {
    for (folder, specs) in waiting where specs.contains(where: { $0.name == name }) {
      waiting[folder] = specs.filter { $0.name != name }
      let never = ExitedReplica(name: name, pid: 0, end: .code(0), wasAsked: true)
      return happened(.exited(never))
    }
    send(.stop(replica: name, signal: signal, timeoutMilliseconds: timeout.milliseconds))
  }

  func usage(
    of pids: Set<Int32>, _ done: @escaping ([Int32: ProcessTable.Usage]) -> Void
  ) {
    done(ProcessTable.usage(ofSessions: pids))
  }
}
