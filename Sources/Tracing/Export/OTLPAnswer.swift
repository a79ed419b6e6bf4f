/// What a collector says of spans that it took only in part: `ExportTraceServiceResponse` in Protocol
/// Buffers. It may say anything; what can't be read says nothing.
public struct OTLPAnswer: Sendable, Equatable {
  public var rejectedSpans: Int
  public var message: String

  public init(rejectedSpans: Int = 0, message: String = "") {
    self.rejectedSpans = rejectedSpans
    self.message = message
  }

  public init(protobuf bytes: [UInt8]) {
    self.init()
    guard let answer = ProtobufFields(bytes[...]),
      let partial = answer.delimited[1].flatMap({ ProtobufFields($0) })
    else { return }
    rejectedSpans = Int(clamping: Int64(bitPattern: partial.numbers[1] ?? 0))
    message = String(decoding: partial.delimited[2] ?? [], as: UTF8.self)
  }
}

/// The fields of one message: of each number the last one counts.
struct ProtobufFields {
  private(set) var numbers: [UInt64: UInt64] = [:]
  private(set) var delimited: [UInt64: ArraySlice<UInt8>] = [:]

  /// - Returns: nil where it is broken.
  init?(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while !rest.isEmpty {
      guard let tag = Self.varint(&rest) else { return nil }
      let field = tag >> 3
      switch tag & 7 {
      case 0:
        guard let number = Self.varint(&rest) else { return nil }
        numbers[field] = number
      case 1:
        guard rest.count >= 8 else { return nil }
        rest.removeFirst(8)
      case 2:
        guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return nil }
        let count = Int(truncatingIfNeeded: length)
        delimited[field] = rest.prefix(count)
        rest.removeFirst(count)
      case 5:
        guard rest.count >= 4 else { return nil }
        rest.removeFirst(4)
      default: return nil
      }
    }
  }

  /// Ten bytes at most.
  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
    }
    return nil
  }
}
