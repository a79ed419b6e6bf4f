import AdminAPI
import Alerting
import Configuration
import Primitives

/// What the audit log tells of alerts, silences and channels.
extension ControlPlane {
  /// Alerts of one acknowledgement that an entry tells of; more are counted.
  private static var mostPictured: Int { 20 }
  /// Characters of a comment.
  private static var longestPictured: Int { 200 }

  /// - Parameter name: of the path; nil where the body says it.
  func alertPicture(
    _ endpoint: Endpoint, _ name: String?, _ request: AdminRequest
  ) -> AuditPicture {
    switch endpoint {
    case .testChannel:
      let channel = AdminJSON.decode(AlertTest.self, request.body)?.channel
      return channel.map(channelPicture) ?? .nothing
    case .acknowledgeAlerts:
      let ids = AdminJSON.decode(AcknowledgeRequest.self, request.body)?.alerts ?? []
      return acknowledgementPicture(ids)
    case .silence:
      let match = AdminJSON.decode(SilenceRequest.self, request.body)?.match
      return Self.picture(silenceStatuses.filter { $0.match == match })
    case .unsilence: return Self.picture(silenceStatuses.filter { $0.id == name })
    default: return .nothing
    }
  }

  /// Its last test: nothing else of a channel changes by one.
  private func channelPicture(_ name: String) -> AuditPicture {
    guard let channel = alerts.channels[name] else { return .nothing }
    var members: [String: JSONTree] = ["kind": .text(channel.channel.kind)]
    if let test = alerts.machine.log.last(where: { $0.kind == .test && $0.channel == name }) {
      members["tested"] = .text("\(test.at)")
      members["outcome"] = .text(test.message)
    }
    return .value(.object(members))
  }

  private func acknowledgementPicture(_ ids: [String]) -> AuditPicture {
    var members: [String: JSONTree] = [:]
    for id in ids.prefix(Self.mostPictured) {
      guard let alert = alerts.machine.alerts[id] else { continue }
      var said: [String: JSONTree] = [
        "rule": .text(alert.rule), "state": .text(alert.state.rawValue),
      ]
      if let word = alert.acknowledgement {
        said["acknowledgedBy"] = .text(word.author)
        said["comment"] = .text(String(word.comment.prefix(Self.longestPictured)))
      }
      members[id] = .object(said)
    }
    if ids.count > Self.mostPictured { members["more"] = .number(ids.count - Self.mostPictured) }
    return members.isEmpty ? .nothing : .value(.object(members))
  }

  static func picture(_ silences: [SilenceStatus]) -> AuditPicture {
    .value(.list(silences.prefix(mostPictured).map(tree)))
  }

  static func tree(_ silence: SilenceStatus) -> JSONTree {
    [
      "id": .text(silence.id), "match": .object(silence.match.mapValues { .text($0) }),
      "author": .text(silence.author), "ends": .text("\(silence.ends)"),
      "comment": .text(String(silence.comment.prefix(longestPictured))),
    ]
  }
}
