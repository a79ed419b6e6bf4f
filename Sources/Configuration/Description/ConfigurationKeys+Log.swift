extension ConfigurationKeys {
  static let log = ObjectDescription(
    "the log settings",
    """
    Messages go to standard error, or where `journald` or `syslog` says. \
    [Where logs go](../logs.md) tells of it.
    """,
    keys: [
      KeyDescription(
        "level", .choice(values: LogSettings.Level.allCases.map(\.rawValue), later: []),
        standard: "info", example: "debug", "The least level that is written."),
      KeyDescription(
        "access", .object(access), example: "{ path: \"-\" }",
        "One line for each request; off when absent."),
    ] + targets, oneOf: ["journald", "syslog"])

  static let access = ObjectDescription(
    "the access log", "One line for each request. [The access log](../access-log.md) tells of it.",
    keys: [
      KeyDescription(
        "path", .text(.logTarget), example: "./access.log",
        """
        `-` is standard output, `off` is none, else a file, relative to the file's folder. Either \
        this is needed, or `journald`, or `syslog`.
        """),
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
      KeyDescription(
        "sample", .object(sample), example: "{ share: 1% }",
        "Writes lines for some of the requests, and for all that fail; for every request when absent."
      ),
    ] + targets, oneOf: ["format", "template"])

  private static let sample = ObjectDescription(
    "the sampling of the access log",
    """
    Requests with an answer of 500 or above, with an answer of Ballast's own, and without an answer \
    always have their line.
    """,
    keys: [
      KeyDescription(
        "share", .share(0...100), required: true, example: "1%",
        "The share of all other requests that have a line; `0.1%` is one of a thousand."),
      KeyDescription(
        "slow", .duration(positive), example: "500ms",
        "A request that took so long always has its line; latency doesn't matter when absent."),
    ])

  /// Of either log.
  private static let targets = [
    KeyDescription(
      "journald", .shorthand(.boolean, journald), example: "true",
      "Lines go to systemd's journal, by its own protocol; `true` is all defaults."),
    KeyDescription(
      "syslog", .object(syslog), example: "{ address: \"10.0.0.7:514\" }",
      "Lines go to a syslog server as messages of RFC 5424."),
  ]

  private static let journald = ObjectDescription(
    "the journal", "Systemd's journal on this machine.",
    keys: [
      KeyDescription(
        "socket", .text(.filePath), standard: JournaldSettings.usualSocket,
        example: "/run/systemd/journal.edge/socket",
        "Its socket; that of a namespace of the journal is another."),
      KeyDescription(
        "identifier", .text(.name), standard: "ballast", example: "edge",
        "What `journalctl -t` finds the lines by."),
    ])

  private static let syslog = ObjectDescription(
    "the syslog server", "Who takes messages of RFC 5424.",
    keys: [
      KeyDescription(
        "address", .address(.server), required: true, example: "\"10.0.0.7:6514\"",
        "An IP address with a port, or `unix:/dev/log` for the socket of this machine."),
      KeyDescription(
        "transport", .choice(values: SyslogSettings.Transport.allCases.map(\.rawValue), later: []),
        standard: "udp", example: "tcp",
        """
        Each message as a datagram, or messages with their length before them on one connection \
        (RFC 6587). A unix socket takes datagrams.
        """),
      KeyDescription(
        "facility", .choice(values: SyslogSettings.Facility.allCases.map(\.rawValue), later: []),
        standard: "daemon", example: "local3", "The facility of the messages."),
      KeyDescription(
        "identifier", .text(.name), standard: "ballast", example: "edge",
        "The name of the program in the messages."),
    ])

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
