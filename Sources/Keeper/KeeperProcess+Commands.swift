import CLinux
import Glibc
import Primitives
import Supervision

/// A command that runs for the engine.
struct RunningCommand {
  let id: UInt64
  let pid: Int32
  /// The folder that it fills.
  var release: ReleaseSpec?
  var output: CommandOutput
  /// When it is killed; nil once it was.
  var killAt: Instant?
  /// Whether the engine has its answer, or is gone: what comes after is of no interest.
  var isAnswered = false
}

/// Checks and hooks: run once, within a time, and answered with how they ended.
extension KeeperProcess {
  mutating func run(_ spec: CommandSpec) {
    do throws(StartError) {
      guard commands.count < CommandLimits.atOnce else {
        throw StartError("\(CommandLimits.atOnce) commands run already")
      }
      if case .stopping = phase { throw StartError("Ballast is stopping") }
      if let release = spec.release {
        // An engine before this one may have made it.
        if ReleaseFolder.isComplete(release) { return succeed(spec) }
        try ReleaseFolder.begin(release)
        if spec.command.isEmpty {
          try complete(release, output: "")
          return succeed(spec)
        }
      }
      commands.append(try launch(spec))
    } catch {
      tell(.ran(CommandOutcome(id: spec.id, end: .notStarted(error.description))))
    }
  }

  private func launch(_ spec: CommandSpec) throws(StartError) -> RunningCommand {
    var (output, writing): (CommandOutput, Int32)
    do {
      (output, writing) = try CommandOutput.open()
    } catch {
      throw StartError("no pipe for its output: \(error)")
    }
    defer { Descriptor.close(writing) }
    var variables = inherited
    for variable in spec.environment { variables.set(variable.name, variable.value) }
    var process = ChildProcess(
      command: spec.command, environment: variables, directory: spec.directory)
    process.output = writing
    process.openFiles = openFiles
    process.deathSignal = .kill
    do {
      let pid = try process.start()
      let time = min(max(spec.timeoutMilliseconds, 0), CommandLimits.longestMilliseconds)
      return RunningCommand(
        id: spec.id, pid: pid, release: spec.release, output: output,
        killAt: ProcessClock.now + .milliseconds(time))
    } catch {
      output.finish()
      throw error
    }
  }

  /// Kills those whose time is over. The answer goes out at once: a process in a system call that
  /// hangs may take its own time to go.
  mutating func endLateCommands(now: Instant) {
    for index in commands.indices {
      guard let at = commands[index].killAt, now >= at else { continue }
      commands[index].killAt = nil
      _ = process_group_signal(commands[index].pid, SIGKILL)
      commands[index].output.finish()
      answer(index, .timedOut)
    }
  }

  mutating func commandEnded(_ index: Int, _ end: ProcessEnd) {
    commands[index].output.finish()
    let command = commands[index]
    if let release = command.release, end == .code(0), !command.isAnswered {
      do throws(StartError) {
        try complete(release, output: command.output.text)
        answer(index, .exited(end))
      } catch {
        answer(index, .notStarted(error.description))
      }
    } else {
      answer(index, .exited(end))
    }
    commands.remove(at: index)
  }

  /// Nobody waits for them any more, and the next engine begins its own.
  mutating func abandonCommands() {
    for index in commands.indices {
      commands[index].isAnswered = true
      commands[index].killAt = nil
      _ = process_group_signal(commands[index].pid, SIGKILL)
    }
  }

  private mutating func succeed(_ spec: CommandSpec) {
    tell(.ran(CommandOutcome(id: spec.id, end: .exited(.code(0)))))
  }

  /// A folder that a replica runs from stays, however old it is.
  private func complete(_ release: ReleaseSpec, output: String) throws(StartError) {
    let used = Set(replicas.values.compactMap(\.state.spec.release))
    try ReleaseFolder.complete(release, output: output, used: used)
  }

  private mutating func answer(_ index: Int, _ end: CommandEnd) {
    guard !commands[index].isAnswered else { return }
    commands[index].isAnswered = true
    let (id, output) = (commands[index].id, commands[index].output.text)
    tell(.ran(CommandOutcome(id: id, end: end, output: output)))
  }
}
