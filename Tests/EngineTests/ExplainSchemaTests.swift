import AdminAPI
import Faults
import Primitives
import Testing

@testable import Engine

struct ExplainSchemaTests {
  private let time = WallTime(milliseconds: 0)

  private var explanation: RequestExplanation {
    var told = RequestExplanation(
      method: "GET", host: "h", target: "/", client: "c", listener: "l", listenerReason: "r")
    told.route = "r"
    told.action = "s"
    told.service = "s"
    told.balance = "b"
    told.balanceReason = "r"
    told.hashed = ["uri"]
    told.hash = "1"
    told.session = session
    told.retries = retries
    told.timeouts = timeouts
    return told
  }

  private var trial: RequestExplanation.RouteTrial {
    var trial = RequestExplanation.RouteTrial(route: "r", result: "host", host: "h", path: "p")
    trial.failed = "method GET"
    trial.conditions = ["method GET"]
    (trial.action, trial.service) = ("s", "s")
    return trial
  }

  private let session = RequestExplanation.Session(kind: "source", cookie: "c", server: "s")
  private let retries = RequestExplanation.Retries(
    attempts: 1, on: [], repeatable: true, budget: 0.2, perTryTimeout: 1, hedgeAfter: 1)
  private let timeouts = RequestExplanation.Timeouts(
    connect: 1, response: 1, idle: 1, total: 1, queue: 1)
  private let candidate = RequestExplanation.Candidate(
    server: "s", address: "a", standing: "open", weight: 1, score: 1, inflight: 0)
  private let tried = RequestTrace.Try(
    server: "s", because: "chosen", began: 0, connected: 1, answerBegan: 1, ended: 1,
    end: "answered",
    status: 200, reused: false)

  private var values: [(String, any Encodable)] {
    let report = AvailabilityReport.make(
      service: "s", records: [], servers: ["a", "b"], needed: 1, neededFrom: .usual, since: time,
      now: WallTime(milliseconds: 1_000))
    return [
      ("AvailabilityReport", report), ("ServerReliability", report.server),
      ("CommonCause", report.commonCause), ("AvailabilityForecast", report.predicted),
      ("MeasuredAvailability", report.measured),
      (
        "ExplainRequest",
        ExplainRequest(method: "GET", url: "/", headers: [], client: "c", listener: "l")
      ),
      ("RequestExplanation", explanation), ("RequestSession", session),
      ("RequestRetries", retries), ("RequestTimeouts", timeouts), ("Candidate", candidate),
      (
        "RouteTrial",
        trial
      ),
      (
        "WorkerChoice",
        RequestExplanation.Worker(
          worker: 0, choice: "server", server: "s", chosenBy: "b", set: "s", candidates: [],
          queued: 0)
      ),
      ("Try", tried),
      (
        "RequestTrace",
        RequestTrace(
          id: "1", trace: "t", at: time, duration: 1, worker: 0, topologyVersion: 1, client: "c",
          listener: "l", method: "GET", host: "h", target: "/", route: "r", service: "s",
          hash: "1", sessionServer: "s", tries: [], triesLeftOut: 0, status: 200, reason: "r",
          requestBytes: 1, answerBytes: 1)
      ),
    ]
  }

  @Test func `schemas name the fields that the types have`() throws {
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
}
