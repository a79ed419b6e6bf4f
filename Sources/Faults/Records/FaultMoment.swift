public import Primitives

/// One line of a fault's timeline.
public struct FaultMoment: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// The fault or one beneath it: it began, recovered, is over.
    case fault
    /// A health check's word.
    case check
    /// A process started, ended, is ready.
    case replica
    /// Workers leave a server out, or take it back.
    case ejection
    case deployment, configuration, scaling
    /// A message that went to people.
    case alert
    case failover
    /// Somebody did something.
    case person
    case other
  }

  public var at: WallTime
  public var kind: Kind
  public var severity: EventRecord.Severity
  public var service: String?
  public var server: String?
  /// The record that it is of; nil for what only happened at the time.
  public var fault: Int64?
  public var message: String

  public init(
    at: WallTime, kind: Kind, severity: EventRecord.Severity = .info, service: String? = nil,
    server: String? = nil, fault: Int64? = nil, message: String
  ) {
    self.at = at
    self.kind = kind
    self.severity = severity
    self.service = service
    self.server = server
    self.fault = fault
    self.message = message
  }
}
