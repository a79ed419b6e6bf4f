import Configuration
import EventLoop
import Faults
import HealthChecking
import Primitives

/// The checks of one server: its machine, and the one check that may be under way.
final class ServerWatch {
  struct LastCheck: Sendable {
    var at: WallTime
    var result: CheckResult
    var duration: TimeSpan
  }

  let name: ServerName
  private(set) var target: CheckTarget
  private(set) var machine: HealthMachine
  private(set) var lastCheck: LastCheck?
  private(set) var passed: UInt64 = 0
  private(set) var failed: UInt64 = 0

  private let reactor: Reactor
  private let changed: (ServerWatch, HealthChange) -> Void
  private var random: SeededRandom
  private var attempt: CheckAttempt?
  private var timer: UInt64?

  /// Starts nothing; `run` does. `changed` is called on the loop for every change of health.
  init(
    _ name: ServerName, _ target: CheckTarget, policy: HealthPolicy, grace: TimeSpan,
    on reactor: Reactor, seed: UInt64, changed: @escaping (ServerWatch, HealthChange) -> Void
  ) {
    self.name = name
    self.target = target
    self.reactor = reactor
    self.changed = changed
    random = SeededRandom(seed: seed)
    machine = HealthMachine(policy: policy, grace: grace, now: Clock.now)
  }

  /// - Parameter known: what the engine before this one thought of it.
  func run(adopting known: HealthState? = nil) {
    if let known { handle(.adopted(known)) } else { arm() }
  }

  func stop() {
    handle(.disabled)
    if let timer { reactor.cancel(timer) }
    timer = nil
    attempt?.cancel()
    attempt = nil
  }

  func handle(_ event: HealthMachine.Event) {
    let change = machine.handle(event, now: Clock.now, random: &random)
    arm()
    if let change { changed(self, change) }
  }

  /// Checks in another way from the next one on.
  func change(to target: CheckTarget, policy: HealthPolicy) {
    self.target = target
    if policy != machine.policy { handle(.policyChanged(policy)) }
  }

  private func arm() {
    if let timer { reactor.cancel(timer) }
    timer = nil
    guard let next = machine.nextCheck else { return }
    timer = reactor.schedule(at: next) { [self] in
      timer = nil
      check()
    }
  }

  private func check() {
    handle(.checkBegan)
    let began = Clock.now
    let attempt = CheckAttempt(target, on: reactor) { [self] result in
      self.attempt = nil
      lastCheck = LastCheck(at: Clock.wallTime, result: result, duration: Clock.now - began)
      if result.passed { passed &+= 1 } else { failed &+= 1 }
      handle(.checkEnded(result))
    }
    self.attempt = attempt
    attempt.run()
  }
}
