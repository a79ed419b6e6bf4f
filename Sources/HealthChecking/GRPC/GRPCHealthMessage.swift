/// The two messages of `grpc.health.v1.Health/Check`, as Protocol Buffers write them, each in the frame
/// of gRPC: a byte for compression, four for the length.
public enum GRPCHealthMessage {
  public enum Status: UInt64, Sendable, Equatable {
    case unknown, serving, notServing, serviceUnknown

    /// As the protocol's definition has it.
    public var name: String {
      switch self {
      case .unknown: "UNKNOWN"
      case .serving: "SERVING"
      case .notServing: "NOT_SERVING"
      case .serviceUnknown: "SERVICE_UNKNOWN"
      }
    }
  }

  public static let path = "/grpc.health.v1.Health/Check"
  /// Of a whole answer in its frame; the message has one number.
  public static let longestAnswer = 4096
  /// Of a service's name; a name's length then takes two bytes at most.
  public static let longestService = 4096

  private static let serviceTag: UInt8 = 1 << 3 | 2
  private static let statusTag: UInt64 = 1 << 3 | 0
  private static let frameBytes = 5

  /// `HealthCheckRequest { string service = 1; }`; the empty name asks for the server as a whole.
  public static func request(service: String) -> [UInt8] {
    var message: [UInt8] = []
    let name = Array(service.utf8.prefix(longestService))
    if !name.isEmpty {
      message.append(serviceTag)
      var length = name.count
      while length > 127 {
        message.append(UInt8(truncatingIfNeeded: length) | 128)
        length >>= 7
      }
      message.append(UInt8(truncatingIfNeeded: length))
      message += name
    }
    let count = UInt32(truncatingIfNeeded: message.count)
    let frame = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> UInt32($0)) }
    return [0] + frame + message
  }

  /// `HealthCheckResponse { ServingStatus status = 1; }`, in its frame and alone in it. Fields that
  /// are not known are passed over; without the one that is, the status is `unknown`.
  /// - Returns: nil for what is no such message.
  public static func status(_ bytes: [UInt8]) -> Status? {
    guard bytes.count >= frameBytes, bytes.count <= longestAnswer, bytes[0] == 0 else { return nil }
    let length = bytes[1..<frameBytes].reduce(0) { $0 << 8 | Int($1) }
    guard length == bytes.count - frameBytes else { return nil }
    var rest = bytes[frameBytes...]
    var status = UInt64(0)
    while !rest.isEmpty {
      guard let tag = number(&rest) else { return nil }
      switch tag & 7 {
      case 0:
        guard let value = number(&rest) else { return nil }
        if tag == statusTag { status = value }
      case 1: guard skip(8, &rest) else { return nil }
      case 2: guard let count = number(&rest), skip(count, &rest) else { return nil }
      case 5: guard skip(4, &rest) else { return nil }
      default: return nil
      }
    }
    return Status(rawValue: status) ?? .unknown
  }

  /// A number of seven bits a byte, the lowest first; ten bytes at most.
  private static func number(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value = UInt64(0)
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= shift < 64 ? UInt64(byte & 127) << shift : 0
      if byte < 128 { return value }
    }
    return nil
  }

  private static func skip(_ count: UInt64, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard count <= UInt64(rest.count) else { return false }
    rest = rest.dropFirst(Int(count))
    return true
  }
}
