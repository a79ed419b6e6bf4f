import Primitives

extension ConfigurationKeys {
  static let scale = ObjectDescription(
    "the autoscaling",
    """
    The number of replicas follows the load: for each signal \
    `ceil(replicas × measured / target)`, and the highest is heard. One signal or a schedule is \
    needed. `run.replicas` is then only the number to begin with.
    """,
    keys: [
      KeyDescription(
        "min", .integer(0...1000), standard: "1", example: "2",
        """
        The fewest replicas. With 0, none runs while nobody asks; the first request waits until \
        one is ready.
        """),
      KeyDescription(
        "max", .integer(1...1000), required: true, example: "10", "The most replicas."),
      KeyDescription(
        "cpu", .share(1...100), example: "60%",
        """
        CPU of a replica, as a share of `run.resources.cpu`, or of the machine when that is absent.
        """),
      KeyDescription(
        "memory", .share(1...100), example: "80%",
        """
        Memory of a replica, as a share of `run.resources.memory`, or of the machine when that is \
        absent.
        """),
      KeyDescription(
        "inflight", .number(0.01...1_000_000), example: "20",
        "Requests under way at a replica, those that wait for one included."),
      KeyDescription(
        "requestsPerSecond", .number(0.01...10_000_000), example: "100",
        "Requests a second of a replica."),
      KeyDescription(
        "p95", .duration(.milliseconds(1)...TimeSpan.hours(1)), example: "300ms",
        """
        The time within which 95 % of the requests are answered. It asks for small steps only, and \
        beside other signals only for more replicas: docs/scaling.md says why.
        """),
      KeyDescription(
        "schedule", .list(.object(scheduled), count: 0...64), standard: "[]",
        example: "[ { at: \"08:00\", until: \"20:00\", days: mon-fri, min: 6 } ]",
        "More than `min` at certain times; of several that hold, the most."),
      KeyDescription(
        "timeZone", .choice(values: ScaleSettings.TimeZone.allCases.map(\.rawValue), later: []),
        standard: "local", example: "utc",
        "What the schedule's times mean: the machine's time zone with its summer time, or UTC."),
      KeyDescription(
        "interval", .duration(.seconds(1)...TimeSpan.minutes(10)), standard: "15s", example: "5s",
        "The time between two looks."),
      KeyDescription(
        "tolerance", .share(0...50), standard: "10%", example: "5%",
        "A signal that is so near to its target asks for no change."),
      KeyDescription(
        "up", .object(scaleUp), standard: "{}", example: "{ window: 30s }",
        "How careful and how fast replicas are added."),
      KeyDescription(
        "down", .object(scaleDown), standard: "{}", example: "{ window: 10m }",
        "How careful and how fast replicas are taken away."),
      KeyDescription(
        "idle", .duration(.seconds(1)...longestDuration), standard: "5m", example: "30m",
        "With `min: 0`: after so long without a request no replica runs."),
      KeyDescription(
        "coldStart", .duration(positive), standard: "30s", example: "10s",
        """
        With `min: 0`: how long a request waits for the first replica. As many wait as \
        `limits.queue` says; the others, and those that wait for too long, are answered 503.
        """),
    ])

  private static let scheduled = ObjectDescription(
    "the times", "From one time of the day to another, on some days.",
    keys: [
      KeyDescription(
        "at", .text(.clockTime), required: true, example: "\"08:00\"", "When it begins."),
      KeyDescription(
        "until", .text(.clockTime), standard: "\"24:00\"", example: "\"20:00\"",
        "When it ends; not later than `at`, it is on the next day."),
      KeyDescription(
        "days", .oneOrMore(.text(.weekdays), most: 7), standard: "mon-sun", example: "mon-fri",
        "The days on which it begins: `mon tue wed thu fri sat sun`, or from one to another."),
      KeyDescription(
        "min", .integer(0...1000), required: true, example: "6", "The fewest replicas then."),
    ])

  private static let scaleUp = ObjectDescription(
    "the way up", "Within `per` by `share` or by `replicas`, whichever is more.",
    keys: [
      KeyDescription(
        "window", .duration(windows), standard: "0s", example: "30s",
        "So many replicas must have been wanted for as long."),
      KeyDescription(
        "share", .share(0...10_000), standard: "100%", example: "50%",
        "The most that may be added, of those that there are."),
      KeyDescription(
        "replicas", .integer(0...1000), standard: "4", example: "2",
        "So many may be added in any case."),
      KeyDescription(
        "per", .duration(paces), standard: "15s", example: "1m", "The time that it is said for."),
    ])

  private static let scaleDown = ObjectDescription(
    "the way down", "Within `per` by `share` or by `replicas`, whichever is more.",
    keys: [
      KeyDescription(
        "window", .duration(windows), standard: "5m", example: "10m",
        "The most that was wanted within this time stays."),
      KeyDescription(
        "share", .share(0...100), standard: "100%", example: "10%",
        "The most that may be taken away, of those that there are."),
      KeyDescription(
        "replicas", .integer(0...1000), standard: "0", example: "1",
        "So many may be taken away in any case."),
      KeyDescription(
        "per", .duration(paces), standard: "15s", example: "1m", "The time that it is said for."),
    ])

  /// A recommendation a second is kept for it.
  private static let windows = TimeSpan.zero...TimeSpan.hours(1)
  private static let paces = TimeSpan.seconds(1)...TimeSpan.hours(1)
}
