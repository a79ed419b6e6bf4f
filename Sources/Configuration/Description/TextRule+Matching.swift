import Wire

/// The texts that a route's match is made of.
extension TextRule {
  static let longestParameter = 256
  /// Segments of a path pattern.
  static let mostSegments = 256

  func matchProblem(with text: String) -> (message: String, help: String)? {
    switch self {
    case .hostPattern:
      return Self.hostProblem(text.hasPrefix("*.") ? String(text.dropFirst(2)) : text)
    case .routePath: return Self.routePathProblem(text)
    case .method: return Self.methodProblem(text)
    case .matchedField: return Self.fieldNameProblem(text)
    case .parameterName:
      guard (1...Self.longestParameter).contains(text.utf8.count) else {
        return ("the name of a parameter is empty or too long", "write 1 to 256 bytes, decoded")
      }
    case .requestField, .answerField:
      return Self.editedFieldProblem(text, isRequest: self == .requestField)
    case .condition, .template:
      guard text.utf8.count <= Self.longestPath, text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
      else {
        return (
          "\(Quoted.value(text)) is too long, or has control characters",
          "write at most 4096 printable characters"
        )
      }
    case .expression:
      guard !text.isEmpty else {
        return ("the expression is empty", "write one such as '/v[0-9]+'")
      }
    default: break
    }
    return nil
  }

  private static func methodProblem(_ text: String) -> (message: String, help: String)? {
    guard isToken(text), text.utf8.count <= longestName else {
      return ("\(Quoted.value(text)) is not a method", "write one such as GET, or a list")
    }
    let upper = text.uppercased()
    if text != upper, upper.utf8.allSatisfy({ (65...90).contains($0) }) {
      return ("methods are told apart by letter case", "write \(Quoted.value(upper))")
    }
    if ["CONNECT", "TRACE"].contains(text) {
      return ("no request with the method \(text) is ever taken", "leave it away")
    }
    return nil
  }

  private static func fieldNameProblem(_ text: String) -> (message: String, help: String)? {
    guard isToken(text), text.utf8.count <= longestLabel else {
      return (
        "\(Quoted.value(text)) is not a header's name",
        "it has 1 to 256 letters, digits and characters such as '-' and '_'"
      )
    }
    if text.lowercased() == "host" {
      return ("the host is not matched as a header", "write 'host: …' beside it")
    }
    return nil
  }

  /// What frames messages, and what Ballast sets itself, no route changes.
  private static func editedFieldProblem(
    _ text: String, isRequest: Bool
  ) -> (message: String, help: String)? {
    guard isToken(text), text.utf8.count <= longestLabel else {
      return (
        "\(Quoted.value(text)) is not a header's name",
        "it has 1 to 256 letters, digits and characters such as '-' and '_'"
      )
    }
    // Servers may take `Content_Length` for the same.
    let name = text.lowercased().replacing("_", with: "-")
    let framing = [
      "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "te",
      "trailer", "upgrade", "expect", "http2-settings",
    ]
    if framing.contains(name) {
      return ("the header \(Quoted.value(text)) frames messages", "leave it to Ballast")
    }
    if isRequest, name == "host" {
      return ("the host is not changed as a header", "write 'rewrite: { host: … }'")
    }
    let own =
      isRequest
      ? ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id", "via"]
      : ["via"]
    if own.contains(name) {
      return ("the header \(Quoted.value(text)) is set by Ballast itself", "use another name")
    }
    return nil
  }

  /// A request's path is brought to one form before it is routed, so a pattern that isn't in that
  /// form would never match; it is refused instead.
  private static func routePathProblem(_ text: String) -> (message: String, help: String)? {
    let bytes = Array(text.utf8)
    guard bytes.first == 47 else {
      return (
        "the path \(Quoted.value(text)) does not begin with '/'",
        "write \(Quoted.value("/" + text))"
      )
    }
    let fixed = bytes.last == 42 ? bytes.dropLast() : bytes[...]
    if fixed.contains(42) || (fixed.count < bytes.count && fixed.last != 47) {
      return (
        "the path \(Quoted.value(text)) has a '*' that is not a final '/*'",
        "write a prefix such as '/api/*', a name such as '/users/{id}', or '{ regex: … }'"
      )
    }
    guard bytes.count <= longestPath,
      fixed.allSatisfy({ $0 > 32 && $0 < 127 && ![34, 35, 60, 62, 63, 92, 94, 96].contains($0) })
    else {
      return (
        "the path \(Quoted.value(text)) has a character that a request's path cannot have",
        "leave query and fragment away; encode other characters as %XX"
      )
    }
    guard let plain = CanonicalPath.of(bytes) else {
      return (
        "the path \(Quoted.value(text)) is one that no request may have",
        "write it without '..' above its beginning, '%2F', '%5C' and '%00'"
      )
    }
    guard plain == bytes else {
      return (
        "the path \(Quoted.value(text)) is not in its plain form, so no request has it",
        "write \(Quoted.value(String(decoding: plain, as: UTF8.self)))"
      )
    }
    return templateProblem(text)
  }

  private static func templateProblem(_ text: String) -> (message: String, help: String)? {
    let segments = text.split(separator: "/", omittingEmptySubsequences: false)
    guard segments.count <= mostSegments else {
      return ("the path has more than \(mostSegments) segments", "write a prefix of it")
    }
    var names: Set<Substring> = []
    for segment in segments where segment.contains("{") || segment.contains("}") {
      let name = segment.dropFirst().dropLast()
      guard segment.hasPrefix("{"), segment.hasSuffix("}"), let first = name.utf8.first,
        first > 57, name.utf8.count <= longestName,
        name.utf8.allSatisfy({ isNameByte($0) && $0 != 45 && $0 != 46 })
      else {
        return (
          "\(Quoted.value(String(segment))) is no name for a whole segment of the path",
          "write '{name}' between two '/', or '{ regex: … }'; encode other braces as %7B and %7D"
        )
      }
      guard names.insert(name).inserted else {
        return (
          "the path has the name \(Quoted.value(String(name))) twice", "give one another name"
        )
      }
    }
    return nil
  }
}
