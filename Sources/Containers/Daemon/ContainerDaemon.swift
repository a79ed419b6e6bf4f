internal import FoundationEssentials
internal import Outbound

/// A daemon that speaks the Docker Engine API, version 1.41, over a unix socket: Docker from 20.10 on, and
/// podman's service. Every call blocks its thread, for as long as `ContainerLimits` says.
///
/// Whatever a daemon answers is data: it is bounded before it is read, and what does not fit is an
/// error.
public struct ContainerDaemon: Sendable {
  public let socket: String
  private let client = OutboundClient()

  public init(socket: String) { self.socket = socket }

  /// The answer to a question, of any status from 200 to 299 or in `others`.
  func ask(
    _ method: Method, _ path: String, body: (any Encodable & Sendable)? = nil,
    within milliseconds: Int? = ContainerLimits.answerMilliseconds, accepting others: Set<Int> = []
  ) throws(ContainerError) -> [UInt8] {
    var request = request(method, path, within: milliseconds)
    if let body {
      guard let bytes = Self.encode(body) else {
        throw .malformed("the order cannot be written as JSON")
      }
      request.body = bytes
      request.headers.append(OutboundHeader("Content-Type", "application/json"))
    }
    return try Self.accepted(
      try result { () throws(OutboundError) in try client.send(request) }, others)
  }

  /// The answer as a value.
  func ask<Answer: Decodable>(
    _ type: Answer.Type, _ method: Method, _ path: String,
    body: (any Encodable & Sendable)? = nil,
    within milliseconds: Int? = ContainerLimits.answerMilliseconds
  ) throws(ContainerError) -> Answer {
    try Self.decode(type, try ask(method, path, body: body, within: milliseconds))
  }

  /// Hands over the lines of an answer as they come, until one answers false.
  func lines(
    _ method: Method, _ path: String, authorized credentials: String? = nil,
    stall milliseconds: Int, onLine: (String) -> Bool
  ) throws(ContainerError) {
    var request = request(method, path, within: nil)
    if let credentials { request.headers = [OutboundHeader("X-Registry-Auth", credentials)] }
    request.stallTimeoutMilliseconds = milliseconds
    _ = try Self.accepted(
      try result { () throws(OutboundError) in try client.stream(request, onLine: onLine) })
  }

  /// Hands over an answer's body as it comes, until a piece is answered false.
  func pieces(
    _ method: Method, _ path: String, onBytes: ([UInt8]) -> Bool
  ) throws(ContainerError) {
    let request = request(method, path, within: nil)
    _ = try Self.accepted(
      try result { () throws(OutboundError) in try client.receive(request, onBytes: onBytes) })
  }

  enum Method { case get, post, delete }

  private func request(
    _ method: Method, _ path: String, within milliseconds: Int?
  ) -> OutboundRequest {
    let verb: OutboundRequest.Method =
      switch method {
      case .get: .get
      case .post: .post
      case .delete: .delete
      }
    return OutboundRequest(
      verb, "http://localhost/v1.41\(path)", unixSocket: socket,
      connectTimeoutMilliseconds: ContainerLimits.connectMilliseconds,
      timeoutMilliseconds: milliseconds, bodyLimitBytes: ContainerLimits.answerBytes)
  }

  private func result(
    _ call: () throws(OutboundError) -> OutboundResponse
  ) throws(ContainerError) -> OutboundResponse {
    do throws(OutboundError) {
      return try call()
    } catch {
      throw ContainerError(error, socket: socket)
    }
  }

  private static func accepted(
    _ response: OutboundResponse, _ others: Set<Int> = []
  ) throws(ContainerError) -> [UInt8] {
    if response.succeeded || others.contains(response.status) { return response.body }
    let said = (try? decode(DaemonMessage.self, response.body))?.message ?? ""
    throw .refused(
      status: response.status,
      message: said.isEmpty ? "the daemon answers with status \(response.status)" : oneLine(said))
  }

  static func decode<Answer: Decodable>(
    _ type: Answer.Type, _ bytes: [UInt8]
  ) throws(ContainerError) -> Answer {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw .malformed("the daemon's answer is not what the Docker Engine API has there")
    }
  }

  private static func encode(_ value: any Encodable) -> [UInt8]? {
    (try? JSONEncoder().encode(value)).map { Array($0) }
  }

  /// A daemon's words as part of a sentence of ours: one line, without control characters, not long.
  static func oneLine(_ text: String) -> String {
    let short = text.unicodeScalars.prefix(ContainerLimits.messageBytes).map { scalar in
      scalar.value < 32 || (127...159).contains(scalar.value) ? " " : Character(scalar)
    }
    let line = String(short)
    return String(line.drop { $0 == " " }.reversed().drop { $0 == " " || $0 == "." }.reversed())
  }

  /// A text as a part of a path or a query (RFC 3986, section 2.3); `/` and `:` stay for names of images.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      switch byte {
      case 48...57, 65...90, 97...122, 45, 46, 47, 58, 95, 126:
        escaped.unicodeScalars.append(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        escaped += digits.utf8.count < 2 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return escaped
  }
}

/// `{"message": "…"}`, of every refusal.
private struct DaemonMessage: Decodable {
  var message: String?
}
