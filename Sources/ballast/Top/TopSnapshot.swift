internal import AdminAPI
internal import Faults
internal import Primitives

/// What `top` shows, asked for at one moment.
struct TopSnapshot {
  struct Alert: Equatable {
    var name: String
    var severity: String
    var state: String
    var summary: String
    var since: WallTime?
  }

  var at: WallTime
  var status: EngineStatus
  var services: [ServiceStatus]
  var faults: [FaultRecord]
  /// So many alerts are asked for.
  static let mostAlerts = 1_000

  /// Those that fire; nil where Ballast has no alerts.
  var alerts: [Alert]?
  /// The same, for programs.
  var json: JSONValue

  static func fetch(
    _ client: AdminClient, names: [String], now: WallTime = HumanText.now
  ) throws(CommandFailure) -> TopSnapshot {
    let (status, statusJSON) = try get(EngineStatus.self, AdminPath("status"), client)
    var (services, servicesJSON) = try get([ServiceStatus].self, AdminPath("services"), client)
    for name in names where !services.contains(where: { $0.name == name }) {
      throw try Listing.fetch(.services, client).unknown(name)
    }
    if !names.isEmpty {
      let kept = services.indices.filter { names.contains(services[$0].name) }
      let elements = servicesJSON.elements ?? []
      servicesJSON = .array(kept.compactMap { elements.indices.contains($0) ? elements[$0] : nil })
      services = kept.map { services[$0] }
    }
    let (faults, faultsJSON) = try get(
      [FaultRecord].self, AdminPath("faults").query(["open": "true", "limit": "100"]), client)
    let alertsJSON = try alerts(client)
    return TopSnapshot(
      at: now, status: status, services: services, faults: faults,
      alerts: alertsJSON.map {
        ($0.elements ?? []).map(Alert.init).filter { $0.state == "firing" }
      },
      json: .object([
        .init("status", statusJSON), .init("services", servicesJSON), .init("faults", faultsJSON),
        .init("alerts", alertsJSON ?? .array([])),
      ]))
  }

  private static func get<Answer: Decodable>(
    _ type: Answer.Type, _ path: AdminPath, _ client: AdminClient
  ) throws(CommandFailure) -> (Answer, JSONValue) {
    let bytes = try client.get(path)
    return (try client.decode(type, bytes), JSONValue(parsing: bytes) ?? .null)
  }

  private static func alerts(_ client: AdminClient) throws(CommandFailure) -> JSONValue? {
    do throws(CommandFailure) {
      return JSONValue(
        parsing: try client.get(AdminPath("alerts").query(["limit": "\(mostAlerts)"])))
    } catch {
      guard error.isNotFound else { throw error }
      return nil
    }
  }
}

extension TopSnapshot.Alert {
  init(_ json: JSONValue) {
    func text(_ key: String) -> String {
      if case .string(let text)? = json[key] { text } else { "" }
    }
    name = text("name")
    severity = text("severity")
    state = text("state")
    summary = text("summary")
    since = WallTime(text("fired")) ?? WallTime(text("since"))
  }
}
