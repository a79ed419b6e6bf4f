import CLinux
import Glibc
import Primitives
import Supervision

/// A replica's process and what the keeper holds for it.
struct Replica {
  var state: RunningReplica
  var output: ReplicaOutput
  var group: ControlGroup?
  /// When SIGKILL follows a stop.
  var killAt: Instant?
  /// When a drill's freeze ends; nil without one.
  var thawAt: Instant?
  /// Whether SIGALRM has told it that SIGKILL follows.
  var isNoticed = false
  /// Whether the log's trouble has been told.
  var toldProblem = false
}

/// A control group whose processes were killed and are not quite gone.
struct Leaving {
  static let pause = TimeSpan.milliseconds(100)
  static let patience = TimeSpan.seconds(10)

  let group: ControlGroup
  let until: Instant
}

/// The replicas: started, captured, stopped, reaped.
extension KeeperProcess {
  /// The longest time that a replica is given between its stop signal and SIGKILL.
  static let longestStop = TimeSpan.hours(1)
  /// And between SIGALRM and SIGKILL, for one that asks for it.
  static let longestNotice = TimeSpan.minutes(1)
  /// Of a replica's name, in bytes.
  static let longestName = 200

  mutating func start(_ spec: ReplicaSpec) {
    switch phase {
    case .draining, .stopping:
      return tell(.startFailed(replica: spec.name, message: "Ballast is stopping"))
    case .starting, .serving: break
    }
    do {
      let replica = try launch(spec)
      replicas[spec.name] = replica
      tell(.started(replica.state))
    } catch {
      tell(.startFailed(replica: spec.name, message: error.description))
    }
  }

  private mutating func launch(_ spec: ReplicaSpec) throws(StartError) -> Replica {
    guard (1...Self.longestName).contains(spec.name.utf8.count) else {
      throw StartError("a replica's name has 1 to \(Self.longestName) bytes")
    }
    guard replicas[spec.name] == nil else { throw StartError("\(spec.name) runs already") }
    let taken = Set(replicas.values.map(\.state.port))
    let chosen = spec.port == 0 ? ports.take(except: taken) : spec.port
    guard let port = chosen else {
      throw StartError("no free port in \(PortRange.first) to \(PortRange.last)")
    }
    var state = RunningReplica(spec: spec, pid: .max, port: port, startedAt: ProcessClock.wallTime)
    var group: ControlGroup?
    do {
      group = try limits?.makeGroup(name: spec.name, cpu: spec.cpu, memory: spec.memory)
    } catch {
      state.limitsUnavailable = error.description
    }
    do {
      // What is said of it later is longer than the order was: it has to fit as well.
      _ = try LinkSocket.encode(KeeperMessage.running(state))
      let (output, writing) = try ReplicaOutput.open(logFile: spec.logFile)
      defer { Descriptor.close(writing) }
      let members = try group?.openMembers() ?? []
      defer { Descriptor.close(members) }
      let given = try secrets.give(spec.secrets ?? [], to: spec.name, inherited: inherited)
      var process = spec.process(port: port, inherited: inherited, secrets: given)
      process.output = writing
      process.groups = members
      process.openFiles = openFiles
      // A keeper killed with SIGKILL leaves no replicas that hold ports and that nobody stops.
      process.deathSignal = .kill
      do {
        state.pid = try process.start()
      } catch {
        Descriptor.close(output.pipe)
        throw error
      }
      return Replica(state: state, output: output, group: group)
    } catch {
      _ = group?.remove()
      if spec.secrets != nil { secrets.remove(spec.name) }
      throw error as? StartError ?? StartError("\(error)")
    }
  }

  mutating func stop(_ name: String, with signal: ProcessSignal, timeout: TimeSpan) {
    guard let replica = replicas[name] else { return }
    let pid = replica.state.pid
    replicas[name]?.state.stopping = true
    if signal == .kill { return kill(name, now: ProcessClock.now) }
    let killAt = ProcessClock.now + min(max(timeout, .zero), Self.longestStop)
    replicas[name]?.killAt = min(killAt, replica.killAt ?? .distantFuture)
    _ = process_group_signal(pid, signal.number)
    // A stopped process sees no signal but SIGKILL until it goes on.
    _ = process_group_signal(pid, SIGCONT)
  }

  mutating func stopReplicas(thenExit code: Int32) {
    phase = .stopping(code: code)
    seat.restartAt = nil
    closeListeners()
    abandonCommands()
    for replica in replicas.values {
      let spec = replica.state.spec
      stop(spec.name, with: spec.stopSignal, timeout: .milliseconds(spec.stopTimeoutMilliseconds))
    }
  }

  /// Kills it, or tells one that holds something that it will be, and when.
  mutating func kill(_ name: String, now: Instant) {
    guard let replica = replicas[name] else { return }
    replicas[name]?.killAt = nil
    let pid = replica.state.pid
    guard let notice = replica.state.spec.killNoticeMilliseconds, notice > 0, !replica.isNoticed
    else {
      _ = process_group_signal(pid, SIGKILL)
      return
    }
    replicas[name]?.isNoticed = true
    replicas[name]?.killAt = now + min(.milliseconds(notice), Self.longestNotice)
    _ = process_group_signal(pid, SIGALRM)
    _ = process_group_signal(pid, SIGCONT)
  }

  mutating func killReplicas() {
    for name in replicas.keys { kill(name, now: ProcessClock.now) }
  }

  mutating func takeOutput(of name: String) {
    replicas[name]?.output.take()
    guard let problem = replicas[name]?.output.problem, replicas[name]?.toldProblem == false else {
      return
    }
    replicas[name]?.toldProblem = true
    note("output of \(name) is being lost: \(problem)")
  }

  /// Takes every child that has ended. Its group is killed while the pid is still its own, so that
  /// no grandchild stays. As process 1 of a container, orphans of others come here too.
  mutating func reapChildren() {
    var end = child_end()
    while unsafe child_peek(0, &end) == 1 {
      let how: ProcessEnd = end.signal != 0 ? .signal(end.signal) : .code(end.code)
      if let number = engines.first(where: { $0.value.pid == end.pid })?.key {
        _ = process_group_signal(end.pid, SIGKILL)
        _ = child_reap(end.pid)
        engineEnded(number, how, why: how.description)
      } else if let name = replicas.first(where: { $0.value.state.pid == end.pid })?.key {
        _ = process_group_signal(end.pid, SIGKILL)
        _ = child_reap(end.pid)
        replicaEnded(name, how)
      } else if let index = commands.firstIndex(where: { $0.pid == end.pid }) {
        _ = process_group_signal(end.pid, SIGKILL)
        _ = child_reap(end.pid)
        commandEnded(index, how)
      } else {
        _ = child_reap(end.pid)
      }
    }
  }

  private mutating func replicaEnded(_ name: String, _ end: ProcessEnd) {
    guard var replica = replicas.removeValue(forKey: name) else { return }
    replica.output.finish()
    if replica.state.spec.secrets != nil { secrets.remove(name) }
    let outOfMemory = replica.group?.ranOutOfMemory ?? false
    if let group = replica.group {
      group.killMembers()
      if !group.remove() {
        leavings.append(Leaving(group: group, until: ProcessClock.now + Leaving.patience))
      }
    }
    tell(
      .exited(
        ExitedReplica(
          name: name, pid: replica.state.pid, end: end, wasAsked: replica.state.stopping,
          outOfMemory: outOfMemory, lastLines: replica.output.lastLines.texts)))
  }
}
