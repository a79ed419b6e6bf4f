/// Of a service whose weights follow its servers.
public struct TuneStatus: Codable, Sendable, Equatable {
  /// `latency` or `cpu`.
  public var by: String
  /// Whether an operator lets it work.
  public var on: Bool
  /// The last round found nothing to change.
  public var even: Bool
  /// Percent of the weights in the file.
  public var least: Int
  public var most: Int

  public init(by: String, on: Bool, even: Bool, least: Int, most: Int) {
    self.by = by
    self.on = on
    self.even = even
    self.least = least
    self.most = most
  }
}

public struct TuneRequest: Codable, Sendable, Equatable {
  public enum Action: String, Codable, Sendable, CaseIterable {
    /// Go on · stop, with the weights of the file · forget what was learnt, and go on.
    case on, off, reset
  }

  public var action: Action

  public init(action: Action) { self.action = action }
}
