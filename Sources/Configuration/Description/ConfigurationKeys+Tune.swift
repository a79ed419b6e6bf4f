import Primitives

extension ConfigurationKeys {
  static let tune = ObjectDescription(
    "the tuning",
    """
    Small changes of the weights, within bounds, make unequal servers equally fast or equally \
    busy. A weight that an operator set stays. `ballast tune SERVICE off` undoes it.
    """,
    keys: [
      KeyDescription(
        "by", .choice(values: TuneSettings.Measure.allCases.map(\.rawValue), later: []),
        required: true, example: "latency",
        """
        What is made even: the time to the answers, or the share of CPU, of replicas or as a \
        server's agent reports it.
        """),
      KeyDescription(
        "least", .share(10...100), standard: "50%", example: "80%",
        "The least that a weight becomes, of the one that is written."),
      KeyDescription(
        "most", .share(100...1000), standard: "200%", example: "150%",
        "The most that it becomes."),
      KeyDescription(
        "interval", .duration(.seconds(1)...TimeSpan.hours(1)), standard: "10s", example: "30s",
        """
        The least time between two changes. A round that judges by latency needs a hundred answers \
        of each server as well.
        """),
    ])
}
