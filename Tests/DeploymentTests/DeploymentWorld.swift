import Deployment
import Primitives

/// A keeper, its processes and their checks around a deployment machine, on a clock that jumps from event to
/// event. What a process does follows from the first letters of its revision: `slow` is ready after 4 s,
/// `never` runs and is never ready, `crash` ends after 0.5 s, `late` is ready and ends 20 s later, `missing`
/// does not start, `stall` is ready and after 15 s is not any more; all others are ready after 1 s.
final class DeploymentWorld {
  struct Process {
    var revision: String
    var pid: Int32
    var startedAt: Instant
    /// As a check would find it, whether the machine knows or not.
    var isReady = false
    var isLeaving = false
    /// It was taken out of balancing before an engine restarted in the middle of that.
    var wasLeaving = false
    var isStopping = false
  }

  var machine: DeploymentMachine
  var now = Instant(nanoseconds: 1_000_000_000_000)
  var processes: [String: Process] = [:]
  /// `12.0 start shop-1 v1`: seconds since the beginning, then what happened.
  var log: [String] = []
  var broken: [String] = []
  /// What the file says.
  var file: (revision: String, count: Int, plan: DeploymentPlan)
  var fewestReady = Int.max
  var results: [DeploymentResult] = []
  private(set) var longest = TimeSpan.zero
  private var began: Instant?
  private let beginning: Instant
  private var pending: [(at: Instant, pid: Int32?, event: DeploymentMachine.Event)] = []
  private var nextPid: Int32 = 100
  private let policy: ReplicaPolicy

  init(
    _ revision: String = "v1", count: Int, plan: DeploymentPlan,
    policy: ReplicaPolicy = ReplicaPolicy()
  ) {
    self.policy = policy
    machine = DeploymentMachine(service: "shop", policy: policy)
    file = (revision, count, plan)
    beginning = now
    configure(revision)
  }

  /// With all replicas of the first revision ready, and nothing written down yet.
  static func settled(_ count: Int, _ plan: DeploymentPlan) -> DeploymentWorld {
    let world = DeploymentWorld(count: count, plan: plan)
    world.advance(.minutes(1))
    (world.log, world.fewestReady) = ([], .max)
    return world
  }

  var ready: Int { processes.values.count { $0.isReady && !$0.isLeaving } }
  func ready(of revision: String) -> Int {
    processes.values.count { $0.revision == revision && $0.isReady && !$0.isLeaving }
  }

  var seconds: String {
    let time = (now - beginning).milliseconds
    return "\(time / 1_000).\(time % 1_000 / 100)"
  }

  func configure(_ revision: String) {
    file.revision = revision
    send(.configured(revision: revision, count: file.count, plan: file.plan))
  }

  func scale(_ count: Int) {
    file.count = count
    send(.scaled(count: count))
  }

  func send(_ event: DeploymentMachine.Event) {
    for action in machine.handle(event, now: now) { perform(action) }
    fewestReady = min(fewestReady, ready)
    look()
  }

  /// Lets time pass, with all that happens in it.
  func advance(_ span: TimeSpan) {
    let end = now + span
    var turns = 0
    while true {
      let index = pending.indices.min { pending[$0].at < pending[$1].at }
      let next = index.map { pending[$0].at } ?? .distantFuture
      let due = min(next, machine.nextDeadline ?? .distantFuture)
      guard due <= end else { break }
      turns += 1
      guard due >= now, turns < 200_000 else {
        broken.append("\(seconds): the clock does not come forward")
        break
      }
      now = due
      guard let index, next == due else {
        send(.tick)
        continue
      }
      let waiting = pending.remove(at: index)
      deliver(waiting.event, to: waiting.pid)
    }
    now = end
  }

  // MARK: Faults

  func kill(_ name: String, how: String = "killed by SIGKILL") {
    guard let process = processes.removeValue(forKey: name) else { return }
    pending.removeAll { $0.pid == process.pid }
    log.append("\(seconds) killed \(name)")
    send(.exited(name: name, how: how))
  }

  func restartEngine() {
    let state = machine.state
    machine = DeploymentMachine(service: "shop", policy: policy)
    let running = processes.keys.sorted().compactMap { name in
      processes[name].map {
        AdoptedReplica(
          name: name, template: $0.revision, pid: $0.pid, port: 20_000, startedAt: $0.startedAt,
          isStopping: $0.isStopping)
      }
    }
    // What the engine alone knew is gone; what the keeper and the processes do goes on.
    pending.removeAll { waiting in
      switch waiting.event {
      case .drained, .startFailed: true
      case .health: true
      default: false
      }
    }
    log.append("\(seconds) engine restarts")
    // A drain that had begun is forgotten: the process is balanced again.
    for name in processes.keys where processes[name]?.isStopping == false {
      let wasLeaving = processes[name]?.isLeaving == true
      processes[name]?.wasLeaving = wasLeaving
      processes[name]?.isLeaving = false
    }
    send(.restored(state))
    send(.adopted(running))
    configure(file.revision)
    for (name, process) in processes where !process.isStopping {
      if process.isReady {
        later(.milliseconds(300), .health(name: name, isHealthy: true), process.pid)
      } else {
        check(name, process.revision, process.pid)
      }
    }
  }

  /// Its processes die with it.
  func restartKeeper() {
    let state = machine.state
    machine = DeploymentMachine(service: "shop", policy: policy)
    processes = [:]
    pending = []
    log.append("\(seconds) keeper restarts")
    send(.restored(state))
    configure(file.revision)
  }

  // MARK: The keeper's part

  private func later(_ span: TimeSpan, _ event: DeploymentMachine.Event, _ pid: Int32?) {
    pending.append((now + span, pid, event))
  }

  private func deliver(_ event: DeploymentMachine.Event, to pid: Int32?) {
    switch event {
    case .health(let name, let isHealthy):
      guard processes[name]?.pid == pid else { return }
      processes[name]?.isReady = isHealthy
    case .drained(let name):
      guard processes[name]?.pid == pid else { return }
    case .exited(let name, _):
      guard processes[name]?.pid == pid else { return }
      processes[name] = nil
    default: break
    }
    send(event)
  }

  private func perform(_ action: DeploymentAction) {
    switch action {
    case .replica(.start(let name, let revision)):
      log.append("\(seconds) start \(name) \(revision)")
      start(name, revision)
    case .replica(.beginDrain(let name)):
      log.append("\(seconds) drain \(name)")
      takeOut(name, "drain")
      later(.milliseconds(500), .drained(name: name), processes[name]?.pid)
    case .replica(.stop(let name)):
      log.append("\(seconds) stop \(name)")
      takeOut(name, "stop")
      processes[name]?.isStopping = true
      later(.seconds(1), .exited(name: name, how: "exited with code 0"), processes[name]?.pid)
    case .replica(.kill(let name)):
      log.append("\(seconds) kill \(name)")
      processes[name]?.isReady = false
      later(.milliseconds(10), .exited(name: name, how: "killed by SIGKILL"), processes[name]?.pid)
    case .replica(.note(let note)): log.append("\(seconds) note \(note)")
    case .measureAnew: log.append("\(seconds) measure")
    case .note(let note): take(note)
    }
  }

  /// What is ready and taken out has to be spare.
  private func takeOut(_ name: String, _ what: String) {
    guard let process = processes[name] else {
      // Stopped before the answer that it did not start: the keeper knows no such replica.
      let isFailing = pending.contains {
        if case .startFailed(name, _) = $0.event { true } else { false }
      }
      if !isFailing { broken.append("\(seconds): \(what) \(name), which does not run") }
      return
    }
    let wasReady = process.isReady && !process.isLeaving && !process.wasLeaving
    processes[name]?.isLeaving = true
    guard wasReady, !isFloorless else { return }
    if ready < floor {
      broken.append("\(seconds): \(what) \(name) leaves \(ready) ready of \(floor)")
    }
  }

  /// By number, the later ready.
  var stagger = TimeSpan.zero
  /// Never looked at while a scenario scales down, or has a first revision that does not work.
  var isFloorless = false
  private var floor: Int {
    guard let plan = machine.state.deployment?.plan else { return file.count }
    switch plan.maxUnavailable {
    case .count(let count): return max(0, file.count - (plan.strategy == .rolling ? count : 0))
    case .share(let share):
      return file.count - (plan.strategy == .rolling ? Int(Double(file.count) * share) : 0)
    }
  }

  private func start(_ name: String, _ revision: String) {
    if processes[name] != nil { broken.append("\(seconds): \(name) started twice") }
    if revision.isEmpty { broken.append("\(seconds): \(name) started from nothing") }
    if revision.hasPrefix("missing") {
      return later(.milliseconds(10), .startFailed(name: name, message: "no such file"), nil)
    }
    nextPid += 1
    processes[name] = Process(revision: revision, pid: nextPid, startedAt: now)
    later(.zero, .started(name: name, pid: nextPid, port: 20_000), nextPid)
    check(name, revision, nextPid)
    if revision.hasPrefix("crash") {
      later(.milliseconds(500), .exited(name: name, how: "exited with code 1"), nextPid)
    } else if revision.hasPrefix("late") {
      later(.seconds(20), .exited(name: name, how: "exited with code 1"), nextPid)
    }
  }

  private func check(_ name: String, _ revision: String, _ pid: Int32) {
    if revision.hasPrefix("never") || revision.hasPrefix("crash") { return }
    let number = Int64(name.split(separator: "-").last.flatMap { Int($0) } ?? 0)
    let span: TimeSpan = revision.hasPrefix("slow") ? .seconds(4) : .seconds(1)
    later(
      span + .milliseconds(stagger.milliseconds * number), .health(name: name, isHealthy: true), pid
    )
    if revision.hasPrefix("stall") {
      later(.seconds(15), .health(name: name, isHealthy: false), pid)
    }
  }

  private func take(_ note: DeploymentNote) {
    switch note {
    case .began(let it):
      log.append("\(seconds) began \(it.from) to \(it.to)")
      if began != nil { broken.append("\(seconds): two deployments at once") }
      began = now
    case .came(_, let words): log.append("\(seconds) came \(words)")
    case .paused(let it): log.append("\(seconds) paused \(it.reason ?? "for promote")")
    case .goesBack(let it): log.append("\(seconds) back: \(it.reason ?? "")")
    case .ended(let it, let result):
      log.append("\(seconds) ended \(it.to) \(result.rawValue)")
      results.append(result)
      if let began { longest = max(longest, now - began) }
      began = nil
      // Whichever lost has nothing left, but for a revision that failed with nothing to go back to.
      let gone = result == .rolledBack ? it.to : it.from
      if processes.values.contains(where: { $0.revision == gone && !$0.isLeaving }) {
        if result != .failed { broken.append("\(seconds): \(gone) still runs after the end") }
      }
    }
  }

  private func look() {
    var allowed: Set<String> = []
    if let it = machine.state.deployment { allowed = [it.from, it.to] }
    if let current = machine.state.current { allowed.insert(current) }
    for (name, process) in processes where !process.isLeaving && !allowed.contains(process.revision)
    {
      let what = "\(name) of \(process.revision) runs beside \(allowed.sorted())"
      if broken.last?.hasSuffix(what) != true { broken.append("\(seconds): \(what)") }
    }
  }
}
