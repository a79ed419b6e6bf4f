internal import Primitives

/// Where the running Ballast listens for us.
struct AdminEndpoint: Sendable, Equatable {
  static let defaultURL = "http://127.0.0.1:9900"
  /// The environment variable that takes a URL or `unix:/path`.
  static let variable = "BALLAST_ADMIN"

  /// The environment variable that takes a file of certificates.
  static let authoritiesVariable = "BALLAST_CA"

  /// What requests' URLs begin with, without a final slash.
  var base: String
  var unixSocket: String?
  /// A file of certificates (PEM) to trust in place of the system's.
  var authorities: String?

  /// As it is named in messages.
  var description: String { unixSocket.map { "unix:\($0)" } ?? base }

  static func find(_ invocation: Invocation) throws(CommandFailure) -> AdminEndpoint {
    var endpoint = try findAddress(invocation)
    endpoint.authorities = [
      invocation.values["ca"], invocation.environment[authoritiesVariable],
    ].compactMap(\.self).first { !$0.isEmpty }
    return endpoint
  }

  /// Whether what is sent there can be read by nobody else: over the socket, this machine's own
  /// address, or TLS.
  var isPrivate: Bool {
    if unixSocket != nil || base.lowercased().hasPrefix("https://") { return true }
    let host = base.dropFirst("http://".count)
    return ["127.0.0.1", "localhost", "[::1]"].contains { host == $0 || host.hasPrefix($0 + ":") }
  }

  private static func findAddress(_ invocation: Invocation) throws(CommandFailure) -> AdminEndpoint
  {
    if let path = invocation.values["socket"] {
      return try unix(path.hasPrefix("unix:") ? String(path.dropFirst(5)) : path, "--socket")
    }
    if let text = invocation.values["admin"] { return try parse(text, "--admin") }
    if let text = invocation.environment[variable], !text.isEmpty {
      return try parse(text, variable)
    }
    return AdminEndpoint(base: defaultURL)
  }

  /// `http://host:port`, `https://…`, `host:port`, `:port`, `unix:/path`.
  static func parse(_ text: String, _ source: String) throws(CommandFailure) -> AdminEndpoint {
    if text.hasPrefix("unix:") { return try unix(String(text.dropFirst(5)), source) }
    var base = text
    if !text.contains("://") { base = "http://" + (text.hasPrefix(":") ? "127.0.0.1" : "") + text }
    while base.hasSuffix("/") { base.removeLast() }
    let rest = base.split(separator: "://", maxSplits: 1)
    guard rest.count == 2, ["http", "https"].contains(rest[0].lowercased()),
      rest[1].utf8.allSatisfy({ (33...126).contains($0) && !"/?#@\\\"<>".utf8.contains($0) })
    else {
      throw .wrongUsage(
        "\(source) is no admin address: '\(text)'",
        details: ["such as \(defaultURL) or unix:/run/ballast.sock"])
    }
    return AdminEndpoint(base: base)
  }

  private static func unix(_ path: String, _ source: String) throws(CommandFailure) -> AdminEndpoint
  {
    guard !path.isEmpty, path.utf8.count <= SocketAddress.longestUnixPath else {
      throw .wrongUsage(
        "\(source): a socket's path has 1 to \(SocketAddress.longestUnixPath) bytes")
    }
    return AdminEndpoint(base: "http://localhost", unixSocket: path)
  }
}
