import AdminAPI
import Configuration
import Deployment
import Faults
import Primitives
import Topology

/// How that stands which a change is about, at one moment.
enum AuditPicture {
  case nothing
  case value(JSONTree)
  case configuration(LoadedConfiguration, number: Int64)

  /// Differences of two configurations that an entry tells; more are counted.
  static let mostDifferences = 100

  var text: String? {
    switch self {
    case .nothing: nil
    case .value(let tree): tree.text
    case .configuration(_, let number): JSONTree.object(["number": .number(Int(number))]).text
    }
  }

  /// Before and after; of a configuration only what differs, without what is likely a secret.
  func change(to other: AuditPicture) -> (before: String?, after: String?) {
    guard case .configuration(let old, let oldNumber) = self,
      case .configuration(let new, let newNumber) = other
    else { return (text, other.text) }
    let differences = ConfigurationVersion(
      sources: old.configurationSources, settings: old.settings
    ).differences(
      to: ConfigurationVersion(sources: new.configurationSources, settings: new.settings))
    let shown = differences.prefix(Self.mostDifferences)
    func side(
      _ number: Int64, _ loaded: LoadedConfiguration,
      _ value: KeyPath<ConfigurationDifference, String?>
    ) -> String? {
      var members: [String: JSONTree] = [
        "number": .number(Int(number)), "unsaved": .truth(loaded.isUnsaved),
      ]
      let values = shown.compactMap { one in
        one[keyPath: value].map { (one.path, JSONTree.text($0)) }
      }
      if !differences.isEmpty { members["values"] = .object(Dictionary(values) { $1 }) }
      if differences.count > shown.count {
        members["more"] = .number(differences.count - shown.count)
      }
      return JSONTree.object(members).text
    }
    return (side(oldNumber, old, \.old), side(newNumber, new, \.new))
  }
}

extension ControlPlane {
  /// What a call is about, as it stands now.
  func auditPicture(
    _ endpoint: Endpoint, _ names: [String], _ request: AdminRequest
  ) -> AuditPicture {
    let name = names.first ?? ""
    switch endpoint {
    case .scale, .tune, .restart, .deploy, .rollBack, .promoteDeployment, .abortDeployment:
      return servicePicture(name)
    case .changeServer, .promote:
      return serverPicture(ServerName(service: name, server: names.last ?? ""))
    case .ban, .unban:
      let address = names.first ?? AdminJSON.decode(BanRequest.self, request.body)?.address
      return .value(.list(banStatuses.filter { $0.address == address }.map(Self.picture)))
    case .orderDrill, .stopDrill:
      return .value(["running": drills.running.map { JSONTree.number($0.number) } ?? .list([])])
    case .resolveFault, .changeFault, .acknowledgeFault:
      guard let fault = recorder.ledger.records.first(where: { "\($0.id)" == name }) else {
        return .nothing
      }
      var members: [String: JSONTree] = [
        "open": .truth(fault.resolved == nil), "cause": .text(fault.cause),
      ]
      if fault.acknowledged != nil {
        members["acknowledgedBy"] = .text(fault.acknowledgedBy ?? "")
      }
      return .value(.object(members))
    case .testChannel, .acknowledgeAlerts, .silence, .unsilence:
      return alertPicture(endpoint, names.first, request)
    case .applyConfiguration, .rollBackConfiguration, .setConfigurationValue, .saveConfiguration,
      .reloadConfiguration:
      return .configuration(loaded, number: configurationNumber)
    case .addUser, .changeUser, .removeUser, .addToken, .removeToken:
      return accountPicture(endpoint, names.first, request)
    default: return .nothing
    }
  }

  private func servicePicture(_ name: String) -> AuditPicture {
    var members: [String: JSONTree] = [:]
    if let set = replicaSets[name] {
      members["replicas"] = .number(set.wantedCount)
      if let revision = set.machine.revision {
        members["revision"] = .text(revision)
        if let version = set.templates[revision]?.version { members["version"] = .text(version) }
      }
      if let deployment = set.machine.state.deployment {
        members["deployment"] = [
          "to": .text(deployment.to), "phase": .text(deployment.phase.rawValue),
          "step": .number(deployment.step),
        ]
      }
    }
    if let tune = tuneStatus(of: name) { members["tuned"] = .truth(tune.on) }
    return members.isEmpty ? .nothing : .value(.object(members))
  }

  private func serverPicture(_ name: ServerName) -> AuditPicture {
    guard let server = serverStatus(name) else { return .nothing }
    var members: [String: JSONTree] = [
      "state": .text(input.condition(of: name).availability.rawValue),
      "weight": .number(server.weight),
    ]
    if let role = server.role { members["role"] = .text(role) }
    return .value(.object(members))
  }

  private static func picture(_ ban: BanStatus) -> JSONTree {
    var members: [String: JSONTree] = ["address": .text(ban.address)]
    if let until = ban.until { members["until"] = .text("\(until)") }
    if let reason = ban.reason { members["reason"] = .text(reason) }
    return .object(members)
  }
}
