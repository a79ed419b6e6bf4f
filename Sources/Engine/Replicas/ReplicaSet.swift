import Configuration
import Deployment
import Primitives
import Supervision
import Topology

/// The replicas of one service: the machine that decides, and what it takes to carry it out.
struct ReplicaSet {
  var machine: DeploymentMachine
  var stop = StopSettings()
  /// By revision; those that the machine may still start.
  private(set) var templates: [String: ReplicaTemplate] = [:]
  /// What the file says, and what an operator asked for since.
  var configuredCount = 0
  var orderedCount: Int?
  /// Told once that limits of resources cannot be set.
  var toldLimits = false
  /// Replicas that ended again and again, and have not run steadily since.
  var looping: Set<String> = []
  /// By name; the keeper's words for what the machine doesn't hold.
  var addresses: [String: SocketAddress] = [:]

  /// What the balancer measured of the deployment under way.
  var traffic = DeploymentTraffic()
  var measured: GateSample?
  /// What a new replica that ended said last.
  var lastLines: [String] = []

  init(service: String) { machine = DeploymentMachine(service: service) }

  /// Before the machine hears of it.
  mutating func learn(_ template: ReplicaTemplate) {
    let used = machine.revisions
    templates = templates.filter { used.contains($0.key) }
    templates[template.fingerprint] = template
  }

  /// What the balancer has to know of a deployment; nil without one.
  var shift: TrafficShift? {
    guard machine.isRolling else { return nil }
    let deployment = machine.state.deployment
    // On its way back nobody is sent to it any more.
    let match = deployment?.phase == .rollingBack ? nil : deployment?.plan.match
    return TrafficShift(
      servers: newReplicas, share: machine.shift?.share, match: match.map(VersionMatch.init))
  }

  /// Replicas of the revision that takes another's place.
  var newReplicas: Set<String> {
    guard let deployment = machine.state.deployment else { return [] }
    return Set(machine.replicas.filter { $0.template == deployment.to }.map(\.name))
  }

  /// Adopted ones are told one by one before the machine knows of them.
  mutating func learn(adopting spec: ReplicaSpec) {
    templates[spec.template] = ReplicaTemplate(adopting: spec)
  }

  /// What the replica of a name was started from; nil without one.
  func template(of replica: String) -> ReplicaTemplate? {
    machine.replicas.first { $0.name == replica }?.template.flatMap { templates[$0] }
  }

  var wantedCount: Int { orderedCount ?? configuredCount }
}
