public import Primitives

/// Something that happened, as it is stored, listed and streamed.
public struct EventRecord: Codable, Sendable, Equatable {
  public enum Severity: String, Codable, Sendable, CaseIterable { case info, warning, error }

  /// Counts up over the life of the state, from 1.
  public var id: Int64
  public var at: WallTime
  /// `server-healthy`, `server-unhealthy`, `replica-started`, `replica-exited`, `config-reloaded` …
  public var type: String
  public var severity: Severity
  public var service: String?
  public var server: String?
  /// A sentence for people.
  public var message: String

  public init(
    id: Int64, at: WallTime, type: String, severity: Severity = .info, service: String? = nil,
    server: String? = nil, message: String
  ) {
    self.id = id
    self.at = at
    self.type = type
    self.severity = severity
    self.service = service
    self.server = server
    self.message = message
  }
}
