import Primitives

extension ConfigurationKeys {
  static let algorithm = Shape.choice(values: BalanceSettings.all.map(\.name), later: [])

  static let balance = ObjectDescription(
    "the balancing",
    "The long form, with what `hash` may be told.",
    keys: [
      KeyDescription(
        "algorithm", algorithm, required: true, example: "hash",
        """
        `round-robin` (smooth weighted), `random` (weighted), `power-of-two` (the less loaded of \
        two at random), `least-connections`, `least-time` (peak EWMA of the time to an answer, \
        over two choices), `aggregate-load` (a score of CPU, memory, requests and time), `first` \
        (fills servers in order), `hash` (the same key, the same server).
        """),
      KeyDescription(
        "key", .oneOrMore(.text(.requestKey), most: 8), standard: "client-ip",
        example: "[ \"header:X-Tenant\", path ]",
        """
        For `hash`: the part of a request, or the parts together: `client-ip`, `client-port`, \
        `host`, `path`, `uri` (the path with its query), `header:NAME`, `cookie:NAME`, \
        `query:NAME`, `time:SPAN` (changes once a span).
        """),
      KeyDescription(
        "method", .choice(values: HashSettings.Method.allCases.map(\.rawValue), later: []),
        standard: "maglev", example: "ring",
        """
        For `hash`: how keys are spread. `maglev` is the most even, `ring` moves the fewest keys \
        when servers change, `rendezvous` both, at a cost that grows with the servers.
        """),
      KeyDescription(
        "boundedLoad", .share(100...1000), example: "125%",
        """
        For `hash`: the most that a server may have under way, against its fair share; beyond it \
        the next one of the key takes the request. No bound when absent.
        """),
    ])

  static let sticky = ObjectDescription(
    "the stickiness",
    """
    A client's session stays at its server while that is healthy and not in maintenance; a \
    draining server keeps its sessions and takes no new ones.
    """,
    keys: [
      KeyDescription(
        "cookie", .text(.cookieName), example: "BALLAST_orders", "The name of the cookie."),
      KeyDescription(
        "insert", .boolean, standard: "true", example: "false",
        """
        Ballast sets the cookie itself, signed and without the server's name. `false` learns the \
        one that the servers set.
        """),
      KeyDescription(
        "source", .choice(values: ["client-ip"], later: []), example: "client-ip",
        "Instead of a cookie: the client's address."),
      KeyDescription(
        "ttl", .duration(.seconds(1)...longestDuration), example: "1h",
        """
        How long a session is remembered after its last request. When absent, `30m`; an inserted \
        cookie then lives as long as the browser's session.
        """),
    ], oneOf: ["cookie", "source"])

  static let ejection = ObjectDescription(
    "the ejection",
    """
    Answers of 5xx, resets, timeouts and failed connects count as failures. The last server is \
    never ejected. `{ failures: 0, successRate: 0% }` turns it off.
    """,
    keys: [
      KeyDescription(
        "failures", .integer(0...1_000_000), standard: "5", example: "10",
        "Failures in a row that eject; 0 never does."),
      KeyDescription(
        "window", .duration(.seconds(1)...TimeSpan.hours(1)), standard: "10s", example: "30s",
        "The time over which the share of successes is taken."),
      KeyDescription(
        "time", .duration(positive), standard: "10s", example: "30s",
        "How long the first ejection lasts; each that follows soon lasts twice as long."),
      KeyDescription(
        "longest", .duration(positive), standard: "300s", example: "1h",
        "The longest that an ejection becomes; not below `time`."),
      KeyDescription(
        "max", .share(0...100), standard: "50%", example: "20%",
        "The most of the servers that may be out at a time."),
      KeyDescription(
        "successRate", .share(0...100), standard: "50%", example: "80%",
        "A smaller share of successes ejects; `0%` never does."),
      KeyDescription(
        "minimumRequests", .integer(1...1_000_000), standard: "20", example: "100",
        "With fewer requests in the window, the share says nothing."),
    ])

  static let standby = ObjectDescription(
    "the standby settings",
    """
    When the active server fails its checks, the first healthy one of the others takes its place, \
    after the command has succeeded.
    """,
    keys: [
      KeyDescription(
        "promote", .list(.text(.perPromotion), count: 1...1024),
        example: "[ ./promote.sh, \"${SERVER}\", \"${ADDRESS}\" ]",
        """
        A program, without a shell, that makes sure that the former server can do no more harm and \
        the next may work, and ends with 0 then. `${SERVER}`, `${ADDRESS}`, `${FROM}` (the former, \
        or empty), `${SERVICE}` and `${EPOCH}` (the promotion's number) are replaced. It runs in \
        the configuration's folder. When absent, nobody is asked.
        """),
      KeyDescription(
        "timeout", .duration(positive), standard: "30s", example: "1m",
        "A command that takes longer has failed."),
      KeyDescription(
        "switchBack",
        .choice(values: StandbySettings.SwitchBack.allCases.map(\.rawValue), later: []),
        standard: "never", example: "when-healthy",
        "Whether a server that stands earlier in the file gets its place back."),
      KeyDescription(
        "after", .duration(orNone), standard: "30s", example: "5m",
        "For `when-healthy`: how long it must have been healthy."),
    ])
}
