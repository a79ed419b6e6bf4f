public import Primitives

/// Alerts that are told together.
public struct AlertGroup: Codable, Sendable, Equatable {
  /// The place of the route and the values of its labels: `1/service=shop`.
  public var key: String
  public var route: Int
  public var labels: [String: String]
  /// Ids, also of alerts that are over and have not been told so.
  public var members: Set<String>
  /// What was told as firing, with the moment at which it began to fire.
  public var announced: [String: WallTime]
  /// The first alert that is not told came then.
  public var opened: WallTime?
  /// Since then nothing of what was told fires any more.
  public var over: WallTime?
  public var flushed: WallTime?
  /// When what is told now was told first: escalation counts from here.
  public var firstTold: WallTime?
  /// Steps of escalation that were taken.
  public var escalated: Int
  /// Of the route, and those that escalation added.
  public var channels: [String]
  /// Channels that were told that something fires, and not yet that it is over.
  public var owed: Set<String>

  init(key: String, route: Int, labels: [String: String], channels: [String]) {
    self.key = key
    self.route = route
    self.labels = labels
    members = []
    announced = [:]
    escalated = 0
    self.channels = channels
    owed = []
  }
}
