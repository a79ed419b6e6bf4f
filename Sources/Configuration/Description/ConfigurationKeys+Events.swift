import Primitives

// Events that are told to others.
extension ConfigurationKeys {
  static let mostSinks = 8

  static let events = KeyDescription(
    "events", .object(eventsOut), standard: "{}",
    example: "{ sinks: { bus: { nats: { servers: bus.example.com } } } }",
    """
    Where what happens is told, besides `ballast events`. [Events for others](../events-out.md) tells \
    of it.
    """)

  private static let eventsOut = ObjectDescription(
    "the events", "Events and changes of faults, told to other systems at least once.",
    keys: [
      KeyDescription(
        "buffer", .size((256 << 10)...(16 << 30)), standard: "64MiB", example: "256MiB",
        """
        How much waits on disk, in the state, for all sinks together. Beyond it the oldest messages \
        are dropped, counted and told.
        """),
      KeyDescription(
        "sinks", .table(.object(sink), keys: .name), standard: "{}",
        example: "{ bus: { nats: { servers: bus.example.com } } }",
        "The systems that are told, by name; \(mostSinks) at most."),
    ])

  private static let sink = ObjectDescription(
    "a sink", "Another system that is told what happens.",
    keys: [
      KeyDescription(
        "nats", .object(nats), example: "{ servers: bus.example.com, tls: {} }",
        "NATS, with JetStream unless that is switched off."),
      KeyDescription(
        "redis", .object(redis), example: "{ servers: redis.example.com, stream: events }",
        "A stream of Redis."),
      KeyDescription(
        "send",
        .oneOrMore(
          .choice(values: EventSinkSettings.Content.allCases.map(\.rawValue), later: []), most: 2),
        standard: "[ events, faults ]", example: "faults",
        "What is told: events, changes of fault records, or both."),
    ], oneOf: ["nats", "redis"])

  private static func servers(_ port: UInt16) -> KeyDescription {
    KeyDescription(
      "servers", .oneOrMore(.text(.label), most: 16), required: true,
      example: "[ \"a.example.com:\(port)\", \"b.example.com:\(port)\" ]",
      """
      The server, a name or an address, with its port unless that is \(port); or several, of which \
      one that answers is used.
      """)
  }

  private static let sinkTLS = KeyDescription(
    "tls", .object(sinkSecurity), example: "{ ca: bus.pem }",
    "The server is spoken to over TLS; `{}` is enough for one with a public certificate.")

  private static let sinkSecurity = ObjectDescription(
    "the TLS of a sink", "The server's certificate is verified unless it says otherwise.",
    keys: serverTLS.keys)

  private static let nats = ObjectDescription(
    "a sink of NATS",
    "Each message is published once a stream of JetStream has kept the one before.",
    keys: [
      servers(NATSSettings.usualPort),
      KeyDescription(
        "subject", .text(.label), standard: "ballast", example: "ops.ballast",
        """
        What the subjects begin with: events go to `ballast.event.TYPE`, faults to \
        `ballast.fault.opened`, `.changed` and `.resolved`.
        """),
      KeyDescription(
        "jetstream", .boolean, standard: "true", example: "false",
        """
        Whether a stream of JetStream has to acknowledge each message. With `false` a server that has \
        seen it is enough: it is lost where nobody listens.
        """),
      KeyDescription("username", .text(.label), example: "ballast", "A user; needs `password`."),
      KeyDescription(
        "password", .text(.free), example: "opensesame",
        "The user's password; `${NATS_PASSWORD}` takes it of the environment."),
      KeyDescription(
        "token", .text(.free), example: "opensesame", "A token, instead of a user."),
      sinkTLS,
    ])

  private static let redis = ObjectDescription(
    "a sink of Redis",
    "Each batch is one transaction, so the stream has it whole and in its order.",
    keys: [
      servers(RedisSettings.usualPort),
      KeyDescription(
        "stream", .text(.label), standard: "\"ballast:events\"", example: "events",
        "The key of the stream."),
      KeyDescription(
        "maxLength", .integer(0...1_000_000_000), standard: "100000", example: "0",
        "About how many entries the stream keeps, the newest ones (`MAXLEN ~`); 0 keeps all."),
      KeyDescription(
        "database", .integer(0...1023), standard: "0", example: "2",
        "The number of the database."),
      KeyDescription(
        "username", .text(.label), example: "ballast",
        "A user of the access control lists of Redis 6; the default user when absent."),
      KeyDescription(
        "password", .text(.free), example: "opensesame",
        "The password; `${REDIS_PASSWORD}` takes it of the environment."),
      sinkTLS,
    ])
}
