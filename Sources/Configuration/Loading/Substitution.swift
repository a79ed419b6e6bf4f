/// `${NAME}` and `${NAME:-default}` in a value.
struct Substitution {
  /// Values of the environment can be long; this is the most that one value becomes.
  static let longestResult = 1 << 20

  struct Problem: Error {
    var message: String
    var help: String
  }

  private static let open = Array("${".utf8)
  private static let escape = Array("$${".utf8)

  let environment: [String: String]

  /// The text with each reference replaced. `$${` stands for `${` itself; a `$` before anything
  /// else is a `$`. A default holds also for an empty variable, as in a shell.
  /// - Parameters:
  ///   - kept: names that stay as they are written, for later.
  ///   - isTemplate: whether all stay that can't be variables of the environment, and `$${` too.
  func expand(
    _ text: String, keeping kept: Set<String> = [], isTemplate: Bool = false
  ) throws(Problem) -> String {
    let bytes = Array(text.utf8)
    guard bytes.contains(0x24) else { return text }
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: Self.escape) {
        result += isTemplate ? Self.escape : Self.open
        index += 3
      } else if bytes[index...].starts(with: Self.open) {
        guard let close = bytes[index...].firstIndex(of: 0x7D) else {
          throw Problem(message: "'${' has no '}'", help: "write '${NAME}', or '$${' for '${'")
        }
        let inner = String(decoding: bytes[(index + 2)..<close], as: UTF8.self)
        if kept.contains(inner) || isTemplate && !Self.isOfEnvironment(inner) {
          result += bytes[index...close]
        } else {
          result += try value(of: inner).utf8
        }
        index = close + 1
      } else {
        result.append(bytes[index])
        index += 1
      }
      guard result.count <= Self.longestResult else {
        throw Problem(
          message: "the value becomes longer than 1 MiB", help: "use shorter variables")
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private func value(of reference: String) throws(Problem) -> String {
    let parts = Self.split(reference)
    guard Self.isName(parts.name) else {
      throw Problem(
        message: "\(Quoted.value("${" + reference + "}")) names no variable",
        help: "write '${NAME}' or '${NAME:-default}', or '$${' for '${'")
    }
    if let fallback = parts.fallback {
      if fallback.contains("${") {
        throw Problem(message: "a default cannot hold another '${'", help: "write a plain default")
      }
      guard let value = environment[parts.name], !value.isEmpty else { return fallback }
      return value
    }
    guard let value = environment[parts.name] else {
      throw Problem(
        message: "the environment has no variable \(parts.name)",
        help: "set it, or write '${\(parts.name):-default}'")
    }
    return value
  }

  private static func split(_ reference: String) -> (name: String, fallback: String?) {
    let bytes = Array(reference.utf8)
    for index in bytes.indices.dropLast() where bytes[index] == 0x3A && bytes[index + 1] == 0x2D {
      return (
        String(decoding: bytes[..<index], as: UTF8.self),
        String(decoding: bytes[(index + 2)...], as: UTF8.self)
      )
    }
    return (reference, nil)
  }

  /// Whether a reference in a template is to the environment: capitals, digits and `_`.
  private static func isOfEnvironment(_ reference: String) -> Bool {
    let name = split(reference).name
    return isName(name) && !name.utf8.contains { (97...122).contains($0) }
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(48...57).contains(first), text.utf8.count <= 256 else {
      return false
    }
    return text.utf8.allSatisfy { TextRule.isNameByte($0) && $0 != 45 && $0 != 46 }
  }
}
