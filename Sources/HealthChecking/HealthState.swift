/// What the checks say of a server.
public enum HealthState: String, Sendable, Codable, CaseIterable {
  /// Never checked, or not yet failed often enough: takes no work.
  case unknown
  case healthy
  case unhealthy
}
