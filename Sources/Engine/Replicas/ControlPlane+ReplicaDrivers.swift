import Supervision

/// Which driver runs a replica, and what the drivers say.
extension ControlPlane {
  func connectDrivers() {
    processes.send = { self.tell($0) }
    processes.happened = { self.take($0) }
  }

  /// Of a replica that runs, or is about to, from a template.
  func driver(of template: ReplicaTemplate?) -> any ReplicaDriver { processes }

  func take(_ event: ReplicaEvent) {
    switch event {
    case .started(let replica): replicaStarted(replica)
    case .startFailed(let name, let message): replicaStartFailed(name, message)
    case .exited(let replica): replicaExited(replica)
    }
  }
}
