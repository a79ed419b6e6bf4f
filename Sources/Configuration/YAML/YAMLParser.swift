/// What a file may ask of us.
enum YAMLLimits {
  static let longestTextBytes = 1 << 20
  /// Values of a document with every alias written out: an alias bomb ends here.
  static let mostNodes = 100_000
  static let deepestNesting = 32
}

/// Builds the node tree of one file. What is wrong goes to the log.
struct YAMLParser {
  private enum Anchor {
    /// Its value is still being read, so an alias to it here would never end.
    case open
    case complete(YAMLNode, nodes: Int)
  }

  /// Already in the log.
  private struct Refused: Error {}

  private let source: SourceText
  private let file: Int
  private var anchors: [String: Anchor] = [:]
  private var nodes = 0
  private var log: DiagnosticLog

  private init(source: SourceText, file: Int, log: DiagnosticLog) {
    self.source = source
    self.file = file
    self.log = log
  }

  /// The document's node; nil when the text isn't one YAML document, which is then in the log.
  /// A text with no document is a null.
  static func parse(file: Int, log: inout DiagnosticLog) -> YAMLNode? {
    var parser = YAMLParser(source: log.sources[file], file: file, log: log)
    let node = parser.document()
    log = parser.log
    return node
  }

  private mutating func document() -> YAMLNode? {
    guard source.bytes.count <= YAMLLimits.longestTextBytes else {
      log.error(
        "the file has \(source.bytes.count) bytes; the most is \(YAMLLimits.longestTextBytes)",
        at: .start(of: file), help: "spread it over several files of a folder")
      return nil
    }
    guard var events = YAMLEventStream(source.bytes) else {
      log.error("not enough memory to read the file", at: .start(of: file))
      return nil
    }
    do {
      var root: YAMLNode?
      while true {
        let event = try events.next()
        switch event.kind {
        case .documentStart where root != nil:
          log.error(
            "a second document begins here; a file holds one", at: place(event),
            help: "remove the '---', or use a folder with one file for each")
          return nil
        case .documentStart: root = try node(of: events.next(), from: &events, depth: 0)
        case .streamEnd: return root ?? empty()
        default: break
        }
      }
    } catch let problem as YAMLProblem {
      explain(problem)
      return nil
    } catch {
      return nil
    }
  }

  private func empty() -> YAMLNode {
    YAMLNode(
      content: .scalar(YAMLScalar(text: "", style: .plain)), tag: nil, isFlow: false,
      place: .start(of: file))
  }

  private mutating func node(
    of event: YAMLEvent, from events: inout YAMLEventStream, depth: Int
  ) throws -> YAMLNode {
    guard depth <= YAMLLimits.deepestNesting else {
      throw refuse(
        "values are nested more than \(YAMLLimits.deepestNesting) deep", at: event,
        help: "no key of the configuration is that deep")
    }
    try count(1, at: event)
    if case .alias(let name) = event.kind { return try resolve(name, at: event) }
    let tag = try tag(of: event)
    let before = nodes
    if let anchor = event.anchor { anchors[anchor] = .open }
    let node = try content(of: event, tag: tag, from: &events, depth: depth)
    if let anchor = event.anchor { anchors[anchor] = .complete(node, nodes: nodes - before + 1) }
    return node
  }

  private mutating func content(
    of event: YAMLEvent, tag: YAMLNode.Tag?, from events: inout YAMLEventStream, depth: Int
  ) throws -> YAMLNode {
    switch event.kind {
    case .scalar(let scalar):
      return YAMLNode(
        content: .scalar(scalar), tag: tag, isFlow: false,
        place: trimmed(event.bytes, style: scalar.style))
    case .sequenceStart(let isFlow):
      var items: [YAMLNode] = []
      var next = try events.next()
      while !next.isEnd {
        items.append(try node(of: next, from: &events, depth: depth + 1))
        next = try events.next()
      }
      return collection(
        .sequence(items), tag, isFlow, from: event, to: next, last: items.last?.place)
    case .mappingStart(let isFlow):
      var entries: [YAMLEntry] = []
      var places: [String: SourceRange] = [:]
      var next = try events.next()
      while !next.isEnd {
        let (key, keyPlace) = try key(of: next)
        let value = try node(of: events.next(), from: &events, depth: depth + 1)
        next = try events.next()
        if let first = places[key] {
          log.error(
            "the key \(Quoted.value(key)) is here twice", at: keyPlace,
            help: log.isFull ? nil : "the first is at \(log.describe(first)); keep one of them")
        } else {
          places[key] = keyPlace
          entries.append(YAMLEntry(key: key, keyPlace: keyPlace, value: value))
        }
      }
      let last = entries.last.map { max($0.value.end, $0.keyPlace.bytes.upperBound) }
      return collection(
        .mapping(entries), tag, isFlow, from: event, to: next,
        last: last.map { SourceRange(file: file, bytes: 0..<$0) })
    default: throw refuse("this is not a value", at: event, help: nil)
    }
  }

  /// A block collection ends with its last item: libyaml says where the next token begins, with
  /// comments and blank lines in between.
  private func collection(
    _ content: YAMLNode.Content, _ tag: YAMLNode.Tag?, _ isFlow: Bool, from start: YAMLEvent,
    to end: YAMLEvent, last: SourceRange?
  ) -> YAMLNode {
    let first = start.bytes.lowerBound
    let final = isFlow ? end.bytes.upperBound : last?.bytes.upperBound ?? start.bytes.upperBound
    return YAMLNode(
      content: content, tag: tag, isFlow: isFlow,
      place: SourceRange(file: file, bytes: first..<max(first, final)))
  }

  private mutating func key(of event: YAMLEvent) throws -> (String, SourceRange) {
    try count(1, at: event)
    guard case .scalar(let scalar) = event.kind, event.anchor == nil, event.tag == nil else {
      throw refuse("a key must be plain text", at: event, help: "write 'key: value'")
    }
    return (scalar.text, place(event))
  }

  private mutating func tag(of event: YAMLEvent) throws -> YAMLNode.Tag? {
    switch event.tag {
    case nil: return nil
    case "!file":
      if case .scalar = event.kind { return .file }
      throw refuse("'!file' stands before a path", at: event, help: "write '!file path'")
    case "!", "tag:yaml.org,2002:str":
      if case .scalar = event.kind { return .text }
      return nil
    case let tag?:
      throw refuse(
        "the tag \(Quoted.value(tag)) means nothing here", at: event,
        help: "'!file path' is the only tag")
    }
  }

  private mutating func resolve(_ name: String, at event: YAMLEvent) throws -> YAMLNode {
    switch anchors[name] {
    case .complete(var node, let nodes):
      try count(nodes, at: event)
      node.place = place(event)
      return node
    case .open:
      throw refuse(
        "the alias \(Quoted.value("*" + name)) stands inside its own anchor", at: event,
        help: "a value cannot contain itself; write it out")
    case nil:
      throw refuse(
        "there is no anchor \(Quoted.value("&" + name)) before this", at: event,
        help: NearestName.find(name, among: anchors.keys.sorted()).map { "did you mean '*\($0)'?" }
          ?? "text that begins with '*' needs quotes")
    }
  }

  private mutating func count(_ more: Int, at event: YAMLEvent) throws {
    nodes += more
    guard nodes <= YAMLLimits.mostNodes else {
      throw refuse(
        "the file has more than \(YAMLLimits.mostNodes) values, aliases counted in full",
        at: event, help: "use fewer aliases, or fewer values")
    }
  }

  private mutating func refuse(_ message: String, at event: YAMLEvent, help: String?) -> Refused {
    log.error(message, at: place(event), help: help)
    return Refused()
  }

  private func place(_ event: YAMLEvent) -> SourceRange {
    SourceRange(file: file, bytes: event.bytes)
  }

  /// A block scalar's end is where libyaml found something else: take off the blank lines.
  private func trimmed(_ bytes: Range<Int>, style: YAMLScalar.Style) -> SourceRange {
    var end = bytes.upperBound
    if style == .block {
      while end > bytes.lowerBound, [9, 10, 13, 32].contains(source.bytes[end - 1]) { end -= 1 }
    }
    return SourceRange(file: file, bytes: bytes.lowerBound..<end)
  }

  private mutating func explain(_ problem: YAMLProblem) {
    let explained = problem.explained(in: source)
    log.error(
      explained.message, at: SourceRange(file: file, bytes: explained.offset..<explained.offset),
      help: explained.help)
  }
}

extension YAMLEvent {
  fileprivate var isEnd: Bool {
    if case .end = kind { true } else { false }
  }
}

extension YAMLNode {
  /// The byte after its last one.
  var end: Int { place.bytes.upperBound }
}
