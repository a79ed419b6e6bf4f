/// What the model says of a number of servers.
public struct AvailabilityForecast: Codable, Sendable, Equatable {
  public var servers: Int
  public var needed: Int
  /// Shares of time, 0 … 1. Of a good service only the unavailability has digits left.
  public var availability: Double
  public var unavailability: Double
  public var minutesDownAMonth: Double

  /// 365.25 days in twelve parts.
  static let minutesAMonth = 43_830.0

  init(_ servers: RedundantServers) {
    self.init(
      servers: servers.count, needed: servers.needed,
      unavailability: servers.serviceUnavailability)
  }

  init(servers: Int, needed: Int, unavailability: Double) {
    self.servers = servers
    self.needed = needed
    self.unavailability = unavailability
    availability = 1 - unavailability
    minutesDownAMonth = unavailability * Self.minutesAMonth
  }
}
