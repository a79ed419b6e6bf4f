/// What is to be kept of a change.
public enum AccountChange: Sendable, Equatable {
  /// New, or in the place of what was there.
  case user(UserRecord)
  case userRemoved(String)
  case token(TokenRecord)
  case tokenRemoved(String)
  case session(SessionRecord)
  /// By its digest.
  case sessionRemoved(String)
}

/// Why a change is not made.
public enum AccountRefusal: Error, Sendable, Equatable {
  case invalid(String)
  case unknown(String)
  case conflict(String)
  case forbidden(String)

  public var message: String {
    switch self {
    case .invalid(let message), .unknown(let message), .conflict(let message),
      .forbidden(let message):
      message
    }
  }
}
