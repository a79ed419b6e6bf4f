import Configuration
import Faults
import HealthChecking
import Outbound
import Primitives
import Topology
import Wire

/// What one check of a server does.
struct CheckTarget: Sendable, Equatable {
  var name: ServerName
  var address: SocketAddress
  var check: HealthSettings.Check
  var timeout: TimeSpan
  /// The servers wait for a PROXY header.
  var proxyHeader: ProxyHeaderVersion?
  /// The servers speak HTTP/2.
  var isMultiplexed = false

  /// The bytes of the request of an HTTP check; nil for other checks.
  var request: [UInt8]? {
    guard case .http(let http) = check, !isMultiplexed else { return nil }
    return announcement
      + Array(
        """
        GET \(http.path) HTTP/1.1\r
        Host: \(http.host ?? standardHost)\r
        User-Agent: \(Self.userAgent)\r
        Accept: */*\r
        Connection: close\r
        \r

        """.utf8)
  }

  /// That the check speaks for itself and for no client.
  private var announcement: [UInt8] {
    guard let proxyHeader else { return [] }
    var writer = ByteWriter(capacity: ProxyHeader.longestText)
    ProxyHeader.writeLocal(proxyHeader == .v1 ? .text : .binary, to: &writer)
    return unsafe Array(writer.bytes)
  }

  var expectation: HTTPCheckExpectation? {
    switch check {
    case .http(let http), .https(let http, _):
      HTTPCheckExpectation(statuses: http.status, body: http.body)
    case .grpc, .tcp, .tls, .command, .none: nil
    }
  }

  /// What checks over TLS or HTTP/2 look at; nil for other checks.
  var probe: OutboundProbe? {
    switch check {
    case .https(let http, let tls):
      let name = tls.serverName ?? http.host.map(Self.withoutPort)
      var request = self.request(tls, name: name, path: http.path)
      request.headers = [
        OutboundHeader("Host", http.host ?? tls.serverName ?? standardHost),
        OutboundHeader("User-Agent", Self.userAgent),
      ]
      request.bodyLimitBytes = HTTPCheckExpectation.bodyLimit
      return OutboundProbe(request, goal: expectation?.needsBody == true ? .body : .head)
    case .tls(let tls):
      return OutboundProbe(request(tls, name: tls.serverName, path: "/"), goal: .connection)
    case .http(let http):
      guard isMultiplexed else { return nil }
      var request = frames(.get, path: http.path)
      request.headers[0].value = http.host ?? standardHost
      request.bodyLimitBytes = HTTPCheckExpectation.bodyLimit
      return OutboundProbe(request, goal: expectation?.needsBody == true ? .body : .head)
    case .grpc(let service, let tls):
      var request =
        tls.map { self.request($0, name: $0.serverName, path: GRPCHealthMessage.path) }
        ?? frames(.post, path: GRPCHealthMessage.path)
      request.method = .post
      if tls != nil {
        request.headers = [
          OutboundHeader("Host", tls?.serverName ?? standardHost),
          OutboundHeader("User-Agent", Self.userAgent),
        ]
      }
      request.headers += [
        OutboundHeader("Content-Type", "application/grpc"), OutboundHeader("TE", "trailers"),
      ]
      request.body = GRPCHealthMessage.request(service: service)
      request.bodyLimitBytes = GRPCHealthMessage.longestAnswer
      return OutboundProbe(request, goal: .body)
    case .tcp, .command, .none: return nil
    }
  }

  /// What `${NAME}` stands for in a command.
  var variables: [CommandRunner.Variable] {
    [
      ("ADDRESS", "\(address)"), ("HOST", address.host),
      ("PORT", address.port.map(String.init) ?? ""), ("SERVER", name.server),
      ("SERVICE", name.service),
    ]
  }

  private static let userAgent = "ballast-check"

  private var standardHost: String {
    if case .unix = address { "localhost" } else { "\(address)" }
  }

  /// By HTTP/2 to the server's address.
  private func frames(_ method: OutboundRequest.Method, path: String) -> OutboundRequest {
    let timeout = Int(clamping: max(1, timeout.milliseconds))
    let isFile = address.port == nil
    var request = OutboundRequest(
      method, "http://\(isFile ? "localhost" : "\(address)")\(path)",
      unixSocket: isFile ? address.host : nil,
      headers: [
        OutboundHeader("Host", standardHost), OutboundHeader("User-Agent", Self.userAgent),
      ], connectTimeoutMilliseconds: timeout, timeoutMilliseconds: timeout)
    request.isFramed = true
    return request
  }

  /// To the server's address, in the name that its certificate must have.
  private func request(
    _ tls: HealthSettings.TLSCheck, name: String?, path: String
  ) -> OutboundRequest {
    let timeout = Int(clamping: max(1, timeout.milliseconds))
    let identity = tls.certificate.map {
      OutboundTrust.Identity(certificate: $0.certificate, key: $0.key)
    }
    let trust = OutboundTrust(verify: tls.verify, authorities: tls.ca, identity: identity)
    guard let port = address.port else {
      return OutboundRequest(
        .get, "https://\(name ?? "localhost")\(path)", unixSocket: address.host, trust: trust,
        connectTimeoutMilliseconds: timeout, timeoutMilliseconds: timeout)
    }
    let authority = name.map { "\($0.contains(":") ? "[\($0)]" : $0):\(port)" } ?? "\(address)"
    return OutboundRequest(
      .get, "https://\(authority)\(path)", connectTo: "\(address)", trust: trust,
      connectTimeoutMilliseconds: timeout, timeoutMilliseconds: timeout)
  }

  /// `shop.example:8443` is `shop.example`, `[::1]:443` is `::1`.
  private static func withoutPort(_ host: String) -> String {
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
      return String(host[host.index(after: host.startIndex)..<end])
    }
    return host.split(separator: ":").first.map(String.init) ?? host
  }
}
