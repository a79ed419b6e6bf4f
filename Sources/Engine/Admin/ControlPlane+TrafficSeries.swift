import AdminAPI
import Configuration
import EventLoop
import Faults
import Primitives
import Topology

/// `GET /v1/history`: charts of all services, or of the servers of one.
extension ControlPlane {
  func trafficSeries(_ request: AdminRequest) -> AdminAnswer {
    let (recent, day) = (history.recent, history.day)
    guard let step = number(request, "step", default: Int(recent.step), in: 1...3_600),
      let series = [recent, day].first(where: { $0.step == Int64(step) })
    else { return .error(400, "invalid", "step must be \(recent.step) or \(day.step)") }
    guard
      let last = number(
        request, "last", default: series.serviceLimit, in: 1...series.serviceLimit)
    else { return .error(400, "invalid", "last must be 1 to \(series.serviceLimit)") }
    var text = TrafficSeriesText(step: series.step, times: series.times, last: last)
    if let service = request.first("service") {
      guard let settings = input.settings.services.first(where: { $0.name == service }) else {
        return .notFound("service \(service)")
      }
      text.addTotal(name: Self.json(service), points(ofService: service, series))
      for server in input.servers(of: settings) {
        let name = ServerName(service: service, server: server.name)
        let points = identities.knownServer(name).map { series.points(ofServer: $0.index) }
        text.add(name: Self.json(server.name), points ?? [], median: true)
      }
    } else {
      for service in input.settings.services {
        text.add(
          name: Self.json(service.name), points(ofService: service.name, series),
          median: isSet(request, "median"))
      }
    }
    text.finish()
    return AdminAnswer(contentType: "application/json", body: text.bytes)
  }

  private func points(ofService name: String, _ series: TrafficSeries) -> [TrafficSeries.Point] {
    identities.knownService(name).map { series.points(ofService: $0.index) } ?? []
  }

  private static func json(_ text: String) -> [UInt8] {
    AdminJSON.encode(text) ?? Array("\"\"".utf8)
  }

  /// What came by each way, for the map.
  var flowStatuses: [FlowStatus] {
    history.flows.compactMap { flow, requestsPerSecond in
      guard identities.listeners.indices.contains(flow.listener) else { return nil }
      return FlowStatus(
        listener: identities.listeners[flow.listener],
        route: flow.route.flatMap { Self.name($0, identities.routes) },
        service: flow.service.flatMap { Self.name($0, identities.services) },
        requestsPerSecond: requestsPerSecond)
    }
  }

  private static func name(_ number: Int, _ names: [String]) -> String? {
    names.indices.contains(number) ? names[number] : nil
  }
}

/// What of the state a stream of it brings each second.
struct LiveScope: Sendable, Hashable {
  /// Servers and replicas only where they take no work, some hundreds at most.
  var isBrief = false
  /// All servers and replicas of this service as well.
  var service: String?
  /// With the ways that requests took.
  var flows = false
}

extension ControlPlane {
  /// Reads `GET /v1/live?brief&service=NAME&flows`.
  func liveScope(_ request: AdminRequest) -> LiveScope {
    LiveScope(
      isBrief: isSet(request, "brief"), service: request.first("service"),
      flows: isSet(request, "flows"))
  }

  /// The state each second, made once for all who look at the same.
  func publishStatus() {
    var made: [LiveScope: [UInt8]] = [:]
    for connection in admin.streaming {
      guard case .live(let scope) = connection.stream else { continue }
      let bytes = made[scope] ?? AdminJSON.event("status", liveStatus(scope))
      made[scope] = bytes
      connection.push(bytes)
    }
  }

  func liveStatus(_ scope: LiveScope) -> LiveStatus {
    let services = input.settings.services.map { ($0, serverStatuses(of: $0)) }
    var servers = services.flatMap(\.1)
    var replicas = replicaStatuses()
    if scope.isBrief {
      servers = Self.brief(servers, scope.service, \.service) { !$0.takesWork }
      replicas = Self.brief(replicas, scope.service, \.service) { $0.state != "ready" }
    }
    return LiveStatus(
      at: Clock.wallTime, engine: engineStatus,
      services: services.map { status(of: $0.0, $0.1) }, servers: servers, replicas: replicas,
      listeners: listenerStatuses, openFaults: recorder.ledger.troubleCount,
      flows: scope.flows ? flowStatuses : nil)
  }

  private static func brief<Item>(
    _ items: [Item], _ service: String?, _ name: (Item) -> String, _ isWanted: (Item) -> Bool
  ) -> [Item] {
    var left = AdminLimits.briefRecords
    return items.filter { item in
      if name(item) == service { return true }
      guard left > 0, isWanted(item) else { return false }
      left -= 1
      return true
    }
  }
}

extension ServerStatus {
  /// Whether it gets requests, or waits to as a standby.
  var takesWork: Bool { health == "healthy" && state == "ready" && weight > 0 && !ejected }
}
