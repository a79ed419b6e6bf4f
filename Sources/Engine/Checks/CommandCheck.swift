import Configuration
import EventLoop
import HealthChecking
import Primitives
import Supervision

/// A check that is a program: exit code 0 passes, and its last line is the detail.
final class CommandCheck: CheckAttempt {
  private let command: CommandSettings
  private let variables: [CommandRunner.Variable]
  private let timeout: TimeSpan
  private let runner: CommandRunner
  private let reactor: Reactor
  private var number: UInt64?
  private var timer: UInt64?
  private var done: ((CheckResult) -> Void)?

  /// On top of the timeout that the keeper holds it to: one that waits for its turn has none yet.
  private static let grace = TimeSpan.milliseconds(250)

  init(
    _ command: CommandSettings, _ variables: [CommandRunner.Variable], within timeout: TimeSpan,
    by runner: CommandRunner, on reactor: Reactor, done: @escaping (CheckResult) -> Void
  ) {
    self.command = command
    self.variables = variables
    self.timeout = timeout
    self.runner = runner
    self.reactor = reactor
    self.done = done
  }

  func run() {
    timer = reactor.schedule(after: timeout + Self.grace) { [self] in
      timer = nil
      end(.failed(detail: "timeout after \(timeout): waited for other commands"))
    }
    let begun = runner.run(command, variables, within: timeout, as: .check) { [self] outcome in
      number = nil
      end(verdict(outcome))
    }
    if done != nil { number = begun }
  }

  func cancel() {
    done = nil
    release()
  }

  private func verdict(_ outcome: CommandOutcome) -> CheckResult {
    if outcome.succeeded { return .passed(detail: outcome.lastLine ?? "exit code 0") }
    guard outcome.end == .timedOut else { return .failed(detail: outcome.summary) }
    return .failed(
      detail: "timeout after \(timeout)" + (outcome.lastLine.map { ": \($0)" } ?? ""))
  }

  private func end(_ result: CheckResult) {
    release()
    let call = done
    done = nil
    call?(result)
  }

  private func release() {
    if let timer { reactor.cancel(timer) }
    timer = nil
    if let number { runner.forget(number) }
    number = nil
  }
}
