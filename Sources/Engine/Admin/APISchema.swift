/// The types of the admin API for its OpenAPI document; `AdminAPI` and `Faults` have them in Swift.
enum APISchema {
  /// A field's type: `string`, `integer`, `number`, `boolean`, `time`, a name of another schema, with
  /// `[…]` around for a list and `?` behind for a field that may be absent; words with `|` between
  /// are the only values.
  static let all = general + faults + accounts + upkeep

  private static let general: [(name: String, fields: KeyValuePairs<String, String>)] = [
    (
      "EngineStatus",
      [
        "version": "string", "pid": "integer", "startedAt": "time", "topologyVersion": "integer",
        "configurationFile": "string", "workers": "integer", "storeProblem": "string?",
        "draining": "[DrainingStatus]?", "backup": "BackupScheduleStatus?",
      ]
    ),
    ("ReplicaCounts", ["desired": "integer", "running": "integer", "ready": "integer"]),
    (
      "ServiceStatus",
      [
        "name": "string", "state": "up|degraded|down|asleep", "balance": "string",
        "balanceReason": "string?", "servers": "integer", "healthy": "integer",
        "requests": "integer", "failures": "integer", "retries": "integer",
        "inflight": "integer", "requestsPerSecond": "number", "failuresPerSecond": "number",
        "p50": "number?", "p99": "number?", "replicas": "ReplicaCounts?", "version": "string?",
      ]
    ),
    (
      "ServiceDetail",
      [
        "service": "ServiceStatus", "servers": "[ServerStatus]", "replicas": "[ReplicaStatus]",
        "routes": "[RouteStatus]", "scale": "ScaleStatus?", "tune": "TuneStatus?",
        "faults": "[FaultRecord]",
        "events": "[EventRecord]",
      ]
    ),
    (
      "ScaleStatus",
      [
        "min": "integer", "max": "integer", "desired": "integer", "saturated": "boolean",
        "ordered": "integer?", "orderedUntil": "time?", "signals": "[ScaleSignal]",
        "decisions": "[ScaleDecision]",
      ]
    ),
    (
      "TuneStatus",
      [
        "by": "latency|cpu", "on": "boolean", "even": "boolean", "least": "integer",
        "most": "integer",
      ]
    ),
    ("TuneRequest", ["action": "on|off|reset"]),
    (
      "ScaleSignal",
      ["signal": "string", "target": "number", "measured": "number?", "wanted": "integer?"]
    ),
    (
      "ScaleDecision",
      [
        "at": "time", "until": "time", "times": "integer", "from": "integer", "to": "integer",
        "direction": "up|down|none", "reason": "string", "message": "string",
      ]
    ),
    (
      "LastCheck",
      ["at": "time", "passed": "boolean", "detail": "string", "duration": "number"]
    ),
    (
      "ServerStatus",
      [
        "service": "string", "name": "string", "address": "string", "weight": "integer",
        "tuned": "integer?",
        "backup": "boolean", "state": "ready|draining|maintenance",
        "health": "unknown|healthy|unhealthy", "ejected": "boolean",
        "role": "active|promoting|standby?", "inflight": "integer",
        "requests": "integer", "failures": "integer", "requestsPerSecond": "number",
        "lastCheck": "LastCheck?",
      ]
    ),
    (
      "RouteStatus",
      [
        "name": "string", "listeners": "[string]", "host": "string?", "path": "string?",
        "conditions": "[string]?", "priority": "integer", "action": "string?",
        "service": "string?", "services": "[string]?", "rewrite": "string?",
        "requestHeaders": "[string]?", "responseHeaders": "[string]?",
      ]
    ),
    (
      "ListenerStatus",
      [
        "name": "string", "address": "string", "protocol": "http|tcp|udp|tls-passthrough",
        "connections": "integer", "connectionsTotal": "integer", "requestsPerSecond": "number",
      ]
    ),
    (
      "CertificateStatus",
      [
        "name": "string", "listeners": "[string]", "services": "[string]", "subject": "string",
        "issuer": "string", "serial": "string", "fingerprint": "string", "names": "[string]",
        "key": "string", "notBefore": "time", "notAfter": "time", "isSelfSigned": "boolean",
        "problem": "string?",
      ]
    ),
    (
      "ReplicaStatus",
      [
        "service": "string", "name": "string",
        "state": "starting|ready|unready|stopping|backoff|crash-loop", "pid": "integer?",
        "address": "string?", "restarts": "integer", "startedAt": "time?", "lastExit": "string?",
        "version": "string?", "container": "string?",
      ]
    ),
    (
      "DeploymentStatus",
      [
        "number": "integer", "service": "string", "revision": "string", "version": "string?",
        "former": "string?", "formerVersion": "string?", "kind": "first|deploy|rollback|restart",
        "strategy": "none|rolling|blue-green|canary",
        "state":
          "starting|watching|paused|finishing|rolling-back|running|started|succeeded|rolled-back|failed",
        "reason": "string?", "lines": "[string]", "by": "string", "began": "time",
        "ended": "time?", "available": "integer?", "replicas": "integer?", "step": "integer?",
        "steps": "integer?", "share": "number?",
      ]
    ),
    (
      "DeployRequest",
      ["version": "string?", "image": "string?", "supersede": "boolean?"]
    ),
    ("DeploymentRollback", ["to": "integer?"]),
    ("DeploymentAbort", ["reason": "string?"]),
    (
      "DeploymentOrder",
      [
        "service": "string", "state": "began|waits|unchanged", "number": "integer?",
        "message": "string",
      ]
    ),
    (
      "HistoryPoint",
      [
        "at": "time", "requests": "integer", "failures": "integer", "inflight": "integer",
        "p50": "number?",
        "p99": "number?",
      ]
    ),
    (
      "LiveStatus",
      [
        "at": "time", "engine": "EngineStatus", "services": "[ServiceStatus]",
        "servers": "[ServerStatus]", "replicas": "[ReplicaStatus]",
        "listeners": "[ListenerStatus]", "openFaults": "integer", "flows": "[FlowStatus]?",
      ]
    ),
    (
      "FlowStatus",
      [
        "listener": "string", "route": "string?", "service": "string?",
        "requestsPerSecond": "number",
      ]
    ),
    (
      "TrafficSeries",
      [
        "name": "string", "requests": "[number]", "failures": "[number]", "p50": "[number]?",
        "p99": "[number]",
      ]
    ),
    (
      "TrafficSeriesStatus",
      [
        "step": "integer", "times": "[integer]", "total": "TrafficSeries?",
        "series": "[TrafficSeries]",
      ]
    ),
    (
      "ServerReliability",
      [
        "faults": "integer", "mtbf": "number", "mtbfIsBound": "boolean", "mttr": "number",
        "mttrIsAssumed": "boolean",
      ]
    ),
    ("CommonCause", ["beta": "number", "together": "integer", "faults": "integer"]),
    (
      "ServerAvailability",
      [
        "name": "string", "faults": "integer", "mtbf": "number?", "mttr": "number?",
        "availability": "number",
      ]
    ),
    (
      "AvailabilityForecast",
      [
        "servers": "integer", "needed": "integer", "availability": "number",
        "unavailability": "number", "minutesDownAMonth": "number",
      ]
    ),
    (
      "MeasuredAvailability",
      [
        "faults": "integer", "availability": "number", "unavailability": "number",
        "minutesDownAMonth": "number",
      ]
    ),
    (
      "AvailabilityReport",
      [
        "service": "string", "since": "time", "watched": "number", "needed": "integer",
        "neededFrom": "default|load|asked", "server": "ServerReliability",
        "commonCause": "CommonCause", "servers": "[ServerAvailability]",
        "predicted": "AvailabilityForecast", "atLeast": "AvailabilityForecast",
        "measured": "MeasuredAvailability", "floorMinutesDownAMonth": "number",
        "oneMore": "AvailabilityForecast", "oneFewer": "AvailabilityForecast?",
        "halfRepair": "AvailabilityForecast", "remarks": "[string]",
      ]
    ),
    (
      "ExplainRequest",
      [
        "method": "string", "url": "string", "headers": "[string]?", "client": "string?",
        "listener": "string?",
      ]
    ),
    (
      "RouteTrial",
      [
        "route": "string",
        "result": "matched|host|path|method|header|query|client|not-asked",
        "failed": "string?", "host": "string?", "path": "string?", "conditions": "[string]?",
        "action": "string?", "service": "string?",
      ]
    ),
    (
      "RequestSession",
      [
        "kind": "inserted-cookie|learned-cookie|source", "cookie": "string?", "server": "string?",
      ]
    ),
    (
      "RequestRetries",
      [
        "attempts": "integer", "on": "[string]", "repeatable": "boolean", "budget": "number",
        "perTryTimeout": "number?", "hedgeAfter": "number?",
      ]
    ),
    (
      "RequestTimeouts",
      [
        "connect": "number?", "response": "number?", "idle": "number?", "total": "number?",
        "queue": "number?",
      ]
    ),
    (
      "Candidate",
      [
        "server": "string", "address": "string", "standing": "string", "weight": "number?",
        "score": "number?", "inflight": "integer",
      ]
    ),
    (
      "WorkerChoice",
      [
        "worker": "integer", "choice": "server|full|none", "server": "string?",
        "chosenBy": "string", "set": "string", "candidates": "[Candidate]", "queued": "integer",
      ]
    ),
    (
      "RequestExplanation",
      [
        "method": "string", "host": "string?", "target": "string", "client": "string",
        "listener": "string", "listenerReason": "string", "routes": "[RouteTrial]",
        "route": "string?", "action": "string?", "service": "string?",
        "balance": "string?",
        "balanceReason": "string?", "hashed": "[string]?", "hash": "string?",
        "session": "RequestSession?", "retries": "RequestRetries?",
        "timeouts": "RequestTimeouts?", "workers": "[WorkerChoice]",
      ]
    ),
    (
      "Try",
      [
        "server": "string", "because": "string", "began": "number", "connected": "number?",
        "answerBegan": "number?", "ended": "number", "end": "string", "status": "integer?",
        "reused": "boolean",
      ]
    ),
    (
      "RequestTrace",
      [
        "id": "string", "trace": "string?", "at": "time", "duration": "number",
        "worker": "integer", "topologyVersion": "integer", "client": "string", "listener": "string",
        "method": "string", "host": "string", "target": "string", "route": "string?",
        "service": "string?", "hash": "string?", "sessionServer": "string?", "tries": "[Try]",
        "triesLeftOut": "integer", "status": "integer", "reason": "string?",
        "requestBytes": "integer", "answerBytes": "integer",
      ]
    ),
    (
      "BanStatus",
      [
        "address": "string", "source": "configuration|operator", "since": "time?",
        "until": "time?", "reason": "string?",
      ]
    ),
    (
      "EventSinkStatus",
      [
        "name": "string", "kind": "nats|redis", "server": "string",
        "state": "connected|idle|failing", "waiting": "integer", "waitingBytes": "integer",
        "delivered": "integer", "dropped": "integer", "retries": "integer",
        "lastError": "string?", "lastDelivered": "time?",
      ]
    ),
    ("BanRequest", ["address": "string", "duration": "number?", "reason": "string?"]),
    (
      "EventRecord",
      [
        "id": "integer", "at": "time", "type": "string", "severity": "info|warning|error",
        "service": "string?", "server": "string?", "message": "string",
      ]
    ),
    (
      "AuditEntry",
      [
        "number": "integer", "at": "time", "source": "command|dashboard|api|file|signal|machine",
        "actor": "string", "role": "string?", "from": "string", "action": "string",
        "subject": "string?", "before": "string?", "after": "string?",
        "result": "done|refused|failed|unknown", "detail": "string?", "hash": "string",
      ]
    ),
    (
      "AuditHeadExport",
      ["target": "file|webhook", "number": "integer?", "at": "time?", "problem": "string?"]
    ),
    (
      "AuditHeadStatus",
      [
        "number": "integer", "hash": "string", "entries": "integer", "removed": "integer",
        "exports": "[AuditHeadExport]",
      ]
    ),
    (
      "AuditFinding",
      [
        "kind": "altered|missing|misplaced|added|replaced|ends", "number": "integer",
        "through": "integer?", "message": "string",
      ]
    ),
    ("AuditHead", ["number": "integer", "hash": "string"]),
    ("AuditHeads", ["heads": "[AuditHead]"]),
    (
      "AuditVerdict",
      [
        "sound": "boolean", "entries": "integer", "first": "integer?", "last": "integer?",
        "hash": "string?", "heads": "integer", "headsCompared": "integer",
        "findings": "[AuditFinding]", "findingsLeftOut": "integer",
      ]
    ),
    ("ServerChange", ["state": "ready|draining|maintenance?", "weight": "integer?"]),
    ("PromotionRequest", ["dryRun": "boolean?"]),
    (
      "PromotionStatus",
      [
        "service": "string", "server": "string", "from": "string?", "epoch": "integer",
        "command": "[string]?", "timeout": "number", "dryRun": "boolean", "detail": "string?",
      ]
    ),
    ("ScaleRequest", ["replicas": "integer"]),
    (
      "ConfigurationStatus",
      [
        "file": "string", "text": "string", "unsaved": "boolean", "isFolder": "boolean?",
        "topologyVersion": "integer", "warnings": "[string]?",
      ]
    ),
    ("ConfigurationValue", ["path": "string", "value": "string"]),
    ("ConfigurationText", ["name": "string", "text": "string"]),
    (
      "ConfigurationTexts",
      [
        "files": "[ConfigurationText]?", "isFolder": "boolean?", "strict": "boolean?",
        "unsaved": "boolean?",
      ]
    ),
    ("ReplicaRollout", ["service": "string", "kind": "start|stop|scale|replace"]),
    (
      "ConfigurationApplied",
      [
        "number": "integer", "file": "string", "topologyVersion": "integer",
        "changed": "boolean", "saved": "boolean?", "problem": "string?",
        "rollouts": "[ReplicaRollout]",
        "warnings": "[string]",
      ]
    ),
    (
      "ConfigurationEntry",
      [
        "number": "integer", "at": "time", "origin": "string", "by": "string?", "file": "string",
        "bytes": "integer", "isCurrent": "boolean", "files": "[ConfigurationText]?",
      ]
    ),
    (
      "PlannedDifference",
      [
        "kind": "listener|route|service|server|setting", "name": "string",
        "change": "added|removed|changed", "path": "string", "old": "string?", "new": "string?",
        "standard": "string?",
      ]
    ),
    (
      "PlannedListener",
      [
        "name": "string", "change": "opens|moves|closes", "address": "string",
        "connections": "integer",
      ]
    ),
    (
      "PlanRisk",
      ["severity": "info|warning|danger", "service": "string?", "message": "string"]
    ),
    ("PlannedReady", ["now": "integer", "lowest": "integer", "after": "integer"]),
    (
      "PlannedCapacity",
      [
        "basis": "limits|adaptive-limit|measured-peak|unknown", "unit": "requests|requests/s",
        "perServer": "number?", "lowest": "number?", "lowestAfterLoss": "number?",
        "load": "number", "verdict": "idle|enough|unproven|short|unknown",
        "verdictAfterLoss": "idle|enough|unproven|short|unknown",
      ]
    ),
    (
      "PlannedLeaving",
      [
        "servers": "[string]", "connections": "integer", "requests": "integer",
        "sessions": "integer?",
      ]
    ),
    (
      "ServicePlan",
      [
        "name": "string", "requestsPerSecond": "number", "inflight": "integer",
        "rollout": "string?", "ready": "PlannedReady", "capacity": "PlannedCapacity",
        "leaving": "PlannedLeaving", "remappedKeys": "number?",
      ]
    ),
    (
      "ChangePlan",
      [
        "differences": "[PlannedDifference]", "listeners": "[PlannedListener]",
        "services": "[ServicePlan]", "needsUpgrade": "[string]", "risks": "[PlanRisk]",
        "isUnderCapacity": "boolean", "warnings": "[string]",
      ]
    ),
    (
      "AlertStatus",
      [
        "id": "string", "name": "string", "severity": "info|warning|critical",
        "state": "pending|firing|resolved", "service": "string?", "server": "string?",
        "labels": "labels", "summary": "string", "since": "time", "fired": "time?",
        "resolved": "time?", "silenced": "boolean", "inhibited": "boolean",
        "acknowledgedBy": "string?", "acknowledgement": "string?",
      ]
    ),
    ("AlertDetail", ["alert": "AlertStatus", "log": "[AlertLogLine]"]),
    (
      "AlertLogLine",
      [
        "at": "time",
        "kind":
          "fired|resolved|delivered|failed|escalated|acknowledged|silenced|unsilenced|test|refused",
        "alert": "string?", "group": "string?", "channel": "string?", "message": "string",
      ]
    ),
    (
      "AlertChannelStatus",
      [
        "name": "string", "kind": "string", "pending": "integer", "delivered": "integer",
        "failed": "integer", "failures": "integer", "lastDelivery": "time?",
        "lastError": "string?",
      ]
    ),
    ("AlertTest", ["channel": "string"]),
    (
      "AcknowledgeRequest",
      ["alerts": "[string]", "author": "string?", "comment": "string?"]
    ),
    (
      "SilenceStatus",
      [
        "id": "string", "match": "labels", "author": "string", "comment": "string",
        "starts": "time", "ends": "time",
      ]
    ),
    (
      "SilenceRequest",
      ["match": "labels", "duration": "number", "author": "string?", "comment": "string?"]
    ),
    ("Problem", ["code": "string", "message": "string", "details": "[string]"]),
    ("ErrorAnswer", ["error": "Problem"]),
  ]

  static func type(_ word: String) -> JSONTree {
    if word.hasSuffix("?") { return type(String(word.dropLast())) }
    if word.hasPrefix("["), word.hasSuffix("]") {
      return ["type": "array", "items": type(String(word.dropFirst().dropLast()))]
    }
    if word.contains("|") {
      return [
        "type": "string", "enum": .list(word.split(separator: "|").map { .text(String($0)) }),
      ]
    }
    switch word {
    case "labels":
      return ["type": "object", "additionalProperties": ["type": "string"]]
    case "time": return ["type": "string", "format": "date-time"]
    case "string", "integer", "number", "boolean": return ["type": .text(word)]
    default: return ["$ref": .text("#/components/schemas/\(word)")]
    }
  }

  static var components: JSONTree {
    var schemas: [String: JSONTree] = [:]
    for (name, fields) in all {
      var properties: [String: JSONTree] = [:]
      for (field, word) in fields { properties[field] = type(word) }
      let required = fields.filter { !$0.value.hasSuffix("?") }.map { JSONTree.text($0.key) }
      schemas[name] = [
        "type": "object", "properties": .object(properties), "required": .list(required),
      ]
    }
    return .object(schemas)
  }
}
