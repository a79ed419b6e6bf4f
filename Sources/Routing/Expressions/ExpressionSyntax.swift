/// A regular expression as a tree.
indirect enum ExpressionNode {
  case empty
  case bytes(ByteSet)
  case sequence([ExpressionNode])
  case choice([ExpressionNode])
  case repeated(ExpressionNode, least: Int, most: Int?)
  /// - `index`: of the group; nil when it isn't captured.
  case group(ExpressionNode, index: Int?)
}

/// Reads an expression: literals, `.`, classes, groups, `|`, `*`, `+`, `?`, `{m,n}`. What can't be
/// matched in time linear in the path, such as back references, isn't there.
struct ExpressionSyntax {
  static let longest = 1024
  static let deepest = 32
  static let mostGroups = 16
  static let mostRepeats = 1000

  private let bytes: [UInt8]
  private var offset = 0
  private var depth = 0
  /// Names of the groups; a group without one has its number, from 1.
  private(set) var groups: [String] = []

  static func parse(
    _ text: String
  ) throws(PathExpression.Problem) -> (ExpressionNode, groups: [String]) {
    var syntax = ExpressionSyntax(bytes: Array(text.utf8))
    guard syntax.bytes.count <= longest else {
      throw .init(longest, "is longer than \(longest) bytes", "write a shorter one")
    }
    if let place = syntax.bytes.firstIndex(where: { $0 <= 32 || $0 >= 127 }) {
      throw .init(
        place, "has a character that a path cannot have", "write it as in a URL, %XX")
    }
    if syntax.peek == UInt8(ascii: "^") { syntax.offset = 1 }
    let node = try syntax.choice()
    if syntax.peek != nil {
      throw .init(syntax.offset, "has a ')' without its '('", "write '\\)' for the character")
    }
    return (node, syntax.groups)
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    offset += 1
    return true
  }

  private mutating func choice() throws(PathExpression.Problem) -> ExpressionNode {
    var options = [try sequence()]
    while take(UInt8(ascii: "|")) { options.append(try sequence()) }
    return options.count == 1 ? options[0] : .choice(options)
  }

  private mutating func sequence() throws(PathExpression.Problem) -> ExpressionNode {
    var items: [ExpressionNode] = []
    while let byte = peek, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
      // The whole path is matched, so that both anchors say nothing new.
      if byte == UInt8(ascii: "$"), offset == bytes.count - 1, depth == 0 {
        offset += 1
        break
      }
      items.append(try repetition())
    }
    return items.isEmpty ? .empty : items.count == 1 ? items[0] : .sequence(items)
  }

  private mutating func repetition() throws(PathExpression.Problem) -> ExpressionNode {
    var node = try atom()
    var isRepeated = false
    while let byte = peek {
      let place = offset
      let bounds: (Int, Int?)
      switch byte {
      case UInt8(ascii: "*"): bounds = (0, nil)
      case UInt8(ascii: "+"): bounds = (1, nil)
      case UInt8(ascii: "?"): bounds = (0, 1)
      case UInt8(ascii: "{"): bounds = try counts()
      default: return node
      }
      if byte != UInt8(ascii: "{") { offset += 1 }
      guard !isRepeated else {
        throw .init(
          place, "repeats what is repeated already", "put what is meant in parentheses")
      }
      isRepeated = true
      node = .repeated(node, least: bounds.0, most: bounds.1)
    }
    return node
  }

  /// `{3}`, `{3,}`, `{3,5}`.
  private mutating func counts() throws(PathExpression.Problem) -> (Int, Int?) {
    let place = offset
    offset += 1
    let least = number()
    var most = least
    if take(UInt8(ascii: ",")) { most = peek == UInt8(ascii: "}") ? nil : number() ?? -1 }
    guard let least, take(UInt8(ascii: "}")), most.map({ $0 >= least }) ?? true else {
      throw .init(place, "has a '{' that is no count", "write '{2}', '{2,}' or '{2,5}', or '\\{'")
    }
    guard least <= Self.mostRepeats, most ?? 0 <= Self.mostRepeats else {
      throw .init(place, "repeats more than \(Self.mostRepeats) times", "use '*' or '+'")
    }
    return (least, most)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let byte = peek, byte &- 48 < 10, value ?? 0 < 100_000 {
      value = (value ?? 0) * 10 + Int(byte &- 48)
      offset += 1
    }
    return value
  }

  private mutating func atom() throws(PathExpression.Problem) -> ExpressionNode {
    let place = offset
    let byte = bytes[offset]
    offset += 1
    switch byte {
    case UInt8(ascii: "("): return try group(place)
    case UInt8(ascii: "["): return .bytes(try set(place))
    case UInt8(ascii: "."): return .bytes(.all)
    case UInt8(ascii: "\\"): return .bytes(try escape(place))
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
      let shown = Character(Unicode.Scalar(byte))
      throw .init(place, "has a '\(shown)' with nothing to repeat", "write '\\\(shown)'")
    case UInt8(ascii: "^"), UInt8(ascii: "$"):
      throw .init(
        place, "has an anchor in its middle", "leave it away: the whole path is matched")
    default: return .bytes(ByteSet([byte]))
    }
  }

  private mutating func group(_ place: Int) throws(PathExpression.Problem) -> ExpressionNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else {
      throw .init(place, "is nested more than \(Self.deepest) deep", "write it flatter")
    }
    var index: Int?
    if take(UInt8(ascii: "?")) {
      if !take(UInt8(ascii: ":")) { index = try named(place) }
    } else {
      groups.append("\(groups.count + 1)")
      index = groups.count - 1
    }
    guard groups.count <= Self.mostGroups else {
      throw .init(
        place, "has more than \(Self.mostGroups) groups",
        "write '(?:' for those that no rewrite names")
    }
    let node = try choice()
    guard take(UInt8(ascii: ")")) else { throw .init(place, "has a '(' without its ')'", "add it") }
    return .group(node, index: index)
  }

  /// `<name>` behind `(?` or `(?P`.
  private mutating func named(_ place: Int) throws(PathExpression.Problem) -> Int {
    _ = take(UInt8(ascii: "P"))
    guard take(UInt8(ascii: "<")) else {
      throw .init(
        place, "has a kind of group that takes more than linear time, or that there is not",
        "write '(…)', '(?:…)' or '(?<name>…)'")
    }
    let start = offset
    while let byte = peek, ByteSet.wordBytes.contains(byte) { offset += 1 }
    let name = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard take(UInt8(ascii: ">")), let first = name.utf8.first, first > 57 else {
      throw .init(
        start, "has a group without a good name", "use letters, digits and '_', a letter first")
    }
    guard !groups.contains(name) else {
      throw .init(start, "has two groups of that name", "rename one of them")
    }
    groups.append(name)
    return groups.count - 1
  }

  private mutating func set(_ place: Int) throws(PathExpression.Problem) -> ByteSet {
    var set = ByteSet()
    let isInverted = take(UInt8(ascii: "^"))
    var isFirst = true
    while let byte = peek, byte != UInt8(ascii: "]") || isFirst {
      isFirst = false
      let start = offset
      offset += 1
      let isEscape = byte == UInt8(ascii: "\\")
      let low = isEscape ? try escape(start) : ByteSet([byte])
      guard peek == UInt8(ascii: "-"), offset + 1 < bytes.count,
        bytes[offset + 1] != UInt8(ascii: "]")
      else {
        set.formUnion(low)
        continue
      }
      offset += 1
      var high = bytes[offset]
      offset += 1
      if high == UInt8(ascii: "\\"), offset < bytes.count {
        high = bytes[offset]
        offset += 1
      }
      let first = isEscape ? bytes[start + 1] : byte
      guard first <= high, !isEscape || !Self.isClass(first), !Self.isClass(high) || !isEscape
      else {
        throw .init(start, "has a range that ends before it begins", "turn it round")
      }
      set.formUnion(ByteSet(first...high))
    }
    guard take(UInt8(ascii: "]")) else { throw .init(place, "has a '[' without its ']'", "add it") }
    return isInverted ? set.inverted : set
  }

  private static func isClass(_ byte: UInt8) -> Bool { "dDwWsS".utf8.contains(byte) }

  /// What stands behind a backslash.
  private mutating func escape(_ place: Int) throws(PathExpression.Problem) -> ByteSet {
    guard let byte = peek else {
      throw .init(place, "ends with a '\\'", "write '\\\\' for the character")
    }
    offset += 1
    switch byte {
    case UInt8(ascii: "d"): return .digits
    case UInt8(ascii: "D"): return ByteSet.digits.inverted
    case UInt8(ascii: "w"): return .wordBytes
    case UInt8(ascii: "W"): return ByteSet.wordBytes.inverted
    case UInt8(ascii: "s"): return .blanks
    case UInt8(ascii: "S"): return ByteSet.blanks.inverted
    default: break
    }
    guard !ByteSet.wordBytes.contains(byte) || byte == 95 else {
      throw .init(
        place, "has an escape that there is not", "there are \\d \\w \\s \\D \\W \\S, and signs")
    }
    return ByteSet([byte])
  }
}
