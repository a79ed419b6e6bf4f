/// An answer that sends the client elsewhere (RFC 9110 section 15.4).
public struct Redirect: Sendable, Hashable {
  /// 301, 302, 303, 307 or 308.
  public let status: Int
  public let location: TextTemplate
  /// Of the route: what captures and the rest refer to.
  public let path: PathPattern

  public init(status: Int, location: TextTemplate, path: PathPattern) {
    self.status = status
    self.location = location
    self.path = path
  }

  /// Whether what it becomes must be a path of the same host.
  public var isLocal: Bool {
    guard case .text(let text)? = location.parts.first else {
      return !location.text.hasPrefix("${scheme}")
    }
    return text.first == UInt8(ascii: "/")
  }
}

/// An answer that the configuration writes out.
public struct FixedAnswer: Sendable, Hashable {
  public let status: Int
  public let contentType: String
  public let body: [UInt8]

  public init(status: Int, contentType: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// Statuses that have no body (RFC 9110 sections 15.3.5, 15.3.6, 15.4.5).
  public static let bodiless: Set<Int> = [204, 205, 304]
}
