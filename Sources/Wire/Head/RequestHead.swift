/// A request's head as offsets into its bytes (RFC 9112 sections 2 to 7). One value is reused for
/// every request of an event loop.
public struct RequestHead: Sendable {
  public internal(set) var method = Method.other
  public internal(set) var methodRange = 0..<0
  /// What goes into the request line to the server: origin-form, or `*`. Empty when the target was
  /// an absolute-form without a path: `/` is meant.
  public internal(set) var targetRange = 0..<0
  /// The target up to its query.
  public internal(set) var pathRange = 0..<0
  /// Host and port as the client wrote them: of the target if absolute-form, else of Host. Empty
  /// on an HTTP/1.0 request without either.
  public internal(set) var hostRange = 0..<0
  /// HTTP/1.0.
  public internal(set) var isOldVersion = false
  /// Whether the request came over HTTP/2 and this is its text; set by who reads.
  public var isFromHTTP2 = false
  public internal(set) var framing = MessageFraming.none
  public internal(set) var expectsContinue = false
  public internal(set) var connection = ConnectionOptions()
  /// The protocol that the client wants to switch to (RFC 9110 section 7.8), for a request without
  /// a body. Empty where none is asked for, or none that could be switched to.
  public internal(set) var upgradeRange = 0..<0
  /// `TE: trailers`: the client takes fields behind an answer's body (RFC 9110 section 10.1.4).
  public internal(set) var acceptsTrailers = false
  public internal(set) var fields = FieldTable()
  /// What the next head may have; set by who reads.
  public var allowance = HeadAllowance()
  /// Bytes of the whole head, the empty line included.
  public internal(set) var count = 0

  public init() {}

  /// Whether the client wants the connection kept (RFC 9112 section 9.3).
  public var keepsAlive: Bool {
    isOldVersion ? connection.keepAlive && !connection.close : !connection.close
  }
}

extension RequestHead {
  /// Whether an Accept field names `application/json` (RFC 9110 section 12.5.1).
  public func acceptsJSON(_ bytes: Span<UInt8>) -> Bool {
    for index in 0..<fields.count {
      let field = fields[index]
      guard bytes.equalsIgnoringCase("accept", in: field.nameRange) else { continue }
      var list = ListReader(field.valueRange)
      while let element = list.next(bytes) {
        var end = element.lowerBound
        while end < element.upperBound, Octets.isToken(bytes[end]) || bytes[end] == Octets.slash {
          end += 1
        }
        if bytes.equalsIgnoringCase("application/json", in: element.lowerBound..<end) {
          return true
        }
      }
    }
    return false
  }
}
