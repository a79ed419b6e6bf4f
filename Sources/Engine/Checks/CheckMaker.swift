import Configuration
import EventLoop
import HealthChecking
import Primitives

/// Makes the attempt that a check of some kind takes.
final class CheckMaker {
  let reactor: Reactor
  private let commands: CommandRunner
  private let probes: ProbeThread

  init(on reactor: Reactor, commands: CommandRunner) {
    self.reactor = reactor
    self.commands = commands
    probes = ProbeThread(on: reactor)
  }

  /// Nil when there is nothing to check.
  func attempt(
    _ target: CheckTarget, done: @escaping (CheckResult) -> Void
  ) -> (any CheckAttempt)? {
    switch target.check {
    case .http where !target.isMultiplexed, .tcp:
      return SocketCheck(
        to: target.address, sending: target.request ?? [],
        reading: target.expectation.map { CheckAnswer($0) }, within: target.timeout, on: reactor,
        done: done)
    case .http, .https, .grpc, .tls:
      guard let probe = target.probe else { return nil }
      return ProbeCheck(
        probe, judging: { target.verdict($0) }, within: target.timeout, over: probes, on: reactor,
        done: done)
    case .command(let command):
      return CommandCheck(
        command, target.variables, within: target.timeout, by: commands, on: reactor, done: done)
    case .none: return nil
    }
  }

  /// What passes has the agent's line as its detail.
  func question(
    to agent: SocketAddress, within timeout: TimeSpan, done: @escaping (CheckResult) -> Void
  ) -> any CheckAttempt {
    SocketCheck(to: agent, reading: AgentAnswer(), within: timeout, on: reactor, done: done)
  }
}
