import Configuration
import Faults
import Primitives
import Routing
import Testing
import Topology

@testable import Engine

struct TopologyBuilderTests {
  private func address(_ port: UInt16) -> SocketAddress { .loopback(port: port) }

  private func route(
    _ name: String, listeners: [String] = [], host: String? = nil, path: String = "/*",
    priority: Int = 0, to service: String = "orders"
  ) -> RouteSettings {
    RouteSettings(
      name: name, listeners: listeners,
      match: RouteMatch(hosts: host.map { [HostPattern($0)] } ?? [], path: PathPattern(path)),
      priority: priority, action: .service(service))
  }

  private var settings: Settings {
    Settings(
      listeners: [
        ListenerSettings(name: "web", address: address(80), service: "shop"),
        ListenerSettings(name: "other", address: address(81)),
      ],
      routes: [
        route("any", to: "shop"), route("short", path: "/a/*", to: "shop"),
        route("long", path: "/a/b/*", to: "shop"), route("exact", path: "/a"),
        route("host", host: "shop.example.com"),
        route("host-path", listeners: ["web"], host: "shop.example.com", path: "/x"),
        route("urgent", priority: 5),
      ],
      services: [
        ServiceSettings(
          name: "shop",
          servers: [
            ServerSettings(name: "s1", address: address(1), weight: 3),
            ServerSettings(name: "s2", address: address(2), priority: 1),
          ]),
        ServiceSettings(name: "orders", health: HealthSettings(check: .none)),
      ])
  }

  private func build(
    _ input: TopologyInput, _ identities: inout IdentityRegistry
  ) -> TopologySnapshot {
    TopologyBuilder.build(version: 1, input, identities: &identities)
  }

  private func names(_ snapshot: TopologySnapshot, _ listener: String) -> [String] {
    guard let listener = snapshot.listeners.first(where: { $0.name == listener }) else { return [] }
    let places = listener.table.rules.map(\.route) + (listener.defaultRoute.map { [$0] } ?? [])
    return places.map { snapshot.routes[$0].name }
  }

  @Test func `a listener that sends clients to https takes only what names it`() throws {
    var settings = settings
    settings.listeners[0].service = nil
    settings.listeners[0].httpsRedirect = HTTPSRedirectSettings(port: 8443)
    var identities = IdentityRegistry()
    let snapshot = build(TopologyInput(settings: settings), &identities)
    #expect(names(snapshot, "web") == ["host-path", "web"])
    let place = try #require(snapshot.listeners[0].defaultRoute)
    guard case .redirect(let redirect, let needsKnownHost) = snapshot.routes[place].action else {
      Issue.record("no redirect")
      return
    }
    #expect(redirect.status == 308 && redirect.location.text == "https://${host}:8443${uri}")
    #expect(needsKnownHost, "nobody chooses the host that others are sent to")
    #expect(!snapshot.listeners[0].onlyRedirects && !snapshot.listeners[1].onlyRedirects)
  }

  @Test func `routes are asked by priority, then the more specific first, the listener's own last`()
  {
    var identities = IdentityRegistry()
    let snapshot = build(TopologyInput(settings: settings), &identities)
    #expect(
      names(snapshot, "web")
        == ["urgent", "host-path", "host", "exact", "long", "short", "any", "web"])
    #expect(
      names(snapshot, "other") == ["urgent", "host", "exact", "long", "short", "any"])
  }

  @Test func `a split leads to the places of its services`() {
    var identities = IdentityRegistry()
    var input = TopologyInput(settings: settings)
    input.settings.routes = [
      RouteSettings(
        name: "both",
        action: .split(
          SplitSettings(parts: [.init(service: "orders", weight: 1)], keys: [.cookie("sid")])))
    ]
    guard case .split(let split) = build(input, &identities).routes[0].action else {
      Issue.record("the route is no split")
      return
    }
    #expect(split.parts.map(\.service) == [1] && split.keys == [.cookie(Array("sid".utf8))])
    #expect(split.service(4711) == 1)
  }

  @Test func `a listener of layer 4 has its service, or a table of names, and no routes`() throws {
    var identities = IdentityRegistry()
    var changed = settings
    changed.services[0].protocol = .tcp
    changed.services[1].protocol = .tcp
    changed.routes = [
      RouteSettings(
        name: "tls", listeners: ["other"], match: RouteMatch(hosts: [HostPattern("a.example")]),
        action: .service("orders")),
      RouteSettings(
        name: "below", listeners: ["other"], match: RouteMatch(hosts: [HostPattern("*.example")]),
        priority: -5, action: .service("orders")),
    ]
    changed.listeners[0].protocol = .tcp
    changed.listeners[1].protocol = .tlsPassthrough
    let snapshot = build(TopologyInput(settings: changed), &identities)
    #expect(snapshot.listeners.allSatisfy { $0.table.rules.isEmpty })
    guard case .tcp(service: 0) = snapshot.listeners[0].kind,
      case .tlsPassthrough(let table) = snapshot.listeners[1].kind
    else {
      Issue.record("other kinds")
      return
    }
    func service(_ name: String) -> Int? { table.service(Array(name.utf8)) { _ in false } }
    #expect(service("a.example") == 1 && service("b.example") == 1 && service("b") == nil)
    // The listener's own service is the last one asked, below every priority.
    changed.listeners[1].service = "shop"
    let other = build(TopologyInput(settings: changed), &identities)
    guard case .tlsPassthrough(let whole) = other.listeners[1].kind else { return }
    #expect(whole.service(Array("b.example".utf8)) { _ in false } == 1)
    #expect(whole.service(Array("b".utf8)) { _ in false } == 0)
  }

  @Test func `a server that was never checked is not known to be healthy`() {
    var identities = IdentityRegistry()
    let snapshot = build(TopologyInput(settings: settings), &identities)
    #expect(snapshot.services[0].servers.allSatisfy { $0.health == .unknown })
    #expect(snapshot.services[0].servers.map(\.weight) == [3, 1])
    #expect(snapshot.services[0].servers.map(\.priority) == [0, 1])
  }

  @Test func `what an operator set holds over what the file says`() {
    var identities = IdentityRegistry()
    var input = TopologyInput(settings: settings)
    input.conditions[ServerName(service: "shop", server: "s1")] = ServerCondition(
      health: .healthy, availability: .maintenance, weight: 0)
    let server = build(input, &identities).services[0].servers[0]
    #expect(server.health == .healthy)
    #expect(server.availability == .maintenance)
    #expect(server.weight == 0)
    #expect(!server.takesNewWork)
  }

  @Test func `a replica is a server of its service, and drains before it is stopped`() {
    var identities = IdentityRegistry()
    var input = TopologyInput(settings: settings)
    input.replicas["orders"] = [ReplicaServer(name: "orders-1", address: address(9))]
    #expect(build(input, &identities).services[1].servers.map(\.name) == ["orders-1"])
    // Its service takes servers as healthy unchecked.
    #expect(build(input, &identities).services[1].servers[0].health == .healthy)
    input.conditions[ServerName(service: "orders", server: "orders-1")] = ServerCondition(
      isLeaving: true)
    let server = build(input, &identities).services[1].servers[0]
    #expect(server.availability == .draining && !server.takesNewWork)
  }

  @Test func `what stays has its number over reloads, and no number is given twice`() {
    var identities = IdentityRegistry()
    let first = build(TopologyInput(settings: settings), &identities)
    var changed = settings
    changed.services.reverse()
    changed.listeners.insert(ListenerSettings(name: "new", address: address(82)), at: 0)
    changed.services[1].servers.removeFirst()
    changed.services[1].servers[0].address = address(200)
    changed.services[1].servers.append(ServerSettings(name: "s3", address: address(3)))
    let second = build(TopologyInput(settings: changed), &identities)

    func id(_ snapshot: TopologySnapshot, _ name: String) -> Int? {
      snapshot.services.flatMap(\.servers).first { $0.name == name }?.id.index
    }
    #expect(second.listeners.first { $0.name == "web" }?.id == first.listeners[0].id)
    #expect(second.services.first { $0.name == "shop" }?.id == first.services[0].id)
    #expect(id(second, "s2") == id(first, "s2"))
    #expect(id(second, "s3") == 2)
    let again = build(TopologyInput(settings: settings), &identities)
    #expect(id(again, "s1") == id(first, "s1"))
    #expect(identities.servers.count == 3)
  }

  @Test func `a listener's own route and a route of the same name are two`() {
    var identities = IdentityRegistry()
    var both = settings
    both.routes = [route("web", path: "/x")]
    let snapshot = build(TopologyInput(settings: both), &identities)
    #expect(Set(snapshot.routes.map(\.id)).count == 2)
    #expect(snapshot.routes.map(\.name) == ["web", "web"])
  }
}
