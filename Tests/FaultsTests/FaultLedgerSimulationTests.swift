import Faults
import Primitives
import Testing

/// Throws events of every kind at a ledger in an order of chance, and holds it to its promises.
@Suite struct FaultLedgerSimulationTests {
  private static func event(_ random: inout SeededRandom, now: WallTime) -> FaultLedger.Event {
    let service = ["shop", "orders", ""][random.below(3)]
    let name = ServerName(service: service, server: "s\(random.below(4))")
    switch random.below(18) {
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
    case 13: return .resolved(id: Int64(random.below(500)), cause: "seen")
    case 14: return .acted(service: service, server: name.server, action: "looked")
    case 15: return .failoverBegan(name, cause: "gone")
    case 16:
      switch random.below(3) {
      case 0: return .promotionBegan(name, epoch: 1)
      case 1: return .promotionFailed(name, epoch: 1, detail: "exit 1", retryIn: nil)
      default:
        return .serverActivated(name, epoch: 1, vacantFor: .seconds(1), detail: "")
      }
    default:
      return random.below(20) == 0
        ? .topologyChanged(["shop": ["s0", "s1"]])
        : .engineRestarted(cause: "signal 11", ended: now, adoptedReplicas: 2)
    }
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5])
  func `records stay one for each subject, and what is over stays over`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var ledger = FaultLedger()
    var store: [Int64: FaultRecord] = [:]
    var lastEvent: Int64 = 0
    var now = WallTime(milliseconds: 1_790_000_000_000)
    for step in 0..<4_000 {
      now.milliseconds += Int64(random.below(3_000))
      let output = ledger.handle(Self.event(&random, now: now), now: now)
      for record in output.saves {
        #expect((store[record.id]?.resolved == nil) || record.resolved != nil)
        #expect(record.began <= record.detected)
        #expect((record.resolved == nil) == (record.duration == nil))
        #expect((record.duration ?? 0) >= 0)
        #expect(record.actions.count <= FaultLedger.actionsLimit)
        store[record.id] = record
      }
      for event in output.events {
        #expect(event.id == lastEvent + 1)
        lastEvent = event.id
      }
      let open = store.values.filter { $0.resolved == nil }
      #expect(open.count == ledger.openCount)
      let subjects = Set(
        open.map { "\($0.type == .storeDamaged) \($0.service) \($0.server ?? "")" })
      #expect(subjects.count == open.count, "seed \(seed), step \(step)")
      if step % 500 == 499 {
        // The engine is killed, and another begins with what the store has.
        ledger = FaultLedger(
          highestFaultID: store.keys.max() ?? 0, highestEventID: lastEvent)
        let output = ledger.handle(.restored(Array(store.values)), now: now)
        #expect(output == FaultLedger.Output())
      }
    }
    #expect(Set(store.keys) == Set(1...ledger.highestFaultID))
  }
}
