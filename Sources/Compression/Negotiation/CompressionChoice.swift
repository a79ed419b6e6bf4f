public import Topology
public import Wire

/// Whether an answer is compressed.
public enum CompressionChoice: Sendable, Equatable {
  /// Nobody's would be.
  case unfit
  /// Another client's would be.
  case asIs
  case coded(ContentCoding)

  /// - Parameters:
  ///   - head: the answer's, with its bytes.
  ///   - isHead: the request was HEAD, whose answer has the fields of the one to GET.
  public init(
    _ head: ResponseHead, _ bytes: Span<UInt8>, isHead: Bool, policy: CompressionPolicy,
    accepted: AcceptedCodings
  ) {
    self = .unfit
    // RFC 9110 sections 15.3.5 to 15.3.7: without content, or a part of it.
    guard (200..<300).contains(head.status), ![204, 205, 206].contains(head.status) else { return }
    var length: Int64?
    switch head.framing {
    case .length(let count): length = count
    case .none:
      guard isHead else { return }
      length = Self.statedLength(head, bytes)
    case .chunked, .untilClose: break
    }
    if length == 0 { return }
    guard Self.isFree(head, bytes), Self.hasFittingType(head, bytes, policy) else { return }
    let isSmall = length.map { $0 < policy.minimumBytes } ?? false
    // A client that takes nothing as it is gets small answers as well.
    if isSmall, !accepted.refusesIdentity { return }
    self = accepted.best(of: policy.codings).map { .coded($0) } ?? .asIs
  }

  /// HEAD has no body, so its head tells of none; 0 for one that isn't a number.
  private static func statedLength(_ head: ResponseHead, _ bytes: Span<UInt8>) -> Int64? {
    for index in 0..<head.fields.count where head.fields[index].name == .contentLength {
      var length: Int64 = 0
      for place in head.fields[index].valueRange {
        let digit = Int64(bytes[place] &- 48)
        guard digit < 10, length < Int64.max / 16 else { return 0 }
        length = length &* 10 &+ digit
      }
      return length
    }
    return nil
  }

  /// Whether nothing in the head forbids another form of the content: that it is encoded already,
  /// is a part, is not to be transformed (RFC 9111 section 5.2.2.6), or that a digest of it is told
  /// (RFC 9530).
  private static func isFree(_ head: ResponseHead, _ bytes: Span<UInt8>) -> Bool {
    for index in 0..<head.fields.count where head.fields[index].name == .other {
      let name = head.fields[index].nameRange
      switch name.count {
      case 6: if bytes.equalsIgnoringCase("digest", in: name) { return false }
      case 11:
        if bytes.equalsIgnoringCase("content-md5", in: name)
          || bytes.equalsIgnoringCase("repr-digest", in: name)
        {
          return false
        }
      case 13:
        if bytes.equalsIgnoringCase("content-range", in: name) { return false }
        if bytes.equalsIgnoringCase("cache-control", in: name),
          forbids(bytes, head.fields[index].valueRange)
        {
          return false
        }
      case 14: if bytes.equalsIgnoringCase("content-digest", in: name) { return false }
      case 16: if bytes.equalsIgnoringCase("content-encoding", in: name) { return false }
      default: continue
      }
    }
    return true
  }

  private static func forbids(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var list = ListReader(range)
    while let directive = list.next(bytes) {
      if bytes.equalsIgnoringCase("no-transform", in: directive) { return true }
    }
    return false
  }

  private static func hasFittingType(
    _ head: ResponseHead, _ bytes: Span<UInt8>, _ policy: CompressionPolicy
  ) -> Bool {
    guard let index = head.fields.firstIndex(named: contentType, bytes) else { return false }
    let value = head.fields[index].valueRange
    var end = value.lowerBound
    while end < value.upperBound, Octets.isToken(bytes[end]) || bytes[end] == Octets.slash {
      end += 1
    }
    return policy.types.contains { $0.takes(bytes, value.lowerBound..<end) }
  }

  private static let contentType = Array("content-type".utf8)
}
