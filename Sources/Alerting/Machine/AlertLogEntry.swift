public import Primitives

/// What happened to alerts and messages, for the log that people look at afterwards.
public struct AlertLogEntry: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case fired, resolved, delivered, failed, escalated, acknowledged, silenced, unsilenced, test
    /// More alerts at a time than are kept.
    case refused
  }

  public var at: WallTime
  public var kind: Kind
  /// Of the alert, for those about one.
  public var alert: String?
  public var group: String?
  public var channel: String?
  public var message: String

  public init(
    at: WallTime, kind: Kind, alert: String? = nil, group: String? = nil, channel: String? = nil,
    message: String
  ) {
    self.at = at
    self.kind = kind
    self.alert = alert
    self.group = group
    self.channel = channel
    self.message = message
  }
}
