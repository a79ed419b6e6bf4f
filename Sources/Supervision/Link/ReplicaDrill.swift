/// What a drill does to a replica's processes.
public enum ReplicaDrill: Codable, Sendable, Equatable {
  /// They are killed; the replica counts as ended without being asked to.
  case kill
  /// They stand still. The keeper lets them go on after this time, whatever became of the engine; at most
  /// `LinkLimits.freezeMilliseconds`.
  case freeze(milliseconds: Int64)
  case thaw
}
