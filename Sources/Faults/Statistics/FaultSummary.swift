/// What the fault records say of one service.
public struct FaultSummary: Codable, Sendable, Equatable {
  public var service: String
  public var faults: Int
  public var open: Int
  /// Seconds observed for each fault (IEC 60050-192: operating time over failures, the times of
  /// repair being short beside it); nil without faults.
  public var mtbf: Double?
  /// Mean seconds from beginning to end of resolved faults; nil without any.
  public var mttr: Double?
  /// Mean seconds from when a fault was certain until somebody acknowledged it; nil where nobody did.
  public var mtta: Double?
  /// Share of the time observed in which the service was not down, 0 … 1.
  public var availability: Double

  public init(
    service: String, faults: Int, open: Int, mtbf: Double?, mttr: Double?,
    mtta: Double? = nil, availability: Double
  ) {
    self.service = service
    self.faults = faults
    self.open = open
    self.mtbf = mtbf
    self.mttr = mttr
    self.mtta = mtta
    self.availability = availability
  }
}
