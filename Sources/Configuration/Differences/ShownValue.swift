/// A value on one line, as YAML in its flow style, without what is likely a secret.
enum ShownValue {
  /// Bytes; a longer text is cut.
  static let longest = 4_096
  static let hidden = "(hidden)"

  /// - Parameter path: the keys that lead to the value.
  static func text(_ node: YAMLNode, at path: [String]) -> String {
    var text = ""
    write(
      node, to: &text, key: path.last ?? "",
      isVariable: path.dropLast().last == "environment",
      isHidden: isHidden(path))
    guard text.utf8.count > longest else { return text }
    return text.prefix(longest / 4) + "…"
  }

  private static func write(
    _ node: YAMLNode, to text: inout String, key: String, isVariable: Bool, isHidden: Bool
  ) {
    guard text.utf8.count <= longest else { return }
    switch node.content {
    case .scalar(let scalar):
      if node.tag == .file { text += "!file " }
      text += shown(scalar, key: key, isVariable: isVariable, isHidden: isHidden)
    case .sequence(let items):
      if items.isEmpty { return text += "[]" }
      for (place, item) in items.enumerated() {
        text += place == 0 ? "[ " : ", "
        write(item, to: &text, key: key, isVariable: isVariable, isHidden: isHidden)
      }
      text += " ]"
    case .mapping(let entries):
      if entries.isEmpty { return text += "{}" }
      for (place, entry) in entries.enumerated() {
        text += place == 0 ? "{ " : ", "
        text += "\(Quoted.safe(entry.key)): "
        write(
          entry.value, to: &text, key: entry.key, isVariable: key == "environment",
          isHidden: isHidden || key == "traces" && entry.key == "headers")
      }
      text += " }"
    }
  }

  private static func shown(
    _ scalar: YAMLScalar, key: String, isVariable: Bool, isHidden: Bool
  ) -> String {
    let text = Self.scalar(scalar, key: key, isVariable: isVariable, isHidden: isHidden)
    if text == hidden { return hidden }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = Quoted.safe(lines.first.map(String.init) ?? "") + (lines.count > 1 ? " …" : "")
    let isPlain =
      scalar.style == .plain && lines.count == 1 && !line.contains { ",[]{}".contains($0) }
    if isPlain { return line }
    let quoted = line.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + quoted.joined(separator: "\\\"") + "\""
  }

  /// The text of a scalar, or what is shown instead.
  static func scalar(
    _ scalar: YAMLScalar, key: String, isVariable: Bool, isHidden: Bool
  ) -> String {
    let hides = isHidden || isSecret(key, isVariable: isVariable)
    if hides, !isReference(scalar.text) { return hidden }
    return withoutPassword(scalar.text)
  }

  /// Whether all that stands below these keys is a secret, whatever its own keys are called.
  static func isHidden(_ path: [String]) -> Bool { path.starts(with: ["traces", "headers"]) }

  /// `${NAME}` alone: what it stands for isn't said.
  private static func isReference(_ text: String) -> Bool {
    text.hasPrefix("${") && text.hasSuffix("}") && !text.contains(":-")
      && text.utf8.count(where: { $0 == UInt8(ascii: "$") }) == 1
  }

  private static let words: [[UInt8]] = [
    "pass", "secret", "token", "credential", "private", "apikey", "auth", "accesskey",
    "routingkey",
  ].map { Array($0.utf8) }
  /// Web hooks have their keys in the address.
  private static let wholeWords = [Array("url".utf8)]

  /// By the name of the key; of a variable of the environment also `…_KEY`.
  static func isSecret(_ key: String, isVariable: Bool) -> Bool {
    let name = key.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
    if wholeWords.contains(where: name.elementsEqual) { return !isVariable }
    if words.contains(where: { has(name, $0) }) {
      return isVariable || !Self.harmless.contains(key)
    }
    return isVariable && name.suffix(3).elementsEqual("key".utf8)
  }

  /// Byte by byte: every key of a configuration with thousands of them is looked at.
  private static func has(_ name: [UInt8], _ word: [UInt8]) -> Bool {
    guard name.count >= word.count else { return false }
    return (0...(name.count - word.count)).contains { name[$0...].starts(with: word) }
  }

  /// Keys of the configuration whose names only sound like it.
  private static let harmless: Set<String> = ["passive", "clientAuth", "secrets", "authority"]

  /// `scheme://user:password@host` without the password.
  private static func withoutPassword(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "@")), let scheme = text.firstRange(of: "://"),
      let at = text[scheme.upperBound...].firstIndex(of: "@"),
      let colon = text[scheme.upperBound..<at].firstIndex(of: ":"),
      !text[scheme.upperBound..<at].contains("/")
    else { return text }
    return text[...colon] + hidden + text[at...]
  }
}
