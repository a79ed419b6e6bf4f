import Supervision

/// Which driver runs a replica, and what the drivers say.
extension ControlPlane {
  func connectDrivers() {
    processes.send = { self.tell($0) }
    processes.happened = { self.take($0) }
    processes.prepare = { self.prepare($0, done: $1) }
    containers.happened = { self.take($0) }
    containers.program = CommandLine.arguments.prefix(1) + [EngineProcess.holderCommand]
    containers.noted = { services, note in
      // A word of Ballast as a whole has no service.
      for service in services.isEmpty ? [nil] : services.sorted().map(Optional.some) {
        self.recorder.note(note.type, note.severity, service: service, "\(note)")
      }
    }
    containers.socketsChanged = { sockets in
      self.recorder.writer.write(
        .value(RecalledState.encode(sockets), key: RecalledState.containerSocketsKey))
    }
  }

  /// Of a replica that runs, or is about to, from a template.
  func driver(of template: ReplicaTemplate?) -> any ReplicaDriver {
    driver(of: template?.kind ?? .process)
  }

  func driver(of kind: ReplicaKind) -> any ReplicaDriver {
    switch kind {
    case .process: processes
    case .container: containers
    }
  }

  /// The keeper's word: it knows of processes only, and some of them hold a container.
  func keeperSaid(_ event: ReplicaEvent, of replica: String) {
    if containers.holds(replica) { containers.take(event) } else { processes.happened(event) }
  }

  private func take(_ event: ReplicaEvent) {
    switch event {
    case .started(let replica): replicaStarted(replica)
    case .startFailed(let name, let message): replicaStartFailed(name, message)
    case .exited(let replica): replicaExited(replica)
    }
  }
}
