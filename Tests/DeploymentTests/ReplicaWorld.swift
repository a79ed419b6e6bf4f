import Deployment
import Primitives

/// A keeper, its processes, their health checks and their traffic, on a clock that jumps from event to
/// event. What a process does follows from its revision: `slow` is ready after 2 s, `never` runs and is
/// never ready, `crash` ends after 1 s, `missing` does not start, `faulty` answers 5 % errors, `lame` is
/// five times slower; all others are ready after 1 s.
final class ReplicaWorld {
  struct Process {
    var template: String
    var pid: Int32
    var startedAt: Instant
    var isLeaving = false
    var hangs = false
  }

  var machine: DeploymentMachine
  /// What the store has.
  var saved = DeploymentState()
  var plan: DeploymentPlan
  var now = Instant(nanoseconds: 1_000_000_000_000)
  var processes: [String: Process] = [:]
  /// `12.0 start shop-1 v1`: seconds since the beginning, then the action.
  var log: [String] = []
  var broken: [String] = []
  /// How deployments ended.
  var results: [DeploymentResult] = []
  /// Fewest ready replicas seen since it was set.
  var fewestReady = Int.max
  private let beginning: Instant
  private var pending: [(at: Instant, event: DeploymentMachine.Event, pid: Int32?)] = []
  private var nextPid: Int32 = 100
  private var isMeasuring = false
  private var largest = 0
  private var isRolling = true
  private var measuredSince = Instant.zero

  init(
    policy: ReplicaPolicy = ReplicaPolicy(), plan: DeploymentPlan = .restart(drain: .seconds(30))
  ) {
    machine = DeploymentMachine(service: "shop", policy: policy)
    self.plan = plan
    beginning = now
  }

  var notes: [String] { log.filter { $0.contains(" note ") } }

  func send(_ event: DeploymentMachine.Event) {
    let actions = machine.handle(event, now: now)
    saved = machine.state
    for action in actions { perform(action) }
    fewestReady = min(fewestReady, machine.ready)
    if machine.isRolling, !isMeasuring {
      isMeasuring = true
      later(.seconds(1), .measured(GateSample(new: GroupTraffic(), old: GroupTraffic())))
    }
  }

  func configure(_ revision: String, _ count: Int) {
    send(.configured(revision: revision, count: count, plan: plan))
  }

  func restart() {
    guard let revision = machine.revision else { return }
    let request = DeploymentRequest(
      revision: DeploymentMachine.restarted(revision), kind: .restart, plan: plan, by: "operator")
    send(.requested(request, supersedes: false))
  }

  /// Lets time pass, with all that happens in it.
  func advance(_ span: TimeSpan) {
    let end = now + span
    while true {
      let next = pending.min { $0.at < $1.at }
      let due = min(next?.at ?? .distantFuture, machine.nextDeadline ?? .distantFuture)
      guard due <= end else { break }
      precondition(due >= now, "time goes back")
      now = due
      guard let next, next.at == due else {
        send(.tick)
        continue
      }
      pending.remove(at: pending.firstIndex { $0.at == next.at && $0.event == next.event } ?? 0)
      deliver(next.event, to: next.pid)
    }
    now = end
  }

  /// Ends a process, as a crash does.
  func crash(_ name: String, how: String = "killed by SIGKILL") {
    guard processes.removeValue(forKey: name) != nil else { return }
    send(.exited(name: name, how: how))
  }

  func hang(_ name: String) {
    processes[name]?.hangs = true
    send(.health(name: name, isHealthy: false))
  }

  func wake(_ name: String) {
    guard processes[name]?.hangs == true else { return }
    processes[name]?.hangs = false
    send(.health(name: name, isHealthy: true))
  }

  /// A new engine: it knows what the keeper and the store tell it.
  func restartEngine(keepingState: Bool = true) {
    let (revision, count, state) = (machine.state.configured, machine.count, saved)
    machine = DeploymentMachine(service: "shop", policy: machine.policy)
    let running = processes.map { name, process in
      AdoptedReplica(
        name: name, template: process.template, pid: process.pid, port: 20_000,
        startedAt: process.startedAt, isStopping: process.isLeaving && isStopping(name))
    }
    pending.removeAll { waiting in
      switch waiting.event {
      case .drained, .startFailed, .measured: true
      default: false
      }
    }
    isMeasuring = false
    for name in processes.keys where !isStopping(name) { processes[name]?.isLeaving = false }
    if keepingState { send(.restored(state)) }
    send(.adopted(running.sorted { $0.name < $1.name }))
    configure(revision ?? "", count)
    for (name, process) in processes where !process.hangs { checkLater(name, process) }
  }

  /// The keeper and all that it ran are gone, and a new one begins.
  func restartKeeper() {
    processes = [:]
    pending = []
    restartEngine()
  }

  private func isStopping(_ name: String) -> Bool {
    pending.contains { if case .exited(name, _) = $0.event { true } else { false } }
  }

  private func deliver(_ event: DeploymentMachine.Event, to pid: Int32?) {
    switch event {
    case .health(let name, _), .drained(let name):
      guard processes[name]?.pid == pid, processes[name]?.hangs == false else { return }
    case .exited(let name, _):
      guard processes[name]?.pid == pid else { return }
      processes[name] = nil
    case .measured:
      isMeasuring = false
      return send(.measured(sample()))
    default: break
    }
    send(event)
  }

  /// A hundred requests a second to each revision that is ready.
  private func sample() -> GateSample {
    let requests = Int((now - measuredSince).seconds * 100)
    func traffic(_ revision: String?) -> GroupTraffic {
      guard let revision, processes.values.contains(where: { $0.template == revision }) else {
        return GroupTraffic()
      }
      let median = TimeSpan.milliseconds(revision == "lame" ? 100 : 20)
      return GroupTraffic(
        requests: requests, failures: revision == "faulty" ? requests / 20 : 0, p50: median,
        p99: median.scaled(by: 2))
    }
    let deployment = machine.state.deployment
    return GateSample(new: traffic(deployment?.to), old: traffic(deployment?.from))
  }

  private func later(_ span: TimeSpan, _ event: DeploymentMachine.Event, pid: Int32? = nil) {
    pending.append((now + span, event, pid))
  }

  private func checkLater(_ name: String, _ process: Process) {
    switch DeploymentMachine.program(of: process.template) {
    case "never", "crash": break
    case "slow": later(.seconds(2), .health(name: name, isHealthy: true), pid: process.pid)
    default: later(.seconds(1), .health(name: name, isHealthy: true), pid: process.pid)
    }
  }

  private func perform(_ action: DeploymentAction) {
    switch action {
    case .replica(let action): perform(action)
    case .measureAnew: measuredSince = now
    case .note(.began(let deployment)): tell("\(deployment.from) to \(deployment.to) began")
    case .note(.came(_, let words)): tell(words)
    case .note(.paused(let deployment)): tell("paused: \(deployment.reason ?? "promote?")")
    case .note(.goesBack(let deployment)): tell("goes back: \(deployment.reason ?? "")")
    case .note(.ended(let deployment, let result)):
      tell("\(deployment.to) \(result.rawValue)")
      results.append(result)
    }
  }

  private func tell(_ words: String) {
    let time = (now - beginning).milliseconds
    log.append("\(time / 1_000).\(time % 1_000 / 100) note \(words)")
  }

  private func perform(_ action: ReplicaAction) {
    let time = (now - beginning).milliseconds
    let at = "\(time / 1_000).\(time % 1_000 / 100)"
    switch action {
    case .start(let name, let template):
      log.append("\(at) start \(name) \(template)")
      start(name, template)
    case .beginDrain(let name):
      log.append("\(at) drain \(name)")
      expect(processes[name]?.isLeaving == false, "drain \(name)")
      processes[name]?.isLeaving = true
      later(.milliseconds(500), .drained(name: name), pid: processes[name]?.pid)
    case .stop(let name):
      log.append("\(at) stop \(name)")
      end(name, "exited with code 0", after: .seconds(1))
    case .kill(let name):
      log.append("\(at) kill \(name)")
      end(name, "killed by SIGKILL", after: .milliseconds(10))
    case .note(let note): log.append("\(at) note \(note)")
    }
  }

  /// Of replicas that are not leaving: one more than were ever wanted, twice as many where a whole new
  /// set comes beside the old one, or takes its place in mid-way.
  private var most: Int {
    largest = max(largest, machine.count)
    isRolling = isRolling && plan.strategy == .rolling && results.allSatisfy { $0 == .succeeded }
    return isRolling && machine.state.deployment?.phase != .rollingBack
      ? largest + 1 : 2 * largest + 1
  }

  private func start(_ name: String, _ template: String) {
    expect(processes[name] == nil, "\(name) started twice")
    let active = processes.values.count { !$0.isLeaving }
    expect(active < most, "\(active + 1) run where \(most) may")
    if DeploymentMachine.program(of: template) == "missing" {
      return later(.milliseconds(10), .startFailed(name: name, message: "no such file"))
    }
    nextPid += 1
    let process = Process(template: template, pid: nextPid, startedAt: now)
    processes[name] = process
    // The keeper answers before anything else can happen to the process.
    pending.append((now, .started(name: name, pid: nextPid, port: 20_000), nil))
    checkLater(name, process)
    if DeploymentMachine.program(of: template) == "crash" {
      later(.seconds(1), .exited(name: name, how: "exited with code 1"), pid: nextPid)
    }
  }

  private func end(_ name: String, _ how: String, after span: TimeSpan) {
    guard processes[name] != nil else {
      // Stopped before the answer that it did not start: the keeper knows no such replica.
      let isFailing = pending.contains {
        if case .startFailed(name, _) = $0.event { true } else { false }
      }
      return expect(isFailing, "\(name) stopped without running")
    }
    processes[name]?.isLeaving = true
    later(span, .exited(name: name, how: how), pid: processes[name]?.pid)
  }

  private func expect(_ holds: Bool, _ what: String) {
    if !holds { broken.append("\((now - beginning).seconds): \(what)") }
  }
}
