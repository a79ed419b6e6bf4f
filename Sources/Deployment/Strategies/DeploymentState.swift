/// What of a service's deployments outlives an engine.
public struct DeploymentState: Codable, Sendable, Equatable {
  /// The revision that runs, or ran before the deployment that is under way.
  public var current: String?
  /// A replica of `current` has been ready: it is worth going back to.
  public var isProven = false
  /// What the file named last; naming it again changes nothing, so that a revision that was rolled
  /// back isn't tried again at each reload.
  public var configured: String?
  public var deployment: OngoingDeployment?
  /// Begins when the one under way has ended.
  public var waiting: DeploymentRequest?

  public init() {}
}

/// A wish for another revision.
public struct DeploymentRequest: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable {
    case deploy, rollback, restart
  }

  public var revision: String
  public var kind: Kind
  public var plan: DeploymentPlan
  /// Who asked: `configuration`, `operator`.
  public var by: String

  public init(revision: String, kind: Kind, plan: DeploymentPlan, by: String) {
    self.revision = revision
    self.kind = kind
    self.plan = plan
    self.by = by
  }
}

/// A deployment on its way.
public struct OngoingDeployment: Codable, Sendable, Equatable {
  public enum Phase: String, Codable, Sendable {
    /// New replicas start and get ready; a rolling one takes out old ones meanwhile.
    case starting
    /// The new ones have their share of the requests and are looked at.
    case watching
    /// Somebody has to decide: `promote` or `abort`.
    case paused
    /// The old ones finish their requests and end.
    case finishing
    case rollingBack = "rolling-back"
  }

  public var request: DeploymentRequest
  public var from: String
  public var phase = Phase.starting
  /// Of a canary's steps, from 0.
  public var step = 0
  /// Of the requests that the new ones get, 0 … 1; nil: as many as fall to them.
  public var share: Double?
  /// Why it is paused or goes back.
  public var reason: String?
  /// Old replicas that may stay, and new ones that may run: neither turns round in a rolling one.
  public var oldQuota: Int
  public var newQuota = 0

  public var to: String { request.revision }
  public var plan: DeploymentPlan { request.plan }

  init(_ request: DeploymentRequest, from: String, count: Int) {
    self.request = request
    self.from = from
    oldQuota = count
    share = request.plan.strategy == .rolling ? nil : 0
  }
}

/// How a deployment ended.
public enum DeploymentResult: String, Codable, Sendable, CaseIterable {
  case succeeded
  case rolledBack = "rolled-back"
  /// The new revision is bad and there is none to go back to.
  case failed
}

extension DeploymentState {
  /// As far as it can be true: it comes from a file, whose numbers may be any.
  var bounded: DeploymentState {
    var state = self
    state.deployment = deployment?.bounded
    state.waiting = waiting?.bounded
    return state
  }
}

extension DeploymentRequest {
  fileprivate var bounded: DeploymentRequest {
    var request = self
    request.plan.gate.saturation = plan.gate.saturation.map { min(max($0, 0), 1) }
    return request
  }
}

extension OngoingDeployment {
  fileprivate var bounded: OngoingDeployment {
    func replicas(_ count: Int) -> Int { min(max(count, 0), ReplicaPolicy.mostReplicas) }
    var deployment = self
    deployment.request = request.bounded
    deployment.step = min(max(step, 0), max(plan.steps.count - 1, 0))
    deployment.share = share.map { min(max($0, 0), 1) }
    deployment.oldQuota = replicas(oldQuota)
    deployment.newQuota = replicas(newQuota)
    return deployment
  }
}
