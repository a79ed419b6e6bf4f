extension APISchema {
  /// Of backups, drills and upgrades.
  static let upkeep: [(name: String, fields: KeyValuePairs<String, String>)] = [
    (
      "BackupScheduleStatus",
      [
        "every": "number", "keep": "integer", "folder": "string", "lastSuccess": "time?",
        "duration": "number?", "bytes": "integer?", "next": "time?", "problem": "string?",
      ]
    ),
    (
      "DrillRequest",
      [
        "kind": "kill|hang|slow|errors", "server": "string?", "duration": "number?",
        "share": "number?", "delay": "number?", "force": "boolean?", "dryRun": "boolean?",
      ]
    ),
    (
      "DrillForecast",
      [
        "detectedWithin": "number?", "detectedBy": "string", "failedAtMost": "integer?",
        "recoveredWithin": "number?",
      ]
    ),
    (
      "DrillOutcome",
      [
        "detectedAfter": "number?", "detectedBy": "string?", "requests": "integer",
        "failed": "integer", "retried": "integer", "drilled": "integer",
        "recoveredAfter": "number?",
      ]
    ),
    (
      "DrillStatus",
      [
        "id": "integer",
        "state":
          "planned|running|recovering|done|not-recovered|stopped|refused|interrupted",
        "kind": "kill|hang|slow|errors", "service": "string", "server": "string",
        "order": "string", "began": "time?", "ended": "time?", "forced": "boolean",
        "objections": "[string]", "reason": "string?", "predicted": "DrillForecast",
        "measured": "DrillOutcome?",
      ]
    ),
    (
      "BackupStatus",
      ["name": "string", "file": "string", "taken": "time", "bytes": "integer"]
    ),
    ("RestoreUpload", ["id": "integer", "received": "integer"]),
    ("RestoreRequest", ["dryRun": "boolean?"]),
    (
      "RestoreTable",
      ["name": "string", "rowsNow": "integer?", "rows": "integer?", "sha256": "string?"]
    ),
    (
      "RestoreStatus",
      [
        "dryRun": "boolean", "taken": "time", "version": "string", "schema": "integer",
        "schemaAfter": "integer", "tables": "[RestoreTable]", "configuration": "[string]",
        "configurationDiffers": "[string]", "kept": "string?", "duration": "number?",
      ]
    ),
    (
      "DrainingStatus",
      [
        "pid": "integer", "version": "string", "since": "time", "until": "time",
        "connections": "integer",
      ]
    ),
    (
      "UpgradeStatus",
      [
        "state": "none|starting|handing-over|done|failed", "number": "integer?",
        "began": "time?", "ended": "time?", "formerVersion": "string?", "formerPid": "integer?",
        "version": "string?", "pid": "integer?", "reason": "string?", "lines": "[string]?",
        "draining": "[DrainingStatus]",
      ]
    ),
  ]
}
