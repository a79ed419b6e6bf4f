import Configuration
import HealthChecking
import Primitives

/// What one check of a server does.
struct CheckTarget: Sendable, Equatable {
  var address: SocketAddress
  var check: HealthSettings.Check
  var timeout: TimeSpan

  /// The bytes of the request of an HTTP check; nil for other checks.
  var request: [UInt8]? {
    guard case .http(let http) = check else { return nil }
    var host = http.host ?? "\(address)"
    if case .unix = address, http.host == nil { host = "localhost" }
    return Array(
      """
      GET \(http.path) HTTP/1.1\r
      Host: \(host)\r
      User-Agent: ballast-check\r
      Accept: */*\r
      Connection: close\r
      \r

      """.utf8)
  }

  var expectation: HTTPCheckExpectation? {
    guard case .http(let http) = check else { return nil }
    return HTTPCheckExpectation(statuses: http.status, body: http.body)
  }
}
