public import Primitives

/// A rule that holds for one thing.
public struct AlertStatus: Codable, Sendable, Equatable {
  public var id: String
  /// Of the rule.
  public var name: String
  /// `info`, `warning` or `critical`.
  public var severity: String
  /// `pending`: not for long enough yet · `firing` · `resolved`: somebody is still to be told so.
  public var state: String
  public var service: String?
  public var server: String?
  public var labels: [String: String]
  public var summary: String
  public var since: WallTime
  public var fired: WallTime?
  public var resolved: WallTime?
  public var silenced: Bool
  /// It follows from another alert, with which it is listed.
  public var inhibited: Bool
  public var acknowledgedBy: String?
  public var acknowledgement: String?

  public init(
    id: String, name: String, severity: String, state: String, service: String?, server: String?,
    labels: [String: String], summary: String, since: WallTime, fired: WallTime?,
    resolved: WallTime?, silenced: Bool, inhibited: Bool, acknowledgedBy: String?,
    acknowledgement: String?
  ) {
    self.id = id
    self.name = name
    self.severity = severity
    self.state = state
    self.service = service
    self.server = server
    self.labels = labels
    self.summary = summary
    self.since = since
    self.fired = fired
    self.resolved = resolved
    self.silenced = silenced
    self.inhibited = inhibited
    self.acknowledgedBy = acknowledgedBy
    self.acknowledgement = acknowledgement
  }
}

/// An alert with what happened to it.
public struct AlertDetail: Codable, Sendable, Equatable {
  public var alert: AlertStatus
  /// Oldest first, at most 100.
  public var log: [AlertLogLine]

  public init(alert: AlertStatus, log: [AlertLogLine]) {
    self.alert = alert
    self.log = log
  }
}

public struct AlertLogLine: Codable, Sendable, Equatable {
  public var at: WallTime
  /// `fired` `resolved` `delivered` `failed` `escalated` `acknowledged` `silenced` `unsilenced` `test`
  /// `refused`.
  public var kind: String
  public var alert: String?
  public var group: String?
  public var channel: String?
  public var message: String

  public init(
    at: WallTime, kind: String, alert: String?, group: String?, channel: String?, message: String
  ) {
    self.at = at
    self.kind = kind
    self.alert = alert
    self.group = group
    self.channel = channel
    self.message = message
  }
}

public struct AlertChannelStatus: Codable, Sendable, Equatable {
  public var name: String
  public var kind: String
  /// Groups that wait to be told.
  public var pending: Int
  public var delivered: UInt64
  public var failed: UInt64
  /// In a row.
  public var failures: Int
  public var lastDelivery: WallTime?
  public var lastError: String?

  public init(
    name: String, kind: String, pending: Int, delivered: UInt64, failed: UInt64, failures: Int,
    lastDelivery: WallTime?, lastError: String?
  ) {
    self.name = name
    self.kind = kind
    self.pending = pending
    self.delivered = delivered
    self.failed = failed
    self.failures = failures
    self.lastDelivery = lastDelivery
    self.lastError = lastError
  }
}

public struct AlertTest: Codable, Sendable, Equatable {
  public var channel: String

  public init(channel: String) { self.channel = channel }
}

public struct AcknowledgeRequest: Codable, Sendable, Equatable {
  /// Ids of alerts.
  public var alerts: [String]
  /// Whoever asks when absent.
  public var author: String?
  public var comment: String?

  public init(alerts: [String], author: String? = nil, comment: String? = nil) {
    self.alerts = alerts
    self.author = author
    self.comment = comment
  }
}

public struct SilenceStatus: Codable, Sendable, Equatable {
  public var id: String
  public var match: [String: String]
  public var author: String
  public var comment: String
  public var starts: WallTime
  public var ends: WallTime

  public init(
    id: String, match: [String: String], author: String, comment: String, starts: WallTime,
    ends: WallTime
  ) {
    self.id = id
    self.match = match
    self.author = author
    self.comment = comment
    self.starts = starts
    self.ends = ends
  }
}

public struct SilenceRequest: Codable, Sendable, Equatable {
  /// Labels with their values; a value may end in `*`.
  public var match: [String: String]
  /// Seconds.
  public var duration: Double
  /// Whoever asks when absent.
  public var author: String?
  public var comment: String?

  public init(
    match: [String: String], duration: Double, author: String? = nil, comment: String? = nil
  ) {
    self.match = match
    self.duration = duration
    self.author = author
    self.comment = comment
  }
}
