internal import AdminAPI
internal import FoundationEssentials
internal import Outbound

/// The admin API of the running Ballast, and its errors as ours.
struct AdminClient: Sendable {
  var endpoint: AdminEndpoint
  private let client = OutboundClient()
  /// Who asks, for the history of configurations.
  private let user: String?
  /// What shows it, where one has to sign in.
  var token: String?

  init(_ invocation: Invocation) throws(CommandFailure) {
    endpoint = try AdminEndpoint.find(invocation)
    user = Self.user(invocation.environment)
    token = try AdminTokens.find(invocation, for: endpoint)
  }

  /// What every request has.
  private func prepare(_ request: inout OutboundRequest) {
    request.unixSocket = endpoint.unixSocket
    request.trust.authorities = endpoint.authorities
    request.headers.append(OutboundHeader("User-Agent", "ballast/\(BallastVersion.current)"))
    if let user { request.headers.append(OutboundHeader("X-Ballast-User", user)) }
    if let token { request.headers.append(OutboundHeader("Authorization", "Bearer \(token)")) }
  }

  /// The body of a 2xx answer.
  func get(_ path: AdminPath) throws(CommandFailure) -> [UInt8] {
    try send(OutboundRequest(.get, endpoint.base + path.text))
  }

  func get<Answer: Decodable>(
    _ type: Answer.Type, _ path: AdminPath
  ) throws(CommandFailure) -> Answer {
    try decode(type, try get(path))
  }

  /// - Parameter timeoutMilliseconds: for an answer that takes its time; nil is the usual.
  func post(
    _ path: AdminPath, _ body: some Encodable, timeoutMilliseconds: Int? = nil
  ) throws(CommandFailure) -> [UInt8] {
    try change(.post, path, body, timeoutMilliseconds: timeoutMilliseconds)
  }

  func put(
    _ path: AdminPath, _ body: some Encodable, timeoutMilliseconds: Int? = nil
  ) throws(CommandFailure) -> [UInt8] {
    try change(.put, path, body, timeoutMilliseconds: timeoutMilliseconds)
  }

  func delete(_ path: AdminPath) throws(CommandFailure) -> [UInt8] {
    try send(OutboundRequest(.delete, endpoint.base + path.text))
  }

  /// Bytes as they are, in the place that the path says.
  func put(_ path: AdminPath, bytes: [UInt8]) throws(CommandFailure) -> [UInt8] {
    try send(
      OutboundRequest(
        .put, endpoint.base + path.text,
        headers: [OutboundHeader("Content-Type", "application/octet-stream")], body: bytes))
  }

  /// The body of a 2xx answer as it comes, whatever its length.
  /// - Parameter onPiece: false ends it.
  func download(
    _ path: AdminPath, onPiece: ([UInt8]) -> Bool
  ) throws(CommandFailure) {
    var request = OutboundRequest(.get, endpoint.base + path.text, timeoutMilliseconds: nil)
    prepare(&request)
    let response: OutboundResponse
    do throws(OutboundError) {
      response = try client.receive(request, onBytes: onPiece)
    } catch {
      throw failure(error)
    }
    guard response.succeeded else { throw failure(response) }
  }

  /// Each line of an answer that has no end of its own; ends when the other side ends it.
  func stream(
    _ path: AdminPath, onOpen: () -> Void = {}, onLine: (String) -> Bool
  ) throws(CommandFailure) {
    var request = OutboundRequest(.get, endpoint.base + path.text, timeoutMilliseconds: nil)
    prepare(&request)
    let response: OutboundResponse
    do throws(OutboundError) {
      response = try client.stream(request, onOpen: onOpen, onLine: onLine)
    } catch {
      throw failure(error)
    }
    guard response.succeeded else { throw failure(response) }
  }

  func decode<Answer: Decodable>(
    _ type: Answer.Type, _ bytes: [UInt8]
  ) throws(CommandFailure) -> Answer {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw .failed(
        "the answer of \(endpoint.description) is not understood",
        details: ["is it Ballast, and of this version? \(error)"])
    }
  }

  private func change(
    _ method: OutboundRequest.Method, _ path: AdminPath, _ body: some Encodable,
    timeoutMilliseconds: Int? = nil
  ) throws(CommandFailure) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = try [UInt8](JSONEncoder().encode(body))
    } catch {
      throw .failed("the request cannot be written as JSON: \(error)")
    }
    var request = OutboundRequest(
      method, endpoint.base + path.text,
      headers: [OutboundHeader("Content-Type", "application/json")], body: bytes)
    if let timeoutMilliseconds { request.timeoutMilliseconds = timeoutMilliseconds }
    return try send(request)
  }

  private func send(_ request: OutboundRequest) throws(CommandFailure) -> [UInt8] {
    var request = request
    prepare(&request)
    request.headers.append(OutboundHeader("Accept", "application/json"))
    let response: OutboundResponse
    do throws(OutboundError) {
      response = try client.send(request)
    } catch {
      throw failure(error)
    }
    guard response.succeeded else { throw failure(response) }
    return response.body
  }

  /// The person behind sudo, where there is one.
  static func user(_ environment: [String: String]) -> String? {
    let names = ["SUDO_USER", "USER", "LOGNAME"].compactMap { environment[$0] }
    return names.first { name in
      !name.isEmpty && name.utf8.count <= 64 && name.utf8.allSatisfy { (33...126).contains($0) }
    }
  }

  private func failure(_ error: OutboundError) -> CommandFailure {
    switch error {
    case .notReachable(let why):
      CommandFailure(
        status: .notReachable,
        message:
          "cannot reach Ballast at \(endpoint.description): \(why); is `ballast run` running?")
    case .timedOut(let why), .tooLarge(let why):
      .failed("Ballast at \(endpoint.description): \(why)")
    case .other(let why):
      // The process ended under us, or something else listens there.
      CommandFailure(
        status: .notReachable, message: "cannot reach Ballast at \(endpoint.description): \(why)")
    }
  }

  private func failure(_ response: OutboundResponse) -> CommandFailure {
    guard let answer = try? JSONDecoder().decode(ErrorAnswer.self, from: Data(response.body)) else {
      return .failed("\(endpoint.description) answered \(response.status); is it Ballast?")
    }
    var details = answer.error.details.flatMap { detail in
      // A rendered diagnostic has lines of its own.
      detail.split(separator: "\n").map { HumanText.printable(String($0)) }
    }
    if response.status == 401 {
      details.append(
        token == nil
          ? "`ballast login` asks for name and password; $\(AdminTokens.variable) or --token-file shows a token"
          : "the token that was shown is not good, or not any more: `ballast login` gets another")
      details.append(
        "on Ballast's own machine, root needs neither over `admin.socket`: --socket PATH")
    }
    return CommandFailure(
      status: .failed, message: HumanText.printable(answer.error.message),
      details: details, isNotFound: response.status == 404, isUnavailable: response.status == 503,
      isInvalid: response.status == 422)
  }
}
