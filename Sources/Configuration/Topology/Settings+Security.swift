public import Topology

extension ListenerSecurity {
  public init(_ settings: ListenerTLSSettings) {
    self.init(
      minimumVersion: settings.minVersion, clientAuthentication: settings.clientAuth)
  }
}

extension ServerSecurity {
  public init(_ settings: ServiceTLSSettings) {
    self.init(serverName: settings.serverName, verifies: settings.verify)
  }
}
