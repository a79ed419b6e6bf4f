internal import AdminAPI
internal import Faults
internal import Primitives

/// One answer of the admin API: the list as JSON, and the same list as a table.
struct Listing {
  var kind: Kind
  var elements: [JSONValue]
  var table: Table

  /// How many faults, alerts and events are asked for when nobody says.
  static let usualRecords = 50
  /// How many faults, alerts and events can be asked for.
  static let mostRecords = 10_000

  struct Query {
    var service: String?
    var records = Listing.usualRecords
    var openFaultsOnly = false
    /// Every record by itself, also those that hang beneath others.
    var allFaults = false
  }

  static func fetch(
    _ kind: Kind, _ client: AdminClient, _ query: Query = Query(), now: WallTime = HumanText.now
  ) throws(CommandFailure) -> Listing {
    let bytes = try client.get(path(kind, query))
    guard let elements = JSONValue(parsing: bytes)?.elements else {
      throw .failed("the answer of \(client.endpoint.description) is no list; is it Ballast?")
    }
    let table = try Self.table(kind, client, bytes, now: now)
    var listing = Listing(kind: kind, elements: elements, table: table)
    // A machine's fault touches services without being of one: the engine has chosen.
    if let service = query.service, kind != .faults {
      listing = listing.filtered { element, _ in element["service"] == .string(service) }
    }
    return listing
  }

  private static func path(_ kind: Kind, _ query: Query) -> AdminPath {
    let path = AdminPath(kind == .sinks ? "event-sinks" : kind.rawValue)
    switch kind {
    case .services, .routes, .listeners, .replicas, .bans, .certificates, .backups, .drills,
      .sinks:
      return path
    case .servers, .deployments: return path.query(["service": query.service])
    case .events, .alerts:
      return path.query(["service": query.service, "limit": "\(query.records)"])
    case .faults:
      return path.query([
        "service": query.service, "open": query.openFaultsOnly ? "true" : nil,
        "all": query.allFaults ? "true" : nil,
        "limit": "\(query.records)",
      ])
    }
  }

  private static func table(
    _ kind: Kind, _ client: AdminClient, _ bytes: [UInt8], now: WallTime
  ) throws(CommandFailure) -> Table {
    switch kind {
    case .services: .services(try client.decode([ServiceStatus].self, bytes))
    case .servers: .servers(try client.decode([ServerStatus].self, bytes), now: now)
    case .routes: .routes(try client.decode([RouteStatus].self, bytes))
    case .listeners: .listeners(try client.decode([ListenerStatus].self, bytes))
    case .replicas: .replicas(try client.decode([ReplicaStatus].self, bytes), now: now)
    case .deployments:
      .deployments(try client.decode([DeploymentStatus].self, bytes), now: now)
    case .faults: .faults(try client.decode([FaultRecord].self, bytes), now: now)
    case .certificates:
      .certificates(try client.decode([CertificateStatus].self, bytes), now: now)
    case .backups: .backups(try client.decode([BackupStatus].self, bytes), now: now)
    case .drills: .drills(try client.decode([DrillStatus].self, bytes))
    case .alerts: .alerts(try client.decode([AlertStatus].self, bytes), now: now)
    case .sinks: .sinks(try client.decode([EventSinkStatus].self, bytes), now: now)
    case .bans: .bans(try client.decode([BanStatus].self, bytes))
    case .events: .events(try client.decode([EventRecord].self, bytes))
    }
  }

  /// Both forms hold the same things in the same order, so one choice serves both.
  func filtered(_ keep: (JSONValue, Table.Row) -> Bool) -> Listing {
    let kept = zip(elements, table.rows).filter(keep)
    var listing = self
    listing.elements = kept.map(\.0)
    listing.table.rows = kept.map(\.1)
    return listing
  }

  /// Those of these names; an error for a name that nothing has.
  func named(_ names: [String]) throws(CommandFailure) -> Listing {
    guard !names.isEmpty else { return self }
    for name in names where !table.rows.contains(where: { $0.matches(name) }) {
      throw unknown(name)
    }
    return filtered { _, row in names.contains(where: row.matches) }
  }

  func unknown(_ name: String) -> CommandFailure {
    let candidates = table.rows.flatMap { [$0.name] + $0.aliases }
    return .failed(
      "no \(kind.singular) is named '\(name)'", details: Suggestion.lines(name, among: candidates))
  }
}

extension Table.Row {
  func matches(_ word: String) -> Bool { name == word || aliases.contains(word) }
}
