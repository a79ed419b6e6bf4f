extension Balancer {
  /// Why a server gets none of the requests.
  public enum Exclusion: String, Sendable {
    case tier, unhealthy, unchecked, draining, maintenance, zone, standby
    /// It is the other version's request.
    case version
    case weightZero = "weight-zero"
  }

  /// How a choice stood at a moment.
  public struct Explanation: Sendable {
    public enum Standing: String, Sendable {
      case open, avoided, tried, full
      case tooLoaded = "too-loaded"
    }

    public struct Candidate: Sendable {
      /// `ServerID.index`.
      public let server: Int
      /// After its slow start's part.
      public let weight: Double
      /// The algorithm's own number, lower is better; nil where it has none.
      public let score: Double?
      public let standing: Standing
    }

    public struct Outsider: Sendable {
      public let server: Int
      public let reason: Exclusion
    }

    public let algorithm: String
    /// A sentence on who the candidates are.
    public let set: String
    public let candidates: [Candidate]
    public let others: [Outsider]
    /// Whether the client's session decides, whatever the algorithm says.
    public let isHeldBySession: Bool
  }
}
