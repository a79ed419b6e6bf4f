/// Which limit a head went beyond, and where: for who has to find out why it was refused.
public struct HeadExcess: Sendable, Equatable {
  public enum Limit: UInt8, Sendable { case target, bytes, fields }

  public var limit: Limit
  public var most: Int
  /// What had come when the limit was noticed; the whole may be more.
  public var seen: Int
  /// The name of the field at which it was; empty in the request line.
  public var field: Range<Int>
}

extension RequestHead {
  /// Of the head that `read` has just refused; nil when that was for another reason.
  public func excess(_ error: HeadError, _ bytes: Span<UInt8>) -> HeadExcess? {
    switch error {
    case .targetTooLong:
      let start = bytes.index(of: Octets.space, in: 0..<bytes.count) + 1
      let end = start < bytes.count ? bytes.index(of: Octets.space, in: start..<bytes.count) : start
      return HeadExcess(
        limit: .target, most: HeadLimits.targetBytes, seen: end - start, field: 0..<0)
    case .tooManyFields:
      return HeadExcess(
        limit: .fields, most: allowance.fields, seen: fields.count + 1, field: lastName(bytes))
    case .headTooLarge:
      return HeadExcess(
        limit: .bytes, most: allowance.bytes, seen: bytes.count, field: lastName(bytes))
    default: return nil
    }
  }

  private func lastName(_ bytes: Span<UInt8>) -> Range<Int> {
    let start = min(fields.lastLine, bytes.count)
    // No line of a field was begun.
    if start == 0 { return 0..<0 }
    var end = start
    while end < bytes.count, Octets.isToken(bytes[end]) { end += 1 }
    return start..<end
  }
}
