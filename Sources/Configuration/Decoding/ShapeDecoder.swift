import Primitives

/// Checks nodes against shapes; what doesn't fit goes to the log, and the rest goes on.
struct ShapeDecoder {
  let substitution: Substitution
  let folder: FolderPath
  let readFile: (String) throws -> String
  var log: DiagnosticLog

  /// - Parameter name: what a message calls the value: its key, or `an item of 'servers'`.
  mutating func decode(_ node: YAMLNode, as shape: Shape, name: String) -> DecodedValue {
    switch shape {
    case .object(let description): object(node, description, name: name)
    case .table(let value, let keys): table(node, of: value, keys: keys, name: name)
    case .list(let item, let count): list(node, of: item, count: count, name: name)
    case .oneOrMore(let item, let most):
      if case .sequence = node.content {
        list(node, of: item, count: 1...most, name: name)
      } else {
        only(node, of: item, name: name)
      }
    case .shorthand(let short, let description):
      if case .mapping = node.content {
        object(node, description, name: name)
      } else {
        decode(node, as: short, name: name)
      }
    case .text, .integer, .number, .boolean, .duration, .size, .share, .address, .choice,
      .statusRange, .file:
      scalar(node, as: shape, name: name)
    }
  }

  private mutating func object(
    _ node: YAMLNode, _ description: ObjectDescription, name: String
  ) -> DecodedValue {
    var object = DecodedObject(description, place: node.place)
    if !node.isNull {
      guard case .mapping(let entries) = node.content else {
        return invalid(
          node, "\(name) must be a map, not \(node.kind)",
          description.keys.first.map { "write '\($0.name): …' below it" } ?? "write '{}'")
      }
      for entry in entries {
        guard let key = description[entry.key] else {
          object.suspected.formUnion(refuse(entry, in: description))
          continue
        }
        let value = decode(entry.value, as: key.shape, name: "'\(key.name)'")
        object.insert(DecodedEntry(key: entry.key, keyPlace: entry.keyPlace, value: value))
      }
    }
    for key in description.keys where key.isRequired && !object.isIntended(key.name) {
      log.error(
        "'\(key.name)' is missing in \(description.title)", at: node.head,
        help: "for example '\(key.name): \(key.example)'")
    }
    let chosen = description.oneOf.filter { object[$0] != nil }
    if chosen.count > 1 {
      let names = chosen.map { "'\($0)'" }.joined(separator: " and ")
      log.error(
        "\(description.title) has \(names), which exclude one another",
        at: object.keyPlace(chosen[1]) ?? node.head, help: "keep one of them")
    }
    return DecodedValue(content: .object(object), place: node.place)
  }

  /// Reports a key that isn't known; returns those that it was probably meant for.
  private mutating func refuse(
    _ entry: YAMLEntry, in description: ObjectDescription
  ) -> [String] {
    let names = description.keys.map(\.name)
    if description.later.contains(entry.key) {
      log.error(
        "'\(entry.key)' of \(description.title) is not supported yet", at: entry.keyPlace,
        help: "remove it; this version of Ballast cannot do what it asks for")
      return names
    }
    let near = log.isFull ? nil : NearestName.find(entry.key, among: names)
    let later = log.isFull ? nil : NearestName.find(entry.key, among: description.later)
    let allowed =
      names.isEmpty ? "it has no keys; write '{}'" : "its keys are \(names.joined(separator: ", "))"
    let help =
      near.map { "did you mean '\($0)'?" }
      ?? later.map { "did you mean '\($0)'? It is not supported yet" } ?? allowed
    log.error(
      "\(Quoted.value(entry.key)) is no key of \(description.title)", at: entry.keyPlace, help: help
    )
    return near.map { [$0] } ?? []
  }

  private mutating func table(
    _ node: YAMLNode, of shape: Shape, keys: TextRule, name: String
  ) -> DecodedValue {
    if node.isNull { return DecodedValue(content: .table([]), place: node.place) }
    guard case .mapping(let entries) = node.content else {
      return invalid(
        node, "\(name) must be a map, not \(node.kind)", "write 'NAME: …' below it, for each one")
    }
    guard entries.count <= ConfigurationKeys.mostNames else {
      return invalid(
        node, "\(name) has more than \(ConfigurationKeys.mostNames) entries", "use fewer")
    }
    var decoded: [DecodedEntry] = []
    for entry in entries {
      if let problem = keys.problem(with: entry.key) {
        log.error(problem.message, at: entry.keyPlace, help: problem.help)
        continue
      }
      let value = decode(entry.value, as: shape, name: "'\(entry.key)'")
      decoded.append(DecodedEntry(key: entry.key, keyPlace: entry.keyPlace, value: value))
    }
    return DecodedValue(content: .table(decoded), place: node.place)
  }

  private mutating func list(
    _ node: YAMLNode, of shape: Shape, count: ClosedRange<Int>, name: String
  ) -> DecodedValue {
    guard case .sequence(let items) = node.content else {
      if node.isNull, count.contains(0) {
        return DecodedValue(content: .list([]), place: node.place)
      }
      return invalid(node, "\(name) must be a list, not \(node.kind)", listHelp(node))
    }
    guard count.contains(items.count) else {
      return invalid(
        node,
        "\(name) has \(items.count) items; it must have \(count.lowerBound) to \(count.upperBound)",
        items.isEmpty ? "write one at least, or leave \(name) away" : "use fewer")
    }
    let decoded = items.map { decode($0, as: shape, name: "an item of \(name)") }
    return DecodedValue(content: .list(decoded), place: node.place)
  }

  /// A value that stands for a list of itself.
  private mutating func only(_ node: YAMLNode, of shape: Shape, name: String) -> DecodedValue {
    DecodedValue(content: .list([decode(node, as: shape, name: name)]), place: node.place)
  }

  /// A text that was meant as a list: its words in brackets.
  private func listHelp(_ node: YAMLNode) -> String {
    guard case .scalar(let scalar) = node.content, !scalar.text.isEmpty,
      scalar.text.utf8.count <= 256
    else { return "write '[ … ]', or an item a line, each after '- '" }
    let words = scalar.text.split(whereSeparator: { $0 == " " || $0 == "," })
    let quoted = words.map { $0.contains { ":{}[]$%@&*#".contains($0) } ? "\"\($0)\"" : "\($0)" }
    return "write [ \(Quoted.safe(quoted.joined(separator: ", "))) ]"
  }

  mutating func invalid(_ node: YAMLNode, _ message: String, _ help: String) -> DecodedValue {
    log.error(message, at: node.head, help: help)
    return DecodedValue(content: .invalid, place: node.place)
  }
}

extension YAMLNode {
  var isCollection: Bool {
    if case .scalar = content { false } else { true }
  }

  /// Where a message about the whole points: a scalar, or a collection's beginning.
  var head: SourceRange {
    guard isCollection else { return place }
    let start = place.bytes.lowerBound
    return SourceRange(file: place.file, bytes: start..<min(start + 1, max(end, start)))
  }
}
