import Faults
import Primitives
import Testing

private let shop1 = ServerName(service: "shop", server: "shop-1")

private struct Desk {
  var ledger = FaultLedger(policy: FaultPolicy(quiet: .seconds(10)))
  var saved: [Int64: FaultRecord] = [:]
  var events: [EventRecord] = []
  var now = WallTime(milliseconds: 1_790_000_000_000)

  mutating func send(_ event: FaultLedger.Event, after seconds: Double = 0) {
    now.milliseconds += Int64(seconds * 1_000)
    let output = ledger.handle(event, now: now)
    for record in output.saves { saved[record.id] = record }
    events += output.events
  }

  mutating func fail(after seconds: Double = 0) {
    send(
      .serverUnhealthy(shop1, cause: "refused", began: now.later(seconds), others: 1),
      after: seconds)
  }

  func only() throws -> FaultRecord {
    try #require(saved.count == 1, "\(saved)")
    return try #require(saved.values.first)
  }
}

extension WallTime {
  fileprivate func later(_ seconds: Double) -> WallTime {
    WallTime(milliseconds: milliseconds + Int64(seconds * 1_000))
  }
}

@Suite struct FaultRecoveryTests {
  @Test func `a fault is over when its cause stayed away, and ended when that went`() throws {
    var desk = Desk()
    desk.fail()
    desk.send(.serverHealthy(shop1), after: 5)
    let healthy = desk.now
    #expect(try desk.only().state == .recovering)
    #expect(desk.ledger.nextDeadline == healthy.later(10))
    desk.send(.tick, after: 9.9)
    #expect(try desk.only().resolved == nil)
    desk.send(.tick, after: 0.1)
    #expect(try desk.only().resolved == healthy && desk.only().duration == 5)
    #expect(try desk.only().recovered == nil && desk.ledger.nextDeadline == nil)
  }

  @Test func `a cause that comes back is the same fault`() throws {
    var desk = Desk()
    desk.fail()
    for _ in 0..<3 {
      desk.send(.serverHealthy(shop1), after: 2)
      desk.fail(after: 2)
    }
    #expect(try desk.only().returns == 3 && desk.only().state == .open)
    desk.send(.serverHealthy(shop1), after: 2)
    desk.send(.tick, after: 10)
    #expect(try desk.only().duration == 14)
  }

  @Test func `without a quiet time it is over at once`() throws {
    var desk = Desk()
    desk.send(.policyChanged(FaultPolicy(quiet: .zero)))
    desk.fail()
    desk.send(.serverHealthy(shop1), after: 5)
    #expect(try desk.only().state == .resolved)
  }

  @Test func `a quiet time that is cut ends what has waited for long enough`() throws {
    var desk = Desk()
    desk.fail()
    desk.send(.serverHealthy(shop1), after: 5)
    desk.send(.policyChanged(FaultPolicy(quiet: .seconds(2))), after: 3)
    #expect(try desk.only().state == .resolved)
  }

  @Test func `a clock that is set back holds no fault open`() throws {
    var desk = Desk()
    desk.fail()
    desk.send(.serverHealthy(shop1), after: 1)
    desk.send(.tick, after: -3_600)
    #expect(try desk.only().state == .resolved)
    #expect(try desk.only().duration.map { $0 >= 0 } == true)
  }

  @Test func `who looks after a fault is noted once, and every note is kept`() throws {
    var desk = Desk()
    desk.fail()
    desk.send(.acknowledged(id: 1, by: "ann", note: "on it"), after: 3)
    let first = desk.now
    desk.send(.acknowledged(id: 1, by: "bob"), after: 1)
    desk.send(.acknowledged(id: 1, by: "bob", note: "disk ordered"), after: 1)
    let record = try desk.only()
    #expect(record.state == .acknowledged)
    #expect(record.acknowledged == first && record.acknowledgedBy == "ann")
    #expect(
      record.actions.suffix(2) == ["acknowledged by ann: on it", "noted by bob: disk ordered"])
    #expect(record.actionTimes?.count == record.actions.count)
    #expect(record.actionTimes?.last == desk.now)
  }

  @Test func `a person's cause stays, whatever is found later`() throws {
    var desk = Desk()
    desk.fail()
    desk.send(.caused(id: 1, cause: "a bad switch", by: "ann"))
    desk.send(.replicaExited(shop1, exit: "exit status 1", others: 1))
    desk.send(.crashLoopBegan(shop1, cause: "5 ends in a row"))
    let record = try desk.only()
    #expect(record.cause == "a bad switch" && record.inferredCause == "refused")
    #expect(record.type == .crashLoop)
    #expect(record.actions.contains("cause before: refused by ann"))
    #expect(record.actions.last == "5 ends in a row")
  }

  @Test func `a fault that a person resolves is over with all beneath it`() throws {
    var desk = Desk()
    let names = (1...3).map { ServerName(service: "shop", server: "shop-\($0)") }
    desk.send(.topologyChanged(["shop": Set(names.map(\.server))]))
    for name in names { desk.send(.replicaExited(name, exit: "exit status 1", others: 0)) }
    let root = try #require(desk.ledger.openRoots.first)
    #expect(root.type == .serviceDegraded && root.beneath?.count == 3)
    desk.send(.resolved(id: root.id, cause: "a bad release", by: "ann"), after: 1)
    #expect(desk.ledger.openCount == 0)
    #expect(desk.saved.values.allSatisfy { $0.resolvedBy == "ann" })
    #expect(desk.saved[root.id]?.cause == "a bad release")
    #expect(desk.events.count { $0.type == "fault-resolved" } == 1)
  }

  @Test func `what only the engine before knew of recovers with the next`() throws {
    var desk = Desk()
    desk.send(.serverEjected(shop1, cause: "5 failures", time: .seconds(10), others: 1))
    desk.send(.saturationBegan(service: "orders", cause: "12 wanted"))
    var next = desk
    next.ledger = FaultLedger(highestFaultID: 2, policy: FaultPolicy(quiet: .seconds(10)))
    next.send(.restored(Array(desk.saved.values)))
    #expect(next.saved.values.allSatisfy { $0.state == .recovering })
    next.send(.saturationBegan(service: "orders", cause: "12 wanted"), after: 1)
    next.send(.tick, after: 10)
    #expect(next.saved[1]?.state == .resolved && next.saved[2]?.state == .open)
    #expect(next.saved[2]?.returns == 1)
  }
}
