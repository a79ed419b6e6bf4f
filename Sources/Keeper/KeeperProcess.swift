import CLinux
import Glibc
public import Primitives
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
    /// SIGTERM came, the engines drain; `code` is what all end with.
    case draining(until: Instant, code: Int32)
    /// The replicas stop; then the keeper ends with `code`.
    case stopping(code: Int32)
  }

  let engineArguments: [String]
  let upgradeLimit: TimeSpan
  let inherited: [(name: String, value: String)]
  let notification: ServiceNotification

  var phase = Phase.starting
  /// What engines are started from, until an upgrade brings another one.
  var binary: EngineBinary
  /// By number, in the order of their starts: the one in charge, a successor, retired and dropped ones.
  var engines: [UInt64: RunningEngine] = [:]
  var latestEngine: UInt64 = 0
  /// The one in charge: it alone commands replicas.
  var seat = EngineSlot()
  var upgrade: Upgrade?
  var latestUpgrade = 0
  /// Oldest first.
  var retired: [RetiredEngine] = []
  /// What came during an upgrade and waits for its end.
  var isReloadOrdered = false
  var isUpgradeOrdered = false
  var listeners: [String: Listener] = [:]
  var replicas: [String: Replica] = [:]
  var leavings: [Leaving] = []
  var commands: [RunningCommand] = []
  /// The memory file with the last accepted configuration; -1: none yet. Never read here.
  var configuration: Int32 = -1
  /// The memory file with sessions for the engine that takes over; -1: none. Never read here.
  var sessions: Int32 = -1
  /// What happened while no engine was there to be told.
  var kept: [KeeperMessage] = []
  var ports = PortRange(seed: Int(process_id()))
  var limits: ResourceLimits?
  let secrets = SecretFolder()
  var signals: Int32 = -1
  /// The soft limit of open files that replicas get: the one from before we raised ours.
  var openFiles: UInt64?

  /// `enginePath` with `engineArguments` starts an engine; an upgrade looks there again. Nothing
  /// happens before `run`.
  /// - Parameter upgradeLimit: how long a successor may take to serve.
  public init(
    enginePath: String, engineArguments: [String], upgradeLimit: TimeSpan = .seconds(30)
  ) {
    self.upgradeLimit = upgradeLimit
    binary = EngineBinary(named: enginePath)
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
      if case .stopping(let code) = phase, replicas.isEmpty, engines.isEmpty {
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
    secrets.removeAbandoned()
    binary = EngineBinary(path: binary.path)
    return true
  }

  private enum Source {
    case signals
    case output(of: String)
    case command(Int)
    case engineOutput(UInt64)
    case link(UInt64)

    /// Output first: whoever ends is asked for its last lines. Signals last: they tell of ends.
    var turn: Int {
      switch self {
      case .output, .command, .engineOutput: 0
      case .link: 1
      case .signals: 2
      }
    }
  }

  /// Waits for something to happen and does what follows from it.
  private mutating func turn() {
    let sources = sources
    var watched = sources.map { descriptor(of: $0) }
    let timeout = timeoutMilliseconds(now: ProcessClock.now)
    let ready = unsafe watched.withUnsafeMutableBufferPointer { list in
      unsafe descriptors_wait(list.baseAddress, list.count, timeout)
    }
    if ready > 0 {
      for (source, state) in zip(sources, watched) where state.revents != 0 { take(from: source) }
    }
    tick(now: ProcessClock.now)
  }

  private var sources: [Source] {
    var sources: [Source] = [.signals]
    for (number, engine) in engines {
      if engine.link != nil { sources.append(.link(number)) }
      if let output = engine.output, output.descriptor >= 0 {
        sources.append(.engineOutput(number))
      }
    }
    for (name, replica) in replicas where replica.output.pipe >= 0 {
      sources.append(.output(of: name))
    }
    for index in commands.indices where commands[index].output.pipe >= 0 {
      sources.append(.command(index))
    }
    return sources.sorted { $0.turn < $1.turn }
  }

  private func descriptor(of source: Source) -> pollfd {
    let (descriptor, events): (Int32?, Int32) =
      switch source {
      case .signals: (signals, POLLIN)
      case .output(let name): (replicas[name]?.output.pipe, POLLIN)
      case .command(let index): (commands[index].output.pipe, POLLIN)
      case .engineOutput(let number): (engines[number]?.output?.descriptor, POLLIN)
      case .link(let number):
        (
          engines[number]?.link?.descriptor,
          engines[number]?.link?.hasWaiting == true ? POLLIN | POLLOUT : POLLIN
        )
      }
    return pollfd(fd: descriptor ?? -1, events: Int16(events), revents: 0)
  }

  private mutating func take(from source: Source) {
    switch source {
    case .signals: takeSignals()
    case .output(let name): takeOutput(of: name)
    case .command(let index): commands[index].output.take()
    case .engineOutput(let number): engines[number]?.output?.take()
    case .link(let number): takeMessages(number)
    }
  }

  private mutating func finish() {
    for listener in listeners.values { listener.sockets.close() }
    for leaving in leavings { _ = leaving.group.remove() }
    secrets.removeAll()
    binary.close()
    Descriptor.close([configuration, sessions, signals])
  }

  func note(_ line: String) {
    StandardError.write(Array("ballast: \(line)\n".utf8))
  }
}
