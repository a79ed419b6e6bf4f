public import Alerting

/// `alerts: { … }`: who is told what.
public struct AlertSettings: Sendable, Equatable {
  public struct Channel: Sendable, Equatable {
    public var name: String
    public var channel: AlertChannel
    public var policy: ChannelPolicy
    public var wording = MessageWording()
  }

  public var channels: [Channel] = []
  /// One that takes everything to every channel when none is written.
  public var routes: [AlertRoute] = []
  /// Those that are written.
  public var rules: [AlertRule] = []
  public var silences: [Silence] = []
  /// Whether the ready-made rules hold; a rule of the same name takes the place of one.
  public var standardRules = true

  public init() {}

  /// With the objectives of the services.
  public func policy(_ services: [ServiceSettings]) -> AlertPolicy {
    let named = Set(rules.map(\.name))
    let standard = standardRules ? StandardRules.all.filter { !named.contains($0.name) } : []
    let objectives = services.flatMap {
      ServiceObjectives(service: $0.name, objectives: $0.objectives).rules
    }
    return AlertPolicy(
      rules: rules + objectives + standard,
      routes: routes.isEmpty && !channels.isEmpty
        ? [AlertRoute(channels: channels.map(\.name))] : routes,
      channels: Dictionary(channels.map { ($0.name, $0.policy) }) { first, _ in first },
      silences: silences)
  }
}
