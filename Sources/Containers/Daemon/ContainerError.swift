internal import Outbound

/// Why a daemon did not do what it was asked for.
public enum ContainerError: Error, Sendable, Equatable {
  /// Nobody answers at its socket, or no more: the same can be asked again.
  case notReachable(String)
  /// Its own words. 404: there is no such container or image; 409: it is in another state, or the name
  /// is taken.
  case refused(status: Int, message: String)
  /// What came is no answer of such a daemon, or over its limit.
  case malformed(String)

  init(_ error: OutboundError, socket: String) {
    switch error {
    case .notReachable(let message):
      self = .notReachable("no daemon answers at \(socket): \(message)")
    case .timedOut(let message), .other(let message):
      self = .notReachable("the daemon at \(socket) does not answer: \(message)")
    case .tooLarge(let message): self = .malformed(message)
    }
  }

  public var isNotReachable: Bool { if case .notReachable = self { true } else { false } }

  /// There is no such container or image.
  public var isMissing: Bool { status == 404 }

  /// It is in another state already, or the name is taken.
  public var isConflict: Bool { status == 409 }

  private var status: Int { if case .refused(let status, _) = self { status } else { 0 } }
}

extension ContainerError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notReachable(let message), .refused(_, let message), .malformed(let message): message
    }
  }
}
