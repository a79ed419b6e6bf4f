import Primitives

/// PagerDuty's Events API, version 2: one event a group, with the group's key to tell repetitions. Its summary
/// has at most 1,024 characters, a whole event 512 KB.
public struct PagerDutyChannel: Sendable, Equatable {
  static let summaryCharacters = 1_024
  static let detailsBytes = 100_000

  /// `https://events.pagerduty.com/v2/enqueue`
  public var url: String
  public var routingKey: String

  public static let standardURL = "https://events.pagerduty.com/v2/enqueue"

  public init(url: String = standardURL, routingKey: String) {
    self.url = url
    self.routingKey = routingKey
  }

  /// Of a digest, too, each group is an incident of its own.
  func requests(_ message: AlertMessage) -> [AlertRequest] {
    message.parts.map { part in
      let one = AlertMessage(at: message.at, parts: [part], isTest: message.isTest)
      var members: [(String, JSONMessage)] = [
        ("routing_key", .text(routingKey)), ("dedup_key", .text(Self.key(part.key))),
        ("event_action", .text(part.isFiring ? "trigger" : "resolve")),
      ]
      let severity = part.severity == .critical ? "critical" : part.severity.rawValue
      members.append(
        (
          "payload",
          .object([
            ("summary", .text(String(one.title.prefix(Self.summaryCharacters)))),
            ("source", .text(part.subject)), ("severity", .text(severity)),
            (
              "timestamp",
              .text((part.firing + part.resolved).map(\.began).min()?.description ?? "")
            ),
            (
              "custom_details",
              .object([
                (
                  "alerts",
                  .text(
                    MessageText.lines(of: one, style: .plain, limit: Self.detailsBytes))
                )
              ])
            ),
          ])
        ))
      return .json(url, JSONMessage.object(members).bytes)
    }
  }

  /// At most 255 characters.
  private static func key(_ key: String) -> String {
    key.utf8.count <= 250 ? "ballast/\(key)".prefix(250).description : Alert.identify(["key": key])
  }
}
