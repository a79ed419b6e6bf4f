import AdminAPI
import Configuration
import Planning
import Primitives

/// A configuration of a test, from its text.
func version(_ text: String) throws -> ConfigurationVersion {
  let source = ConfigurationSource(path: "shop.yaml", text: text)
  let loader = ConfigurationLoader(environment: ["TOKEN": "t"], folder: "/srv/shop") { _ in "" }
  guard case .loaded(let settings, _) = loader.load([source]) else { throw NotValid(text: text) }
  return ConfigurationVersion(sources: [source], settings: settings)
}

struct NotValid: Error {
  var text: String
}

/// The services of a configuration with one listener.
func shop(_ services: String) throws -> ConfigurationVersion {
  try version(
    """
    listeners:
      web: { address: ":8080", service: shop }
    services:
    \(services.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
      .joined(separator: "\n"))

    """)
}

/// A picture of the file's servers, all healthy.
func picture(_ version: ConfigurationVersion, of name: String = "shop") -> ServicePicture {
  let service = version.settings.services.first { $0.name == name }
  let servers = service?.servers.map {
    ServicePicture.Server(
      name: $0.name, address: $0.address, weight: $0.weight, priority: $0.priority)
  }
  return ServicePicture(servers: servers ?? [])
}

/// Replicas `shop-1` …, all ready.
func replicas(_ count: Int) -> [ServicePicture.Server] {
  (0..<count).map {
    ServicePicture.Server(
      name: "shop-\($0 + 1)", address: .loopback(port: UInt16(20_000 + $0)), isReplica: true)
  }
}
