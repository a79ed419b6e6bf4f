import AdminAPI
import Configuration
import Faults
import Primitives
import Routing
import Testing

@testable import Engine

struct AdminRouterTests {
  private let router = AdminRouter()

  private func members(_ tree: JSONTree?) -> [String: JSONTree] {
    if case .object(let members)? = tree { members } else { [:] }
  }

  @Test(arguments: Endpoint.allCases)
  func `every endpoint is routed to itself and stands in the OpenAPI document`(_ endpoint: Endpoint)
  {
    let description = endpoint.description
    let segments = description.path.split(separator: "/").map(String.init)
    let names = segments.filter { $0.hasPrefix("{") }
    #expect(router.match(description.method, segments) == .found(endpoint, names))

    let document = members(OpenAPIDocument.make(version: "1"))
    let operation = members(members(document["paths"])[description.path])[
      description.method.lowercased()]
    guard case .text(let id)? = members(operation)["operationId"] else {
      Issue.record("\(description.path) is missing")
      return
    }
    #expect(id == endpoint.rawValue)
  }

  @Test func `every schema that an endpoint names is in the document`() {
    let known = Set(APISchema.all.map(\.name))
    for endpoint in Endpoint.allCases {
      let description = endpoint.description
      for name in [description.body, description.answer].compactMap({ $0 })
      where name != "{}" && !name.contains("/") {
        #expect(known.contains(name.filter { $0 != "[" && $0 != "]" }), "\(name)")
      }
    }
  }

  @Test func `schemas name the fields that the types have`() throws {
    let time = WallTime(milliseconds: 0)
    let capacity = ServicePlan.Capacity(
      basis: "limits", unit: "requests", perServer: 1, lowest: 1, lowestAfterLoss: 0, load: 1,
      verdict: .enough, verdictAfterLoss: .short)
    let check = ServerStatus.LastCheck(at: time, passed: true, detail: "200", duration: 1)
    var schedule = BackupScheduleStatus(every: 1, keep: 1, folder: "f")
    (schedule.lastSuccess, schedule.next, schedule.problem) = (time, time, "p")
    (schedule.duration, schedule.bytes) = (1, 1)
    let forecast = DrillStatus.Forecast(
      detectedWithin: 1, detectedBy: "b", failedAtMost: 1, recoveredWithin: 1)
    let outcome = DrillStatus.Outcome(detectedAfter: 1, detectedBy: "b", recoveredAfter: 1)
    var drill = DrillStatus(
      id: 1, state: .done, kind: "slow", service: "s", server: "n", order: "o", began: time,
      forced: false, objections: [], predicted: forecast)
    (drill.ended, drill.reason, drill.measured) = (time, "r", outcome)
    let restored = RestoreStatus.Table(name: "n", rowsNow: 1, rows: 1, sha256: "s")
    var server = ServerStatus(
      service: "s", name: "n", address: "a", weight: 1, state: "ready", health: "healthy",
      role: "active", lastCheck: check)
    server.tuned = 90
    var deployment = DeploymentStatus(
      number: 1, service: "s", revision: "r", version: "v", former: "f", formerVersion: "w",
      kind: "deploy", strategy: "canary", state: "watching", reason: "r", by: "b", began: time,
      ended: time)
    (deployment.available, deployment.replicas, deployment.share) = (1, 2, 0.5)
    (deployment.step, deployment.steps) = (1, 2)
    let trafficSeries = TrafficSeriesStatus.Series(
      name: "n", requests: [1], failures: [0], p50: [0.1], p99: [nil])
    let values: [(String, any Encodable)] = [
      (
        "EngineStatus",
        EngineStatus(
          version: "1", pid: 1, startedAt: time, topologyVersion: 1, configurationFile: "f",
          workers: 1, storeProblem: "p", draining: [],
          backup: schedule)
      ),
      (
        "ServiceStatus",
        ServiceStatus(
          name: "s", state: .up, balance: "b", balanceReason: "r", servers: 1, healthy: 1, p50: 1,
          p99: 1,
          replicas: .init(desired: 1, running: 1, ready: 1), version: "1")
      ),
      ("ServerStatus", server),
      (
        "ScaleStatus",
        ScaleStatus(
          min: 1, max: 2, desired: 1, saturated: false, ordered: 1, orderedUntil: time,
          signals: [], decisions: [])
      ),
      ("ScaleSignal", ScaleStatus.Signal(signal: "cpu", target: 1, measured: 1, wanted: 1)),
      (
        "ScaleDecision",
        ScaleStatus.Decision(
          at: time, until: time, times: 1, from: 1, to: 2, direction: "up", reason: "cpu",
          message: "m")
      ),
      ("TuneStatus", TuneStatus(by: "cpu", on: true, even: true, least: 50, most: 200)),
      ("TuneRequest", TuneRequest(action: .off)),
      (
        "PromotionStatus",
        PromotionStatus(
          service: "s", server: "n", from: "m", epoch: 2, command: ["c"], timeout: 1,
          dryRun: false, detail: "d")
      ),
      ("LastCheck", check),
      (
        "RouteStatus",
        RouteStatus(
          RouteSettings(
            name: "r",
            match: RouteMatch(
              hosts: [HostPattern("h")], path: PathPattern("/p"),
              conditions: RequestConditions(methods: ["GET"])), action: .service("s"),
            rewrite: RewriteSettings(
              path: try? TextTemplate("/a", for: .path, path: .any)),
            requestHeaders: FieldEdits(remove: [[97]]),
            responseHeaders: FieldEdits(remove: [[97]])),
          listeners: [])
      ),
      (
        "ListenerStatus",
        ListenerStatus(
          name: "l", address: "a", connections: 0, connectionsTotal: 0, requestsPerSecond: 0)
      ),
      (
        "ReplicaStatus",
        ReplicaStatus(
          service: "s", name: "n", state: "ready", pid: 1, address: "a", startedAt: time,
          lastExit: "e", version: "v", container: "c")
      ),
      ("DeploymentStatus", deployment),
      ("DeployRequest", DeployRequest(version: "v", image: "i", supersede: true)),
      ("DeploymentRollback", DeploymentRollback(to: 1)),
      ("DeploymentAbort", DeploymentAbort(reason: "r")),
      (
        "DeploymentOrder",
        DeploymentOrder(service: "s", state: .waits, number: 1, message: "m")
      ),
      (
        "FlowStatus",
        FlowStatus(listener: "l", route: "r", service: "s", requestsPerSecond: 1)
      ),
      (
        "TrafficSeriesStatus",
        TrafficSeriesStatus(
          step: 5, times: [5], total: trafficSeries, series: [trafficSeries])
      ),
      ("TrafficSeries", trafficSeries),
      ("HistoryPoint", HistoryPoint(at: time, requests: 1, failures: 0, p50: 1, p99: 1)),
      (
        "FaultRecord",
        FaultRecord(
          id: 1, type: .serverUnhealthy, service: "s", server: "n", subject: "m", parent: 2,
          began: time, detected: time, cause: "c", inferredCause: "i", actions: ["a"],
          actionTimes: [time], returns: 1, acknowledged: time, acknowledgedBy: "p",
          recovered: time, resolved: time, resolvedBy: "p", duration: 1, beneath: [])
      ),
      (
        "FaultMoment",
        FaultMoment(
          at: time, kind: .check, service: "s", server: "n", fault: 1, message: "m")
      ),
      (
        "FaultMonth",
        FaultMonth(
          service: "s", month: "2026-11", observed: 1, faults: 1, open: 0, mtbf: 1, mttr: 1,
          mtta: 1, down: 0, availability: 1, objective: 1, budget: 1, budgetSpent: 0,
          budgetLeft: 1)
      ),
      (
        "FaultSummary",
        FaultSummary(
          service: "s", faults: 1, open: 0, mtbf: 1, mttr: 1, mtta: 1, availability: 1)
      ),
      (
        "EventRecord",
        EventRecord(id: 1, at: time, type: "t", service: "s", server: "n", message: "m")
      ),
      (
        "ConfigurationStatus",
        ConfigurationStatus(
          file: "f", text: "t", unsaved: false, isFolder: false, topologyVersion: 1,
          warnings: ["w"])
      ),
      (
        "ConfigurationTexts",
        ConfigurationTexts(
          files: [.init(name: "n", text: "t")], isFolder: false, strict: true, unsaved: true)
      ),
      ("ConfigurationText", ConfigurationTexts.File(name: "n", text: "t")),
      (
        "ConfigurationApplied",
        ConfigurationApplied(
          number: 1, file: "f", topologyVersion: 1, changed: true, saved: true, problem: "p")
      ),
      ("ReplicaRollout", ConfigurationApplied.Rollout(service: "s", kind: .start)),
      (
        "ConfigurationEntry",
        ConfigurationEntry(
          number: 1, at: time, origin: "apply", by: "b", file: "f", bytes: 1, files: [])
      ),
      ("ChangePlan", ChangePlan()),
      (
        "PlannedDifference",
        ChangePlan.Difference(
          kind: "k", name: "n", change: "c", path: "p", old: "o", new: "n", standard: "s")
      ),
      ("PlannedListener", ChangePlan.Listener(name: "n", change: "opens", address: "a")),
      ("PlanRisk", ChangePlan.Risk(.info, service: "s", "m")),
      (
        "ServicePlan",
        ServicePlan(
          name: "s", rollout: "rolling", ready: .init(now: 1, lowest: 1, after: 1),
          capacity: capacity, remappedKeys: 0)
      ),
      ("PlannedReady", ServicePlan.Ready(now: 1, lowest: 1, after: 1)),
      ("PlannedCapacity", capacity),
      ("PlannedLeaving", ServicePlan.Leaving()),
      (
        "DrillRequest",
        DrillRequest(
          kind: "slow", server: "n", duration: 1, share: 1, delay: 1, force: true, dryRun: true)
      ),
      ("DrillForecast", forecast), ("DrillOutcome", outcome), ("DrillStatus", drill),
      ("BackupScheduleStatus", schedule),
      ("BackupStatus", BackupStatus(name: "n", file: "f", taken: time, bytes: 1)),
      ("RestoreUpload", RestoreUpload(id: 1, received: 1)),
      ("RestoreRequest", RestoreRequest(dryRun: true)),
      ("RestoreTable", restored),
      (
        "RestoreStatus",
        RestoreStatus(
          dryRun: false, taken: time, version: "v", schema: 1, schemaAfter: 2, tables: [restored],
          configuration: ["c"], configurationDiffers: [], kept: "k", duration: 1)
      ),
      ("FaultResolution", FaultResolution(cause: "c")),
      ("FaultAcknowledgement", FaultAcknowledgement(note: "n")),
      ("ErrorAnswer", ErrorAnswer(code: "c", message: "m")),
    ]
    for (name, value) in values {
      let schema = try #require(APISchema.all.first { $0.name == name })
      let encoded = AdminJSON.encode(value)
      let bytes = try #require(encoded)
      let object = try #require(AdminJSON.decode([String: AnyValue].self, bytes))
      #expect(Set(schema.fields.map(\.key)) == Set(object.keys), "\(name)")
    }
  }

  /// Only the keys matter.
  private struct AnyValue: Decodable {
    init(from decoder: any Decoder) throws {}
  }

  @Test func `a path with another method is told which it takes`() {
    #expect(router.match("DELETE", ["v1", "status"]) == .wrongMethod(allowed: ["GET", "HEAD"]))
    #expect(
      router.match("POST", ["v1", "config", "value"])
        == .wrongMethod(allowed: ["GET", "HEAD", "PUT"]))
    #expect(router.match("GET", ["v2"]) == .unknown)
    #expect(router.match("GET", ["v1", "services", "a", "b", "c"]) == .unknown)
  }

  @Test func `HEAD is answered as GET is`() {
    #expect(router.match("HEAD", []) == .found(.page, []))
  }

  @Test func `a server's name may hold dots, colons and what was percent-encoded`() {
    #expect(PercentText.decode("127.0.0.1%3A80") == "127.0.0.1:80")
    #expect(PercentText.decode("a%2Fb+c") == "a/b+c")
    #expect(PercentText.decode("a+b", plusIsSpace: true) == "a b")
    #expect(PercentText.decode("%zz") == nil)
    #expect(PercentText.decode("%f") == nil)
    #expect(PercentText.decode("%ff") == nil)
  }
}
