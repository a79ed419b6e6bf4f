/// Which versions of the link an engine speaks. The keeper stays while engines are replaced, so the
/// newer side is the engine: it says what it speaks with its first message, whose form never changes,
/// and the keeper, which speaks one version, takes it or refuses it (docs/decisions/0011).
public struct LinkVersions: Codable, Sendable, Equatable {
  /// The one that this keeper speaks, and the newest that this engine does. Goes up with every change
  /// of a message that the other side could misunderstand.
  public static let current = 2
  /// What an engine of this program says. With a change that it can do without, `oldest` stays: then a
  /// keeper from before the change need not be restarted.
  public static let spoken = LinkVersions(oldest: 2, newest: current)

  public var oldest: Int
  public var newest: Int

  public init(oldest: Int, newest: Int) {
    self.oldest = oldest
    self.newest = newest
  }

  public func contains(_ version: Int) -> Bool { oldest <= version && version <= newest }
}
