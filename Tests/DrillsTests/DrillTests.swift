import Primitives
import Testing

@testable import Drills

private func order(_ kind: DrillKind, span: TimeSpan = .seconds(10), share: Double = 1)
  -> DrillOrder
{
  DrillOrder(kind: kind, service: "shop", server: "shop-1", span: span, share: share)
}

private func at(_ milliseconds: Int64) -> Instant { .zero + .milliseconds(milliseconds) }

@Suite struct DrillMachineTests {
  @Test func `a hang is undone at its end and watched until the server is well`() {
    var machine = DrillMachine(order(.hang), now: at(0))
    #expect(machine.beginning == [.inject])
    #expect(machine.handle(.carriedOut, now: at(10)).isEmpty)
    #expect(machine.nextDeadline == at(10_010))
    #expect(machine.handle(.well, now: at(100)).isEmpty)
    #expect(machine.handle(.leftOut(by: "3 failed checks"), now: at(3_010)).isEmpty)
    #expect(machine.handle(.tick, now: at(10_009)).isEmpty)
    #expect(machine.handle(.tick, now: at(10_010)) == [.undo])
    #expect(machine.handle(.well, now: at(11_510)) == [.undo, .finish])
    #expect(machine.end == .done && machine.isOver && machine.nextDeadline == nil)
    #expect(machine.leftOut?.at == at(3_010))
    #expect(machine.undone == at(10_010) && machine.recovered == at(11_510))
    #expect(machine.handle(.tick, now: at(99_999)).isEmpty)
  }

  @Test func `a kill has nothing to undo and is over once its end was seen and it is well`() {
    var machine = DrillMachine(order(.kill), now: at(0))
    #expect(machine.handle(.carriedOut, now: at(5)).isEmpty)
    #expect(machine.handle(.well, now: at(6)).isEmpty, "its end was not seen yet")
    _ = machine.handle(.leftOut(by: "its process was killed by SIGKILL"), now: at(9))
    #expect(machine.handle(.well, now: at(400)) == [.finish])
    #expect(machine.end == .done && machine.undone == at(5))
  }

  @Test func `one that is refused or never begins is undone all the same`() {
    var machine = DrillMachine(order(.slow), now: at(0))
    #expect(machine.handle(.refused("no such replica"), now: at(1)) == [.undo, .finish])
    #expect(machine.end == .refused && machine.reason == "no such replica")
    machine = DrillMachine(order(.hang), now: at(0))
    #expect(machine.handle(.tick, now: at(4_999)).isEmpty)
    #expect(machine.handle(.tick, now: at(5_000)) == [.undo, .finish])
    #expect(machine.end == .refused)
  }

  @Test func `one that is stopped is undone at once and says so`() {
    var machine = DrillMachine(order(.errors), now: at(0))
    _ = machine.handle(.carriedOut, now: at(0))
    #expect(machine.handle(.stopped, now: at(500)) == [.undo])
    #expect(machine.handle(.well, now: at(600)) == [.undo, .finish])
    #expect(machine.end == .stopped)
  }

  @Test func `a server that does not get well is not waited for without end`() {
    var machine = DrillMachine(order(.hang, span: .seconds(1)), now: at(0))
    _ = machine.handle(.carriedOut, now: at(0))
    #expect(machine.handle(.tick, now: at(1_000)) == [.undo])
    #expect(machine.handle(.tick, now: at(121_000)) == [.undo, .finish])
    #expect(machine.end == .unrecovered && machine.recovered == nil)
  }

  /// A world in which anything comes at any time, the engine ends at any moment, and only what is kept
  /// on disk and at the keeper goes on.
  @Test func `whatever happens, a drill is undone and ends`() {
    for seed in UInt64(1)...2_000 { storm(seed) }
  }

  private func storm(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    func below(_ count: Int) -> Int { min(Int(random.fraction() * Double(count)), count - 1) }
    let kind = DrillKind.allCases[below(4)]
    let order = order(kind, span: .milliseconds(Int64(1 + below(20_000))))
    var (now, isDone, kept) = (at(0), false, true)
    var machine: DrillMachine? = DrillMachine(order, now: now)
    func carryOut(_ actions: [DrillMachine.Action]) {
      for action in actions {
        switch action {
        case .inject: isDone = kind.isUndone
        case .undo: isDone = false
        case .finish: kept = false
        }
      }
    }
    carryOut(machine?.beginning ?? [])
    let crash = below(3) == 0 ? at(Int64(below(40_000))) : .distantFuture
    let bound = now + DrillMachine.beginningTime + order.span + DrillMachine.recoveryTime
    while kept, now <= bound + .seconds(1) {
      now = now + .milliseconds(Int64(1 + below(300)))
      guard now < crash else {
        machine = nil
        carryOut(DrillMachine.leftBehind(order))
        break
      }
      let events: [DrillMachine.Event] = [
        .carriedOut, .refused("no"), .leftOut(by: "x"), .well, .stopped,
      ]
      if below(6) == 0 {
        carryOut(machine?.handle(events[below(events.count)], now: now) ?? [])
      }
      if let due = machine?.nextDeadline, now >= due {
        carryOut(machine?.handle(.tick, now: now) ?? [])
      }
    }
    #expect(!kept, "seed \(seed): it never ended")
    #expect(!isDone, "seed \(seed): what it did to the server stayed")
    #expect(machine.map { $0.isOver && $0.end != nil } ?? true)
  }
}

@Suite struct DrillSafetyTests {
  private func facts() -> DrillFacts {
    var facts = DrillFacts()
    (facts.isReplica, facts.servers, facts.others) = (true, 3, 2)
    return facts
  }

  private func objections(_ change: (inout DrillFacts) -> Void) -> [String] {
    var facts = facts()
    change(&facts)
    return DrillSafety(order(.kill), facts).unsafe
  }

  @Test func `two healthy servers beside it make it safe`() {
    for kind in DrillKind.allCases {
      #expect(DrillSafety(order(kind), facts()) == DrillSafety(order(kind), facts()))
      #expect(DrillSafety(order(kind), facts()).impossible.isEmpty)
      #expect(DrillSafety(order(kind), facts()).unsafe.isEmpty)
    }
  }

  @Test func `each reason against it is said`() {
    #expect(
      objections { $0.others = 0 } == ["shop/shop-1 is the last server of shop that takes work"])
    #expect(
      objections { ($0.needed, $0.neededFrom) = (3, "limits.requests") }
        == ["2 servers would be left and 3 are needed: limits.requests"])
    #expect(objections { ($0.servers, $0.panic) = (5, 0.5) }.first?.contains("panic") == true)
    #expect(objections { $0.hasStandbys = true }.first?.contains("standby") == true)
    #expect(objections { $0.isChanging = true } == ["a deployment of shop is under way"])
    #expect(objections { $0.openFaults = 2 }.first?.contains("2 faults") == true)
    #expect(objections { $0.takesWork = false }.first?.contains("takes no work") == true)
  }

  @Test func `what can't be done is no matter of force`() {
    var facts = facts()
    facts.isReplica = false
    #expect(DrillSafety(order(.hang), facts).impossible.first?.contains("not run by") == true)
    #expect(DrillSafety(order(.slow), facts).impossible.isEmpty)
    facts.isHTTP = false
    #expect(DrillSafety(order(.errors), facts).impossible == ["errors is for services of HTTP"])
    (facts.isReplica, facts.isContainer) = (true, true)
    #expect(DrillSafety(order(.kill), facts).impossible.first?.contains("container") == true)
    (facts.isContainer, facts.runningDrill) = (false, 7)
    #expect(DrillSafety(order(.kill), facts).impossible.first?.contains("drill 7") == true)
  }
}

@Suite struct DrillForecastTests {
  private func facts() -> DrillFacts {
    var facts = DrillFacts()
    (facts.isReplica, facts.servers, facts.others) = (true, 3, 2)
    (facts.inflight, facts.requestsPerSecond, facts.workers) = (4, 100, 2)
    facts.concurrency = 4
    (facts.checkInterval, facts.fastInterval) = (.seconds(1), .milliseconds(500))
    facts.checkTimeout = .milliseconds(400)
    return facts
  }

  @Test func `a hang is found by the interval, and by each check's timeout or the fast interval`() {
    let forecast = DrillForecast(order(.hang), facts())
    // 1.1 s to the first, its 0.4 s, and twice 0.55 s more.
    #expect(forecast.detectedWithin == .milliseconds(2_600))
    #expect(forecast.detectedBy == "3 failed checks")
    #expect(forecast.failedAtMost == 0)
    // 1.1 s, 0.4 s, and 0.55 s for the second good one.
    #expect(forecast.recoveredWithin == .milliseconds(2_050))
    #expect(DrillForecast(order(.hang, span: .seconds(2)), facts()).detectedWithin == nil)
  }

  @Test func `what must not be sent twice is lost`() {
    var facts = facts()
    facts.unrepeatable = 0.5
    #expect(DrillForecast(order(.kill), facts).failedAtMost == 2)
    #expect(DrillForecast(order(.hang), facts).failedAtMost == 132)
    facts.retries = false
    #expect(DrillForecast(order(.kill), facts).failedAtMost == 4)
  }

  @Test func `errors are found after so many that one worker has seen a run of them`() {
    let forecast = DrillForecast(order(.errors), facts())
    #expect(forecast.detectedWithin == .milliseconds(140))
    // Five for each of two workers, and what was under way.
    #expect(forecast.failedAtMost == 14)
    #expect(forecast.recoveredWithin == .milliseconds(1_140))
    let long = DrillForecast(order(.errors, span: .seconds(25)), facts())
    // 10 s, then 20 s: one trial of each worker.
    #expect(long.failedAtMost == 16 && long.recoveredWithin == .milliseconds(6_140))
    var facts = facts()
    facts.retriesErrors = true
    #expect(DrillForecast(order(.errors), facts).failedAtMost == 0)
    facts.requestsPerSecond = 0
    #expect(DrillForecast(order(.errors), facts).detectedWithin == nil)
  }

  @Test func `slowness alone leaves nobody out, a timeout does`() {
    #expect(DrillForecast(order(.slow), facts()).detectedWithin == nil)
    #expect(DrillForecast(order(.slow), facts()).failedAtMost == 0)
    var facts = facts()
    facts.answerTimeout = .milliseconds(200)
    #expect(DrillForecast(order(.slow), facts).detectedWithin == .milliseconds(340))
  }

  @Test func `no number of facts traps`() {
    for value in [Double.infinity, .nan, -1, 1e300] {
      var facts = facts()
      (facts.requestsPerSecond, facts.unrepeatable) = (value, value)
      for kind in DrillKind.allCases {
        let failed = DrillForecast(order(kind), facts).failedAtMost
        #expect(failed ?? 0 >= 0)
      }
    }
  }
}
