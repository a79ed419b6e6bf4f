extension ConfigurationKeys {
  static let log = ObjectDescription(
    "the log settings", "Messages go to standard error.",
    keys: [
      KeyDescription(
        "level", .choice(values: LogSettings.Level.allCases.map(\.rawValue), later: []),
        standard: "info", example: "debug", "The least level that is written."),
      KeyDescription(
        "access", .object(access), example: "{ path: \"-\" }",
        "One line for each request; off when absent."),
    ])

  static let access = ObjectDescription(
    "the access log", "One line for each request. [The access log](../access-log.md) tells of it.",
    keys: [
      KeyDescription(
        "path", .text(.logTarget), required: true, example: "./access.log",
        "`-` is standard output, `off` is none, else a file, relative to the file's folder."),
      KeyDescription(
        "format", .choice(values: LogSettings.AccessFormat.names, later: []),
        standard: "json", example: "combined",
        "One JSON object, or the combined format of web servers."),
      KeyDescription(
        "template", .text(.logTemplate),
        example: "\"${client} ${method} ${path} ${status} ${total}\"",
        "The line in your own form, instead of `format`; [its names](../access-log.md#template)."),
      KeyDescription(
        "requestHeaders", .list(.text(.fieldName), count: 0...LoggedFieldNames.most),
        standard: "[]", example: "[ User-Agent ]",
        "Header fields of the request that a line in JSON has as well."),
      KeyDescription(
        "responseHeaders", .list(.text(.fieldName), count: 0...LoggedFieldNames.most),
        standard: "[]", example: "[ Content-Type ]",
        "Header fields of the server's answer that a line in JSON has as well."),
      KeyDescription(
        "rotate", .object(rotate), example: "{ size: 100MiB }",
        "Begins a new file when one is full; left to others when absent."),
    ], oneOf: ["format", "template"])

  static let rotate = ObjectDescription(
    "the rotation", "`access.log` becomes `access.log.1`, that one `access.log.2`, and so on.",
    keys: [
      KeyDescription(
        "size", .size((64 << 10)...(1 << 40)), required: true, example: "100MiB",
        "How large a file becomes."),
      KeyDescription(
        "keep", .integer(1...1000), standard: "5", example: "3",
        "Files that are kept beside the one that is written; the oldest goes."),
    ])
}
