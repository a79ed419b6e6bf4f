public import Primitives

/// Zero means no limit.
public struct Timeouts: Sendable, Equatable {
  public var connect: TimeSpan
  public var response: TimeSpan
  public var idle: TimeSpan
  public var total: TimeSpan

  public init(
    connect: TimeSpan = .seconds(3), response: TimeSpan = .seconds(60),
    idle: TimeSpan = .hours(1), total: TimeSpan = .zero
  ) {
    self.connect = connect
    self.response = response
    self.idle = idle
    self.total = total
  }
}
