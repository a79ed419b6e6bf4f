public import Primitives

/// Runs the replicas of one service, and brings another revision in the place of the one that runs:
/// start, ready, shift, drain, stop. Of two revisions of a deployment one is left in the end.
///
/// Duties of the caller:
/// 1. After a start of the engine: `restored` with the state that was kept, `adopted` with what runs,
///    then `configured`. Nothing is started or stopped before.
/// 2. Do the actions in order, and answer those of replicas as their comments say.
/// 3. Keep `state` whenever it differs, before what an action asks for is visible.
/// 4. Give the new revision's servers the share of the requests that `shift` says.
/// 5. While there is a deployment: `measured` about once a second.
/// 6. Send `tick` once `nextDeadline` is reached; ask for it anew after every event.
/// 7. Keep how to start a revision as long as `revisions` has it.
public struct DeploymentMachine: Sendable {
  public enum Event: Sendable, Equatable {
    case restored(DeploymentState)
    /// What the file says. Another revision than it named before begins a deployment, and takes the
    /// place of one that is under way.
    case configured(revision: String, count: Int, plan: DeploymentPlan)
    case scaled(count: Int)
    /// The service has no replicas any more.
    case removed
    /// - Parameter supersedes: a deployment under way is given up; else the request waits for its end.
    case requested(DeploymentRequest, supersedes: Bool)
    case measured(GateSample)
    /// On to the next step without waiting, or after a pause.
    case promote
    case abort(reason: String)
    case adopted([AdoptedReplica])
    case started(name: String, pid: Int32, port: UInt16)
    case startFailed(name: String, message: String)
    case exited(name: String, how: String)
    case health(name: String, isHealthy: Bool)
    case drained(name: String)
    case tick
  }

  /// So many ends of new replicas that nobody asked for are enough.
  public static let mostExits = 3
  /// A step with too few requests to judge by is made longer, up to so many times.
  public static let longestStep = 3

  public let service: String
  public var replicaSet: ReplicaSetMachine
  public internal(set) var state = DeploymentState()
  /// Replicas wanted.
  public internal(set) var count = 0
  /// When `tick` is due; nil: only after another event.
  public internal(set) var nextDeadline: Instant?

  /// The last time that it came forward, and when its phase began.
  var progressAt = Instant.zero
  var phaseSince = Instant.zero
  /// New replicas that were available then.
  var seenAvailable = 0
  /// Ends of new replicas since the deployment began, and the last one in words.
  var exits = 0
  var lastExit: String?
  var sample: GateSample?
  /// `promote` was asked for.
  var isPromoted = false
  var isConfigured = false

  public init(service: String, policy: ReplicaPolicy = ReplicaPolicy()) {
    self.service = service
    replicaSet = ReplicaSetMachine(service: service, policy: policy)
  }

  public mutating func handle(_ event: Event, now: Instant) -> [DeploymentAction] {
    var actions: [DeploymentAction] = []
    switch event {
    case .restored(let state): self.state = state.bounded
    case .configured(let revision, let count, let plan):
      self.count = min(max(count, 0), ReplicaPolicy.mostReplicas)
      configure(revision, plan, now: now, &actions)
    case .scaled(let count): self.count = min(max(count, 0), ReplicaPolicy.mostReplicas)
    case .removed:
      count = 0
      isConfigured = true
      state = DeploymentState()
    case .requested(let request, let supersedes):
      take(request, supersedes: supersedes, now: now, &actions)
    case .measured(let sample): if state.deployment != nil { self.sample = sample }
    case .promote:
      // Kept for later it would overrule a failure that nobody has seen yet.
      let phase = state.deployment?.phase
      isPromoted = phase == .watching || phase == .paused
    case .abort(let reason): goBack(reason, now: now, &actions)
    case .adopted(let replicas): tell(.adopted(replicas), now: now, &actions)
    case .started(let name, let pid, let port):
      tell(.started(name: name, pid: pid, port: port), now: now, &actions)
    case .startFailed(let name, let message):
      count(message, of: name)
      tell(.startFailed(name: name, message: message), now: now, &actions)
    case .exited(let name, let how):
      count(how, of: name)
      tell(.exited(name: name, how: how), now: now, &actions)
    case .health(let name, let isHealthy):
      tell(.health(name: name, isHealthy: isHealthy), now: now, &actions)
    case .drained(let name): tell(.drained(name: name), now: now, &actions)
    case .tick: tell(.tick, now: now, &actions)
    }
    if isConfigured { steer(now: now, &actions) }
    return actions
  }

  mutating func tell(
    _ event: ReplicaSetMachine.Event, now: Instant, _ actions: inout [DeploymentAction]
  ) {
    for action in replicaSet.handle(event, now: now) { actions.append(.replica(action)) }
  }

  /// Ends of new replicas that nobody asked for.
  private mutating func count(_ how: String, of name: String) {
    guard let deployment = state.deployment,
      let slot = replicaSet.slots.first(where: { $0.name == name }),
      slot.template == deployment.to, !slot.isLeaving, !slot.isWaiting
    else { return }
    exits += 1
    lastExit = "\(name) \(how)"
  }

  // MARK: What is asked for

  private mutating func configure(
    _ revision: String, _ plan: DeploymentPlan, now: Instant, _ actions: inout [DeploymentAction]
  ) {
    replicaSet.drain = plan.drain
    let isFirst = !isConfigured
    isConfigured = true
    if isFirst { begin(adopting: revision, now: now) }
    guard revision != state.configured else { return }
    state.configured = revision
    // Where nothing runs there is nothing to replace: a file that was changed meanwhile is begun with.
    if isFirst, replicaSet.slots.isEmpty, state.deployment == nil {
      state.current = revision
      state.isProven = false
      return
    }
    guard state.current != nil else {
      state.current = revision
      return
    }
    let request = DeploymentRequest(
      revision: revision, kind: .deploy, plan: plan, by: "configuration")
    take(request, supersedes: true, now: now, &actions)
  }

  /// The first configuration of an engine: what goes on from the one before.
  private mutating func begin(adopting revision: String, now: Instant) {
    progressAt = now
    phaseSince = now
    // Without a state what runs is what was wanted, so that nothing is taken out at once.
    guard state.current == nil, !replicaSet.slots.isEmpty else { return }
    let running = Dictionary(grouping: replicaSet.slots.filter { !$0.isLeaving }, by: \.template)
    guard let most = running.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) })
    else { return }
    state.current = most.key
    state.isProven = true
    if Self.program(of: most.key) == revision { state.configured = revision }
  }

  private mutating func take(
    _ request: DeploymentRequest, supersedes: Bool, now: Instant,
    _ actions: inout [DeploymentAction]
  ) {
    guard let deployment = state.deployment else {
      return start(request, now: now, &actions)
    }
    if deployment.to == request.revision, deployment.phase != .rollingBack {
      state.waiting = nil
      return
    }
    state.waiting = request.revision == deployment.from ? nil : request
    if supersedes || request.revision == deployment.from {
      goBack(Self.superseded, now: now, &actions)
    }
  }

  mutating func start(
    _ request: DeploymentRequest, now: Instant, _ actions: inout [DeploymentAction]
  ) {
    guard let current = state.current, current != request.revision else { return }
    var request = request
    // What never worked is nothing to keep beside the new one, or to compare it with.
    if !state.isProven { request.plan.strategy = .rolling }
    let deployment = OngoingDeployment(
      request, from: current, count: max(count, replicaSet.members(current).count))
    state.deployment = deployment
    replicaSet.drain = request.plan.drain
    (progressAt, phaseSince) = (now, now)
    (seenAvailable, exits, lastExit, sample, isPromoted) = (0, 0, nil, nil, false)
    actions.append(.note(.began(deployment)))
    actions.append(.measureAnew)
  }

  /// Why a deployment goes back that nothing is wrong with.
  public static let superseded = "another deployment takes its place"

  // MARK: Names of revisions

  /// Restarts of a program are revisions of their own: `PROGRAM+N`.
  public static func restarted(_ revision: String) -> String {
    let parts = revision.split(separator: "+", maxSplits: 1)
    let number = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    return "\(parts.first ?? "")+\(number &+ 1)"
  }

  public static func program(of revision: String) -> String {
    revision.split(separator: "+", maxSplits: 1).first.map(String.init) ?? revision
  }
}
