import Containers
import EventLoop
import Primitives
import Supervision

/// Replicas as containers: each is held by a process under the keeper (`ContainerHolder`), so what runs, is
/// adopted and stopped is a process as any other. What is done here comes before and after: the image is
/// seen to before a start, and what a holder that was killed has left is found and removed.
final class ContainerReplicaDriver: ReplicaDriver {
  var happened: (ReplicaEvent) -> Void = { _ in }
  /// Of services that are concerned; empty: of Ballast as a whole.
  var noted: (_ services: Set<String>, ContainerNote) -> Void = { _, _ in }
  /// Which Ballast its containers belong to.
  var instance = ""
  /// Starts a holder: the binary and its words.
  var program: [String] = []
  /// Sockets at which there may be containers of ours, whenever a new one comes.
  var socketsChanged: ([String]) -> Void = { _ in }

  private let processes: ProcessReplicaDriver
  private let reactor: Reactor
  private let calls: DaemonCalls
  private var daemons: [String: DaemonState] = [:]
  /// Ordered, and not handed to the keeper yet, by name.
  private var waiting: [String: ReplicaSpec] = [:]
  /// With the keeper, by name.
  private var held: [String: ReplicaSpec] = [:]
  private var pids: [Int32: String] = [:]
  /// Replicas that wait for an image that somebody sees to.
  private var readying: [ImageWish: Set<String>] = [:]
  private var isRetired = false

  /// What is known of a daemon.
  private struct DaemonState {
    /// What it had of ours when it was asked first, by replica; nil: it was not asked yet.
    var left: [String: LeftContainer]?
    /// Being removed: a replica of that name starts after it.
    var removing: Set<String> = []
    var isUnreachable = false
    var failures = 0
    var isSweeping = false
    var isSweepWanted = false
  }

  init(on reactor: Reactor, _ processes: ProcessReplicaDriver) {
    self.reactor = reactor
    self.processes = processes
    calls = DaemonCalls(on: reactor)
  }

  /// Whether the keeper's word on a replica is for this driver.
  func holds(_ name: String) -> Bool { held[name] != nil }

  /// What the daemon calls it; nil for one that is none of ours, or doesn't run.
  func container(of replica: String) -> String? {
    held[replica]?.container.map { ContainerLabels.name(replica: replica, instance: $0.instance) }
  }

  func adopt(_ running: [RunningReplica]) {
    for replica in running {
      held[replica.spec.name] = replica.spec
      pids[replica.pid] = replica.spec.name
    }
  }

  /// Another engine commands the replicas from here on.
  func retire() {
    isRetired = true
    waiting = [:]
  }

  // MARK: Starting

  func start(_ spec: ReplicaSpec) {
    guard let container = spec.container else { return processes.start(spec) }
    waiting[spec.name] = spec
    know(container.socket)
    look(after: spec.name)
  }

  /// Sees to the image of one that waits; of several that want the same, once.
  private func look(after name: String) {
    guard !isRetired, let spec = waiting[name], let container = spec.container else { return }
    let wish = ImageWish(container)
    guard readying[wish] == nil else {
      readying[wish]?.insert(name)
      return
    }
    readying[wish] = [name]
    let (instance, isKnown) = (instance, daemons[wish.socket]?.left != nil)
    calls.run { tell -> Result<[LeftContainer]?, ContainerError> in
      do throws(ContainerError) {
        let left = isKnown ? nil : try LeftContainer.all(at: wish.socket, of: instance)
        try wish.ready(told: tell)
        return .success(left)
      } catch {
        return .failure(error)
      }
    } told: { note in
      self.noted(self.services(of: self.readying[wish] ?? []), note)
    } done: { answer in
      let names = self.readying.removeValue(forKey: wish) ?? []
      self.looked(wish, names.sorted(), answer ?? .failure(.malformed("there are no threads")))
    }
  }

  private func looked(
    _ wish: ImageWish, _ names: [String], _ answer: Result<[LeftContainer]?, ContainerError>
  ) {
    guard !isRetired else { return }
    switch answer {
    case .success(let left):
      reached(wish.socket)
      if let left, daemons[wish.socket]?.left == nil {
        daemons[wish.socket]?.left = Dictionary(
          left.map { ($0.labels.replica, $0) }, uniquingKeysWith: { $1.isRunning ? $1 : $0 })
      }
      for name in names { launch(name) }
    case .failure(let error) where error.isNotReachable:
      missed(wish.socket, error, names)
    case .failure(let error):
      reached(wish.socket)
      for name in names where waiting.removeValue(forKey: name) != nil {
        happened(.startFailed(name: name, message: "\(error)"))
      }
    }
  }

  /// Hands a replica whose image is there to the keeper.
  private func launch(_ name: String) {
    guard var spec = waiting[name], var container = spec.container,
      daemons[container.socket]?.removing.contains(name) != true
    else { return }
    container.instance = instance
    spec.container = container
    // A container that its holder left is taken over where it listens.
    if let left = daemons[container.socket]?.left?.removeValue(forKey: name), left.isRunning,
      left.labels.template == spec.template
    {
      spec.port = left.labels.port
    }
    waiting[name] = nil
    guard let order = HolderOrder(spec)?.text else {
      return happened(.startFailed(name: name, message: "its order cannot be written as JSON"))
    }
    spec.command = program
    spec.directory = "/"
    spec.environment = [.init(name: HolderOrder.variable, value: order)]
    spec.killNoticeMilliseconds = ContainerHolder.killNoticeMilliseconds
    (spec.cpu, spec.memory) = (nil, nil)
    held[name] = spec
    processes.start(spec)
  }

  // MARK: Stopping

  func stop(_ name: String, _ signal: ProcessSignal, within timeout: TimeSpan) {
    if waiting.removeValue(forKey: name) != nil {
      let end = ExitedReplica(name: name, pid: 0, end: .code(0), wasAsked: true)
      // Not from within the machine's own action.
      reactor.schedule(after: .zero) { self.happened(.exited(end)) }
      return
    }
    processes.stop(name, signal, within: timeout)
  }

  /// The keeper's word on a replica that is held.
  func take(_ event: ReplicaEvent) {
    switch event {
    case .started(let replica):
      pids[replica.pid] = replica.spec.name
      happened(event)
    case .startFailed(let name, _):
      held[name] = nil
      happened(event)
    case .exited(var replica):
      let socket = held.removeValue(forKey: replica.name)?.container?.socket
      pids[replica.pid] = nil
      if ContainerHolder.ranOutOfMemory(replica.lastLines) {
        replica.outOfMemory = true
        replica.lastLines.removeLast()
      }
      happened(.exited(replica))
      // A holder that was killed, or that the daemon failed, may have left its container.
      if replica.end != .code(0), let socket { sweep(socket) }
    }
  }

  // MARK: Usage

  func usage(
    of pids: Set<Int32>, _ done: @escaping ([Int32: ProcessTable.Usage]) -> Void
  ) {
    var asked: [(pid: Int32, socket: String, container: String)] = []
    for pid in pids {
      guard let name = self.pids[pid], let socket = held[name]?.container?.socket,
        let named = container(of: name)
      else { continue }
      asked.append((pid, socket, named))
    }
    guard !asked.isEmpty else { return done([:]) }
    calls.run { [asked] _ -> [Int32: ProcessTable.Usage] in
      var used: [Int32: ProcessTable.Usage] = [:]
      for one in asked {
        guard let own = try? ContainerDaemon(socket: one.socket).usage(one.container) else {
          continue
        }
        var usage = ProcessTable.Usage()
        usage.cpuSeconds = own.cpuSeconds
        usage.residentBytes = own.memoryBytes
        used[one.pid] = usage
      }
      return used
    } done: {
      done($0 ?? [:])
    }
  }

  // MARK: The daemon

  private func know(_ socket: String) {
    guard daemons[socket] == nil else { return }
    daemons[socket] = DaemonState()
    socketsChanged(daemons.keys.sorted())
  }

  private func reached(_ socket: String) {
    guard let daemon = daemons[socket] else { return }
    daemons[socket]?.failures = 0
    daemons[socket]?.isUnreachable = false
    if daemon.isUnreachable { noted([], .reachable(socket: socket)) }
  }

  /// Whatever was to be started is looked after again a while later.
  private func missed(_ socket: String, _ error: ContainerError, _ names: [String]) {
    if daemons[socket]?.isUnreachable == false {
      daemons[socket]?.isUnreachable = true
      noted(services(of: Set(names)), .unreachable("\(error)"))
    }
    daemons[socket]?.failures += 1
    reactor.schedule(after: pause(socket)) { for name in names { self.look(after: name) } }
  }

  /// Half a second, doubling up to `longestPause`.
  private func pause(_ socket: String) -> TimeSpan {
    let doublings = min(max(0, (daemons[socket]?.failures ?? 0) - 1), 8)
    return min(Self.firstPause.scaled(by: Double(1 << doublings)), Self.longestPause)
  }

  private static let firstPause = TimeSpan.milliseconds(500)
  private static let longestPause = TimeSpan.seconds(5)
  private static let sweepPause = TimeSpan.seconds(15)

  private func services(of names: Set<String>) -> Set<String> {
    Set(names.compactMap { waiting[$0]?.service })
  }

  // MARK: What is left over

  /// Removes the containers of replicas that nobody wants, at these sockets and all others in use. To be
  /// called once all that is wanted was ordered.
  func sweep(recalled sockets: [String]) {
    for socket in sockets { know(socket) }
    for socket in daemons.keys.sorted() { sweep(socket) }
  }

  private func sweep(_ socket: String) {
    guard !isRetired, let daemon = daemons[socket] else { return }
    guard !daemon.isSweeping else {
      daemons[socket]?.isSweepWanted = true
      return
    }
    daemons[socket]?.isSweeping = true
    let instance = instance
    calls.run { _ -> Result<[LeftContainer], ContainerError> in
      do throws(ContainerError) {
        return .success(try LeftContainer.all(at: socket, of: instance))
      } catch {
        return .failure(error)
      }
    } done: { answer in
      switch answer {
      case .success(let all): self.remove(all, at: socket)
      case .failure, nil: self.endSweep(socket, again: true)
      }
    }
  }

  private func remove(_ all: [LeftContainer], at socket: String) {
    reached(socket)
    // What is wanted its own holder takes over or removes.
    let surplus = all.filter { held[$0.labels.replica] == nil && waiting[$0.labels.replica] == nil }
    guard !isRetired, !surplus.isEmpty else { return endSweep(socket, again: false) }
    daemons[socket]?.removing = Set(surplus.map(\.labels.replica))
    calls.run { _ -> [String: String] in
      var failures: [String: String] = [:]
      for container in surplus {
        do throws(ContainerError) {
          try container.remove(at: socket)
        } catch {
          failures[container.labels.replica] = "\(error)"
        }
      }
      return failures
    } done: { failures in
      let failures = failures ?? [:]
      for (replica, reason) in failures.sorted(by: { $0.key < $1.key }) {
        self.noted([], .notRemoved(replica: replica, reason))
      }
      let removed = Set(surplus.map(\.labels.replica)).subtracting(failures.keys)
      if !removed.isEmpty { self.noted([], .removed(removed.sorted())) }
      let names = self.daemons[socket]?.removing ?? []
      self.daemons[socket]?.removing = []
      for name in names.sorted() { self.look(after: name) }
      self.endSweep(socket, again: !failures.isEmpty)
    }
  }

  private func endSweep(_ socket: String, again: Bool) {
    let isWanted = daemons[socket]?.isSweepWanted ?? false
    daemons[socket]?.isSweeping = false
    daemons[socket]?.isSweepWanted = false
    guard again || isWanted else { return }
    reactor.schedule(after: again ? Self.sweepPause : .zero) { self.sweep(socket) }
  }
}
