/// Every call of the admin API, in one table: the router, the OpenAPI document and the tests read
/// the same lines.
enum Endpoint: String, CaseIterable, Sendable {
  case session, signIn, signOut, changePassword, users, addUser, changeUser, removeUser
  case tokens, addToken, removeToken
  case status, services, service, history, trafficSeries, availability, scale, tune, restart, logs
  case servers, server, changeServer, promote, routes, listeners, replicas, certificates
  case deployments, deployment, deploy, rollBack, promoteDeployment, abortDeployment
  case bans, ban, unban
  case drills, drill, orderDrill, stopDrill
  case backup, backups, beginRestore, restorePiece, restore, dropRestore
  case alerts, alertChannels, alertLog, alert, testChannel, acknowledgeAlerts
  case silences, silence, unsilence
  case explain, request
  case faults, faultSummary, faultMonths, exportFaults, fault, faultTimeline, faultReport
  case resolveFault, acknowledgeFault, changeFault
  case events, eventSinks, live
  case audit, auditHead, verifyAudit, compareAudit, auditEntry
  case plan, configuration, applyConfiguration, configurationHistory, configurationEntry
  case rollBackConfiguration, configurationValue, setConfigurationValue, saveConfiguration
  case reloadConfiguration, upgrade, orderUpgrade, openapi, healthz, readyz, metrics, page, style,
    script, icon

  struct Parameter: Sendable {
    var name: String
    var about: String
    /// `string`, `integer` or `boolean`.
    var type = "string"
  }

  struct Description: Sendable {
    var method: String
    /// With `{name}` for what stands for itself.
    var path: String
    var about: String
    var parameters: [Parameter] = []
    /// A name in `APISchema`, `{}` for a body without content, or nil.
    var body: String?
    /// A name in `APISchema`, `[Name]` for a list of it, or a media type.
    var answer: String
    var status = 200
  }

  var description: Description {
    let service = Parameter(name: "service", about: "only of this service")
    let limit = Parameter(name: "limit", about: "at most so many, 1 to 10000", type: "integer")
    switch self {
    case .session:
      return get(
        "/v1/session", "Who asks, as Ballast sees it, and what a change has to carry.",
        "SessionStatus")
    case .signIn:
      return Description(
        method: "POST", path: "/v1/session",
        about: "Begins a session by a name and a password: its cookie comes along, or with "
          + "`token` a token in its place (`NewToken`). 429 after too many attempts.",
        body: "SignInRequest", answer: "SessionStatus")
    case .signOut:
      return Description(
        method: "DELETE", path: "/v1/session",
        about: "Ends the session, or takes the token back that asks.", answer: "SessionStatus")
    case .changePassword:
      return Description(
        method: "PUT", path: "/v1/session/password",
        about: "One's own password; ends one's other sessions.", body: "PasswordChange",
        answer: "UserStatus")
    case .users: return get("/v1/users", "Who may sign in.", "[UserStatus]")
    case .addUser:
      return Description(
        method: "POST", path: "/v1/users",
        about: "Adds a user. The first one is an admin, and from then on everybody signs in.",
        body: "NewUser", answer: "UserStatus", status: 201)
    case .changeUser:
      return Description(
        method: "PUT", path: "/v1/users/{user}",
        about: "Gives a user another role or password, or disables one; what is left out stays.",
        body: "UserChange", answer: "UserStatus")
    case .removeUser:
      return Description(
        method: "DELETE", path: "/v1/users/{user}",
        about: "Removes a user with all sessions and tokens; 409 for the last admin.",
        answer: "UserStatus")
    case .tokens: return get("/v1/tokens", "Tokens: one's own, all for an admin.", "[TokenStatus]")
    case .addToken:
      return Description(
        method: "POST", path: "/v1/tokens",
        about: "Makes a token, which is told this once.", body: "TokenRequest",
        answer: "NewToken", status: 201)
    case .removeToken:
      return Description(
        method: "DELETE", path: "/v1/tokens/{token}", about: "Takes a token back.",
        answer: "TokenStatus")
    case .status:
      return get("/v1/status", "The engine: version, process, configuration.", "EngineStatus")
    case .services:
      return get("/v1/services", "All services.", "[ServiceStatus]")
    case .service:
      return get(
        "/v1/services/{service}", "One service with all that belongs to it.", "ServiceDetail")
    case .history:
      return get(
        "/v1/services/{service}/history", "A point a second, at most 600, oldest first.",
        "[HistoryPoint]")
    case .trafficSeries:
      return get(
        "/v1/history",
        "Requests, failures and latency of all services over the same moments, for charts; with "
          + "`service` of its servers.",
        "TrafficSeriesStatus",
        [
          Parameter(name: "service", about: "the servers of this service"),
          Parameter(
            name: "step", about: "5 seconds, of ten minutes, or 60, of a day", type: "integer"),
          Parameter(name: "last", about: "at most so many points, the newest", type: "integer"),
          Parameter(name: "median", about: "with `p50` of services as well", type: "boolean"),
        ])
    case .availability:
      return get(
        "/v1/services/{service}/availability",
        "Availability predicted from the faults of its servers, and measured.",
        "AvailabilityReport",
        [Parameter(name: "need", about: "how many servers must work", type: "integer")])
    case .scale:
      return Description(
        method: "POST", path: "/v1/services/{service}/scale",
        about: "Runs so many replicas from here on.", body: "ScaleRequest",
        answer: "ServiceStatus", status: 202)
    case .tune:
      return Description(
        method: "POST", path: "/v1/services/{service}/tune",
        about: "Stops the tuning of its weights, goes on with it, or begins it anew.",
        body: "TuneRequest", answer: "TuneStatus")
    case .restart:
      return Description(
        method: "POST", path: "/v1/services/{service}/restart",
        about: "Restarts the replicas, one by one.", body: "{}", answer: "ServiceStatus",
        status: 202)
    case .logs:
      return get(
        "/v1/services/{service}/logs", "What replicas print, a line `REPLICA | text` each.",
        "text/plain",
        [
          Parameter(name: "replica", about: "only of this replica"),
          Parameter(name: "lines", about: "last lines of each, 0 to 100000", type: "integer"),
          Parameter(name: "follow", about: "goes on with what comes", type: "boolean"),
        ])
    case .servers:
      return get("/v1/servers", "All servers.", "[ServerStatus]", [service])
    case .server:
      return get("/v1/servers/{service}/{server}", "One server.", "ServerStatus")
    case .changeServer:
      return Description(
        method: "PUT", path: "/v1/servers/{service}/{server}",
        about: "Changes its state or weight at run time; kept over restarts.",
        body: "ServerChange", answer: "ServerStatus")
    case .promote:
      return Description(
        method: "POST", path: "/v1/servers/{service}/{server}/promote",
        about: "Makes it the active server of a service with one active server, through the hook; "
          + "answers once that has ended.",
        body: "PromotionRequest", answer: "PromotionStatus")
    case .routes: return get("/v1/routes", "All routes, the first asked first.", "[RouteStatus]")
    case .listeners: return get("/v1/listeners", "All listeners.", "[ListenerStatus]")
    case .replicas: return get("/v1/replicas", "All replicas.", "[ReplicaStatus]", [service])
    case .deployments:
      return get(
        "/v1/deployments", "Deployments, newest first; at most 50 of a service.",
        "[DeploymentStatus]", [service])
    case .deployment:
      return get("/v1/deployments/{number}", "One of them.", "DeploymentStatus")
    case .deploy:
      return Description(
        method: "POST", path: "/v1/services/{service}/deploy",
        about:
          "Deploys another version or image of what the file runs; without both, what the file "
          + "says. It holds until the file names another `run` than now.",
        body: "DeployRequest", answer: "DeploymentOrder", status: 202)
    case .rollBack:
      return Description(
        method: "POST", path: "/v1/services/{service}/rollback",
        about: "Deploys a former revision, or takes a deployment under way back.",
        body: "DeploymentRollback", answer: "DeploymentOrder", status: 202)
    case .promoteDeployment:
      return Description(
        method: "POST", path: "/v1/services/{service}/promote",
        about: "Takes its deployment to the next step without waiting.", body: "{}",
        answer: "DeploymentOrder", status: 202)
    case .abortDeployment:
      return Description(
        method: "POST", path: "/v1/services/{service}/abort",
        about: "Takes its deployment back.", body: "DeploymentAbort", answer: "DeploymentOrder",
        status: 202)
    case .certificates:
      return get("/v1/certificates", "Certificates that are in use.", "[CertificateStatus]")
    case .bans: return get("/v1/bans", "Addresses that are not served.", "[BanStatus]")
    case .ban:
      return Description(
        method: "POST", path: "/v1/bans",
        about: "Serves an address, or a block of them, no more; kept over restarts.",
        body: "BanRequest", answer: "BanStatus", status: 201)
    case .unban:
      return Description(
        method: "DELETE", path: "/v1/bans/{address}", about: "Serves it again.",
        answer: "BanStatus")
    case .drills: return get("/v1/drills", "The last drills, newest first.", "[DrillStatus]")
    case .drill: return get("/v1/drills/{id}", "One drill, as far as it got.", "DrillStatus")
    case .orderDrill:
      return Description(
        method: "POST", path: "/v1/services/{service}/drills",
        about: "Kills or hangs a server, or makes its answers slow or bad, for a time; 409 with "
          + "the reasons where that is not safe. It goes on after the answer.",
        body: "DrillRequest", answer: "DrillStatus", status: 202)
    case .stopDrill:
      return Description(
        method: "DELETE", path: "/v1/drills/{id}", about: "Ends a drill before its time.",
        answer: "DrillStatus")
    case .backup:
      return get(
        "/v1/backup", "A backup of the state and the configuration, made now: one file.",
        "application/octet-stream")
    case .backups:
      return get("/v1/backups", "Backups that the schedule made, newest first.", "[BackupStatus]")
    case .beginRestore:
      return Description(
        method: "POST", path: "/v1/restores",
        about: "Begins to take a backup to be restored; one that was begun before is dropped.",
        body: "{}", answer: "RestoreUpload", status: 201)
    case .restorePiece:
      return Description(
        method: "PUT", path: "/v1/restores/{id}/content",
        about: "Takes a piece of the file, of at most 1 MiB, in order.",
        parameters: [
          Parameter(
            name: "offset", about: "where it belongs: what was received so far", type: "integer")
        ], body: "application/octet-stream", answer: "RestoreUpload")
    case .restore:
      return Description(
        method: "POST", path: "/v1/restores/{id}",
        about:
          "Puts the state of the backup in the place of the present one, which is kept as a file.",
        body: "RestoreRequest", answer: "RestoreStatus")
    case .dropRestore:
      return Description(
        method: "DELETE", path: "/v1/restores/{id}", about: "Forgets what was sent.",
        answer: "RestoreUpload")
    case .alerts:
      return get(
        "/v1/alerts",
        "Alerts: those that fire, those that wait, those that are over; of each the worst first.",
        "[AlertStatus]",
        [
          service, limit,
          Parameter(name: "after", about: "those behind the alert of this id, for the next page"),
        ])
    case .alertChannels:
      return get("/v1/alerts/channels", "How the channels fare.", "[AlertChannelStatus]")
    case .alertLog:
      return get(
        "/v1/alerts/log", "What fired, what was told to whom, and what came of it; oldest first.",
        "[AlertLogLine]", [limit])
    case .alert:
      return get("/v1/alerts/{id}", "One alert, with its log.", "AlertDetail")
    case .testChannel:
      return Description(
        method: "POST", path: "/v1/alerts/test",
        about: "Sends a message to a channel; answers once it was taken, or refused.",
        body: "AlertTest", answer: "AlertChannelStatus")
    case .acknowledgeAlerts:
      return Description(
        method: "POST", path: "/v1/alerts/acknowledge",
        about: "Somebody takes care: no repetition, no escalation.", body: "AcknowledgeRequest",
        answer: "[AlertStatus]")
    case .silences: return get("/v1/silences", "Silences that hold or will.", "[SilenceStatus]")
    case .silence:
      return Description(
        method: "POST", path: "/v1/silences",
        about: "Nobody is told of the alerts with these labels for a while.",
        body: "SilenceRequest", answer: "SilenceStatus", status: 201)
    case .unsilence:
      return Description(
        method: "DELETE", path: "/v1/silences/{id}", about: "Ends a silence.",
        answer: "SilenceStatus")
    case .explain:
      return Description(
        method: "POST", path: "/v1/explain", about: "Where a request would go now, and why.",
        body: "ExplainRequest", answer: "RequestExplanation")
    case .request:
      return get("/v1/requests/{id}", "What became of one of the last requests.", "RequestTrace")
    case .faults:
      return get(
        "/v1/faults",
        "Root causes, newest first, each with what hangs beneath it.", "[FaultRecord]",
        [
          Parameter(name: "service", about: "only those that touch this service"),
          Parameter(name: "open", about: "only those that are not resolved", type: "boolean"),
          Parameter(
            name: "all", about: "every record by itself, those beneath others as well",
            type: "boolean"), limit,
        ])
    case .faultMonths:
      return get(
        "/v1/faults/months",
        "The figures of each service and month of UTC, with what is left of its error budget.",
        "[FaultMonth]",
        [
          service,
          Parameter(
            name: "objective", about: "the availability that is to be reached, such as 99.9%"),
        ])
    case .exportFaults:
      return get(
        "/v1/faults/export", "Faults as a file.", "application/octet-stream",
        [
          Parameter(name: "format", about: "csv, json or markdown"), service,
          Parameter(name: "since", about: "those that began at this moment or day, or later"),
          Parameter(name: "until", about: "those that began before"),
          Parameter(
            name: "objective", about: "of the figures in markdown, such as 99.9%"),
        ])
    case .faultReport:
      return get(
        "/v1/faults/{id}/report", "A post-mortem of one fault, for people to finish.",
        "text/markdown")
    case .fault:
      return get("/v1/faults/{id}", "One fault with what hangs beneath it.", "FaultRecord")
    case .faultTimeline:
      return get(
        "/v1/faults/{id}/timeline",
        "What happened around a fault, on one clock, oldest first: its signs, checks, replicas, "
          + "deployments, changes of the configuration, scaling, alerts, and what was done.",
        "[FaultMoment]")
    case .acknowledgeFault:
      return Description(
        method: "POST", path: "/v1/faults/{id}/acknowledge",
        about: "Says that somebody looks after a fault; a note is kept with it.",
        body: "FaultAcknowledgement", answer: "FaultRecord")
    case .changeFault:
      return Description(
        method: "PUT", path: "/v1/faults/{id}",
        about: "Says what the cause was, whether the fault is over or not.",
        body: "FaultResolution", answer: "FaultRecord")
    case .faultSummary:
      return get("/v1/faults/summary", "The figures of each service.", "[FaultSummary]")
    case .resolveFault:
      return Description(
        method: "POST", path: "/v1/faults/{id}/resolve",
        about: "Closes a fault record and what hangs beneath it, or gives a closed one its cause.",
        body: "FaultResolution", answer: "FaultRecord")
    case .events:
      return get(
        "/v1/events",
        "Events, oldest first; with `follow` server-sent events named `event`, without end.",
        "[EventRecord]",
        [
          service, Parameter(name: "after", about: "those after this id", type: "integer"), limit,
          Parameter(name: "follow", about: "goes on with what comes", type: "boolean"),
        ])
    case .audit:
      return get(
        "/v1/audit", "Entries of the audit log, newest first.", "[AuditEntry]",
        [
          limit,
          Parameter(name: "before", about: "those before this number", type: "integer"),
          Parameter(name: "since", about: "those from this time on, RFC 3339"),
          Parameter(name: "actor", about: "only of this one; `who` means the same"),
          Parameter(
            name: "action",
            about: "only this one, or with `.` at its end all that begin so; `what` means the same"),
          Parameter(name: "subject", about: "only of this, and of what is under it"),
          Parameter(
            name: "source", about: "command, dashboard, api, file, signal or machine"),
          Parameter(name: "result", about: "done, refused, failed or unknown"),
        ])
    case .auditEntry: return get("/v1/audit/{number}", "One of them.", "AuditEntry")
    case .auditHead:
      return get(
        "/v1/audit/head", "Its newest entry's number and hash, and who else has them.",
        "AuditHeadStatus")
    case .verifyAudit:
      return get(
        "/v1/audit/verify", "Reads all of it, and names every entry that is not as it was written.",
        "AuditVerdict")
    case .compareAudit:
      return Description(
        method: "POST", path: "/v1/audit/verify",
        about: "The same, and compares with heads that were kept elsewhere.", body: "AuditHeads",
        answer: "AuditVerdict")
    case .eventSinks:
      return get(
        "/v1/event-sinks", "Systems that are told what happens, and what waits for them.",
        "[EventSinkStatus]")
    case .live:
      return get(
        "/v1/live",
        "Server-sent events: `status` (LiveStatus) every second, `event` (EventRecord), `fault` (FaultRecord).",
        "text/event-stream",
        [
          Parameter(
            name: "brief", about: "servers and replicas only where they take no work, 200 at most",
            type: "boolean"),
          Parameter(name: "service", about: "all of this service as well"),
          Parameter(
            name: "flows", about: "with the requests of each listener, route and service",
            type: "boolean"),
        ])
    case .configuration:
      return get("/v1/config", "The configuration that the engine runs on.", "ConfigurationStatus")
    case .plan:
      return Description(
        method: "POST", path: "/v1/plan",
        about: "What other texts would change, and what that would cost at the load of now.",
        body: "ConfigurationTexts", answer: "ChangePlan")
    case .applyConfiguration:
      return Description(
        method: "PUT", path: "/v1/config",
        about: "Takes other texts, whole or not at all, and writes them to the files.",
        body: "ConfigurationTexts", answer: "ConfigurationApplied")
    case .configurationHistory:
      return get(
        "/v1/config/history", "Configurations that were accepted, newest first.",
        "[ConfigurationEntry]")
    case .configurationEntry:
      return get(
        "/v1/config/history/{number}", "One of them, with its texts.", "ConfigurationEntry")
    case .rollBackConfiguration:
      return Description(
        method: "POST", path: "/v1/config/history/{number}/rollback",
        about: "Takes the texts of a former configuration, as a change like any other.",
        body: "ConfigurationTexts", answer: "ConfigurationApplied")
    case .configurationValue:
      return get(
        "/v1/config/value", "One value of it, as YAML.", "ConfigurationValue",
        [Parameter(name: "path", about: "keys with dots between")])
    case .setConfigurationValue:
      return Description(
        method: "PUT", path: "/v1/config/value",
        about: "Changes a value in the running engine; the file stays as it is.",
        body: "ConfigurationValue", answer: "ConfigurationStatus")
    case .saveConfiguration:
      return Description(
        method: "POST", path: "/v1/config/save",
        about: "Writes the configuration that the engine runs on to its file.", body: "{}",
        answer: "ConfigurationStatus")
    case .reloadConfiguration:
      return Description(
        method: "POST", path: "/v1/config/reload", about: "Reads the file again, as SIGHUP does.",
        body: "{}", answer: "ConfigurationStatus")
    case .upgrade:
      return get(
        "/v1/upgrade", "The last upgrade, and the engines that still finish.", "UpgradeStatus")
    case .orderUpgrade:
      return Description(
        method: "POST", path: "/v1/upgrade",
        about: "Replaces the engine by one from the binary that is there now, as SIGUSR2 does. It "
          + "goes on after the answer: GET tells how.",
        body: "{}", answer: "UpgradeStatus", status: 202)
    case .openapi: return get("/v1/openapi.json", "This document.", "application/json")
    case .healthz: return get("/healthz", "The process lives.", "text/plain")
    case .readyz: return get("/readyz", "It serves; 503 before, and while it drains.", "text/plain")
    case .metrics:
      return get(
        "/metrics", "Metrics in the Prometheus text format, or in OpenMetrics.", "text/plain")
    case .page: return get("/", "The dashboard.", "text/html")
    case .style: return get("/dashboard.css", "The dashboard's style.", "text/css")
    case .script: return get("/dashboard.js", "The dashboard's script.", "text/javascript")
    case .icon: return get("/dashboard.svg", "The dashboard's icon.", "image/svg+xml")
    }
  }

  private func get(
    _ path: String, _ about: String, _ answer: String, _ parameters: [Parameter] = []
  ) -> Description {
    Description(method: "GET", path: path, about: about, parameters: parameters, answer: answer)
  }
}
