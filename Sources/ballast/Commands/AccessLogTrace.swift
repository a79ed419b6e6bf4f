internal import Glibc
internal import Primitives
internal import Simulation

/// Requests of an access log in JSON: when they came, from whom, and how long the servers took.
struct AccessLogTrace {
  /// More lines are left out, and that is said.
  static let mostRequests = 5_000_000
  private static let readBytes = 1 << 20
  private static let longestLine = 1 << 20

  private var requests: [(at: WallTime, key: UInt64, isIdempotent: Bool)] = []
  private var times: [TimeSpan] = []
  private var timesOf: [String: [TimeSpan]] = [:]
  private var unread = 0

  static func read(_ path: String) throws(CommandFailure) -> AccessLogTrace {
    var trace = AccessLogTrace()
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let reason = unsafe strerror(errno).map { unsafe String(cString: $0).lowercased() }
      throw .failed("\(path): \(reason ?? "cannot be read")")
    }
    defer { close(descriptor) }
    var chunk = [UInt8](repeating: 0, count: readBytes)
    var line: [UInt8] = []
    while trace.requests.count < mostRequests {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      for byte in chunk[..<count] {
        if byte == 10 {
          trace.take(line)
          line.removeAll(keepingCapacity: true)
        } else if line.count < longestLine {
          line.append(byte)
        }
      }
    }
    trace.take(line)
    guard !trace.requests.isEmpty else {
      throw .failed(
        "\(path): no line is one of an access log in JSON",
        details: ["write one with 'log: { access: { path: access.log, format: json } }'"])
    }
    return trace
  }

  private mutating func take(_ line: [UInt8]) {
    guard !line.isEmpty, requests.count < Self.mostRequests else { return }
    guard let value = JSONValue(parsing: line), let text = value.text("time"),
      let ended = WallTime(text)
    else {
      unread += 1
      return
    }
    // The line is written at the request's end.
    let total = value.milliseconds("total") ?? .zero
    let began = WallTime(milliseconds: ended.milliseconds - total.milliseconds)
    let method = value.text("method") ?? "GET"
    let isIdempotent = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(method)
    requests.append((began, Self.key(value.text("client") ?? ""), isIdempotent))
    guard let response = value.milliseconds("response") else { return }
    times.append(response)
    if let server = value.text("server") { timesOf[server, default: []].append(response) }
  }

  /// Of the client's address without its port: FNV-1a (Fowler, Noll, Vo, 1991).
  private static func key(_ client: String) -> UInt64 {
    let host = client.lastIndex(of: ":").map { client[..<$0] } ?? client[...]
    return host.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// The scenario with these arrivals, as far as it lasts; servers whose time is `recorded` draw
  /// from what the server of their name took, or all of them.
  func applied(to scenario: Scenario, path: String) throws(CommandFailure) -> Scenario {
    var scenario = scenario
    let ordered = requests.sorted { $0.at < $1.at }
    guard let first = ordered.first?.at, let last = ordered.last?.at else { return scenario }
    scenario.arrivals = Arrivals(
      rate: 0,
      process: .trace(
        ordered.map { TracedRequest(at: $0.at - first, key: $0.key, isIdempotent: $0.isIdempotent) }
      ))
    scenario.duration = (last - first) + .milliseconds(1)
    for place in scenario.servers.indices
    where scenario.servers[place].time.distribution == .recorded([]) {
      let known = timesOf[scenario.servers[place].name] ?? times
      guard !known.isEmpty else {
        throw .failed("\(path): no line says how long a server took ('response')")
      }
      scenario.servers[place].time = ServiceTime(.recorded(known))
    }
    return scenario
  }
}

extension JSONValue {
  fileprivate func text(_ key: String) -> String? {
    if case .string(let text)? = self[key] { text } else { nil }
  }

  fileprivate func milliseconds(_ key: String) -> TimeSpan? {
    guard case .number(let digits)? = self[key], let value = Double(digits), value >= 0 else {
      return nil
    }
    return TimeSpan.milliseconds(1).scaled(by: value)
  }
}
