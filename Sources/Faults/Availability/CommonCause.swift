public import Primitives

/// The share of server faults that several servers have at once: a machine, a network, a release, a
/// database that all of them ask. The beta factor of IEC 61508-6, Annex D (Fleming, "A Reliability
/// Model for Common Mode Failures in Redundant Safety Systems", 1974).
public struct CommonCause: Codable, Sendable, Equatable {
  /// 0 … 1; the data and the prior together.
  public var beta: Double
  /// Faults that began within `window` of a fault of another server, of `faults`.
  public var together: Int
  public var faults: Int

  public static let window = TimeSpan.seconds(10)
  /// What is believed before there are data, and how many faults it weighs: the upper end of the 1 to
  /// 10 % that IEC 61508-6 gives for devices in the field, since like servers run the same program.
  public static let prior = 0.1
  public static let priorWeight = 5.0

  public init(together: Int, faults: Int) {
    self.together = together
    self.faults = faults
    beta =
      (Self.prior * Self.priorWeight + Double(together)) / (Self.priorWeight + Double(faults))
  }
}
