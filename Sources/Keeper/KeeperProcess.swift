import CLinux
import Glibc
import Primitives
import Supervision

/// The process that holds what must outlive the engine: listening sockets and replicas. It parses
/// nothing from the network and no configuration; all it does is what the engine asks it to do, and
/// to start another engine when one ends.
///
/// One thread, one poll(2) loop. It prints to standard error only, a plain line each.
public struct KeeperProcess {
  /// How long the engine may take to drain after SIGTERM, and what it gets on top to end.
  static let drainMilliseconds: Int64 = 30_000
  static let drainGrace = TimeSpan.seconds(5)
  /// Messages taken from the engine in one turn of the loop.
  static let messagesPerTurn = 64
  /// Messages kept for the next engine while there is none.
  static let messagesKept = 64

  enum Phase: Equatable {
    /// The first engine has not served yet; its end is ours.
    case starting
    case serving
    /// SIGTERM came, the engine drains.
    case draining(until: Instant)
    /// The replicas stop; then the keeper ends with `code`.
    case stopping(code: Int32)
  }

  let enginePath: String
  let engineArguments: [String]
  let inherited: [(name: String, value: String)]
  let notification: ServiceNotification

  var phase = Phase.starting
  var engine = EngineSlot()
  var listeners: [String: Listener] = [:]
  var replicas: [String: Replica] = [:]
  var leavings: [Leaving] = []
  var commands: [RunningCommand] = []
  /// The memory file with the last accepted configuration; -1: none yet. Never read here.
  var configuration: Int32 = -1
  /// What happened while no engine was there to be told.
  var kept: [KeeperMessage] = []
  var ports = PortRange(seed: Int(process_id()))
  var limits: ResourceLimits?
  var signals: Int32 = -1
  /// The soft limit of open files that replicas get: the one from before we raised ours.
  var openFiles: UInt64?

  /// `enginePath` with `engineArguments` starts an engine. Nothing happens before `run`.
  public init(enginePath: String, engineArguments: [String]) {
    self.enginePath = enginePath
    self.engineArguments = engineArguments
    let all = ProcessEnvironment.all
    notification = ServiceNotification(
      path: all.last { $0.name == ServiceNotification.variable }?.value)
    inherited = all.filter {
      $0.name != ServiceNotification.variable && $0.name != LinkLimits.variable
    }
  }

  /// Runs until it is told to stop; returns the exit code: 0 after a drain, 1 after a stop at once,
  /// and the engine's own when the first engine ends before it serves.
  public mutating func run() -> Int32 {
    guard prepare() else { return 1 }
    startEngine()
    while true {
      if case .stopping(let code) = phase, replicas.isEmpty, engine.pid == nil {
        finish()
        return code
      }
      turn()
    }
  }

  private mutating func prepare() -> Bool {
    signals = signals_open()
    guard descriptor_fill_standard() >= 0, signals >= 0 else {
      note("no pipe for signals could be opened")
      return false
    }
    for number in [SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR2] { _ = signals_catch(number) }
    _ = signals_ignore(SIGPIPE)
    let before = limit_raise_open_files()
    if before > 0 { openFiles = UInt64(before) }
    limits = ResourceLimits()
    return true
  }

  /// Waits for something to happen and does what follows from it.
  private mutating func turn() {
    var watched = [pollfd(fd: signals, events: Int16(POLLIN), revents: 0)]
    if let link = engine.link {
      let events = link.hasWaiting ? POLLIN | POLLOUT : POLLIN
      watched.append(pollfd(fd: link.descriptor, events: Int16(events), revents: 0))
    }
    var names: [String] = []
    let firstOutput = watched.count
    for (name, replica) in replicas where replica.output.pipe >= 0 {
      names.append(name)
      watched.append(pollfd(fd: replica.output.pipe, events: Int16(POLLIN), revents: 0))
    }
    let firstCommand = watched.count
    let readable = commands.indices.filter { commands[$0].output.pipe >= 0 }
    for index in readable {
      watched.append(pollfd(fd: commands[index].output.pipe, events: Int16(POLLIN), revents: 0))
    }
    let timeout = timeoutMilliseconds(now: ProcessClock.now)
    let ready = unsafe watched.withUnsafeMutableBufferPointer { list in
      unsafe descriptors_wait(list.baseAddress, list.count, timeout)
    }
    if ready > 0 {
      // Output first: a replica that ends is asked for its last lines.
      for (index, name) in names.enumerated() where watched[firstOutput + index].revents != 0 {
        takeOutput(of: name)
      }
      for (offset, index) in readable.enumerated() where watched[firstCommand + offset].revents != 0
      {
        commands[index].output.take()
      }
      if engine.link != nil, watched[1].revents != 0 { takeMessages() }
      if watched[0].revents != 0 { takeSignals() }
    }
    tick(now: ProcessClock.now)
  }

  private mutating func finish() {
    for listener in listeners.values { listener.sockets.close() }
    for leaving in leavings { _ = leaving.group.remove() }
    Descriptor.close([configuration, signals])
  }

  func note(_ line: String) {
    let text = Array("ballast: \(line)\n".utf8)
    // Standard error may be closed or full; the keeper goes on without the line.
    _ = unsafe text.withUnsafeBytes { unsafe file_write(2, $0.baseAddress, $0.count) }
  }
}
