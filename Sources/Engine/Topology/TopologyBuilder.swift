import Configuration
import Primitives
import Topology

/// Settings and what is known at run time, made into what the data plane serves.
enum TopologyBuilder {
  static func build(
    version: UInt64, _ input: TopologyInput, identities: inout IdentityRegistry
  ) -> TopologySnapshot {
    let services = input.settings.services.map { service in
      Self.service(service, input, identities: &identities)
    }
    var places: [String: Int] = [:]
    for (index, service) in input.settings.services.enumerated() { places[service.name] = index }

    let (routes, listeners) = Self.routes(input, services: places, identities: &identities)
    return TopologySnapshot(
      version: version, listeners: listeners, routes: routes, services: services,
      errorPages: ErrorPages(input.settings.errorPages))
  }
}
