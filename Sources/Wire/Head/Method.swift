/// A request method (RFC 9110 section 9; PATCH: RFC 5789).
public enum Method: UInt8, Sendable, CaseIterable {
  case get, head, post, put, delete, options, patch, other

  /// Whether doing it twice means the same as doing it once (RFC 9110 section 9.2.2). A method that
  /// we do not know is taken as not idempotent.
  public var isIdempotent: Bool {
    switch self {
    case .get, .head, .put, .delete, .options: true
    case .post, .patch, .other: false
    }
  }

  /// For metric labels: unknown methods fold into one, so that a client cannot make new series.
  public var label: String {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .delete: "DELETE"
    case .options: "OPTIONS"
    case .patch: "PATCH"
    case .other: "_other"
    }
  }

  /// Methods are case-sensitive.
  static func identify(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Method {
    func equals(_ text: StaticString) -> Bool {
      guard text.utf8CodeUnitCount == end - start else { return false }
      for index in 0..<text.utf8CodeUnitCount {
        let expected = unsafe text.utf8Start[index]
        if bytes[start + index] != expected { return false }
      }
      return true
    }
    switch end - start {
    case 3: return equals("GET") ? .get : equals("PUT") ? .put : .other
    case 4: return equals("POST") ? .post : equals("HEAD") ? .head : .other
    case 5: return equals("PATCH") ? .patch : .other
    case 6: return equals("DELETE") ? .delete : .other
    case 7: return equals("OPTIONS") ? .options : .other
    default: return .other
    }
  }
}
