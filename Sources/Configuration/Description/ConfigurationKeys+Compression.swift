extension ConfigurationKeys {
  /// At the top level, of a service and of a route.
  static let compression = KeyDescription(
    "compression", .shorthand(.boolean, compressionObject), example: "true",
    """
    Whether answers are compressed for clients that take it, and how: `true` is all defaults. A \
    route's comes before its service's, and that before the top level's; off when there is none. \
    [Compression](../compression.md) tells what it does, and where it is a risk.
    """)

  private static let compressionObject = ObjectDescription(
    "the compression", "Answers are compressed on their way where that is worth it.",
    keys: [
      KeyDescription(
        "encodings",
        .list(
          .choice(values: CompressionSettings.Encoding.allCases.map(\.rawValue), later: []),
          count: 1...3),
        standard: "[ zstd, br, gzip ]", example: "[ gzip ]",
        "Those that are used; the first of those that a client likes equally."),
      KeyDescription(
        "types", .list(.text(.mediaType), count: 1...100),
        standard: "[ " + CompressionSettings.usualTypes.map { "\"\($0)\"" }.joined(separator: ", ")
          + " ]",
        example: "[ \"text/*\" ]",
        "Media types that are worth it: a type, `text/*` for all of a kind, `*+json` for a suffix."),
      KeyDescription(
        "minSize", .size(0...(1 << 30)), standard: "1KiB", example: "4KiB",
        "Answers that are known to be smaller go as they are."),
      KeyDescription(
        "levels", .object(levels), standard: "{}", example: "{ gzip: 1 }",
        "How hard it tries. Higher ones hold up the other requests of the worker too long."),
    ])

  private static let levels = ObjectDescription(
    "the levels", "More is smaller and slower.",
    keys: [
      KeyDescription("gzip", .integer(1...9), standard: "5", example: "1", "For gzip."),
      KeyDescription("br", .integer(0...6), standard: "4", example: "1", "For brotli."),
      KeyDescription("zstd", .integer(1...6), standard: "3", example: "1", "For zstd."),
    ])
}
