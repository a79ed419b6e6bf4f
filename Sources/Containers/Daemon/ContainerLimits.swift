/// What one call to a daemon may cost.
public enum ContainerLimits {
  /// Of an answer that is read whole, in bytes.
  public static let answerBytes = 4 << 20
  /// Of a daemon's words that are passed on.
  public static let messageBytes = 300
  /// Containers of ours that are looked at in one list.
  public static let listed = 10_000
  /// Of one image that are counted for the progress of its pull.
  public static let layers = 256

  static let connectMilliseconds = 2_000
  /// For what a daemon answers from memory.
  static let answerMilliseconds = 10_000
  /// For what moves files: create, start, remove.
  static let workMilliseconds = 60_000
  /// A pull that brings nothing for so long is given up.
  static let pullStallMilliseconds = 120_000
}
