public import Topology
public import Wire

/// What the Accept-Encoding fields of a request say (RFC 9110 section 12.5.3), in 8 bytes.
public struct AcceptedCodings: Sendable, Equatable {
  /// Thousandths. By the coding's raw value; 0 is not accepted.
  private var weights = InlineArray<3, UInt16>(repeating: 0)
  /// Of the content as it is.
  private var identity: UInt16

  private static let full: UInt16 = 1_000
  /// Nothing was said of it, which makes it acceptable, but is no wish.
  private static let unsaid = UInt16.max

  /// Nothing but the content as it is.
  public init() { identity = Self.unsaid }

  /// Without such a field everything would be acceptable; who doesn't ask gets the content as it is.
  public init(_ head: RequestHead, _ bytes: Span<UInt8>) {
    self.init()
    var said = InlineArray<3, UInt16>(repeating: Self.unsaid)
    var others = Self.unsaid
    for index in 0..<head.fields.count where head.fields[index].name == .other {
      let field = head.fields[index]
      guard bytes.equalsIgnoringCase("accept-encoding", in: field.nameRange) else { continue }
      var list = ListReader(field.valueRange)
      while let element = list.next(bytes) {
        let (name, weight) = Self.split(bytes, element)
        // What is named twice is taken as its lesser wish.
        if let coding = Self.coding(bytes, name) {
          said[Int(coding.rawValue)] = min(said[Int(coding.rawValue)], weight)
        } else if bytes.equalsIgnoringCase("identity", in: name) {
          identity = min(identity, weight)
        } else if name.count == 1, bytes[name.lowerBound] == UInt8(ascii: "*") {
          others = min(others, weight)
        }
      }
    }
    for index in 0..<3 {
      let weight = said[index] == Self.unsaid ? others : said[index]
      weights[index] = weight == Self.unsaid ? 0 : weight
    }
    // `*;q=0` refuses the content as it is too, unless that is named.
    if identity == Self.unsaid, others == 0 { identity = 0 }
  }

  public static func == (left: AcceptedCodings, right: AcceptedCodings) -> Bool {
    left.identity == right.identity && left.weights[0] == right.weights[0]
      && left.weights[1] == right.weights[1] && left.weights[2] == right.weights[2]
  }

  /// Whether the client takes no content as it is.
  public var refusesIdentity: Bool { identity == 0 }

  /// The one that the client likes most, and among equals the first of `codings`; nil where it would
  /// rather have the content as it is.
  public func best(of codings: [ContentCoding]) -> ContentCoding? {
    var best: ContentCoding?
    var most: UInt16 = identity == Self.unsaid ? 1 : max(1, identity)
    for coding in codings {
      let weight = weights[Int(coding.rawValue)]
      guard weight >= most, best == nil || weight > most else { continue }
      best = coding
      most = weight
    }
    return best
  }

  private static func coding(_ bytes: Span<UInt8>, _ name: Range<Int>) -> ContentCoding? {
    for coding in ContentCoding.allCases where bytes.equalsIgnoringCase(coding.name, in: name) {
      return coding
    }
    // RFC 9110 section 8.4.1.3.
    return bytes.equalsIgnoringCase("x-gzip", in: name) ? .gzip : nil
  }

  /// `gzip;q=0.5`: the name's range, and its weight. One that can't be read is none.
  private static func split(
    _ bytes: Span<UInt8>, _ element: Range<Int>
  ) -> (name: Range<Int>, weight: UInt16) {
    var end = element.lowerBound
    while end < element.upperBound, Octets.isToken(bytes[end]) { end += 1 }
    let name = element.lowerBound..<end
    var offset = skipBlanks(bytes, end, element.upperBound)
    if offset == element.upperBound { return (name, full) }
    guard bytes[offset] == UInt8(ascii: ";") else { return (name, 0) }
    offset = skipBlanks(bytes, offset + 1, element.upperBound)
    guard element.upperBound - offset >= 3, Octets.lowercased(bytes[offset]) == UInt8(ascii: "q"),
      bytes[offset + 1] == UInt8(ascii: "=")
    else { return (name, 0) }
    return (name, weight(bytes, (offset + 2)..<element.upperBound))
  }

  /// `0`, `0.5`, `1`, `1.000` (RFC 9110 section 12.4.2), in thousandths.
  private static func weight(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt16 {
    let whole = bytes[range.lowerBound]
    guard range.count <= 5, whole == 48 || whole == 49 else { return 0 }
    if range.count > 1, bytes[range.lowerBound + 1] != UInt8(ascii: ".") { return 0 }
    var value = UInt16(whole &- 48) &* full
    var scale: UInt16 = 100
    var index = range.lowerBound + 2
    while index < range.upperBound {
      guard Octets.isDigit(bytes[index]) else { return 0 }
      value &+= UInt16(bytes[index] &- 48) &* scale
      scale /= 10
      index += 1
    }
    return value <= full ? value : 0
  }

  private static func skipBlanks(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    var offset = start
    while offset < end, bytes[offset] == Octets.space || bytes[offset] == Octets.tab { offset += 1 }
    return offset
  }
}
