internal import AdminAPI
internal import Faults
internal import Primitives

/// `describe`: all about one thing, with its recent events.
enum DescribeCommand {
  static let command = Command(
    name: "describe",
    summary:
      "shows all about one service, server, route, listener, replica, deployment, certificate, fault, alert, drill",
    arguments: [
      Argument(
        name: "KIND", summary: "what it is",
        completion: .words(
          Kind.allCases.filter { ![.events, .bans, .backups].contains($0) }.map(\.singular))),
      Argument(
        name: "NAME",
        summary: "its name; of a server SERVICE/SERVER, of a deployment or fault its number",
        completion: .namesOfKindBefore),
    ],
    examples: [
      Example("ballast describe service shop", "its servers, replicas, routes, faults and events"),
      Example("ballast describe server shop/shop-1", "its last check and its events"),
      Example("ballast describe fault 12", "what happened and what was done"),
    ],
    formats: OutputFormat.single, remote: true, run: run)

  /// How many events stand below what is described.
  private static let recentEvents = 10

  private static func run(_ invocation: Invocation) throws(CommandFailure) -> ExitStatus {
    let kind = try Kind.parse(try invocation.required(0))
    let name = try invocation.required(1)
    let client = try AdminClient(invocation)
    switch kind {
    case .services: return try service(name, invocation, client)
    case .alerts: return try alert(name, invocation, client)
    case .events: throw .wrongUsage("events have no more to them: see `ballast events`")
    case .bans: throw .wrongUsage("bans have no more to them: see `ballast get bans`")
    case .backups:
      throw .wrongUsage("backups have no more to them: see `ballast restore FILE --dry-run`")
    case .sinks: throw .wrongUsage("sinks have no more to them: see `ballast get sinks -o wide`")
    case .servers: _ = try ServerName(name)
    case .faults: return try fault(name, invocation, client)
    case .routes, .listeners, .replicas, .deployments, .certificates, .drills: break
    }
    var query = Listing.Query()
    query.records = Listing.mostRecords
    let listing = try Listing.fetch(kind, client, query)
    let found = listing.filtered { _, row in
      row.name == name || kind == .replicas && row.aliases.first == name
    }
    guard let element = found.elements.first else { throw listing.unknown(name) }

    var about: [JSONValue.Member] = [.init(kind.singular, element)]
    let bytes = Array(element.compactText.utf8)
    var card = try card(kind, client, bytes)
    if ![.routes, .listeners, .certificates, .drills].contains(kind) {
      let events = try recent(client, about: element, kind)
      about.append(.init("events", .array(events.elements)))
      card.add(section: "Recent events", events.table)
    }
    if kind == .listeners {
      let routes = try Listing.fetch(.routes, client).filtered { route, _ in
        let names = route["listeners"]?.elements ?? []
        return names.isEmpty || names.contains(.string(name))
      }
      about.append(.init("routes", .array(routes.elements)))
      card.add(section: "Routes", routes.table)
    }
    print(invocation, .object(about), card)
    return .done
  }

  private static func fault(
    _ name: String, _ invocation: Invocation, _ client: AdminClient
  ) throws(CommandFailure) -> ExitStatus {
    let bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.get(AdminPath("faults", name))
    } catch {
      guard error.isNotFound else { throw error }
      let listing = try Listing.fetch(.faults, client)
      throw listing.unknown(name)
    }
    let element = JSONValue(parsing: bytes) ?? .null
    var card = try card(.faults, client, bytes)
    let events = try recent(client, about: element, .faults)
    card.add(section: "Recent events", events.table)
    print(
      invocation,
      .object([.init("fault", element), .init("events", .array(events.elements))]), card)
    return .done
  }

  private static func service(
    _ name: String, _ invocation: Invocation, _ client: AdminClient
  ) throws(CommandFailure) -> ExitStatus {
    let bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.get(AdminPath("services", name))
    } catch {
      if error.isNotFound { try GetCommand.requireService(name, client) }
      throw error
    }
    let detail = try client.decode(ServiceDetail.self, bytes)
    print(invocation, JSONValue(parsing: bytes) ?? .null, .service(detail, now: HumanText.now))
    return .done
  }

  private static func alert(
    _ name: String, _ invocation: Invocation, _ client: AdminClient
  ) throws(CommandFailure) -> ExitStatus {
    let bytes: [UInt8]
    do throws(CommandFailure) {
      bytes = try client.get(AdminPath("alerts", name))
    } catch {
      guard error.isNotFound else { throw error }
      throw try Listing.fetch(.alerts, client).unknown(name)
    }
    let detail = try client.decode(AlertDetail.self, bytes)
    print(invocation, JSONValue(parsing: bytes) ?? .null, .alert(detail, now: HumanText.now))
    return .done
  }

  private static func card(
    _ kind: Kind, _ client: AdminClient, _ bytes: [UInt8]
  ) throws(CommandFailure) -> Card {
    let now = HumanText.now
    return switch kind {
    case .servers: .server(try client.decode(ServerStatus.self, bytes), now: now)
    case .routes: .route(try client.decode(RouteStatus.self, bytes))
    case .listeners: .listener(try client.decode(ListenerStatus.self, bytes))
    case .replicas: .replica(try client.decode(ReplicaStatus.self, bytes), now: now)
    case .deployments: .deployment(try client.decode(DeploymentStatus.self, bytes), now: now)
    case .faults: .fault(try client.decode(FaultRecord.self, bytes), now: now)
    case .certificates: .certificate(try client.decode(CertificateStatus.self, bytes), now: now)
    case .drills: .drill(try client.decode(DrillStatus.self, bytes))
    case .services, .alerts, .events, .bans, .backups, .sinks: Card()
    }
  }

  /// The last events of the same server or replica; of a fault, of its service or server.
  private static func recent(
    _ client: AdminClient, about element: JSONValue, _ kind: Kind
  ) throws(CommandFailure) -> Listing {
    guard case .string(let service)? = element["service"], !service.isEmpty else {
      return Listing(kind: .events, elements: [], table: .events([]))
    }
    let server = kind == .deployments ? nil : element[kind == .faults ? "server" : "name"]
    var query = Listing.Query(service: service)
    query.records = 10 * Listing.usualRecords
    let events = try Listing.fetch(.events, client, query)
    var kept = events.filtered { event, _ in
      server == nil || server == .null || event["server"] == server
    }
    kept.elements = kept.elements.suffix(recentEvents)
    kept.table.rows = kept.table.rows.suffix(recentEvents)
    return kept
  }

  private static func print(_ invocation: Invocation, _ value: JSONValue, _ card: Card) {
    if invocation.printData(value) { return }
    let console = invocation.console
    console.print(
      card.lines(colors: console.colorsOutput, width: console.width).joined(separator: "\n"))
  }
}
