import Primitives
public import Topology

extension ListenerSecurity {
  public init(_ settings: ListenerTLSSettings) {
    self.init(clientAuthentication: settings.clientAuth)
  }
}

extension ServerSecurity {
  public init(_ settings: ServiceTLSSettings) {
    self.init(serverName: settings.serverName, verifies: settings.verify)
  }
}

extension StrictTransportSettings {
  /// The field's whole line (RFC 6797, section 6.1).
  public var line: String {
    let seconds = maxAge.milliseconds / 1000
    return "Strict-Transport-Security: max-age=\(seconds)"
      + (includesSubdomains ? "; includeSubDomains" : "") + (preload ? "; preload" : "") + "\r\n"
  }
}
