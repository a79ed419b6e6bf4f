/// What the fault records say of one service in one month of UTC.
public struct FaultMonth: Codable, Sendable, Equatable {
  public var service: String
  /// `2026-11`.
  public var month: String
  /// Seconds of it that were watched so far.
  public var observed: Double
  /// Those that began in it, and those of them that are open.
  public var faults: Int
  public var open: Int
  /// Seconds watched for each fault; nil without faults.
  public var mtbf: Double?
  /// Mean seconds from beginning to end; nil without one that is over.
  public var mttr: Double?
  /// Mean seconds from when it was certain to when somebody acknowledged it; nil without one.
  public var mtta: Double?
  /// Seconds in which no server took work.
  public var down: Double
  /// Share of the time watched in which the service was not down, 0 … 1.
  public var availability: Double
  /// What the availability is to be, 0 … 1.
  public var objective: Double
  /// Seconds that the service may be down in the whole month by its objective, and those of them that
  /// are used up.
  public var budget: Double
  public var budgetSpent: Double
  /// Share of the budget that is left; negative when more was used.
  public var budgetLeft: Double

  public init(
    service: String, month: String, observed: Double, faults: Int, open: Int, mtbf: Double?,
    mttr: Double?, mtta: Double?, down: Double, availability: Double, objective: Double,
    budget: Double, budgetSpent: Double, budgetLeft: Double
  ) {
    self.service = service
    self.month = month
    self.observed = observed
    self.faults = faults
    self.open = open
    self.mtbf = mtbf
    self.mttr = mttr
    self.mtta = mtta
    self.down = down
    self.availability = availability
    self.objective = objective
    self.budget = budget
    self.budgetSpent = budgetSpent
    self.budgetLeft = budgetLeft
  }
}
