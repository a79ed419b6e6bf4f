import EventLoop
import HealthChecking
import Primitives

/// The questions to one server's agent, one after the other, and the watch over its silence.
final class AgentCycle {
  private(set) var machine: AgentMachine
  /// Where the agent answers.
  let address: SocketAddress
  private let maker: CheckMaker
  private let ended: (CheckResult, TimeSpan) -> Void
  private let reported: (AgentReport) -> Void
  private let changed: () -> Void
  private var random: SeededRandom
  private var attempt: (any CheckAttempt)?
  private var timer: UInt64?
  private var silenceTimer: UInt64?

  /// Starts nothing; `run` does.
  /// - Parameters:
  ///   - ended: called with the result of each question and how long it took.
  ///   - reported: called with each answer, between the two others.
  ///   - changed: called when the machine may have changed.
  init(
    at address: SocketAddress, policy: AgentPolicy, by maker: CheckMaker, seed: UInt64,
    ended: @escaping (CheckResult, TimeSpan) -> Void, reported: @escaping (AgentReport) -> Void,
    changed: @escaping () -> Void
  ) {
    self.address = address
    self.maker = maker
    self.ended = ended
    self.reported = reported
    self.changed = changed
    random = SeededRandom(seed: seed)
    machine = AgentMachine(policy: policy, now: Clock.now)
  }

  func run(adopting known: HealthState?) {
    if let known { handle(.adopted(known)) } else { arm() }
  }

  func stop() {
    machine.handle(.disabled, now: Clock.now, random: &random)
    arm()
    attempt?.cancel()
    attempt = nil
  }

  func handle(_ event: AgentMachine.Event) {
    machine.handle(event, now: Clock.now, random: &random)
    arm()
    changed()
  }

  private func arm() {
    for timer in [timer, silenceTimer].compactMap({ $0 }) { maker.reactor.cancel(timer) }
    (timer, silenceTimer) = (nil, nil)
    if let next = machine.nextQuestion {
      timer = maker.reactor.schedule(at: next) { [self] in
        timer = nil
        ask()
      }
    }
    if let silent = machine.silentAt {
      silenceTimer = maker.reactor.schedule(at: silent) { [self] in
        silenceTimer = nil
        handle(.checkSilence)
      }
    }
  }

  private func ask() {
    handle(.asked)
    let began = Clock.now
    attempt = maker.question(to: address, within: machine.policy.timeout) { [self] result in
      attempt = nil
      let (event, verdict) = Self.read(result)
      ended(verdict, Clock.now - began)
      if case .answered(let report) = event { reported(report) }
      handle(event)
    }
    attempt?.run()
  }

  private static func read(_ result: CheckResult) -> (AgentMachine.Event, CheckResult) {
    guard case .passed(let line) = result else {
      return (.failed(detail: result.detail), .failed(detail: "agent: \(result.detail)"))
    }
    do throws(AgentReportError) {
      let report = try AgentReport(line: Array(line.utf8))
      return (.answered(report), .passed(detail: "agent: \(report.summary)"))
    } catch {
      return (.failed(detail: error.description), .failed(detail: "agent: \(error)"))
    }
  }
}
