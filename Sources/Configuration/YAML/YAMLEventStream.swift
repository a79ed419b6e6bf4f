import CYAML

/// What libyaml reports next. Offsets are bytes of the text.
struct YAMLEvent {
  enum Kind {
    case documentStart
    case streamEnd
    case alias(String)
    case scalar(YAMLScalar)
    case sequenceStart(isFlow: Bool)
    case mappingStart(isFlow: Bool)
    case end
    case other
  }

  var kind: Kind
  var anchor: String?
  var tag: String?
  var bytes: Range<Int>
}

/// libyaml's words for a text that isn't YAML.
struct YAMLProblem: Error {
  var problem: String
  var offset: Int
  var context: String
  var contextOffset: Int
}

/// libyaml's event parser over bytes in memory.
@safe struct YAMLEventStream: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>
  /// libyaml counts characters; the byte offset of each, or nil when all are single bytes.
  private let characterOffsets: [Int]?
  private let base: Int
  private let end: Int

  /// nil when there is no memory.
  init?(_ bytes: [UInt8]) {
    // A byte-order mark would count as a column of the first line.
    base = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    end = bytes.count
    let first = base
    characterOffsets =
      bytes.allSatisfy({ $0 < 0x80 })
      ? nil : bytes.indices.dropFirst(first).filter { bytes[$0] & 0xC0 != 0x80 } + [bytes.count]
    unsafe input = .allocate(capacity: max(bytes.count - first, 1))
    _ = unsafe input.initialize(from: bytes.dropFirst(first))
    unsafe parser = .allocate(capacity: 1)
    let made = unsafe yaml_parser_initialize(parser)
    guard made == 1 else {
      unsafe parser.deallocate()
      unsafe input.deallocate()
      return nil
    }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, input.baseAddress, bytes.count - first)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe input.deallocate()
  }

  mutating func next() throws(YAMLProblem) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    let parsed = unsafe yaml_parser_parse(parser, &event)
    guard parsed == 1 else { throw problem() }
    defer { unsafe yaml_event_delete(&event) }
    let start = unsafe offset(event.start_mark.index)
    let bytes = unsafe start..<max(start, offset(event.end_mark.index))
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, bytes: bytes)
    case YAML_STREAM_END_EVENT: return YAMLEvent(kind: .streamEnd, bytes: bytes)
    case YAML_ALIAS_EVENT:
      let name = unsafe Self.text(event.data.alias.anchor) ?? ""
      return YAMLEvent(kind: .alias(name), bytes: bytes)
    case YAML_SCALAR_EVENT:
      let data = unsafe event.data.scalar
      let text = unsafe String(
        decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
      return unsafe YAMLEvent(
        kind: .scalar(YAMLScalar(text: text, style: Self.style(data.style))),
        anchor: Self.text(data.anchor), tag: Self.text(data.tag), bytes: bytes)
    case YAML_SEQUENCE_START_EVENT:
      let data = unsafe event.data.sequence_start
      return unsafe YAMLEvent(
        kind: .sequenceStart(isFlow: data.style == YAML_FLOW_SEQUENCE_STYLE),
        anchor: Self.text(data.anchor), tag: Self.text(data.tag), bytes: bytes)
    case YAML_MAPPING_START_EVENT:
      let data = unsafe event.data.mapping_start
      return unsafe YAMLEvent(
        kind: .mappingStart(isFlow: data.style == YAML_FLOW_MAPPING_STYLE),
        anchor: Self.text(data.anchor), tag: Self.text(data.tag), bytes: bytes)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      return YAMLEvent(kind: .end, bytes: bytes)
    default: return YAMLEvent(kind: .other, bytes: bytes)
    }
  }

  private func problem() -> YAMLProblem {
    let state = unsafe parser.pointee
    // The reader works ahead of the scanner and counts bytes.
    let isReader = unsafe state.error == YAML_READER_ERROR
    return unsafe YAMLProblem(
      problem: state.problem.map { unsafe String(cString: $0) } ?? "not enough memory",
      offset: isReader
        ? min(base &+ Int(clamping: state.problem_offset), end) : offset(state.problem_mark.index),
      context: state.context.map { unsafe String(cString: $0) } ?? "",
      contextOffset: offset(state.context_mark.index))
  }

  private func offset(_ index: Int) -> Int {
    guard let characterOffsets else { return min(base &+ index, end) }
    return characterOffsets.indices.contains(index) ? characterOffsets[index] : end
  }

  private static func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
    case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
    default: .plain
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
    unsafe pointer.map { unsafe String(cString: $0) }
  }
}
