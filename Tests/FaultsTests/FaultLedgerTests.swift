import Faults
import Primitives
import Testing

private let shop1 = ServerName(service: "shop", server: "shop-1")
private let shop2 = ServerName(service: "shop", server: "shop-2")

/// Feeds a ledger and keeps what a store would: the last save of each record, and all events.
private final class Bench {
  var ledger: FaultLedger
  var saved: [Int64: FaultRecord] = [:]
  var events: [EventRecord] = []
  var now = WallTime(milliseconds: 1_790_000_000_000)

  /// Faults end at once; `FaultRecoveryTests` has the quiet time.
  init(_ ledger: FaultLedger = FaultLedger()) {
    self.ledger = ledger
    send(.policyChanged(FaultPolicy(quiet: .zero)), after: 0)
  }

  @discardableResult
  func send(_ event: FaultLedger.Event, after seconds: Double = 1) -> FaultLedger.Output {
    now.milliseconds += Int64(seconds * 1000)
    let output = ledger.handle(event, now: now)
    for record in output.saves { saved[record.id] = record }
    events += output.events
    return output
  }

  func only() throws -> FaultRecord {
    try #require(saved.count == 1, "\(saved)")
    return try #require(saved.values.first)
  }
}

@Suite struct FaultLedgerTests {
  @Test func `faults that a drill opens say so, whichever sign comes first`() throws {
    let bench = Bench()
    bench.send(.drillBegan(shop1, "in drill 3, kill"))
    bench.send(.serverUnhealthy(shop1, cause: "refused", began: bench.now, others: 1))
    #expect(try bench.only().cause == "in drill 3, kill: refused")
    bench.send(.replicaExited(shop1, exit: "killed by SIGKILL", others: 1))
    #expect(try bench.only().cause == "in drill 3, kill: killed by SIGKILL")
    bench.send(.serviceDown("shop"))
    #expect(bench.saved[2]?.cause.hasPrefix("in drill 3, kill: no healthy server") == true)
    bench.send(.serviceUp("shop"))
    bench.send(.serverHealthy(shop1))
    bench.send(.drillEnded(shop1))
    bench.send(.serverUnhealthy(shop2, cause: "its own", began: bench.now, others: 1))
    bench.send(.serverUnhealthy(shop1, cause: "its own", began: bench.now, others: 0))
    #expect(bench.saved[3]?.cause == "its own" && bench.saved[4]?.cause == "its own")
  }

  @Test func `scheduled backups that fail are one fault until one succeeds`() throws {
    let bench = Bench()
    bench.send(.backupFailed(cause: "no space left"))
    bench.send(.backupFailed(cause: "no space left on it"))
    #expect(try bench.only().type == .backupFailed)
    bench.send(.backupSucceeded(action: "one was made"))
    bench.send(.backupSucceeded(action: "another was made"))
    let record = try bench.only()
    #expect(record.resolved != nil && record.duration == 2)
    #expect(record.actions == ["failed again: no space left on it", "one was made"])
  }

  @Test func `faults of now go on in a state that is restored, those of then are over`() throws {
    let bench = Bench(FaultLedger(highestFaultID: 3, highestEventID: 10))
    let began = bench.now
    bench.send(.serverUnhealthy(shop1, cause: "now", began: began, others: 1))
    var then = try bench.only()
    (then.id, then.cause, then.server) = (17, "then", "shop-2")
    var same = then
    (same.id, same.server) = (18, "shop-1")
    bench.saved = [:]
    bench.send(.stateReplaced(open: [then, same], highestFaultID: 40, highestEventID: 900))
    #expect(bench.saved[17]?.resolved != nil && bench.saved[18]?.resolved != nil)
    #expect(bench.saved[41]?.cause == "now" && bench.saved[41]?.resolved == nil)
    #expect(bench.ledger.openCount == 1)
    bench.send(.serverHealthy(shop1))
    #expect(bench.saved[41]?.resolved != nil)
    #expect(bench.events.map(\.id) == bench.events.map(\.id).sorted())
    #expect(bench.events.suffix(3).allSatisfy { $0.id > 900 })
  }

  @Test func `an unhealthy server is one fault from its first sign until it is healthy`() throws {
    let bench = Bench()
    let began = bench.now
    bench.send(
      .serverUnhealthy(shop1, cause: "3 checks in a row failed", began: began, others: 2), after: 3)
    var record = try bench.only()
    #expect(record.type == .serverUnhealthy)
    #expect(record.service == "shop" && record.server == "shop-1")
    #expect(record.began == began && record.detected == bench.now)
    #expect(record.actions == ["traffic moved to 2 other servers"])
    #expect(record.resolved == nil && record.duration == nil)
    bench.send(.serverHealthy(shop1), after: 7)
    record = try bench.only()
    #expect(record.resolved == bench.now)
    #expect(record.duration == 10)
    #expect(record.actions.last == "healthy again")
    #expect(bench.ledger.openCount == 0)
    #expect(bench.events.map(\.type) == ["server-unhealthy", "server-healthy", "fault-resolved"])
    #expect(bench.events.map(\.id) == [1, 2, 3])
  }

  @Test func `an exit and the failed checks that follow are one fault, caused by the exit`() throws
  {
    let bench = Bench()
    bench.send(.replicaExited(shop1, exit: "killed by signal 9 (SIGKILL)", others: 1))
    let began = bench.now
    bench.send(.serverUnhealthy(shop1, cause: "connection refused", began: began, others: 1))
    bench.send(.replicaStarted(shop1, pid: 123))
    bench.send(.replicaReady(shop1))
    bench.send(.serverHealthy(shop1))
    let record = try bench.only()
    #expect(record.type == .replicaExited)
    #expect(record.cause == "killed by signal 9 (SIGKILL)")
    #expect(
      record.actions == [
        "traffic moved to 1 other server", "started again as pid 123", "healthy again",
      ])
    #expect(record.duration == 3)
  }

  @Test func `an exit soon after the checks failed becomes the cause`() throws {
    let bench = Bench()
    bench.send(.serverUnhealthy(shop1, cause: "reset", began: bench.now, others: 0))
    bench.send(.replicaExited(shop1, exit: "exit status 1", others: 0))
    let record = try bench.only()
    #expect(record.type == .replicaExited && record.cause == "exit status 1")
    #expect(record.actions == ["no other server takes work"])
  }

  @Test func `an exit long after the checks failed is noted, and not the cause`() throws {
    let bench = Bench()
    bench.send(.serverUnhealthy(shop1, cause: "timeout after 1s", began: bench.now, others: 1))
    bench.send(.replicaExited(shop1, exit: "exit status 1", others: 1), after: 60)
    let record = try bench.only()
    #expect(record.type == .serverUnhealthy && record.cause == "timeout after 1s")
    #expect(record.actions.last == "its process ended: exit status 1")
  }

  @Test func `a replica that is stopped on purpose is no fault`() {
    let bench = Bench()
    bench.send(.replicaStopping(shop1, reason: "scaled to 1"))
    bench.send(.serverUnhealthy(shop1, cause: "refused", began: bench.now, others: 1))
    bench.send(.replicaExited(shop1, exit: "exit status 0", others: 1))
    #expect(bench.saved.isEmpty)
    bench.send(.replicaStarted(shop1, pid: 5))
    bench.send(.replicaExited(shop1, exit: "exit status 3", others: 1))
    #expect(bench.saved.count == 1)
  }

  @Test func `a hung replica that is killed and started again is one fault`() throws {
    let bench = Bench()
    bench.send(.serverUnhealthy(shop1, cause: "timeout after 1s", began: bench.now, others: 1))
    bench.send(.replicaStopping(shop1, reason: "it does not answer"))
    bench.send(.replicaExited(shop1, exit: "killed by signal 9 (SIGKILL)", others: 1))
    bench.send(.replicaStarted(shop1, pid: 8))
    bench.send(.replicaReady(shop1))
    let record = try bench.only()
    #expect(record.type == .serverUnhealthy && record.resolved != nil)
    #expect(record.actions.contains("stopped: it does not answer"))
  }

  @Test func `a crash loop takes over the fault, and ends when the replica runs steadily`() throws {
    let bench = Bench()
    for attempt in 1...4 {
      bench.send(.replicaExited(shop1, exit: "exit status 1", others: 1))
      bench.send(.replicaStarted(shop1, pid: attempt))
    }
    bench.send(.crashLoopBegan(shop1, cause: "ended 5 times within 30s"))
    #expect(try bench.only().type == .crashLoop)
    bench.send(.replicaReady(shop1))
    #expect(try bench.only().resolved == nil)
    bench.send(.replicaExited(shop1, exit: "exit status 1", others: 1))
    bench.send(.crashLoopEnded(shop1))
    #expect(try bench.only().resolved == nil)
    bench.send(.serverHealthy(shop1))
    #expect(try bench.only().resolved == bench.now)
  }

  @Test func `a crash loop whose replica is healthy is over when it is said to be`() throws {
    let bench = Bench()
    bench.send(.crashLoopBegan(shop1, cause: "ended 5 times"))
    bench.send(.replicaReady(shop1))
    bench.send(.crashLoopEnded(shop1))
    #expect(try bench.only().resolved == bench.now)
  }

  @Test func `a service without servers is a fault that names those of its servers`() throws {
    let bench = Bench()
    bench.send(.replicaExited(shop1, exit: "exit status 1", others: 1))
    bench.send(.serverUnhealthy(shop2, cause: "refused", began: bench.now, others: 0))
    bench.send(.serviceDown("shop"))
    bench.send(.serviceDown("shop"))
    #expect(bench.saved.count == 3)
    let down = try #require(bench.saved[3])
    #expect(down.type == .serviceDown && down.server == nil)
    #expect(down.cause == "no healthy server takes work (shop-1: exit status 1; shop-2: refused)")
    bench.send(.serviceUp("shop"), after: 4)
    #expect(bench.saved[3]?.resolved == bench.now)
    #expect(bench.send(.serviceUp("shop")) == FaultLedger.Output())
  }

  @Test func `a service that is down on purpose is no fault any more, and not up either`() {
    let bench = Bench()
    bench.send(.serviceDown("shop"))
    let output = bench.send(.serviceUnwanted("shop"), after: 4)
    #expect(output.events.map(\.type) == ["service-idle", "fault-resolved"])
    #expect(bench.saved[1]?.resolved == bench.now)
    #expect(bench.saved[1]?.actions == ["no server is wanted any more"])
    #expect(bench.send(.serviceUnwanted("shop")) == FaultLedger.Output())
  }

  @Test func `a crash of the engine is recorded as over, with what was adopted`() throws {
    let bench = Bench()
    let ended = bench.now
    bench.send(
      .engineRestarted(cause: "killed by signal 11", ended: ended, adoptedReplicas: 3), after: 0.3)
    let record = try bench.only()
    #expect(record.type == .engineCrashed && record.duration == 0.3)
    #expect(record.actions == ["started again", "adopted 3 replicas"])
    #expect(bench.ledger.openCount == 0)
  }

  @Test func `a store that fails is one fault until it works again`() throws {
    let bench = Bench()
    bench.send(.storeFailed(cause: "the disk is full"))
    bench.send(.storeFailed(cause: "the disk is full"))
    #expect(bench.events.count == 1)
    bench.send(.storeRecovered(action: "written again"))
    #expect(try bench.only().actions == ["written again"])
    #expect(try bench.only().resolved != nil)
  }

  @Test func `an engine that follows goes on with the open records and the ids`() throws {
    let first = Bench()
    first.send(.replicaExited(shop1, exit: "exit status 1", others: 1))
    first.send(.serviceDown("shop"))
    let second = Bench(
      FaultLedger(
        highestFaultID: first.ledger.highestFaultID, highestEventID: first.ledger.highestEventID))
    second.now = first.now
    #expect(second.send(.restored(Array(first.saved.values))) == FaultLedger.Output())
    #expect(second.ledger.openCount == 2)
    second.send(.serverUnhealthy(shop1, cause: "refused", began: second.now, others: 1))
    #expect(second.saved.isEmpty)
    second.send(.serverHealthy(shop1))
    second.send(.serviceUp("shop"))
    #expect(Set(second.saved.keys) == [1, 2])
    #expect(second.saved.values.allSatisfy { $0.resolved != nil })
    second.send(.replicaExited(shop2, exit: "exit status 1", others: 1))
    #expect(second.saved[3]?.server == "shop-2")
    #expect(second.events.first?.id == first.ledger.highestEventID + 1)
  }

  @Test func `of two open records of one server the newer counts after a restart`() {
    let bench = Bench(FaultLedger(highestFaultID: 9))
    let record = { (id: Int64) in
      FaultRecord(
        id: id, type: .replicaExited, service: "shop", server: "shop-1", began: bench.now,
        detected: bench.now, cause: "exit status 1")
    }
    bench.send(.restored([record(7), record(4)]))
    #expect(bench.saved[4]?.actions == ["followed by fault 7"])
    #expect(bench.ledger.openCount == 1)
  }

  @Test func `faults of what is no longer configured are over`() {
    let bench = Bench()
    bench.send(.replicaExited(shop1, exit: "exit status 1", others: 1))
    bench.send(.replicaExited(shop2, exit: "exit status 1", others: 0))
    bench.send(.serviceDown("shop"))
    bench.send(.storeFailed(cause: "the disk is full"))
    bench.send(.topologyChanged(["shop": ["shop-1"]]))
    #expect(bench.ledger.openCount == 3)
    #expect(bench.saved[2]?.resolved != nil)
    bench.send(.topologyChanged([:]))
    #expect(bench.ledger.records.filter { $0.resolved == nil }.map(\.type) == [.storeDamaged])
  }

  @Test func `a person can resolve a fault and name its cause, also afterwards`() throws {
    let bench = Bench()
    bench.send(.replicaExited(shop1, exit: "exit status 1", others: 1))
    bench.send(.resolved(id: 1, cause: "a bad release"))
    #expect(try bench.only().cause == "a bad release")
    #expect(try bench.only().resolved == bench.now)
    bench.send(.resolved(id: 1, cause: "a bad disk"))
    #expect(try bench.only().cause == "a bad disk")
    #expect(try bench.only().actions.contains("cause before: a bad release"))
    #expect(bench.send(.resolved(id: 77, cause: "none")) == FaultLedger.Output())
  }

  @Test func `what was done is added to the open fault and to nothing else`() throws {
    let bench = Bench()
    bench.send(.acted(service: "shop", server: "shop-1", action: "lost"))
    #expect(bench.saved.isEmpty)
    bench.send(.replicaExited(shop1, exit: "exit status 1", others: 1))
    bench.send(.acted(service: "shop", server: "shop-1", action: "waited 2s"))
    #expect(try bench.only().actions.last == "waited 2s")
  }

  @Test func `tables, lists and texts keep their limits`() throws {
    let bench = Bench()
    for number in 0..<(FaultLedger.openLimit + 10) {
      let name = ServerName(service: "shop", server: "s\(number)")
      bench.send(.replicaExited(name, exit: "exit status 1", others: 1))
    }
    #expect(bench.ledger.openCount == FaultLedger.openLimit)
    #expect(bench.events.filter { $0.type == "fault-not-recorded" }.count == 10)
    let name = ServerName(service: "shop", server: "s0")
    for number in 0..<200 { bench.send(.replicaStarted(name, pid: number)) }
    let record = try #require(bench.saved[1])
    #expect(record.actions.count == FaultRecord.actionsLimit)
    #expect(record.actions.first == "traffic moved to 1 other server")
    #expect(record.actions.last == "started again as pid 199")
    bench.send(.topologyChanged([:]))
    for _ in 0..<(FaultLedger.keptLimit + 5) {
      bench.send(.replicaExited(shop1, exit: String(repeating: "x", count: 9_999), others: 0))
      bench.send(.serverHealthy(shop1))
    }
    #expect(bench.ledger.records.count == FaultLedger.keptLimit)
    #expect(bench.ledger.records.first?.cause.count == FaultRecord.textLimit)
  }

  @Test func `a clock that was set back gives no negative duration`() throws {
    let bench = Bench()
    bench.send(.replicaExited(shop1, exit: "exit status 1", others: 1))
    bench.send(.serverHealthy(shop1), after: -3_600)
    #expect(try bench.only().duration == 0)
  }

  @Test func `other events get their ids here too`() {
    let bench = Bench(FaultLedger(highestEventID: 41))
    bench.send(
      .noted(
        type: "config-reloaded", severity: .info, service: nil, server: nil, message: "version 2"))
    #expect(bench.events.map(\.id) == [42])
  }

  @Test func `a failover is one fault from the first sign to the next active server`() throws {
    let bench = Bench()
    let began = bench.now
    bench.send(
      .serverUnhealthy(shop1, cause: "3 checks in a row failed", began: began, others: 0))
    bench.send(.failoverBegan(shop1, cause: "its checks failed"), after: 0)
    bench.send(.promotionBegan(shop2, epoch: 2), after: 0)
    bench.send(.serviceDown("shop"), after: 0)
    bench.send(
      .serverActivated(shop2, epoch: 2, vacantFor: .milliseconds(1_500), detail: "fenced"),
      after: 1.5)
    let fault = try #require(bench.saved.values.first { $0.type == .failover })
    #expect(bench.saved.count == 2)
    #expect(fault.server == nil)
    #expect(fault.began == began && fault.duration == 2.5)
    #expect(fault.cause == "shop-1 failed: 3 checks in a row failed")
    #expect(
      fault.actions == [
        "shop-1 takes no more requests", "promotion of shop-2 began, epoch 2",
        "shop-2 is active, epoch 2, after 1.5s without an active server: fenced",
      ])
  }

  @Test func `a planned promotion is no fault until its hook fails`() throws {
    let bench = Bench()
    bench.send(.promotionBegan(shop2, epoch: 2))
    #expect(bench.saved.isEmpty)
    bench.send(
      .promotionFailed(shop2, epoch: 2, detail: "exited with code 1", retryIn: .seconds(1)))
    let fault = try bench.only()
    #expect(fault.type == .failover && fault.resolved == nil)
    #expect(fault.cause == "shop-2 could not be promoted: exited with code 1")
    bench.send(.serverActivated(shop1, epoch: 3, vacantFor: .seconds(2), detail: ""))
    #expect(try bench.only().resolved == bench.now)
  }

  @Test func `a service that was down fails over when a server can take over at last`() throws {
    let bench = Bench()
    bench.send(.serviceDown("shop"))
    bench.send(.failoverBegan(shop1, cause: "its checks failed"))
    #expect(try bench.only().type == .failover)
  }
}
