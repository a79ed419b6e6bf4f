import Configuration
import Primitives
import Supervision

/// Runs commands through the keeper, which has the rights that this process gave up. For the event
/// loop's thread only.
final class CommandRunner {
  /// Why a command runs.
  enum Purpose {
    /// Waits for its turn when many run.
    case check
    /// Runs at once; checks leave room for it.
    case hook
  }

  typealias Variable = (name: String, value: String)

  /// Checks that run at once; the keeper's other places are for hooks.
  static let mostChecks = CommandLimits.atOnce - 8

  /// Hands a command to the keeper.
  var send: (CommandSpec) throws(LinkError) -> Void = { _ in }

  private struct Running {
    var purpose: Purpose
    var done: (CommandOutcome) -> Void
  }

  private var running: [UInt64: Running] = [:]
  private var waiting: [(spec: CommandSpec, done: (CommandOutcome) -> Void)] = []
  private var latest: UInt64 = 0

  /// Calls `done` once, perhaps before it returns, or never after `forget`.
  /// - Parameter variables: replace `${NAME}` in the arguments and stand in the environment.
  /// - Returns: its number.
  @discardableResult
  func run(
    _ command: CommandSettings, _ variables: [Variable], within timeout: TimeSpan,
    as purpose: Purpose, release: ReleaseSpec? = nil, done: @escaping (CommandOutcome) -> Void
  ) -> UInt64 {
    latest += 1
    let spec = CommandSpec(
      id: latest, command: command.arguments.map { Self.replacing(variables, in: $0) },
      directory: command.directory,
      environment: variables.map { .init(name: $0.name, value: $0.value) },
      timeoutMilliseconds: max(1, timeout.milliseconds), release: release)
    switch purpose {
    case .check where checks >= Self.mostChecks: waiting.append((spec, done))
    case .check, .hook: begin(spec, purpose, done)
    }
    return spec.id
  }

  /// What comes of it is of no interest any more. The keeper ends it at its timeout.
  func forget(_ id: UInt64) {
    waiting.removeAll { $0.spec.id == id }
    running[id]?.done = { _ in }
  }

  /// The keeper's answer.
  func ended(_ outcome: CommandOutcome) {
    guard let ended = running.removeValue(forKey: outcome.id) else { return }
    if checks < Self.mostChecks, !waiting.isEmpty {
      let next = waiting.removeFirst()
      begin(next.spec, .check, next.done)
    }
    ended.done(outcome)
  }

  private var checks: Int { running.values.count { $0.purpose == .check } }

  private func begin(
    _ spec: CommandSpec, _ purpose: Purpose, _ done: @escaping (CommandOutcome) -> Void
  ) {
    running[spec.id] = Running(purpose: purpose, done: done)
    do {
      try send(spec)
    } catch {
      // Too long for the link, or the keeper is gone and this process about to end.
      ended(CommandOutcome(id: spec.id, end: .notStarted("\(error)")))
    }
  }

  /// One pass from left to right, so that a value that looks like a variable stays what it is.
  static func replacing(_ variables: [Variable], in text: String) -> String {
    var (result, rest) = ("", text[...])
    while let start = rest.firstIndex(of: "$") {
      result += rest[..<start]
      rest = rest[start...]
      if let variable = variables.first(where: { rest.hasPrefix("${\($0.name)}") }) {
        result += variable.value
        rest = rest.dropFirst(variable.name.count + 3)
      } else {
        result += "$"
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }
}

extension ControlPlane {
  /// Runs a hook to its end.
  func runHook(
    _ command: CommandSettings, _ variables: [CommandRunner.Variable], within timeout: TimeSpan
  ) async -> CommandOutcome {
    await withCheckedContinuation { continuation in
      commands.run(command, variables, within: timeout, as: .hook) {
        continuation.resume(returning: $0)
      }
    }
  }
}
