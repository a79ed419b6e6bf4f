import Configuration
import Deployment
import EventLoop
import Faults
import Primitives
import Supervision
import Topology

/// How much of what it may use each replica uses, between one look and the next.
struct ReplicaUsage {
  struct Shares: Equatable {
    /// 0 … 1, or a little over.
    var cpu: Double
    var memory: Double
  }

  private var before: [Int32: (cpuSeconds: Double, at: Instant)] = [:]

  /// - Parameters:
  ///   - used: by pid, of all replicas that are looked at; others are forgotten.
  ///   - limits: of one; without a limit a replica may use the machine.
  /// - Returns: by pid, for those that were seen before: CPU takes two looks.
  mutating func shares(
    _ used: [Int32: ProcessTable.Usage], limits: [Int32: ResourceSettings], now: Instant,
    cores: Int = ProcessTable.cores, memoryBytes: Int64 = ProcessTable.memoryBytes
  ) -> [Int32: Shares] {
    var shares: [Int32: Shares] = [:]
    for (pid, usage) in used {
      guard let first = before[pid], now > first.at else { continue }
      let cores = min(limits[pid]?.cpu ?? Double(cores), Double(cores))
      let memory = min(limits[pid]?.memory ?? memoryBytes, memoryBytes)
      // What a child has used is lost with it unless it was waited for.
      let seconds = max(0, usage.cpuSeconds - first.cpuSeconds)
      shares[pid] = Shares(
        cpu: seconds / (now - first.at).seconds / max(cores, 0.001),
        memory: Double(usage.residentBytes) / Double(max(memory, 1)))
    }
    before = used.mapValues { ($0.cpuSeconds, now) }
    return shares
  }
}

extension ControlPlane {
  /// Looks at the replicas of services whose balance, autoscaler or tuning asks for their load.
  func measureReplicas() {
    var names: [Int32: ServerName] = [:]
    var limits: [Int32: ResourceSettings] = [:]
    var pids: [ReplicaKind: Set<Int32>] = [:]
    for service in snapshot.services where usesReplicaLoad(service) {
      let run = input.settings.services.first { $0.name == service.name }?.run
      let set = replicaSets[service.name]
      for replica in set?.machine.replicas ?? [] {
        guard let pid = replica.pid else { continue }
        names[pid] = ServerName(service: service.name, server: replica.name)
        limits[pid] = run?.resources
        pids[set?.template(of: replica.name)?.kind ?? .process, default: []].insert(pid)
      }
    }
    // One look at a time: a daemon may take longer than the time to the next.
    for (kind, pids) in pids where measuring.insert(kind).inserted {
      driver(of: kind).usage(of: pids) { used in
        self.measuring.remove(kind)
        let shares = self.replicaUsage[kind, default: ReplicaUsage()].shares(
          used, limits: limits, now: Clock.now)
        for (pid, shares) in shares {
          guard let name = names[pid] else { continue }
          self.scalers[name.service]?.used(shares, by: name.server)
          self.measured(name, cpu: shares.cpu, memory: shares.memory)
        }
      }
    }
  }

  private func usesReplicaLoad(_ service: Service) -> Bool {
    service.algorithm == .aggregateLoad || scalers[service.name]?.looksAtReplicas == true
      || tuners[service.name]?.looksAtReplicas == true
  }
}
