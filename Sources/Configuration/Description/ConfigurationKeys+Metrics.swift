extension ConfigurationKeys {
  static let metrics = ObjectDescription(
    "the metrics settings", "How much `/metrics` shows. [Metrics](../metrics.md) tells of it.",
    keys: [
      KeyDescription(
        "series", .integer(100...10_000_000), standard: "50000", example: "200000",
        """
        The most time series that one metric shows; a histogram has 17 for each set of labels. What is \
        beyond it is added up under `_other`.
        """)
    ])
}
