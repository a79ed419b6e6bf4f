/// A text with variables, `${host}`, that each request fills in.
public struct TextTemplate: Sendable, Hashable {
  public enum Variable: Sendable, Hashable {
    case client, host, path, query, uri, method, scheme, listener, route, service, server, requestID
    /// Of the client's certificate, which was verified; empty without one.
    case subject
    /// What a name of the path's template, or a group of its expression, stands for: an index into
    /// `PathPattern.captures`.
    case capture(Int)
    /// What `*` stands for, with the slash before it; empty where the path ends before that slash.
    case rest
    /// A field's name in lower case.
    case header([UInt8])
    case cookie([UInt8])
    case parameter([UInt8])
  }

  public enum Part: Sendable, Hashable {
    case text([UInt8])
    case variable(Variable)
  }

  /// Where a template stands, and so what is known when it is filled in.
  public enum Use: Sendable {
    case requestField, answerField, redirect, path, host
  }

  /// What is wrong with a template.
  public struct Problem: Error, Sendable, Equatable {
    /// Bytes before the place.
    public var offset: Int
    public var message: String
    /// The variable, when it is one that there is not.
    public var name: String?
    /// Those that there are.
    public var candidates: [String] = []
    public var help: String
  }

  /// As it is written.
  public let text: String
  public let parts: [Part]

  /// - Parameter path: of the route.
  public init(_ text: String, for use: Use, path: PathPattern) throws(Problem) {
    self.text = text
    let bytes = Array(text.utf8)
    var parts: [Part] = []
    var plain: [UInt8] = []
    var index = 0
    func finish() {
      if !plain.isEmpty { parts.append(.text(plain)) }
      plain = []
    }
    while index < bytes.count {
      if bytes[index...].starts(with: Array("$${".utf8)) {
        plain += Array("${".utf8)
        index += 3
      } else if bytes[index...].starts(with: Array("${".utf8)) {
        let close = bytes[index...].firstIndex(of: UInt8(ascii: "}")) ?? bytes.count
        let name = String(decoding: bytes[min(index + 2, close)..<close], as: UTF8.self)
        finish()
        parts.append(.variable(try Self.variable(name, at: index, for: use, path: path)))
        index = min(close + 1, bytes.count)
      } else if use.hasRest, index == bytes.count - 1, bytes[index] == UInt8(ascii: "*"),
        plain.last == UInt8(ascii: "/")
      {
        guard path.hasRest else {
          throw Problem(
            offset: index, message: "has a '*', but the route's path has none",
            help: "end the path of the match with '/*', or leave the '*' away")
        }
        plain.removeLast()
        finish()
        parts.append(.variable(.rest))
        index += 1
      } else {
        plain.append(bytes[index])
        index += 1
      }
    }
    finish()
    self.parts = parts
  }

  /// The variables of a use, by name; `NAME` stands for any.
  public static func names(for use: Use) -> [String] {
    plain.filter { use.knows($0.1) }.map(\.0) + use.forms
  }

  private static let plain: [(String, Variable)] = [
    ("client", .client), ("host", .host), ("path", .path), ("query", .query), ("uri", .uri),
    ("method", .method), ("scheme", .scheme), ("listener", .listener), ("route", .route),
    ("service", .service), ("server", .server), ("request-id", .requestID),
    ("client-subject", .subject),
  ]

  private static func variable(
    _ name: String, at offset: Int, for use: Use, path: PathPattern
  ) throws(Problem) -> Variable {
    if let found = plain.first(where: { $0.0 == name })?.1 {
      guard use.knows(found) else {
        throw Problem(
          offset: offset, message: "has ${\(name)}, which is not known here",
          help: "known are \(list(names(for: use)))")
      }
      return found
    }
    let captures = path.captures
    let capture = name.hasPrefix("path.") ? String(name.dropFirst(5)) : name
    if use.hasCaptures, let index = captures.firstIndex(of: capture) { return .capture(index) }
    if let colon = name.firstIndex(of: ":"), use == .requestField {
      let rest = String(name[name.index(after: colon)...])
      switch name[..<colon] {
      case "header" where !rest.isEmpty: return .header(Array(rest.lowercased().utf8))
      case "cookie" where !rest.isEmpty: return .cookie(Array(rest.utf8))
      case "query" where !rest.isEmpty: return .parameter(Array(rest.utf8))
      default: break
      }
    }
    let known = names(for: use) + (use.hasCaptures ? captures.map { "path.\($0)" } : [])
    let isCapture = name.hasPrefix("path.") || name.utf8.allSatisfy { (48...57).contains($0) }
    throw Problem(
      offset: offset,
      message: isCapture
        ? "has ${\(name)}, which the route's path does not name"
        : "has ${\(name)}, which is no variable",
      name: name, candidates: known, help: "known are \(list(known))")
  }

  private static func list(_ names: [String]) -> String {
    names.map { "${\($0)}" }.joined(separator: ", ")
  }
}

extension TextTemplate.Use {
  /// Whether a final `/*` stands for the rest of the path.
  var hasRest: Bool { self == .path || self == .redirect }

  var hasCaptures: Bool { self != .answerField }

  fileprivate var forms: [String] {
    self == .requestField ? ["header:NAME", "cookie:NAME", "query:NAME"] : []
  }

  fileprivate func knows(_ variable: TextTemplate.Variable) -> Bool {
    switch (self, variable) {
    case (.answerField, _): true
    // Another server may be tried with the same head.
    case (_, .server): false
    case (.requestField, _): true
    // A redirect is no matter of a service, and a subject is no part of a URL.
    case (.redirect, .service), (.redirect, .subject): false
    case (.redirect, _): true
    case (.path, .host), (.host, .host): true
    case (.path, _), (.host, _): false
    }
  }
}

extension TextTemplate {
  public func contains(_ variable: Variable) -> Bool { parts.contains(.variable(variable)) }

  /// Whether filling it in takes the request's own line.
  public var needsRequest: Bool {
    parts.contains { part in
      guard case .variable(let variable) = part else { return false }
      switch variable {
      case .host, .path, .query, .uri, .method: return true
      default: return false
      }
    }
  }

  /// Whether a variable other than a segment or the rest of the path is in it: what it becomes then has
  /// to be looked at.
  public func isOpen(path: PathPattern) -> Bool {
    let isExpression = if case .expression = path { true } else { false }
    return parts.contains { part in
      switch part {
      case .text, .variable(.rest): false
      case .variable(.capture): isExpression
      case .variable: true
      }
    }
  }
}
