/// Faults and what people say of them.
extension APISchema {
  static let faults: [(name: String, fields: KeyValuePairs<String, String>)] = [
    (
      "FaultRecord",
      [
        "id": "integer",
        "type":
          "server-unhealthy|server-ejected|replica-exited|crash-loop|machine-down|service-degraded|service-down|failover|deployment-failed|saturation|slo-burn|certificate-expiry|engine-crashed|store-damaged|backup-failed",
        "service": "string", "server": "string?", "subject": "string?", "parent": "integer?",
        "began": "time", "detected": "time", "cause": "string", "inferredCause": "string?",
        "actions": "[string]", "actionTimes": "[time]?", "returns": "integer?",
        "acknowledged": "time?", "acknowledgedBy": "string?", "recovered": "time?",
        "resolved": "time?", "resolvedBy": "string?", "duration": "number?",
        "beneath": "[FaultRecord]?",
      ]
    ),
    (
      "FaultMoment",
      [
        "at": "time",
        "kind":
          "fault|check|replica|ejection|deployment|configuration|scaling|alert|failover|person|other",
        "severity": "info|warning|error", "service": "string?", "server": "string?",
        "fault": "integer?", "message": "string",
      ]
    ),
    (
      "FaultSummary",
      [
        "service": "string", "faults": "integer", "open": "integer", "mtbf": "number?",
        "mttr": "number?", "mtta": "number?", "availability": "number",
      ]
    ),
    (
      "FaultMonth",
      [
        "service": "string", "month": "string", "observed": "number", "faults": "integer",
        "open": "integer", "mtbf": "number?", "mttr": "number?", "mtta": "number?",
        "down": "number", "availability": "number", "objective": "number", "budget": "number",
        "budgetSpent": "number", "budgetLeft": "number",
      ]
    ),
    ("FaultResolution", ["cause": "string"]),
    ("FaultAcknowledgement", ["note": "string?"]),
  ]
}
