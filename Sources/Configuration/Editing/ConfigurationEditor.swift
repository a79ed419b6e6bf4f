/// Reads and changes one configuration file's text by paths such as `services.shop.balance`. A
/// change leaves comments and layout of everything else alone, and is proved before it is given
/// out: the new text must say what the old one said but for the one value.
public struct ConfigurationEditor: Sendable {
  /// Why a value can't be set.
  public struct Problem: Error, Equatable, CustomStringConvertible {
    public var message: String
    public var suggestion: String?

    public var description: String {
      suggestion.map { "\(message); \($0)" } ?? message
    }
  }

  let source: SourceText
  let root: YAMLNode?

  /// A text that isn't YAML has no values, and none can be set in it.
  public init(_ text: String) {
    source = SourceText(path: "configuration", text: text)
    root = Self.parse(text)
  }

  /// The YAML of the value at a path, moved to the left margin; nil when nothing is written there.
  /// Keys stand with dots between; in a list, a number from 0 or an item's `name`.
  public func value(at path: String) -> String? {
    guard let root, let steps = EditPath(path).resolve(in: root) else { return nil }
    let node = steps.isEmpty ? root : root.node(at: steps)
    return node.map { Excerpt(source).yaml(of: $0) }
  }

  /// The text with another value at a path. A key that isn't there is added to its map, as are the
  /// maps above it; the number after a list's last item appends to the list.
  /// - Parameter value: YAML: a scalar, or a list or map in either style.
  public func setting(_ path: String, to value: String) throws(Problem) -> String {
    guard let root else {
      throw Problem(message: "the file is not YAML", suggestion: "see 'ballast check'")
    }
    let segments = EditPath(path).segments
    guard !segments.isEmpty, segments.count <= EditPath.longest,
      segments.allSatisfy({ !$0.isEmpty })
    else {
      throw Problem(
        message: "\(Quoted.value(path)) is not a path",
        suggestion: "write keys with dots between, such as services.shop.balance")
    }
    let new = try NewValue(value)
    for added in 0...segments.count {
      let prefix = EditPath(segments: Array(segments.dropLast(added)))
      guard let steps = prefix.resolve(in: root) else { continue }
      let change = Change(
        source: source, root: root, steps: steps, missing: Array(segments.suffix(added)), new: new)
      return try change.text()
    }
    throw Problem(message: "\(Quoted.value(path)) is not a path", suggestion: nil)
  }

  static func parse(_ text: String) -> YAMLNode? {
    var log = DiagnosticLog(sources: [SourceText(path: "", text: text)])
    let node = YAMLParser.parse(file: 0, log: &log)
    return log.hasErrors ? nil : node
  }
}

/// A way from a node to one inside it.
enum EditStep: Equatable {
  /// The place of an entry in a map.
  case entry(Int)
  /// The place of an item in a list.
  case item(Int)
}

/// Keys with dots between. A key may hold dots itself; what the file has decides.
struct EditPath {
  static let longest = 32

  let segments: [String]

  init(_ text: String) {
    segments = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }

  init(segments: [String]) { self.segments = segments }

  /// The steps to the node that the whole path names; nil when there is none.
  func resolve(in root: YAMLNode) -> [EditStep]? {
    guard segments.count <= Self.longest else { return nil }
    return Self.resolve(segments[...], in: root)
  }

  private static func resolve(_ segments: ArraySlice<String>, in node: YAMLNode) -> [EditStep]? {
    guard !segments.isEmpty else { return [] }
    for count in 1...segments.count {
      let name = segments.prefix(count).joined(separator: ".")
      guard let step = step(to: name, in: node), let child = node.node(at: [step]),
        let rest = resolve(segments.dropFirst(count), in: child)
      else { continue }
      return [step] + rest
    }
    return nil
  }

  private static func step(to name: String, in node: YAMLNode) -> EditStep? {
    switch node.content {
    case .scalar: return nil
    case .mapping(let entries): return entries.firstIndex { $0.key == name }.map(EditStep.entry)
    case .sequence(let items):
      if let index = ScalarText.integer(name) {
        return items.indices.contains(index) ? .item(index) : nil
      }
      return items.firstIndex { $0["name"]?.scalarText == name }.map(EditStep.item)
    }
  }
}

extension YAMLNode {
  var scalarText: String? {
    if case .scalar(let scalar) = content { scalar.text } else { nil }
  }

  func node(at steps: [EditStep]) -> YAMLNode? {
    var node = self
    for step in steps {
      switch (step, node.content) {
      case (.entry(let index), .mapping(let entries)) where entries.indices.contains(index):
        node = entries[index].value
      case (.item(let index), .sequence(let items)) where items.indices.contains(index):
        node = items[index]
      default: return nil
      }
    }
    return node
  }

  /// This node with another one at a place inside it.
  func replacing(_ steps: ArraySlice<EditStep>, with new: YAMLNode) -> YAMLNode {
    guard let step = steps.first else { return new }
    var result = self
    switch (step, content) {
    case (.entry(let index), .mapping(var entries)) where entries.indices.contains(index):
      entries[index].value = entries[index].value.replacing(steps.dropFirst(), with: new)
      result.content = .mapping(entries)
    case (.item(let index), .sequence(var items)) where items.indices.contains(index):
      items[index] = items[index].replacing(steps.dropFirst(), with: new)
      result.content = .sequence(items)
    default: break
    }
    return result
  }
}

/// Cuts values out of a text.
private struct Excerpt {
  let source: SourceText

  init(_ source: SourceText) { self.source = source }

  /// The value as it is written, its further lines moved left as far as its first one stood right.
  func yaml(of node: YAMLNode) -> String {
    let text = source.text(node.place.bytes)
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard lines.count > 1, !node.isFlow else { return text }
    let start = source.line(at: node.place.bytes.lowerBound).lowerBound
    var margin = node.place.bytes.lowerBound - start
    if !node.isCollection {
      // A block scalar's lines are indented against its key, not against its indicator.
      let indents = lines.dropFirst().filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }
      margin = max((indents.min() ?? 2) - 2, 0)
    }
    for index in lines.indices.dropFirst() {
      lines[index] = lines[index].dropFirst(min(margin, lines[index].prefix { $0 == " " }.count))
    }
    return lines.joined(separator: "\n")
  }
}
