import CLinux

/// What the engine may do (docs/decisions/0003-privileges.md).
public enum EnginePrivileges {
  /// Linux's number of CAP_DAC_OVERRIDE: the state folder may be another user's.
  private static let overrideFileModes: UInt64 = 1 << 1

  /// Gives up, for good, all that the engine does not need: no program that it runs gains
  /// privileges, and of root's capabilities only CAP_DAC_OVERRIDE stays. To be called before any
  /// thread is started, since capabilities are a thread's and pass to those that it starts.
  public static func drop() throws(SystemError) {
    _ = try check(privileges_forbid_new())
    if privileges_is_root() != 0 { _ = try check(privileges_keep(overrideFileModes)) }
  }
}
