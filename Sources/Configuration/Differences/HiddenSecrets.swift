/// A configuration's text without the secrets that are written in it. References such as `${NAME}` and
/// `!file path` stay: what they stand for is not in the text.
public enum HiddenSecrets {
  /// Each secret becomes `(hidden)`; everything else, comments too, stays as it is. Of a text that is no YAML
  /// nothing can be told apart, so nothing of it is shown.
  public static func hide(_ text: String) -> String {
    guard let root = ConfigurationEditor.parse(text) else { return "# \(ShownValue.hidden)\n" }
    var places: [SecretPlace] = []
    collect(root, at: [], isInList: false, &places)
    let shown = places.compactMap { place -> (Range<Int>, String)? in
      let shown = ShownValue.scalar(
        place.scalar, key: place.key, isVariable: place.isVariable,
        isHidden: ShownValue.isHidden(place.path))
      return shown == place.scalar.text ? nil : (place.bytes, Self.quoted(shown))
    }
    return replaced(text, shown)
  }

  /// The secrets of the texts that hold now in the places where `text` has what was shown instead.
  /// Throws where there is none, and in lists, whose items may have moved.
  public static func restore(
    _ text: String, from current: [String]
  ) throws(ConfigurationEditor.Problem) -> String {
    guard text.contains(ShownValue.hidden), let root = ConfigurationEditor.parse(text) else {
      return text
    }
    var places: [SecretPlace] = []
    collect(root, at: [], isInList: false, &places)
    let hidden = places.filter { $0.scalar.text.contains(ShownValue.hidden) }
    guard !hidden.isEmpty else { return text }
    var known: [[String]: String] = [:]
    for other in current {
      guard let root = ConfigurationEditor.parse(other) else { continue }
      var places: [SecretPlace] = []
      collect(root, at: [], isInList: false, &places)
      for place in places where !place.isInList { known[place.path] = place.scalar.text }
    }
    var changes: [(Range<Int>, String)] = []
    for place in hidden where isShown(place) {
      guard !place.isInList, let secret = known[place.path] else {
        throw ConfigurationEditor.Problem(
          message: "\(place.path.joined(separator: ".")) is '\(ShownValue.hidden)', which is shown "
            + "instead of a secret", suggestion: "write the secret, or '${NAME}'")
      }
      changes.append((place.bytes, quoted(secret)))
    }
    return replaced(text, changes)
  }

  private struct SecretPlace {
    var path: [String]
    var bytes: Range<Int>
    var scalar: YAMLScalar
    var isVariable: Bool
    var isInList: Bool

    var key: String { path.last ?? "" }
  }

  /// Whether it stands where a secret would have been hidden.
  private static func isShown(_ place: SecretPlace) -> Bool {
    ShownValue.isHidden(place.path)
      || ShownValue.isSecret(place.key, isVariable: place.isVariable)
      || place.scalar.text.contains("://")
  }

  /// All scalars but files' texts.
  private static func collect(
    _ node: YAMLNode, at path: [String], isInList: Bool, _ places: inout [SecretPlace]
  ) {
    switch node.content {
    case .scalar(let scalar):
      guard node.tag != .file, !node.isNull else { return }
      places.append(
        SecretPlace(
          path: path, bytes: node.place.bytes, scalar: scalar,
          isVariable: path.dropLast().last == "environment", isInList: isInList))
    case .sequence(let items):
      for item in items { collect(item, at: path, isInList: true, &places) }
    case .mapping(let entries):
      for entry in entries {
        collect(entry.value, at: path + [entry.key], isInList: isInList, &places)
      }
    }
  }

  /// Places that overlap are of one value with several names; the first counts.
  private static func replaced(_ text: String, _ changes: [(Range<Int>, String)]) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var end = 0
    for (range, new) in changes.sorted(by: { $0.0.lowerBound < $1.0.lowerBound }) {
      guard range.lowerBound >= end, range.upperBound <= bytes.count else { continue }
      result += bytes[end..<range.lowerBound]
      result += new.utf8
      end = range.upperBound
    }
    result += bytes[end...]
    return String(decoding: result, as: UTF8.self)
  }

  private static func quoted(_ text: String) -> String { JSONText.quoted(text) }
}
