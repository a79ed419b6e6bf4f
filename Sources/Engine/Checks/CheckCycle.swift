import EventLoop
import HealthChecking
import Primitives

/// The checks of one server, one after the other: its machine, and the one that may be under way.
final class CheckCycle {
  private(set) var machine: HealthMachine
  var target: CheckTarget
  private let maker: CheckMaker
  private let changed: (HealthChange) -> Void
  private let ended: (CheckResult, TimeSpan) -> Void
  private var random: SeededRandom
  private var attempt: (any CheckAttempt)?
  private var timer: UInt64?

  /// Starts nothing; `run` does.
  /// - Parameters:
  ///   - changed: called when the checks think otherwise of the server.
  ///   - ended: called with each result and how long it took, before `changed`.
  init(
    _ target: CheckTarget, policy: HealthPolicy, grace: TimeSpan, by maker: CheckMaker,
    seed: UInt64, ended: @escaping (CheckResult, TimeSpan) -> Void,
    changed: @escaping (HealthChange) -> Void
  ) {
    self.target = target
    self.maker = maker
    self.ended = ended
    self.changed = changed
    random = SeededRandom(seed: seed)
    machine = HealthMachine(policy: policy, grace: grace, now: Clock.now)
  }

  /// - Parameter known: what the engine before this one thought of it.
  func run(adopting known: HealthState?) {
    if let known { handle(.adopted(known)) } else { arm() }
  }

  func stop() {
    handle(.disabled)
    attempt?.cancel()
    attempt = nil
  }

  func handle(_ event: HealthMachine.Event) {
    let change = machine.handle(event, now: Clock.now, random: &random)
    arm()
    if let change { changed(change) }
  }

  private func arm() {
    if let timer { maker.reactor.cancel(timer) }
    timer = nil
    guard let next = machine.nextCheck else { return }
    timer = maker.reactor.schedule(at: next) { [self] in
      timer = nil
      check()
    }
  }

  private func check() {
    handle(.checkBegan)
    let began = Clock.now
    attempt = maker.attempt(target) { [self] result in
      attempt = nil
      ended(result, Clock.now - began)
      handle(.checkEnded(result))
    }
    attempt?.run()
  }
}
