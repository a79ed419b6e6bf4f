extension ConfigurationKeys {
  /// At the top level, of a listener and of a route.
  static let errors = KeyDescription(
    "errors",
    .table(
      .oneOrMore(
        .file(most: ErrorPageSettings.largestFile), most: ErrorPageSettings.mostFiles),
      keys: .errorStatus),
    standard: "{}", example: "{ 503: ./503.html }",
    """
    Files of 64 KiB at most that stand in for the text of Ballast's own error answers, by status; \
    `4xx` and `5xx` stand for all that are not written. A route's come before its listener's, and \
    those before the top level's. The ending tells the type: `.html`, `.json`, `.txt` or `.xml`. A \
    client that asks for JSON gets the `.json` one, or JSON of ours: \
    `503: [ ./503.html, ./503.json ]`. They are read again with each reload.
    """)
}
