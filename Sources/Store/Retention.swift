/// How much the store keeps; the oldest goes first.
public struct Retention: Sendable, Equatable {
  public var events: Int
  /// Resolved ones; open faults always stay.
  public var faults: Int
  /// The newest always stays.
  public var configurations: Int
  /// Of the texts of all of them.
  public var configurationBytes: Int
  /// Of one service, and of all together.
  public var deployments: Int
  public var allDeployments: Int
  /// Entries of the log of alerts and deliveries.
  public var alertLog: Int

  public init(
    events: Int = 100_000, faults: Int = 10_000, configurations: Int = 100,
    configurationBytes: Int = 64 << 20, deployments: Int = 50, allDeployments: Int = 2_000,
    alertLog: Int = 100_000
  ) {
    self.events = max(1, events)
    self.faults = max(1, faults)
    self.configurations = max(1, configurations)
    self.configurationBytes = max(0, configurationBytes)
    self.deployments = max(1, deployments)
    self.allDeployments = max(1, allDeployments)
    self.alertLog = max(1, alertLog)
  }
}
