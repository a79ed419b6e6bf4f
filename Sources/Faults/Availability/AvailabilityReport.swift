public import Primitives

/// The availability of a service: predicted from the faults of its servers, and measured.
public struct AvailabilityReport: Codable, Sendable, Equatable {
  /// Where the number of servers that are needed comes from.
  public enum NeedSource: String, Codable, Sendable {
    /// One is enough until something says otherwise.
    case usual = "default"
    /// The highest number of requests under way, over what one server may have.
    case load
    case asked
  }

  public struct Server: Codable, Sendable, Equatable {
    public var name: String
    public var faults: Int
    /// Nil without a fault of its own.
    public var mtbf: Double?
    /// Nil before a repair ended.
    public var mttr: Double?
    /// Share of the time watched in which no fault was open.
    public var availability: Double
  }

  public struct Measured: Codable, Sendable, Equatable {
    /// Times that no server took work.
    public var faults: Int
    public var availability: Double
    public var unavailability: Double
    public var minutesDownAMonth: Double
  }

  public var service: String
  public var since: WallTime
  /// Seconds.
  public var watched: Double
  public var needed: Int
  public var neededFrom: NeedSource
  /// Of all servers together: the model takes them as alike.
  public var server: ServerReliability
  public var commonCause: CommonCause
  /// One for each server that there is.
  public var servers: [Server]
  public var predicted: AvailabilityForecast
  /// The same at the upper end of the 95 % interval of the rate of faults.
  public var atLeast: AvailabilityForecast
  public var measured: Measured
  /// Minutes a month of the common cause alone: what no further server takes away.
  public var floorMinutesDownAMonth: Double
  public var oneMore: AvailabilityForecast
  /// Nil where there is only one, or none.
  public var oneFewer: AvailabilityForecast?
  public var halfRepair: AvailabilityForecast
  /// What the figures don't rest on, a sentence each.
  public var remarks: [String]
}
