import Alerting
import Faults
import Primitives

extension ConfigurationKeys {
  static let alerts = ObjectDescription(
    "the alerts", "Who is told what. Ready-made rules hold without being written.",
    keys: [
      KeyDescription(
        "channels", .table(.object(alertChannel), keys: .name), standard: "{}",
        example: "{ hook: { webhook: { url: \"https://hooks.example.com/ballast\" } } }",
        "Where messages go, by name. Without one, alerts are listed only."),
      KeyDescription(
        "routes", .list(.object(alertRoute), count: 0...100), standard: "[]",
        example: "[ { match: { severity: critical }, channels: [ hook ] } ]",
        """
        Which alerts go to which channels; the first that matches takes an alert. All go to all \
        channels when absent.
        """),
      KeyDescription(
        "rules", .list(.object(alertRule), count: 0...1_000), standard: "[]",
        example: "[ { name: errors, when: { errorRate: { above: 5% } }, for: 1m } ]",
        "What is worth telling, beside the ready-made rules."),
      KeyDescription(
        "standardRules", .boolean, standard: "true", example: "false",
        "Whether the ready-made rules hold; a rule with the name of one takes its place."),
      KeyDescription(
        "silences", .list(.object(alertSilence), count: 0...100), standard: "[]",
        example: "[ { match: { service: shop }, until: \"2026-12-01T06:00:00Z\", comment: move } ]",
        "Alerts that nobody is told of; `ballast alerts silence` adds to them at run time."),
    ])

  static let objectives = ObjectDescription(
    "the objectives",
    """
    What the service promises. Each objective becomes three alert rules: its error budget is spent \
    14.4 times too fast over 1 h and 5 min, 6 times over 6 h and 30 min, or too fast over 3 days \
    and 6 h.
    """,
    keys: [
      KeyDescription(
        "availability", .share(1...100), example: "99.9%",
        "The share of requests that do not fail; less than 100%."),
      KeyDescription(
        "latency", .object(latencyObjective), example: "{ p95: 300ms }",
        "The time within which a share of the requests is answered."),
    ])

  private static let latencyObjective = ObjectDescription(
    "the latency", "One or several; each counts for itself.",
    keys: latencyShares.map { name, share in
      KeyDescription(
        name, .duration(positive), example: "300ms",
        "The time within which \(Int(share * 100)) % of the requests are answered.")
    })

  static let latencyShares = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)]

  static let alertSeverity = Shape.choice(
    values: AlertSeverity.allCases.map(\.rawValue), later: [])

  private static let alertMatch = KeyDescription(
    "match", .table(.text(.label), keys: .name), standard: "{}",
    example: "{ severity: critical, service: \"shop*\" }",
    """
    Labels that an alert must have: `alertname` (the rule's name), `severity`, `service`, `server`, \
    `certificate`, `subject` (of a fault that is of no server), `objective`; a value may end in `*`.
    """)

  private static let alertRoute = ObjectDescription(
    "a route of alerts", "Alerts of one group are told in one message.",
    keys: [
      alertMatch,
      KeyDescription(
        "channels", .oneOrMore(.text(.name), most: 20), required: true, example: "[ hook ]",
        "The channels that are told."),
      KeyDescription(
        "groupBy", .list(.text(.name), count: 0...10), standard: "[ service ]",
        example: "[ alertname, service ]",
        "Alerts with the same values of these labels are told together; `[]` tells all together."),
      KeyDescription(
        "groupWait", .duration(orNone), standard: "30s", example: "10s",
        "How long the first message of a group waits for others of it."),
      KeyDescription(
        "groupInterval", .duration(orNone), standard: "5m", example: "1m",
        "Between two messages about a group in which something new fires."),
      KeyDescription(
        "repeat", .duration(positive), standard: "4h", example: "1h",
        "Between two messages about a group that still fires and that nobody acknowledged."),
      KeyDescription(
        "escalate", .list(.object(escalation), count: 0...10), standard: "[]",
        example: "[ { after: 15m, channels: [ hook ] } ]",
        "Who else is told while nobody acknowledges, one step after the other."),
      KeyDescription(
        "quietHours", .list(.object(quietHours), count: 0...20), standard: "[]",
        example: "[ { at: \"22:00\", until: \"07:00\" } ]",
        "Times in which only what matters most is told; the rest waits for their end."),
      KeyDescription(
        "continue", .boolean, standard: "false", example: "true",
        "Whether the routes after it are looked at for the same alert."),
    ])

  private static let escalation = ObjectDescription(
    "a step of escalation", "Counted from the first message about the group.",
    keys: [
      KeyDescription(
        "after", .duration(positive), required: true, example: "15m",
        "How long nobody has acknowledged."),
      KeyDescription(
        "channels", .oneOrMore(.text(.name), most: 20), required: true, example: "[ hook ]",
        "The channels that are told as well."),
    ])

  private static let quietHours = ObjectDescription(
    "the quiet hours", "In the machine's time zone.",
    keys: [
      KeyDescription(
        "at", .text(.clockTime), required: true, example: "\"22:00\"", "When they begin."),
      KeyDescription(
        "until", .text(.clockTime), required: true, example: "\"07:00\"",
        "When they end; not later than `at`, it is on the next day."),
      KeyDescription(
        "days", .oneOrMore(.text(.weekdays), most: 7), standard: "mon-sun", example: "mon-fri",
        "The days on which they begin."),
      KeyDescription(
        "except", alertSeverity, standard: "critical", example: "warning",
        "What is told all the same, and what is worse."),
    ])

  private static let alertSilence = ObjectDescription(
    "a silence", "Times as `2026-12-01T06:00:00Z`.",
    keys: [
      alertMatch,
      KeyDescription(
        "from", .text(.label), example: "\"2026-12-01T04:00:00Z\"",
        "When it begins; from the beginning when absent."),
      KeyDescription(
        "until", .text(.label), required: true, example: "\"2026-12-01T06:00:00Z\"",
        "When it ends."),
      KeyDescription(
        "author", .text(.label), standard: "configuration", example: "li", "Who wants it."),
      KeyDescription(
        "comment", .text(.label), example: "\"we move\"", "What for."),
    ])

  private static let alertRule = ObjectDescription(
    "an alert rule", "A condition that is worth telling.",
    keys: [
      KeyDescription("name", .text(.name), required: true, example: "errors", "Its name."),
      KeyDescription(
        "when", .object(alertCondition), required: true,
        example: "{ errorRate: { service: shop, above: 5% } }", "The condition: one of them."),
      KeyDescription(
        "for", .duration(orNone), standard: "0s", example: "1m",
        "How long the condition must hold."),
      KeyDescription(
        "keepFiring", .duration(orNone), standard: "0s", example: "5m",
        "How long the condition must be over before the alert is."),
      KeyDescription(
        "severity", alertSeverity, standard: "warning", example: "critical", "How much it matters."
      ),
      KeyDescription(
        "summary", .text(.label), example: "\"shop loses orders\"",
        "The sentence that is told; one with the figures when absent."),
    ])

  private static let conditionService = KeyDescription(
    "service", .text(.name), example: "shop", "Only this service; each of them when absent.")
  private static let conditionWindow = KeyDescription(
    "window", .duration(.seconds(20)...TimeSpan.hours(6)), standard: "1m", example: "5m",
    "The time that is looked at.")
  private static let conditionRequests = KeyDescription(
    "requests", .integer(1...1_000_000_000), standard: "20", example: "100",
    "With fewer requests in the window nothing is known: what fires goes on, nothing begins.")

  static let alertCondition = ObjectDescription(
    "a condition", "Exactly one of them.",
    keys: [
      KeyDescription(
        "errorRate",
        .object(
          condition(
            "the error rate",
            [
              conditionService,
              KeyDescription(
                "above", .share(0...100), required: true, example: "5%",
                "The share of requests that fail: answered 5xx, or not at all."),
              conditionWindow, conditionRequests,
            ])), example: "{ above: 5% }", "More of the requests fail."),
      KeyDescription(
        "p95",
        .object(
          condition(
            "the latency",
            [
              conditionService,
              KeyDescription(
                "above", .duration(positive), required: true, example: "300ms",
                "The time within which 95 % of the requests should be answered."),
              conditionWindow, conditionRequests,
            ])), example: "{ above: 300ms }", "More than 5 % of the requests take longer."),
      KeyDescription(
        "healthyServers",
        .object(
          condition(
            "the healthy servers",
            [
              conditionService,
              KeyDescription(
                "below", .integer(1...100_000), required: true, example: "2",
                "How many there should be at least."),
            ])), example: "{ below: 2 }", "Fewer servers are healthy."),
      KeyDescription(
        "saturation",
        .object(
          condition(
            "the saturation",
            [
              conditionService,
              KeyDescription(
                "above", .share(0...100), required: true, example: "90%",
                """
                Of the service's limits (requests and connections of its servers, its queue) the \
                fullest.
                """),
            ])), example: "{ above: 90% }", "A limit is nearly reached."),
      KeyDescription(
        "restarts",
        .object(
          condition(
            "the restarts",
            [
              conditionService,
              KeyDescription(
                "above", .integer(0...1_000_000), required: true, example: "5",
                "How many may end within the time."),
              KeyDescription(
                "within", .duration(.minutes(1)...TimeSpan.hours(6)), standard: "10m",
                example: "1h", "The time that is looked at."),
            ])), example: "{ above: 5 }", "Replicas ended without being asked to."),
      KeyDescription(
        "certificate",
        .object(
          condition(
            "the certificates",
            [
              KeyDescription(
                "within", .duration(positive), required: true, example: "336h",
                "How long before its end it is told.")
            ])), example: "{ within: 336h }", "A certificate in use ends soon."),
      KeyDescription(
        "fault",
        .object(
          condition(
            "the faults",
            [
              conditionService,
              KeyDescription(
                "types",
                .list(.choice(values: faultTypes, later: []), count: 0...faultTypes.count),
                standard: "[]", example: "[ crash-loop ]", "Only these; any when absent."),
            ])), example: "{ types: [ crash-loop ] }", "A fault is open."),
    ],
    oneOf: [
      "errorRate", "p95", "healthyServers", "saturation", "restarts", "certificate", "fault",
    ])

  /// Those of the ledger that an alert can tell of.
  static let faultTypes = FaultRecord.Kind.allCases.filter { !$0.isFromAlerts }.map(\.rawValue)

  private static func condition(_ title: String, _ keys: [KeyDescription]) -> ObjectDescription {
    ObjectDescription(title, "What is compared.", keys: keys)
  }
}
