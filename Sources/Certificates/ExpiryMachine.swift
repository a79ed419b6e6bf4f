public import Primitives

/// Tells once for each certificate that its end comes near, and again when it is there.
public struct ExpiryMachine: Sendable {
  /// How near the end is.
  public enum Stage: Int, Sendable, Comparable, CaseIterable {
    case far, threeWeeks, week, over

    public static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }

    init(_ rest: TimeSpan) {
      self =
        rest <= .zero
        ? .over
        : rest <= ExpiryMachine.ahead[1]
          ? .week : rest <= ExpiryMachine.ahead[0] ? .threeWeeks : .far
    }
  }

  /// How long ahead it is told.
  public static let ahead: [TimeSpan] = [.hours(21 * 24), .hours(7 * 24)]

  public struct Certificate: Sendable, Hashable {
    public var name: String
    /// Tells it from the one that comes after it.
    public var fingerprint: String
    public var notAfter: WallTime

    public init(name: String, fingerprint: String, notAfter: WallTime) {
      self.name = name
      self.fingerprint = fingerprint
      self.notAfter = notAfter
    }
  }

  public struct Notice: Sendable, Equatable {
    public var certificate: Certificate
    public var stage: Stage
  }

  private var told: [Certificate: Stage] = [:]

  public init() {}

  /// - Parameter certificates: all that are in use.
  /// - Returns: those that came nearer to their end than was told before, one notice each.
  public mutating func handle(_ certificates: [Certificate], now: WallTime) -> [Notice] {
    var known: [Certificate: Stage] = [:]
    var notices: [Notice] = []
    for certificate in certificates where known[certificate] == nil {
      let stage = Stage(certificate.notAfter - now)
      let before = told[certificate] ?? .far
      if stage > before { notices.append(Notice(certificate: certificate, stage: stage)) }
      // A clock that was set back tells nothing twice.
      known[certificate] = max(stage, before)
    }
    told = known
    return notices
  }
}
