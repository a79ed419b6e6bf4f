import Primitives

/// Any program that takes what Prometheus' Alertmanager sends to its web hooks: its JSON of version 4.
public struct WebhookChannel: Sendable, Equatable {
  static let limitBytes = 1 << 20

  public var url: String
  /// Of an `Authorization: Bearer` header.
  public var token: String?

  public init(url: String, token: String? = nil) {
    self.url = url
    self.token = token
  }

  func request(_ message: AlertMessage) -> AlertRequest {
    var alerts: [(JSONMessage, Int)] = []
    for part in message.parts {
      for item in part.firing + part.firing.flatMap(\.beneath) + part.resolved {
        let alert = AlertmanagerText.alert(item, isTold: true)
        alerts.append((alert, alert.bytes.count + 1))
      }
    }
    // Room for the members around the list.
    var left = Self.limitBytes - 64 * 1_024
    let fitting = alerts.prefix { alert in
      left -= alert.1
      return left >= 0
    }
    let part = message.parts.first
    let groupLabels = message.isDigest ? [:] : part?.labels ?? [:]
    let common = AlertmanagerText.common(message.firing + message.resolved)
    let body = JSONMessage.object([
      ("version", .text("4")), ("groupKey", .text(message.isDigest ? "digest" : part?.key ?? "")),
      ("truncatedAlerts", .integer(Int64(alerts.count - fitting.count))),
      ("status", .text(message.isFiring ? "firing" : "resolved")),
      ("receiver", .text("ballast")), ("groupLabels", .strings(groupLabels)),
      ("commonLabels", .strings(common)),
      ("commonAnnotations", .object([])), ("externalURL", .text("")),
      ("title", .text(message.title)), ("alerts", .array(fitting.map(\.0))),
    ]).bytes
    let headers = token.map {
      [AlertRequest.Header(name: "Authorization", value: "Bearer \($0)")]
    }
    return .json(url, body, headers: headers ?? [])
  }
}

/// Alerts in Alertmanager's words.
enum AlertmanagerText {
  private static let never = "0001-01-01T00:00:00Z"

  /// - Parameter isTold: as it is told by an Alertmanager, rather than to one.
  static func alert(_ item: AlertMessage.Item, isTold: Bool) -> JSONMessage {
    var members: [(String, JSONMessage)] = []
    if isTold { members.append(("status", .text(item.ended == nil ? "firing" : "resolved"))) }
    members += [
      ("labels", .strings(item.labels)),
      ("annotations", .object([("summary", .text(item.summary))])),
      ("startsAt", .text(item.began.description)),
    ]
    if isTold || item.ended != nil {
      members.append(("endsAt", .text(item.ended?.description ?? never)))
    }
    members.append(("generatorURL", .text("")))
    if isTold { members.append(("fingerprint", .text(item.id))) }
    return .object(members)
  }

  /// The labels that all have with the same value.
  static func common(_ items: [AlertMessage.Item]) -> [String: String] {
    guard var labels = items.first?.labels else { return [:] }
    for item in items.dropFirst() { labels = labels.filter { item.labels[$0.key] == $0.value } }
    return labels
  }
}
