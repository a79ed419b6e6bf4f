import Deployment
import Primitives

extension ConfigurationKeys {
  static let deploy = ObjectDescription(
    "the deployment",
    """
    How another revision of `run` takes the place of the one that runs: new replicas start, are \
    looked at, and get the requests; the old ones finish theirs and end. A new revision that is not \
    fit is taken back whole.
    """,
    keys: [
      KeyDescription(
        "strategy",
        .choice(values: DeploymentPlan.Strategy.allCases.map(\.rawValue), later: []),
        standard: "rolling", example: "canary",
        """
        `rolling` replaces a few at a time, `blue-green` starts all new ones beside the old ones and \
        moves all requests at once, `canary` gives the new ones a rising share of the requests.
        """),
      KeyDescription(
        "maxSurge", .text(.countOrShare), standard: "1", example: "25%",
        "Rolling: so many more than wanted may run meanwhile."),
      KeyDescription(
        "maxUnavailable", .text(.countOrShare), standard: "0", example: "1",
        "Rolling: so many fewer than wanted may be ready meanwhile."),
      KeyDescription(
        "healthyFor", .duration(orNone), standard: "5s", example: "10s",
        "A new replica counts once it has been ready for so long."),
      KeyDescription(
        "deadline", .duration(.seconds(1)...TimeSpan.hours(24)), standard: "5m", example: "2m",
        "The longest time in which no new replica gets ready."),
      KeyDescription(
        "rollback", .choice(values: ["automatic", "manual"], later: []),
        standard: "automatic", example: "manual",
        "With `manual` a deployment that fails waits for `ballast promote` or `ballast abort`."),
      KeyDescription(
        "drain", .duration(orNone), standard: "30s", example: "1m",
        "How long a replica that is taken out may finish its requests."),
      KeyDescription(
        "steps", .list(.share(1...100), count: 1...100),
        standard: "[ 5%, 25%, 50%, 100% ]", example: "[ 10%, 100% ]",
        "Canary: the new revision's share of the requests, step by step."),
      KeyDescription(
        "stepTime", .duration(.seconds(1)...TimeSpan.hours(24)), standard: "60s", example: "10m",
        """
        Canary: how long each step is looked at; up to three times as long where there are too few \
        requests to judge by.
        """),
      KeyDescription(
        "promote", .choice(values: ["automatic", "manual"], later: []),
        standard: "automatic", example: "manual",
        "Canary: with `manual` each step waits for `ballast promote`."),
      KeyDescription(
        "match", .object(canaryMatch), example: "{ header: X-Canary, value: yes }",
        "Canary: requests that go to the new revision whatever the step's share is."),
      KeyDescription(
        "keepOld", .duration(orNone), standard: "60s", example: "10m",
        "Blue-green: how long the old ones stay after the switch, for a switch back."),
      KeyDescription(
        "abort", .object(abort), standard: "{}", example: "{ errorRate: 2%, p99: 500ms }",
        "What takes a new revision back, as measured where its requests go through."),
    ])

  static let canaryMatch = ObjectDescription(
    "the canary's requests", "A header or a cookie, and its value.",
    keys: [
      KeyDescription(
        "header", .text(.matchedField), example: "X-Canary", "The name of the header."),
      KeyDescription("cookie", .text(.cookieName), example: "canary", "The name of the cookie."),
      KeyDescription(
        "value", .text(.label), example: "yes", "The whole value, byte for byte. Without it any."),
    ], oneOf: ["header", "cookie"])

  static let abort = ObjectDescription(
    "the abort conditions", "New against old, in the same time.",
    keys: [
      KeyDescription(
        "errorRate", .share(0...100), standard: "2%", example: "1%",
        """
        Answers of 5xx and requests without one, beyond the old revision's share, when chance can't \
        explain them (95 %).
        """),
      KeyDescription(
        "p99", .duration(positive), example: "500ms",
        "A limit for the new revision's p99, looked at from 500 requests on."),
      KeyDescription(
        "slowdown", .number(1...1000), standard: "3", example: "1.5",
        """
        So many times the old revision's latency, in the median (by 5 ms at least) or, from 500 \
        requests on, at p99 (by 50 ms at least).
        """),
      KeyDescription(
        "saturation", .share(1...100), example: "90%",
        "Requests under way at a new replica against its limit, when no old one is as full."),
      KeyDescription(
        "requests", .integer(1...1_000_000), standard: "100", example: "1000",
        "So many requests to the new revision make a verdict."),
    ])
}
