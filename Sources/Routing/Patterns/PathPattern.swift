/// Which paths a route takes. Paths are in the one form that `RequestHead` brings them to, so that
/// `/a/../b`, `//b` and `/%62` are `/b` here and at the server.
public enum PathPattern: Sendable, Hashable {
  case any
  case exact([UInt8])
  /// `/api/*`: the bytes end with a slash; also takes the path without it.
  case prefix([UInt8])
  /// `/users/{id}/orders`, or with `/*` at its end.
  case template(PathTemplate)
  case expression(PathExpression)

  /// Reads a checked pattern that is no regular expression.
  public init(_ text: String) {
    let bytes = Array(text.utf8)
    if text == "/*" {
      self = .any
    } else if bytes.contains(UInt8(ascii: "{")) {
      self = .template(PathTemplate(bytes))
    } else if text.hasSuffix("/*") {
      self = .prefix(Array(bytes.dropLast()))
    } else {
      self = .exact(bytes)
    }
  }

  /// As it is written in a file.
  public var text: String {
    switch self {
    case .any: "/*"
    case .exact(let path): String(decoding: path, as: UTF8.self)
    case .prefix(let prefix): String(decoding: prefix, as: UTF8.self) + "*"
    case .template(let template): template.text
    case .expression(let expression): expression.text
    }
  }

  /// What a rewrite may name: the names of a template, or the groups of an expression.
  public var captures: [String] {
    switch self {
    case .any, .exact, .prefix: []
    case .template(let template): template.names
    case .expression(let expression): expression.groups
    }
  }

  /// Whether `*` can stand for the rest of the path.
  public var hasRest: Bool {
    switch self {
    case .any, .prefix: true
    case .template(let template): template.isPrefix
    case .exact, .expression: false
    }
  }

  /// An empty path means `/` (RFC 9112 section 3.2.1).
  public func takes(_ bytes: Span<UInt8>, _ path: Range<Int>) -> Bool {
    switch self {
    case .any: return true
    case .exact(let expected):
      if path.isEmpty { return expected.count == 1 }
      return path.count == expected.count && bytes.plain(path.lowerBound, equals: expected)
    case .prefix(let prefix):
      guard path.count >= prefix.count - 1 else { return false }
      for index in 0..<min(prefix.count, path.count)
      where bytes[path.lowerBound + index] != prefix[index] {
        return false
      }
      return !path.isEmpty || prefix.count == 1
    case .template(let template): return template.takes(bytes, path)
    case .expression(let expression): return expression.matches(bytes, path)
    }
  }

  /// What a capture stands for, in a path that the pattern takes; nil for a group that took no part.
  /// - Parameter capture: an index into `captures`.
  public func capture(
    _ capture: Int, _ bytes: Span<UInt8>, _ path: Range<Int>, run: inout CaptureRun
  ) -> Range<Int>? {
    switch self {
    case .any, .exact, .prefix: nil
    case .template(let template): template.capture(capture, bytes, path)
    case .expression(let expression): run.find(capture, of: expression, bytes, path)
    }
  }

  /// What `*` stands for, with the slash before it, in a path that the pattern takes; empty where the
  /// path ends before that slash.
  public func rest(_ bytes: Span<UInt8>, _ path: Range<Int>) -> Range<Int> {
    switch self {
    case .any: return path
    case .exact, .expression: return path.upperBound..<path.upperBound
    case .prefix(let prefix):
      let start = min(path.lowerBound + max(0, prefix.count - 1), path.upperBound)
      return start..<path.upperBound
    case .template(let template): return template.rest(bytes, path)
    }
  }

  /// What two patterns for the same paths have in common, whatever their names.
  public var shape: PathPattern {
    if case .template(let template) = self { .template(template.nameless) } else { self }
  }

  /// What every path that it takes begins with, up to a slash; an exact path and a prefix are their
  /// own folders.
  public var literalFolder: [UInt8] {
    switch self {
    case .any: [UInt8(ascii: "/")]
    case .exact(let path): path.last == UInt8(ascii: "/") ? path : path + [UInt8(ascii: "/")]
    case .prefix(let prefix): prefix
    case .template(let template): template.literalFolder
    case .expression(let expression): expression.literalFolder
    }
  }
}
