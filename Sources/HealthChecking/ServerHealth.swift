/// What checks and an agent say together. Whoever says that a server is unhealthy is believed; an
/// agent that was not heard yet says nothing.
public enum ServerHealth {
  /// - Parameters:
  ///   - checks: nil when there are none.
  ///   - agent: nil when there is none.
  public static func combined(checks: HealthState?, agent: HealthState?) -> HealthState {
    switch (checks, agent) {
    case (.unhealthy?, _), (_, .unhealthy?): .unhealthy
    case (let checks?, _): checks
    case (nil, let agent?): agent
    case (nil, nil): .healthy
    }
  }
}
