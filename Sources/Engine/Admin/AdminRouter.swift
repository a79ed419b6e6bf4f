/// Finds the endpoint of a request.
struct AdminRouter: Sendable {
  enum Match: Equatable {
    /// With the values of the path's `{names}`, in order.
    case found(Endpoint, [String])
    /// The path is there, with these methods.
    case wrongMethod(allowed: [String])
    case unknown
  }

  private struct Row: Sendable {
    var endpoint: Endpoint
    var method: String
    var segments: [Substring]
  }

  private let rows: [Row]

  init() {
    rows = Endpoint.allCases.map { endpoint in
      let description = endpoint.description
      return Row(
        endpoint: endpoint, method: description.method,
        segments: description.path.split(separator: "/"))
    }
  }

  /// HEAD is answered as GET is.
  func match(_ method: String, _ segments: [String]) -> Match {
    let wanted = method == "HEAD" ? "GET" : method
    var allowed: Set<String> = []
    for row in rows {
      guard let values = Self.values(row.segments, segments) else { continue }
      if row.method == wanted { return .found(row.endpoint, values) }
      allowed.insert(row.method)
      if row.method == "GET" { allowed.insert("HEAD") }
    }
    return allowed.isEmpty ? .unknown : .wrongMethod(allowed: allowed.sorted())
  }

  private static func values(_ pattern: [Substring], _ segments: [String]) -> [String]? {
    guard pattern.count == segments.count else { return nil }
    var values: [String] = []
    for (part, segment) in zip(pattern, segments) {
      if part.hasPrefix("{") {
        values.append(segment)
      } else if part != segment {
        return nil
      }
    }
    return values
  }
}
