/// A value of a YAML document, with its place. Aliases are already replaced by what they name.
struct YAMLNode: Sendable {
  enum Content: Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    case mapping([YAMLEntry])
  }

  enum Tag: Sendable, Equatable {
    /// `!file path`: the text of that file.
    case file
    /// `!!str`, or `!`.
    case text
  }

  var content: Content
  var tag: Tag?
  /// Written in `[ ]` or `{ }`; false for block collections and for scalars.
  var isFlow: Bool
  /// From the tag or the first character to the last one, without comments or the line break.
  var place: SourceRange
}

struct YAMLScalar: Sendable, Equatable {
  enum Style: Sendable {
    case plain, quoted
    /// Literal (`|`) or folded (`>`).
    case block
  }

  var text: String
  var style: Style
}

struct YAMLEntry: Sendable {
  var key: String
  var keyPlace: SourceRange
  var value: YAMLNode
}

extension YAMLNode {
  /// Whether nothing is written here, or `~` or `null`.
  var isNull: Bool {
    guard case .scalar(let scalar) = content, scalar.style == .plain, tag == nil else {
      return false
    }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
  }

  /// What a message calls it.
  var kind: String {
    switch content {
    case .mapping: "a map"
    case .sequence: "a list"
    case .scalar: isNull ? "nothing" : "text"
    }
  }

  subscript(key: String) -> YAMLNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// Whether two nodes say the same, wherever and however they are written.
  func isSame(as other: YAMLNode) -> Bool {
    guard tag == other.tag else { return false }
    switch (content, other.content) {
    case (.scalar(let left), .scalar(let right)):
      return left.text == right.text && isNull == other.isNull
    case (.sequence(let left), .sequence(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
    case (.mapping(let left), .mapping(let right)):
      return left.count == right.count
        && zip(left, right).allSatisfy { $0.key == $1.key && $0.value.isSame(as: $1.value) }
    default: return false
    }
  }
}
