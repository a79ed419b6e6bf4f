internal import CLinux
internal import EventLoop
internal import Glibc
internal import Supervision
internal import Synchronization

/// One container, from its making to its removal.
final class HeldContainer: Sendable {
  private struct Progress {
    var id: String?
    /// A signal that came before the container ran.
    var early: Int32?
    var isOver = false
  }

  private let order: HolderOrder
  private let replica: String
  private let port: UInt16
  private let daemon: ContainerDaemon
  private let progress = Mutex(Progress())

  private init(order: HolderOrder, replica: String, port: UInt16) {
    self.order = order
    self.replica = replica
    self.port = port
    daemon = ContainerDaemon(socket: order.container.socket)
  }

  /// As this process's environment says; nil when it says nothing.
  static func ordered() -> HeldContainer? {
    guard let order = ProcessEnvironment[HolderOrder.variable].flatMap(HolderOrder.init),
      let replica = ProcessEnvironment["REPLICA"],
      let port = ProcessEnvironment["PORT"].flatMap({ UInt16($0) })
    else { return nil }
    return HeldContainer(order: order, replica: replica, port: port)
  }

  /// Blocks until it has ended.
  /// - Returns: its code, or `ContainerHolder.failed`.
  func run() -> Int32 {
    do throws(ContainerError) {
      guard let (id, since) = try begin() else { return 0 }
      return try follow(id, since: since)
    } catch {
      HolderVoice.say("\(error)")
      return ContainerHolder.failed
    }
  }

  /// Whether there is a container to pass signals to.
  var isBegun: Bool { progress.withLock { $0.id != nil } }

  /// Passes a signal on.
  /// - Returns: false when it has to be tried again.
  func pass(_ number: Int32) -> Bool {
    let id = progress.withLock { progress in
      if progress.id == nil { progress.early = number }
      return progress.id
    }
    guard let id else { return true }
    let name = number == SIGALRM ? "SIGKILL" : ProcessSignal.name(of: number)
    do throws(ContainerError) {
      try daemon.signal(id, name)
      return true
    } catch {
      // One that has ended needs no signal.
      return error.isMissing || error.isConflict
    }
  }

  // MARK: Beginning

  /// - Returns: its id and from when its output is new; nil when it was stopped before it ran.
  private func begin() throws(ContainerError) -> (id: String, since: Double)? {
    let name = ContainerLabels.name(replica: replica, instance: order.container.instance)
    if let running = try takeOver(name) {
      hold(running)
      return (running, Self.now)
    }
    if wasStopped { return nil }
    let (id, warnings) = try daemon.create(
      named: name, ContainerCreation(order, replica: replica, port: port))
    for warning in warnings { HolderVoice.say("the daemon warns: \(warning)") }
    guard !wasStopped else {
      try daemon.remove(id)
      return nil
    }
    do throws(ContainerError) {
      try daemon.start(id)
    } catch {
      try? daemon.remove(id)
      throw error
    }
    hold(id)
    return (id, 0)
  }

  private var wasStopped: Bool { progress.withLock { $0.early != nil } }

  /// The one that a holder before this one has left, if it is what this one would start; any other of that
  /// name is removed.
  private func takeOver(_ name: String) throws(ContainerError) -> String? {
    let found: InspectedContainer
    do throws(ContainerError) {
      found = try daemon.inspect(name)
    } catch {
      if error.isMissing { return nil }
      throw error
    }
    guard let labels = ContainerLabels(found.labels), labels.instance == order.container.instance
    else {
      throw .refused(status: 409, message: "a container \(name) is there that is none of ours")
    }
    if found.isRunning, labels.isSame(as: ContainerLabels(order, replica: replica, port: port)) {
      return found.id
    }
    try daemon.remove(found.id)
    return nil
  }

  /// From here on signals go to it; one that came before does now.
  private func hold(_ id: String) {
    let early = progress.withLock { progress in
      progress.id = id
      return progress.early
    }
    if let early, !pass(early) { try? daemon.remove(id) }
  }

  // MARK: Following

  private func follow(_ id: String, since: Double) throws(ContainerError) -> Int32 {
    let written = followOutput(of: id, since: since)
    let code = try waitForEnd(of: id)
    progress.withLock { $0.isOver = true }
    if let written { Self.wait(for: written.descriptor, Self.outputMilliseconds) }
    if let ended = try? daemon.inspect(id), ended.ranOutOfMemory {
      let limit = order.container.memory.map { " of its limit of \($0 >> 20) MiB" } ?? ""
      HolderVoice.say("\(Self.outOfMemory)\(limit)")
    }
    do throws(ContainerError) {
      try daemon.remove(id)
    } catch {
      HolderVoice.say("the container is left behind for now: \(error)")
    }
    return code
  }

  /// How a line begins that tells of the kernel's kill.
  static let outOfMemory = "the container ran out of memory"
  /// What is left of the output is waited for so long.
  private static let outputMilliseconds: Int32 = 2_000
  private static let firstWaitMilliseconds: Int32 = 100
  private static let longestWaitMilliseconds: Int32 = 5_000

  /// A daemon that goes away is waited for: the container may well go on running.
  private func waitForEnd(of id: String) throws(ContainerError) -> Int32 {
    var pause = Self.firstWaitMilliseconds
    var isTold = false
    while true {
      do throws(ContainerError) {
        return Int32(clamping: min(max(try daemon.wait(id), 0), 255))
      } catch {
        guard error.isNotReachable else {
          guard error.isMissing else { throw error }
          throw .refused(status: 404, message: "somebody else has removed the container")
        }
        if !isTold { HolderVoice.say("\(error); waiting for it to come back") }
        isTold = true
      }
      Self.wait(for: -1, pause)
      pause = min(2 * pause, Self.longestWaitMilliseconds)
    }
  }

  /// Writes the container's output to ours, on a thread of its own, also over a restart of the daemon.
  /// - Returns: what is signalled once the last of it is written; nil when there can be no thread.
  private func followOutput(of id: String, since: Double) -> WakeUp? {
    do throws(EventLoop.SystemError) {
      let written = try WakeUp()
      try LoopThread.start("output") { [self] in
        passOutput(of: id, since: since)
        written.signal()
      }
      return written
    } catch {
      HolderVoice.say("its output is lost: \(error)")
      return nil
    }
  }

  private func passOutput(of id: String, since: Double) {
    var (since, pause) = (since, Self.firstWaitMilliseconds)
    while true {
      do throws(ContainerError) {
        try daemon.output(id, since: since) { HolderVoice.write($0) }
        pause = Self.firstWaitMilliseconds
      } catch {
        guard error.isNotReachable else {
          if !error.isMissing { HolderVoice.say("its output is lost: \(error)") }
          return
        }
        pause = min(2 * pause, Self.longestWaitMilliseconds)
      }
      since = Self.now
      // The stream ends with the container; when it ends by itself, that is the daemon's doing.
      Self.wait(for: -1, pause)
      if progress.withLock({ $0.isOver }) { return }
    }
  }

  private static func wait(for descriptor: Int32, _ milliseconds: Int32) {
    var list = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    _ = unsafe list.withUnsafeMutableBufferPointer { list in
      unsafe descriptors_wait(list.baseAddress, list.count, milliseconds)
    }
  }

  /// Seconds since 1970.
  private static var now: Double { Double(clock_wall_milliseconds()) / 1_000 }
}
