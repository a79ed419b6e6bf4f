/// What a request, or a stream that it began, hangs on.
enum AdminCredential: Sendable, Equatable {
  case none
  /// The unix socket · a loopback address where nobody signs in.
  case machine, local
  /// By its digest.
  case session(String)
  /// By its name.
  case token(String)
  case setUp
}
