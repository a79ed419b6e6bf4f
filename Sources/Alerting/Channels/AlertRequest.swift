public import Primitives

/// A message as the HTTP request or the e-mail that carries it.
public struct AlertRequest: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// POST.
    case http(url: String, headers: [Header])
    /// From and to are bare addresses; the body is the whole message.
    case mail(from: String, to: [String])
  }

  public struct Header: Sendable, Equatable {
    public var name: String
    public var value: String
  }

  public var kind: Kind
  public var body: [UInt8]

  static func json(_ url: String, _ body: [UInt8], headers: [Header] = []) -> AlertRequest {
    AlertRequest(
      kind: .http(
        url: url, headers: [Header(name: "Content-Type", value: "application/json")] + headers),
      body: body)
  }

  static func form(_ url: String, _ fields: [(String, String)], headers: [Header] = [])
    -> AlertRequest
  {
    let text = fields.map { "\(PercentText.encode($0))=\(PercentText.encode($1))" }
      .joined(separator: "&")
    return AlertRequest(
      kind: .http(
        url: url,
        headers: [Header(name: "Content-Type", value: "application/x-www-form-urlencoded")]
          + headers), body: Array(text.utf8))
  }
}

/// What came of a request.
public enum AlertVerdict: Sendable, Equatable {
  case delivered
  /// - Parameter retryAfter: when the receiver says so.
  case failed(reason: String, retryAfter: TimeSpan? = nil)
}

/// The keyed digests that signatures are made of; whoever calls brings them.
public struct MessageDigests: Sendable {
  public var hmacSHA256: @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8]
  public var hmacSHA1: @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8]

  public init(
    hmacSHA256: @escaping @Sendable ([UInt8], [UInt8]) -> [UInt8],
    hmacSHA1: @escaping @Sendable ([UInt8], [UInt8]) -> [UInt8]
  ) {
    self.hmacSHA256 = hmacSHA256
    self.hmacSHA1 = hmacSHA1
  }
}
