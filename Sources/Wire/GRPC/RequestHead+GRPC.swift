public import Primitives

extension RequestHead {
  /// Whether it calls gRPC: its content is `application/grpc`, with or without a format behind it.
  /// `application/grpc-web` is another protocol.
  public func isGRPC(_ bytes: Span<UInt8>) -> Bool {
    guard let index = fields.firstIndex(named: GRPCFields.contentType, bytes) else { return false }
    let range = fields[index].valueRange
    let type = GRPCFields.mediaType
    guard range.count >= type.count, bytes.equalsIgnoringCase(type, from: range.lowerBound) else {
      return false
    }
    if range.count == type.count { return true }
    let next = bytes[range.lowerBound + type.count]
    return next == UInt8(ascii: "+") || next == UInt8(ascii: ";") || next == Octets.space
  }

  /// How long its client waits; nil where it doesn't say, or says it in no form that is one.
  public func grpcTimeout(_ bytes: Span<UInt8>) -> TimeSpan? {
    guard let index = fields.firstIndex(named: GRPCFields.timeout, bytes) else { return nil }
    return GRPCTimeout.read(bytes, fields[index].valueRange)
  }
}

extension ResponseHead {
  /// The call's status, where a head without a message behind it has it; nil without one.
  public func grpcStatus(_ bytes: Span<UInt8>) -> GRPCStatus? {
    guard let index = fields.firstIndex(named: GRPCFields.status, bytes) else { return nil }
    return GRPCStatus.read(bytes, fields[index].valueRange)
  }
}

/// Names of fields, in lower case.
enum GRPCFields {
  static let contentType = Array("content-type".utf8)
  static let mediaType = Array("application/grpc".utf8)
  static let timeout = Array("grpc-timeout".utf8)
  static let status = Array("grpc-status".utf8)
}
