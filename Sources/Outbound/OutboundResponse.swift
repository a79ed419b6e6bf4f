/// An answer of any status; a status is never an error here.
public struct OutboundResponse: Sendable {
  public var status: Int
  /// In their order; names as they were sent.
  public var headers: [OutboundHeader]
  public var body: [UInt8]

  public init(status: Int, headers: [OutboundHeader] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public var succeeded: Bool { (200...299).contains(status) }

  /// The first field of that name, in whatever case.
  public func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}

/// Why there is no answer.
public enum OutboundError: Error, Sendable, Equatable {
  /// No connection: refused, no such socket, no such host. Nothing was sent, so a retry is safe.
  case notReachable(String)
  /// The time ran out; the other side may have acted.
  case timedOut(String)
  /// The answer is beyond the request's limits.
  case tooLarge(String)
  /// The connection ended before the answer did, or the other side does not speak HTTP.
  case other(String)
}

extension OutboundError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notReachable(let message), .timedOut(let message), .tooLarge(let message),
      .other(let message):
      message
    }
  }
}
