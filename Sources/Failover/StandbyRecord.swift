/// What has to outlive the engine, so that its successor neither promotes again nor forgets that a
/// promotion was under way.
public struct StandbyRecord: Sendable, Equatable, Codable {
  /// The number of the last promotion that was begun, from 1; 0 before any.
  public var epoch: UInt64
  /// The active server; nil while there is none.
  public var active: String?
  /// The address at which it was promoted.
  public var address: String?
  /// The server whose hook had begun and not ended.
  public var candidate: String?
  /// The last server that was active, if it is no more.
  public var former: String?
  /// Whether an operator chose the active one, so that nothing switches back from it by itself.
  public var isHeld: Bool

  public init(
    epoch: UInt64 = 0, active: String? = nil, address: String? = nil, candidate: String? = nil,
    former: String? = nil, isHeld: Bool = false
  ) {
    self.epoch = epoch
    self.active = active
    self.address = address
    self.candidate = candidate
    self.former = former
    self.isHeld = isHeld
  }
}
