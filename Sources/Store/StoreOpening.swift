/// What came of opening the state: there is always a store to work with.
public struct StoreOpening: Sendable {
  /// A file that could not be used, kept under another name.
  public struct SetAside: Sendable, Equatable {
    public var path: String
    /// What was wrong with it.
    public var reason: String

    public init(path: String, reason: String) {
      self.path = path
      self.reason = reason
    }
  }

  public let store: Store
  /// Set when what was there was damaged, so that a new file was begun.
  public let setAside: SetAside?
  /// Why the store keeps all in memory only, until the engine ends; nil when it is on disk.
  public let problem: StoreError?

  /// Lines for the log: what an operator has to know of this opening.
  public var notes: [String] {
    var notes: [String] = []
    if let setAside {
      notes.append(
        "the state was damaged (\(setAside.reason)); it is kept as \(setAside.path), "
          + "and a new one was begun")
    }
    if let problem {
      notes.append("the state is kept in memory only, and is lost with this engine: \(problem)")
    }
    return notes
  }
}
