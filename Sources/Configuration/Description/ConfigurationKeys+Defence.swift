import Primitives

/// What a listener does against clients that ask for too much, too slowly, or in another's name.
extension ConfigurationKeys {
  /// Addresses and blocks, those of the file and those of run time together.
  package static let mostBans = 10_000
  static let mostTrusted = 1_000
  static let mostRateLimits = 8

  static let defence = [
    KeyDescription(
      "trustedProxies", .list(.text(.addressBlock), count: 0...mostTrusted), standard: "[]",
      example: "[ 10.0.0.0/8 ]",
      """
      Proxies whose word about their clients counts: what they write into X-Forwarded-For, \
      X-Forwarded-Proto, X-Forwarded-Host and X-Request-Id goes on, and the client is the rightmost \
      address there that is none of them. From everybody else these fields are overwritten.
      """),
    KeyDescription(
      "limits", .object(listenerLimits), standard: "{}", example: "{ connections: 10000 }",
      "How much clients may have and send."),
    KeyDescription(
      "timeouts", .object(listenerTimeouts), standard: "{}", example: "{ head: 5s }",
      "How long clients may take."),
    KeyDescription(
      "leastRate", .object(leastRate), standard: "{}", example: "{ body: 1KiB }",
      "How fast clients have to be."),
    rateLimits,
  ]

  static let routeDefence = [
    KeyDescription(
      "limits", .object(routeLimits), standard: "{}", example: "{ body: 100MiB }",
      "How much its requests may have."),
    rateLimits,
  ]

  private static let rateLimits = KeyDescription(
    "rateLimit", .oneOrMore(.object(rateLimit), most: mostRateLimits),
    example: "{ rate: 100/s, burst: 200 }",
    """
    How many requests are taken; others are answered 429. Of several, those of the listener and of \
    the route together, all have to allow it.
    """)

  static let routeLimits = ObjectDescription(
    "the limits of a route", "They stand in for those of the listener.",
    keys: [
      KeyDescription(
        "body", .size(0...(1 << 50)), standard: "0", example: "100MiB",
        "The body of a request, in bytes; 413 for more, 0 leaves it to the listener.")
    ])

  static let listenerLimits = ObjectDescription(
    "the limits of a listener", "What is beyond them is closed or refused.",
    keys: [
      KeyDescription(
        "connections", .integer(0...1_000_000), standard: "0", example: "10000",
        """
        Open connections, of all workers together; 0 is no limit but the number of file descriptors. \
        Near it the connections that rest longest are closed for new ones; others are closed at once.
        """),
      KeyDescription(
        "connectionsPerAddress", .integer(0...1_000_000), standard: "0", example: "100",
        """
        Open connections of one address, or of one block of 2^64 IPv6 addresses; 0 is no limit. Further \
        ones are closed at once.
        """),
      KeyDescription(
        "head", .size(1_024...65_536), standard: "64KiB", example: "16KiB",
        "The head of a request, in bytes; 431 for more."),
      KeyDescription(
        "fields", .integer(8...128), standard: "128", example: "64",
        "The fields of a head; 431 for more."),
      KeyDescription(
        "body", .size(0...(1 << 50)), standard: "0", example: "10MiB",
        "The body of a request, in bytes; 413 for more, 0 is no limit."),
    ])

  static let listenerTimeouts = ObjectDescription(
    "the timeouts of a listener", "For clients; those for servers are the services'.",
    keys: [
      KeyDescription(
        "head", .duration(positive), standard: "10s", example: "5s",
        "From the connection, or the first byte of a later request, to the end of a head."),
      KeyDescription(
        "idle", .duration(positive), standard: "75s", example: "30s",
        "Between two requests of a connection."),
    ])

  static let leastRate = ObjectDescription(
    "the least rates", "Who is slower for longer than the grace is cut off.",
    keys: [
      KeyDescription(
        "body", .size(0...(1 << 30)), standard: "100", example: "1KiB",
        "Bytes a second of a request's body that a client has to send; 0 asks for nothing."),
      KeyDescription(
        "answer", .size(0...(1 << 30)), standard: "100", example: "1KiB",
        """
        Bytes a second of an answer that a client has to take while more wait for it; 0 asks for \
        nothing.
        """),
      KeyDescription(
        "grace", .duration(.seconds(1)...longestDuration), standard: "10s", example: "30s",
        "How long a client may do nothing; speed before does not add to it."),
    ])

  static let rateLimit = ObjectDescription(
    "a rate limit", "A bucket of `burst` requests that fills at `rate`, for each `key`; exact.",
    keys: [
      KeyDescription(
        "rate", .text(.rate), required: true, example: "100/s",
        "Requests a second, a minute or an hour: `100/s`, `10/m`, `5/h`."),
      KeyDescription(
        "burst", .integer(1...1_000_000), example: "200",
        """
        Requests that may come at once; the number of the rate when absent. A bucket is full again \
        within a day, so a larger one is cut.
        """),
      KeyDescription(
        "key", .text(.rateKey), standard: "client-ip", example: "\"header:X-Api-Key\"",
        """
        What has a bucket of its own: `client-ip` (an IPv4 address, or 2^64 IPv6 addresses), \
        `header:NAME`, `cookie:NAME`, or `all` for one bucket. A request without the header or cookie \
        counts by its address.
        """),
    ])
}
