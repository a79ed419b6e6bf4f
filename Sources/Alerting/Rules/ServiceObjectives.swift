public import Primitives

/// The objectives of a service as rules: several windows and burn rates, after Beyer et al., "The Site
/// Reliability Workbook", chapter 5. 14.4 times over an hour is 2 % of the budget of 30 days.
public struct ServiceObjectives: Sendable, Equatable {
  public struct Window: Sendable, Equatable {
    public var name: String
    public var factor: Double
    public var long: TimeSpan
    public var short: TimeSpan
    public var severity: AlertSeverity
  }

  public static let windows = [
    Window(
      name: "fast", factor: 14.4, long: .hours(1), short: .minutes(5), severity: .critical),
    Window(
      name: "medium", factor: 6, long: .hours(6), short: .minutes(30), severity: .critical),
    Window(name: "slow", factor: 1, long: .hours(72), short: .hours(6), severity: .warning),
  ]

  public var service: String
  public var objectives: [Objective]

  public init(service: String, objectives: [Objective]) {
    self.service = service
    self.objectives = objectives
  }

  public var rules: [AlertRule] {
    objectives.flatMap { objective in
      let kind =
        switch objective.indicator {
        case .availability: "availability"
        case .latency: "latency"
        }
      return Self.windows.map { window in
        AlertRule(
          name: "slo-\(kind)-\(window.name)",
          .burn(objective, factor: window.factor, long: window.long, short: window.short),
          service: service, severity: window.severity)
      }
    }
  }
}
