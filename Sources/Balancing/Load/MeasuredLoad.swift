public import Primitives

/// What a server's supervisor, agent or answer said of its machine.
public struct MeasuredLoad: Sendable, Equatable {
  /// Shares of what it may use, 0 … 1.
  public var cpu: Double
  public var memory: Double
  public var measured: Instant

  /// An older report says nothing any more.
  public static let lifetime = TimeSpan.seconds(10)

  /// Shares outside of 0 … 1 count as the nearer end, and those that are no number as 1.
  public init(cpu: Double, memory: Double, measured: Instant) {
    self.cpu = cpu.isNaN ? 1 : min(max(cpu, 0), 1)
    self.memory = memory.isNaN ? 1 : min(max(memory, 0), 1)
    self.measured = measured
  }

  func isFresh(_ now: Instant) -> Bool { now - measured <= Self.lifetime }
}
