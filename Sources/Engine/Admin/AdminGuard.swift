import Primitives

/// What a browser could be made to send is refused, whoever has signed in there: requests under a
/// foreign name (DNS rebinding) and requests of foreign pages.
struct AdminGuard: Sendable {
  /// Hosts that are right whatever the address: no foreign page has one of these names.
  private static let local: Set<String> = ["localhost", "127.0.0.1", "::1"]

  let address: SocketAddress
  /// Names that it answers under besides, in lower case; `*.` stands for one label.
  var hosts: Set<String> = []

  /// - Returns: why the request is refused; nil when it may pass.
  func refusal(_ request: AdminRequest) -> String? {
    if !request.isOverUnixSocket {
      guard let host = request.host, isOurs(Self.name(of: host)) else {
        return "the Host \(request.host ?? "") is not this listener's"
      }
    }
    if let origin = request.origin {
      let same = request.host.map { ["http://\($0)", "https://\($0)"] } ?? []
      guard !request.isOverUnixSocket, same.contains(origin) else {
        return "pages of \(origin) may not use the admin API"
      }
    }
    if request.changesState, let site = request.fetchSite, site != "same-origin", site != "none" {
      return "pages of other sites may not change anything"
    }
    return nil
  }

  /// A rebound name is a name: an address, written as one, is where the client really went.
  private func isOurs(_ host: String) -> Bool {
    if Self.local.contains(host) || host == address.host || hosts.contains(host) { return true }
    if let dot = host.firstIndex(of: "."), hosts.contains("*" + host[dot...]) { return true }
    let isWildcard = address.host == "::" || address.host == "0.0.0.0"
    return isWildcard && SocketAddress(host: host, port: 0) != nil
  }

  /// Without port, brackets and final dot, in lower case.
  static func name(of host: String) -> String {
    var name = host.lowercased()
    if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
      return String(name[name.index(after: name.startIndex)..<end])
    }
    if let colon = name.lastIndex(of: ":") { name = String(name[..<colon]) }
    if name.hasSuffix(".") { name.removeLast() }
    return name
  }
}
