import Configuration
import Deployment
import Primitives
import Supervision

/// The replicas of one service: the machine that decides, and what it takes to carry it out.
struct ReplicaSet {
  var machine: ReplicaSetMachine
  var stop = StopSettings()
  /// By fingerprint; those that a replica still shows, and the wanted one.
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

  init(service: String) { machine = ReplicaSetMachine(service: service) }

  mutating func learn(_ template: ReplicaTemplate) {
    let shown = Set(machine.replicas.compactMap(\.template) + [machine.template].compactMap { $0 })
    templates = templates.filter { shown.contains($0.key) }
    templates[template.fingerprint] = template
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
