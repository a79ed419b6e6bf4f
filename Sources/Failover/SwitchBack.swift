/// What happens when the preferred server of a service with one active server is well again.
public enum SwitchBack: String, Sendable, CaseIterable {
  /// The active one stays until it fails.
  case never
  /// The preferred one is promoted once it has been healthy for a time.
  case whenHealthy = "when-healthy"
}
