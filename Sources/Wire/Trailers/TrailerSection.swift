public import Primitives

/// The fields behind a body (RFC 9110 section 6.5), in the one place where those of a request or of an
/// answer are read and let through. Reused.
///
/// Whatever version they came by, they stand here as lines of HTTP/1.1 with an empty line behind them,
/// are read as strictly as a head, and leave as lines again. A field that has to be known before the
/// content is dropped: one that frames, routes, authenticates, or says what the content is (section
/// 6.5.1).
public struct TrailerSection: Sendable {
  private var fields = FieldTable()
  /// Whether the last one that was read said how a call of gRPC ended.
  public private(set) var grpcStatus: GRPCStatus?

  public init() {}

  /// Bytes of all lines, and how many there may be.
  public static let allowance = HeadAllowance(bytes: ChunkLimits.trailerBytes, fields: 64)

  /// Writes the lines that may go on, without the empty line.
  /// - Throws: when they are none that could go on, or too many.
  public mutating func relay(
    _ bytes: Span<UInt8>, to writer: inout ByteWriter
  ) throws(HeadError) {
    grpcStatus = nil
    guard let end = try fields.read(bytes, from: 0, within: Self.allowance) else {
      throw .badLineEnd
    }
    guard end == bytes.count else { throw .badLineEnd }
    for index in 0..<fields.count where Self.mayTrail(fields[index], bytes) {
      let field = fields[index]
      if grpcStatus == nil, Self.isNamed(GRPCFields.status, bytes, field.nameRange) {
        grpcStatus = GRPCStatus.read(bytes, field.valueRange)
      }
      writer.append(bytes, field.nameRange)
      writer.append(": ")
      writer.append(bytes, field.valueRange)
      writer.append("\r\n")
    }
  }

  private static func mayTrail(_ field: FieldTable.Field, _ bytes: Span<UInt8>) -> Bool {
    switch field.name {
    case .other, .tracestate, .date: !heads.contains { isNamed($0, bytes, field.nameRange) }
    // ORCA's report of a server's load may stand here too; it goes no further than in a head.
    default: false
    }
  }

  /// What has to stand in a head beyond the names that are known otherwise.
  private static let heads: [[UInt8]] = [
    "age", "authorization", "cache-control", "content-encoding", "content-range", "content-type",
    "expires", "location", "max-forwards", "pragma", "proxy-authenticate", "proxy-authorization",
    "range", "retry-after", "strict-transport-security", "vary", "warning", "www-authenticate",
  ].map { Array($0.utf8) }

  private static func isNamed(_ name: [UInt8], _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    range.count == name.count && bytes.equalsIgnoringCase(name, from: range.lowerBound)
  }
}
