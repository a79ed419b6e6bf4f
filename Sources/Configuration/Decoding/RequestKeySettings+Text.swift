import Primitives

extension RequestKeySettings {
  struct Problem: Error {
    var message: String
    var help: String
  }

  /// All of them, for advice.
  static let forms =
    "client-ip, client-port, host, path, uri, header:NAME, cookie:NAME, query:NAME or time:60s"

  private static let plain: [(String, RequestKeySettings)] = [
    ("client-ip", .clientIP), ("client-port", .clientPort), ("host", .host), ("path", .path),
    ("uri", .uri),
  ]
  private static let named = ["header", "cookie", "query", "time"]
  private static let longestName = 256

  /// As it is written, `header:X-Tenant`.
  init(_ text: String) throws(Problem) {
    if let found = Self.plain.first(where: { $0.0 == text }) {
      self = found.1
      return
    }
    guard let colon = text.utf8.firstIndex(of: 58) else { throw Self.unknown(text, kind: text) }
    let kind = String(text[..<colon])
    let name = String(text[text.index(after: colon)...])
    switch kind {
    case "header": self = .header(try Self.token(name, in: text).lowercased())
    case "cookie": self = .cookie(try Self.token(name, in: text))
    case "query": self = .query(try Self.parameter(name, in: text))
    case "time": self = .time(try Self.span(name, in: text))
    default: throw Self.unknown(text, kind: kind)
    }
  }

  private static func unknown(_ text: String, kind: String) -> Problem {
    if named.contains(text) {
      let example = text == "time" ? "time:60s" : "\(text):NAME"
      return Problem(
        message: "\(Quoted.value(text)) does not say which", help: "write '\(example)'")
    }
    let near = NearestName.find(kind, among: plain.map(\.0) + named)
    return Problem(
      message: "\(Quoted.value(text)) is no part of a request",
      help: near.map { "did you mean '\($0)'?" } ?? "write \(forms)")
  }

  private static func token(_ name: String, in text: String) throws(Problem) -> String {
    guard TextRule.isToken(name), name.utf8.count <= longestName else {
      throw Problem(
        message: "\(Quoted.value(text)) has no name that a request could have",
        help: "it has 1 to 256 letters, digits and characters such as '-' and '_'")
    }
    return name
  }

  /// It is looked for in the query as the client wrote it.
  private static func parameter(_ name: String, in text: String) throws(Problem) -> String {
    let isGood = name.utf8.allSatisfy { $0 > 32 && $0 < 127 && ![35, 38, 61].contains($0) }
    guard isGood, (1...longestName).contains(name.utf8.count) else {
      throw Problem(
        message: "\(Quoted.value(text)) has no name that a query could have",
        help: "write it as it stands in the query, without '&', '=', '#' and spaces")
    }
    return name
  }

  private static func span(_ name: String, in text: String) throws(Problem) -> TimeSpan {
    guard let span = ScalarText.duration(name), ConfigurationKeys.positive.contains(span) else {
      throw Problem(
        message: "\(Quoted.value(text)) has no span of time", help: "write 'time:60s'")
    }
    return span
  }
}
