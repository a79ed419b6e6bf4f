public import Primitives

/// A browser that has signed in.
public struct SessionRecord: Sendable, Equatable {
  /// SHA-256 of what its cookie holds, in hexadecimal.
  public var digest: String
  public var user: String
  /// Where it was begun.
  public var from: String
  public var began: WallTime
  /// To within `AccountBook.useGrain`.
  public var lastUsed: WallTime

  public init(
    digest: String, user: String, from: String, began: WallTime, lastUsed: WallTime
  ) {
    self.digest = digest
    self.user = user
    self.from = from
    self.began = began
    self.lastUsed = lastUsed
  }

  /// Whichever comes first.
  public var expires: WallTime {
    min(
      began.advanced(by: AccountBook.longestSession),
      lastUsed.advanced(by: AccountBook.idleSession))
  }
}

extension WallTime {
  /// Saturates.
  public func advanced(by span: TimeSpan) -> WallTime {
    let (sum, overflow) = milliseconds.addingReportingOverflow(span.milliseconds)
    return WallTime(milliseconds: overflow ? (span > .zero ? .max : .min) : sum)
  }
}
