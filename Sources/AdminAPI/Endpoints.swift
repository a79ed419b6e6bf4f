/// The admin API: JSON under `/v1`. Every list answers a JSON array of the type named here, every
/// error an `ErrorAnswer` with a 4xx or 5xx status. Numbers of time are seconds, moments RFC 3339.
///
/// | call | body | answer |
/// |---|---|---|
/// | `GET /v1/status` | | `EngineStatus` |
/// | `GET /v1/services` | | `[ServiceStatus]` |
/// | `GET /v1/services/NAME` | | `ServiceDetail` |
/// | `GET /v1/services/NAME/history` | | `[HistoryPoint]`, a second each, at most 600, oldest first |
/// | `GET /v1/history?service=NAME&step=5&last=N` | | `TrafficSeriesStatus` |
/// | `GET /v1/services/NAME/availability?need=K` | | `AvailabilityReport` |
/// | `POST /v1/services/NAME/scale` | `ScaleRequest` | 202 `ServiceStatus` |
/// | `POST /v1/services/NAME/tune` | `TuneRequest` | `TuneStatus` |
/// | `POST /v1/services/NAME/restart` | `{}` | 202 `ServiceStatus` |
/// | `GET /v1/services/NAME/logs?replica=R&lines=N&follow` | | `text/plain`, `REPLICA \| line` |
/// | `GET /v1/servers?service=NAME` | | `[ServerStatus]` |
/// | `GET /v1/servers/SERVICE/SERVER` | | `ServerStatus` |
/// | `PUT /v1/servers/SERVICE/SERVER` | `ServerChange` | `ServerStatus` |
/// | `POST /v1/servers/SERVICE/SERVER/promote` | `PromotionRequest` | `PromotionStatus` |
/// | `GET /v1/routes` · `listeners` · `replicas` | | `[RouteStatus]` · `[ListenerStatus]` · `[ReplicaStatus]` |
/// | `GET /v1/certificates` | | `[CertificateStatus]` |
/// | `GET /v1/bans` | | `[BanStatus]` |
/// | `POST /v1/bans` | `BanRequest` | 201 `BanStatus` |
/// | `DELETE /v1/bans/ADDRESS` | | `BanStatus` |
/// | `GET /v1/alerts?service=NAME&limit=N&after=ID` · `alerts/ID` | | `[AlertStatus]`, those that fire first, the worst first · `AlertDetail` |
/// | `GET /v1/alerts/channels` · `alerts/log` | | `[AlertChannelStatus]` · `[AlertLogLine]` |
/// | `POST /v1/alerts/test` · `acknowledge` | `AlertTest` · `AcknowledgeRequest` | `AlertChannelStatus` · `[AlertStatus]` |
/// | `GET /v1/silences` | | `[SilenceStatus]` |
/// | `POST /v1/silences` | `SilenceRequest` | 201 `SilenceStatus` |
/// | `DELETE /v1/silences/ID` | | `SilenceStatus` |
/// | `POST /v1/explain` | `ExplainRequest` | `RequestExplanation` |
/// | `GET /v1/requests/ID` | | `RequestTrace` |
/// | `GET /v1/faults?service=NAME&open=true&all=true&limit=N` | | `[FaultRecord]`, newest first: root causes with what hangs beneath each; with `all` every record by itself |
/// | `GET /v1/faults/ID` | | `FaultRecord` with what hangs beneath it |
/// | `GET /v1/faults/months?service=NAME&objective=99.9%` | | `[FaultMonth]`, newest first |
/// | `GET /v1/faults/export?format=csv&service=NAME&since=T&until=T` | | a file: csv, json or markdown |
/// | `GET /v1/faults/ID/report` | | a post-mortem in Markdown |
/// | `GET /v1/faults/ID/timeline` | | `[FaultMoment]`, oldest first |
/// | `PUT /v1/faults/ID` | `FaultResolution` | `FaultRecord` with another cause, open or not |
/// | `POST /v1/faults/ID/acknowledge` | `FaultAcknowledgement` | `FaultRecord` |
/// | `GET /v1/faults/summary` | | `[FaultSummary]`, one a service |
/// | `POST /v1/faults/ID/resolve` | `FaultResolution` | `FaultRecord` |
/// | `GET /v1/events?service=NAME&after=ID&limit=N` | | `[EventRecord]`, oldest first |
/// | `GET /v1/events?follow` | | server-sent `event: event`, data an `EventRecord` |
/// | `GET /v1/event-sinks` | | `[EventSinkStatus]` |
/// | `GET /v1/live` | | server-sent `status` (`LiveStatus`, every second), `event`, `fault` |
/// | `GET /v1/config` | | `ConfigurationStatus` |
/// | `GET /v1/config/value?path=services.shop.balance` | | `ConfigurationValue` |
/// | `PUT /v1/config/value` | `ConfigurationValue` | `ConfigurationStatus`: changed in the running engine |
/// | `POST /v1/config/save` · `reload` | `{}` | `ConfigurationStatus` |
/// | `GET /v1/upgrade` | | `UpgradeStatus` |
/// | `POST /v1/upgrade` | `{}` | 202 `UpgradeStatus`: another engine begins, as with SIGUSR2 |
/// | `GET /v1/openapi.json` | | the OpenAPI document |
/// | `GET /healthz` · `/readyz` · `/metrics` · `/` | | alive · serves a topology · Prometheus text · the dashboard |
public enum AdminEndpoints {
  public static let version = "v1"
}

/// `{"error":{"code","message","details"}}`.
public struct ErrorAnswer: Codable, Sendable, Equatable {
  public struct Problem: Codable, Sendable, Equatable {
    /// A word for programs: `not-found`, `invalid`, `conflict`, `forbidden`, `unavailable` …
    public var code: String
    /// A sentence for people.
    public var message: String
    /// A line each, such as the errors of a refused configuration.
    public var details: [String]

    public init(code: String, message: String, details: [String] = []) {
      self.code = code
      self.message = message
      self.details = details
    }
  }

  public var error: Problem

  public init(code: String, message: String, details: [String] = []) {
    error = Problem(code: code, message: message, details: details)
  }
}
