import Faults
import Primitives
import Testing

/// Throws events of every kind at a ledger in an order of chance, and holds it to its promises.
@Suite struct FaultLedgerSimulationTests {
  private static let services = ["shop", "orders", ""]

  private static func event(_ random: inout SeededRandom, now: WallTime) -> FaultLedger.Event {
    let service = services[random.below(3)]
    let name = ServerName(service: service, server: "s\(random.below(4))")
    switch random.below(26) {
    case 0...2:
      let early = WallTime(milliseconds: now.milliseconds - Int64(random.below(5_000)))
      return .serverUnhealthy(name, cause: "refused", began: early, others: random.below(4) - 1)
    case 3...5: return .serverHealthy(name)
    case 6: return .replicaExited(name, exit: "exit status 1", others: 1)
    case 7: return .replicaStarted(name, pid: random.below(99_999))
    case 8: return .replicaReady(name)
    case 9: return .replicaStopping(name, reason: "restart")
    case 10:
      return random.below(2) == 0
        ? .crashLoopBegan(name, cause: "5 times") : .crashLoopEnded(name)
    case 11: return random.below(2) == 0 ? .serviceDown(service) : .serviceUp(service)
    case 12:
      return random.below(2) == 0
        ? .storeFailed(cause: "full") : .storeRecovered(action: "written")
    case 13: return personsWord(&random)
    case 14: return .acted(service: service, server: name.server, action: "looked")
    case 15: return .failoverBegan(name, cause: "gone")
    case 16:
      switch random.below(3) {
      case 0: return .promotionBegan(name, epoch: 1)
      case 1: return .promotionFailed(name, epoch: 1, detail: "exit 1", retryIn: nil)
      default:
        return .serverActivated(name, epoch: 1, vacantFor: .seconds(1), detail: "")
      }
    case 17:
      return random.below(2) == 0
        ? .serverEjected(name, cause: "5 failures", time: .seconds(10), others: 1)
        : .serverReadmitted(name)
    case 18: return deployment(&random, service)
    case 19: return strain(&random, service)
    case 20:
      return .certificatesNearEnd(random.below(2) == 0 ? [:] : ["shop.pem": "expires"])
    case 21...24: return .tick
    default:
      return random.below(20) == 0
        ? topology(random.below(2) == 0)
        : .engineRestarted(cause: "signal 11", ended: now, adoptedReplicas: 2)
    }
  }

  private static func personsWord(_ random: inout SeededRandom) -> FaultLedger.Event {
    let id = Int64(random.below(500))
    switch random.below(3) {
    case 0: return .resolved(id: id, cause: "seen", by: "ann")
    case 1: return .acknowledged(id: id, by: "ann", note: "on it")
    default: return .caused(id: id, cause: "a switch")
    }
  }

  private static func deployment(
    _ random: inout SeededRandom, _ service: String
  ) -> FaultLedger.Event {
    switch random.below(4) {
    case 0:
      return .deploymentWentBack(
        service: service, name: "2", cause: "ends", servers: ["s0", "s1"])
    case 1: return .deploymentEnded(service: service, .failed(name: "2", cause: "ends"))
    case 2: return .deploymentEnded(service: service, .rolledBack)
    default: return .deploymentEnded(service: service, .succeeded)
    }
  }

  private static func strain(
    _ random: inout SeededRandom, _ service: String
  ) -> FaultLedger.Event {
    switch random.below(4) {
    case 0: return .saturationBegan(service: service, cause: "12 wanted")
    case 1: return .saturationEnded(service: service)
    case 2: return .burnBegan(service: service, objective: "latency", cause: "6 times")
    default: return .burnEnded(service: service, objective: "latency")
    }
  }

  /// Two machines, with servers of all services at each; or what is left of them.
  private static func topology(_ isWhole: Bool) -> FaultLedger.Event {
    guard isWhole else { return .topologyChanged(["shop": ["s0", "s1"]]) }
    var servers: [String: Set<String>] = [:]
    var machines: [ServerName: String] = [:]
    for service in services {
      for number in 0..<4 {
        servers[service, default: []].insert("s\(number)")
        machines[ServerName(service: service, server: "s\(number)")] = "10.0.0.\(number / 2)"
      }
    }
    return .topologyChanged(servers, machines: machines)
  }

  /// One for each thing that a fault may be about.
  private static func subject(_ record: FaultRecord) -> String {
    switch record.type {
    case .deploymentFailed: return "deployment \(record.service)"
    case .machineDown: return "machine \(record.subject ?? "")"
    case .serverUnhealthy, .serverEjected, .replicaExited, .crashLoop:
      return "server \(record.service) \(record.server ?? "")"
    case .serviceDown, .failover: return "service \(record.service)"
    default: return "\(record.type.rawValue) \(record.service) \(record.subject ?? "")"
    }
  }

  private static func hold(
    _ ledger: FaultLedger, _ store: [Int64: FaultRecord], _ place: Comment
  ) {
    let open = store.values.filter { $0.resolved == nil }
    #expect(open.count == ledger.openCount, place)
    #expect(Set(open.map(subject)).count == open.count, place)
    for record in open {
      guard let parent = record.parent else { continue }
      // What hangs beneath a fault hangs beneath an open one, which itself hangs beneath none.
      #expect(store[parent].map { $0.resolved == nil && $0.parent == nil } == true, place)
    }
    for group in open where group.type.isGroup && group.recovered != nil {
      let members = open.filter { $0.parent == group.id && $0.server != nil }
      #expect(members.allSatisfy { $0.recovered != nil }, place)
    }
    let roots = ledger.openRoots
    #expect(Set(roots.map(\.id)) == Set(open.filter { $0.parent == nil }.map(\.id)), place)
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5])
  func `records stay one for each subject, and what is over stays over`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let policy = FaultPolicy(quiet: .seconds(Int64(random.below(3)) * 5))
    var ledger = FaultLedger(policy: policy)
    var store: [Int64: FaultRecord] = [:]
    var lastEvent: Int64 = 0
    var now = WallTime(milliseconds: 1_790_000_000_000)

    func take(_ output: FaultLedger.Output) {
      for record in output.saves {
        #expect((store[record.id]?.resolved == nil) || record.resolved != nil)
        #expect(record.began <= record.detected)
        #expect((record.resolved == nil) == (record.duration == nil))
        #expect((record.duration ?? 0) >= 0)
        #expect(record.resolved == nil || record.recovered == nil)
        #expect(record.actions.count <= FaultRecord.actionsLimit)
        #expect((record.actionTimes ?? []).count == record.actions.count)
        store[record.id] = record
      }
      for event in output.events {
        #expect(event.id == lastEvent + 1)
        lastEvent = event.id
      }
    }

    take(ledger.handle(Self.topology(true), now: now))
    for step in 0..<4_000 {
      now.milliseconds += Int64(random.below(3_000))
      take(ledger.handle(Self.event(&random, now: now), now: now))
      Self.hold(ledger, store, "seed \(seed), step \(step)")
      if step % 500 == 499 {
        // The engine is killed, and another begins with what the store has.
        ledger = FaultLedger(
          highestFaultID: store.keys.max() ?? 0, highestEventID: lastEvent, policy: policy)
        take(ledger.handle(.restored(Array(store.values)), now: now))
        Self.hold(ledger, store, "seed \(seed), after the restart at \(step)")
        take(ledger.handle(Self.topology(true), now: now))
      }
    }
    #expect(Set(store.keys) == Set(1...ledger.highestFaultID))
  }
}
