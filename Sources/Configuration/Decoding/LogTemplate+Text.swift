import Primitives

extension LogTemplate {
  struct Problem: Error {
    var message: String
    var help: String
  }

  static let longestText = 4_096
  static let mostSegments = 128

  private static let requestPrefix = "requestHeader:"
  private static let responsePrefix = "responseHeader:"

  /// As it is written: `${client} ${method} ${path} ${requestHeader:User-Agent}`. `$${` stands for
  /// `${` itself.
  init(_ text: String) throws(Problem) {
    guard (1...Self.longestText).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 })
    else {
      throw Problem(
        message: "a line's template has 1 to \(Self.longestText) bytes and no control characters",
        help: "write it in one line; each request's line end is added")
    }
    for part in TemplateScanner(text) {
      switch part {
      case .text(let text): segments.append(.text(text))
      case .name(let name): try add(name)
      case .open:
        throw Problem(message: "'${' has no '}'", help: "write '${client}', or '$${' for '${'")
      }
    }
    guard segments.count <= Self.mostSegments else {
      throw Problem(
        message: "the template has more than \(Self.mostSegments) parts", help: "use fewer")
    }
  }

  private mutating func add(_ name: String) throws(Problem) {
    if let variable = LogVariable(rawValue: name) {
      segments.append(.variable(variable))
    } else if name.hasPrefix(Self.requestPrefix) {
      let field = String(name.dropFirst(Self.requestPrefix.count))
      segments.append(.requestHeader(try Self.index(of: field, in: &fields.request)))
    } else if name.hasPrefix(Self.responsePrefix) {
      let field = String(name.dropFirst(Self.responsePrefix.count))
      segments.append(.responseHeader(try Self.index(of: field, in: &fields.response)))
    } else {
      throw Self.unknown(name)
    }
  }

  private static func index(of name: String, in names: inout [String]) throws(Problem) -> Int {
    guard TextRule.isToken(name), name.utf8.count <= TextRule.longestLabel else {
      throw Problem(
        message: "\(Quoted.value(name)) is not the name of a header field",
        help: "write '${requestHeader:User-Agent}' or '${responseHeader:Content-Type}'")
    }
    let lower = name.lowercased()
    if let known = names.firstIndex(of: lower) { return known }
    guard names.count < LoggedFieldNames.most else {
      throw Problem(
        message: "the template names more than \(LoggedFieldNames.most) header fields",
        help: "use fewer")
    }
    names.append(lower)
    return names.count - 1
  }

  private static func unknown(_ name: String) -> Problem {
    let names = LogVariable.allCases.map(\.rawValue)
    let near = NearestName.find(name, among: names + ["requestHeader", "responseHeader"])
    return Problem(
      message: "\(Quoted.value("${" + name + "}")) is nothing that a line can say",
      help: near.map { near in
        near.hasSuffix("Header") ? "write '${\(near):NAME}'" : "did you mean '${\(near)}'?"
      } ?? "the names are \(names.joined(separator: ", ")), requestHeader:NAME, responseHeader:NAME"
    )
  }
}
