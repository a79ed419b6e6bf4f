import AdminAPI
import FoundationEssentials

/// What the admin listener answers.
struct AdminAnswer: Sendable {
  enum Content: Sendable {
    case whole([UInt8])
    case stream(AdminStream)
    case file(FileAnswer)
  }

  var status: Int
  var contentType: String
  var headers: [(name: String, value: String)] = []
  var content: Content
  /// What a stream begins with.
  var beginning: [UInt8] = []

  init(
    status: Int = 200, contentType: String, headers: [(name: String, value: String)] = [],
    body: [UInt8]
  ) {
    self.status = status
    self.contentType = contentType
    self.headers = headers
    content = .whole(body)
  }

  init(stream: AdminStream) {
    status = 200
    contentType = stream.contentType
    content = .stream(stream)
  }

  init(file: FileAnswer, named name: String) {
    status = 200
    contentType = "application/octet-stream"
    headers = [("Content-Disposition", "attachment; filename=\"\(name)\"")]
    content = .file(file)
  }

  static func json(_ value: some Encodable, status: Int = 200) -> AdminAnswer {
    guard let body = try? AnswerEncoder.encode(value) else {
      return .error(500, "internal", "the answer cannot be written as JSON")
    }
    return AdminAnswer(status: status, contentType: "application/json", body: body)
  }

  static func text(_ text: String, status: Int = 200) -> AdminAnswer {
    AdminAnswer(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
  }

  static func error(
    _ status: Int, _ code: String, _ message: String, details: [String] = []
  ) -> AdminAnswer {
    let answer = ErrorAnswer(code: code, message: message, details: details)
    return AdminAnswer(
      status: status, contentType: "application/json", body: AdminJSON.encode(answer) ?? [])
  }

  static func notFound(_ what: String) -> AdminAnswer {
    .error(404, "not-found", "there is no \(what)")
  }
}

/// An answer that goes on.
enum AdminStream: Sendable, Equatable {
  /// Events as server-sent events, of one service or of all.
  case events(service: String?)
  /// The state every second, events and faults.
  case live(LiveScope)
  /// Lines of log files, from these on.
  case logs(LogTail)

  var contentType: String {
    switch self {
    case .events, .live: "text/event-stream"
    case .logs: "text/plain; charset=utf-8"
    }
  }
}

enum AdminJSON {
  static func encode(_ value: some Encodable) -> [UInt8]? {
    let encoder = JSONEncoder()
    // Keys in one order, so that answers can be compared as text.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { Array($0) }
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> Value? {
    try? JSONDecoder().decode(type, from: Data(bytes))
  }

  /// One server-sent event (WHATWG HTML, section 9.2); JSON has no line breaks of its own.
  static func event(_ name: String, id: Int64? = nil, _ value: some Encodable) -> [UInt8] {
    guard let data = try? AnswerEncoder.encode(value) else { return [] }
    let identity = id.map { "id: \($0)\n" } ?? ""
    return Array("event: \(name)\n\(identity)data: ".utf8) + data + [10, 10]
  }
}
