/// How a call of gRPC ended: the numbers of `grpc-status`.
public enum GRPCStatus: UInt8, Sendable, CaseIterable {
  case ok
  case cancelled
  case unknown
  case invalidArgument
  case deadlineExceeded
  case notFound
  case alreadyExists
  case permissionDenied
  case resourceExhausted
  case failedPrecondition
  case aborted
  case outOfRange
  case unimplemented
  case `internal`
  case unavailable
  case dataLoss
  case unauthenticated

  /// As gRPC's libraries write it, for metrics and logs.
  public var name: StaticString {
    switch self {
    case .ok: "OK"
    case .cancelled: "CANCELLED"
    case .unknown: "UNKNOWN"
    case .invalidArgument: "INVALID_ARGUMENT"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .notFound: "NOT_FOUND"
    case .alreadyExists: "ALREADY_EXISTS"
    case .permissionDenied: "PERMISSION_DENIED"
    case .resourceExhausted: "RESOURCE_EXHAUSTED"
    case .failedPrecondition: "FAILED_PRECONDITION"
    case .aborted: "ABORTED"
    case .outOfRange: "OUT_OF_RANGE"
    case .unimplemented: "UNIMPLEMENTED"
    case .internal: "INTERNAL"
    case .unavailable: "UNAVAILABLE"
    case .dataLoss: "DATA_LOSS"
    case .unauthenticated: "UNAUTHENTICATED"
    }
  }

  /// What a client of gRPC is told where another one would get this status of HTTP from us. A rate
  /// limit is the one that differs from what clients make of a status by themselves: who may not
  /// call so often must not be sent to another server for that.
  public init(status: Int) {
    switch status {
    case 400, 405, 417, 421, 431, 501: self = .internal
    case 401: self = .unauthenticated
    case 403: self = .permissionDenied
    case 404: self = .unimplemented
    case 413, 429: self = .resourceExhausted
    case 408, 504: self = .deadlineExceeded
    case 502, 503: self = .unavailable
    default: self = .unknown
    }
  }

  /// A field's value; a number that gRPC doesn't have is `unknown`, as its libraries take it.
  public static func read(_ bytes: Span<UInt8>, _ range: Range<Int>) -> GRPCStatus {
    guard range.count == 1 || range.count == 2 else { return .unknown }
    var number: UInt8 = 0
    for index in range {
      guard Octets.isDigit(bytes[index]) else { return .unknown }
      // Two digits: at most 99.
      number = number &* 10 &+ (bytes[index] &- 48)
    }
    return GRPCStatus(rawValue: number) ?? .unknown
  }
}

/// Some of gRPC's statuses.
public struct GRPCStatusSet: Sendable, Equatable {
  /// A bit for each.
  private var bits: UInt32 = 0

  public init() {}

  public init(_ statuses: [GRPCStatus]) {
    for status in statuses { bits |= 1 << UInt32(status.rawValue) }
  }

  public var isEmpty: Bool { bits == 0 }

  public func contains(_ status: GRPCStatus) -> Bool { bits >> UInt32(status.rawValue) & 1 == 1 }
}
