import Primitives

extension ConfigurationKeys {
  static let service = ObjectDescription(
    "a service", "Interchangeable servers. It needs `servers`, or `run`, or both.",
    keys: [
      KeyDescription(
        "protocol", .choice(values: ["http"], later: ["http2", "https", "https2", "tcp", "udp"]),
        standard: "http", example: "http", "What its servers speak: HTTP/1.1."),
      KeyDescription(
        "servers", .list(.shorthand(.address(.server), server), count: 0...mostNames),
        standard: "[]", example: "[ \"10.0.0.11:8080\", \"10.0.0.12:8080\" ]",
        "Its servers: each an address, or a map."),
      KeyDescription(
        "balance",
        .choice(
          values: BalanceSettings.all.map(\.name), later: []),
        standard: "least-connections", example: "round-robin",
        "Which server takes the next request; `round-robin` and `random` honour weights."),
      KeyDescription(
        "health", .object(health), standard: "{}", example: "{ http: { path: /healthz } }",
        "How its servers are checked."),
      KeyDescription(
        "retries", .object(retries), standard: "{}", example: "{ attempts: 2 }",
        "When a request is tried at another server."),
      KeyDescription(
        "timeouts", .object(timeouts), standard: "{}", example: "{ connect: 1s }",
        "How long each part of a request may take."),
      KeyDescription(
        "limits", .object(limits), standard: "{}", example: "{ requests: 100 }",
        "How much its servers are given at a time."),
      KeyDescription(
        "run", .object(run), example: "{ command: [ ./orders, --port, \"${PORT}\" ] }",
        "Ballast runs this service's replicas itself."),
    ], later: ["sticky", "ejection", "slowStart", "deploy", "scale", "slo"])

  static let server = ObjectDescription(
    "a server", "The long form of a server.",
    keys: [
      KeyDescription(
        "name", .text(.name), example: "o1", "Its name; the address as written when absent."),
      KeyDescription(
        "address", .address(.server), required: true, example: "10.0.0.13:8080",
        "An IP address with a port, `localhost:PORT`, or `unix:/path`."),
      KeyDescription(
        "weight", .integer(0...1000), standard: "1", example: "2",
        "Its share of the requests against the others' weights; 0 takes no new work."),
      KeyDescription(
        "backup", .boolean, standard: "false", example: "true",
        "Takes requests only while no other server can."),
    ], later: ["zone"])

  static let health = ObjectDescription(
    "the health check",
    """
    How a server is checked; a TCP connect when no check is named. When no server is healthy, requests \
    go to those that failed their checks, since something is better than nothing.
    """,
    keys: [
      KeyDescription(
        "http", .object(httpCheck), example: "{ path: /healthz }",
        "A GET whose answer must fit."),
      KeyDescription(
        "tcp", .object(ObjectDescription("the TCP check", "It has no keys: `tcp: {}`.", keys: [])),
        standard: "{}", example: "{}", "A connection must be made."),
      KeyDescription(
        "none", .object(ObjectDescription("no check", "It has no keys: `none: {}`.", keys: [])),
        example: "{}", "Servers are taken as healthy unchecked."),
      KeyDescription(
        "interval", .duration(.milliseconds(50)...longestDuration), standard: "2s", example: "5s",
        "From one check to the next, with a tenth of jitter."),
      KeyDescription(
        "timeout", .duration(positive), standard: "1s", example: "500ms",
        "A check that takes longer has failed."),
      KeyDescription(
        "rise", .integer(1...100), standard: "2", example: "3",
        "Good checks in a row that make a server healthy."),
      KeyDescription(
        "fall", .integer(1...100), standard: "3", example: "2",
        "Failed checks in a row that make a server unhealthy."),
    ], later: ["grpc", "command"], oneOf: ["http", "tcp", "none"])

  static let httpCheck = ObjectDescription(
    "the HTTP check", "A GET to the server's address.",
    keys: [
      KeyDescription(
        "path", .text(.requestPath), standard: "/", example: "/healthz", "What it asks for."),
      KeyDescription(
        "status", .list(.statusRange, count: 1...32), standard: "[ 200-299 ]",
        example: "[ 200, 204, 300-399 ]", "The status codes, or ranges of them, that are good."),
      KeyDescription(
        "host", .text(.hostName), example: "shop.example.com",
        "Its Host header; the server's address when absent."),
      KeyDescription(
        "body", .text(.label), example: "ok",
        "Text that the first 64 KiB of the answer's body must hold."),
    ])

  static let retries = ObjectDescription(
    "the retries", "A request that may have had an effect is never sent twice.",
    keys: [
      KeyDescription(
        "attempts", .integer(0...10), standard: "1", example: "2", "Tries after the first."),
      KeyDescription(
        "on",
        .list(
          .choice(
            values: RetrySettings.Condition.allCases.map(\.rawValue), later: ["refused-stream"]),
          count: 0...8), standard: "[ connect-failure, reset ]", example: "[ connect-failure ]",
        """
        What is tried again: a connection that could not be made, or one that ended before the \
        answer's head.
        """),
      KeyDescription(
        "budget", .share, standard: "20%", example: "10%",
        "Retries as a share of the requests, on top of 3 a second."),
      KeyDescription(
        "perTryTimeout", .duration(positive), example: "5s",
        """
        With no answer head within this time another server is tried, where that is safe; no \
        such limit when absent.
        """),
    ])

  static let timeouts = ObjectDescription(
    "the timeouts", "`0s` is no limit, where it is allowed.",
    keys: [
      KeyDescription(
        "connect", .duration(positive), standard: "3s", example: "1s",
        "For a connection to a server."),
      KeyDescription(
        "response", .duration(orNone), standard: "60s", example: "30s",
        "From the request's end to the answer's head."),
      KeyDescription(
        "idle", .duration(orNone), standard: "1h", example: "5m",
        "Between two pieces of a body."),
      KeyDescription(
        "total", .duration(orNone), standard: "0s", example: "2m",
        "From the request's head to the answer's end."),
    ])

  static let limits = ObjectDescription(
    "the limits", "For each server, but the queue, which is the service's.",
    keys: [
      KeyDescription(
        "connections", .integer(0...1_000_000), standard: "0", example: "1000",
        "Open connections to one server; 0 is no limit."),
      KeyDescription(
        "requests", .integer(0...1_000_000), standard: "0", example: "1000",
        "Requests under way at one server; 0 is no limit."),
      KeyDescription(
        "queue", .integer(0...1_000_000), standard: "1024", example: "100",
        "Requests that wait for a server with room; 0 answers 503 at once."),
      KeyDescription(
        "queueTimeout", .duration(positive), standard: "5s", example: "1s",
        "The longest wait in the queue."),
    ])

  static let run = ObjectDescription(
    "the run settings", "Ballast starts the replicas, each on a port of its own, and keeps them.",
    keys: [
      KeyDescription(
        "command", .list(.text(.perReplica), count: 1...1024), required: true,
        example: "[ ./shop, --port, \"${PORT}\" ]",
        """
        The program and its arguments, without a shell. `${PORT}` is the replica's port and \
        `${REPLICA}` its number.
        """),
      KeyDescription(
        "driver", .choice(values: ["process"], later: ["container", "kubernetes"]),
        standard: "process", example: "process", "What a replica is: a process."),
      KeyDescription(
        "replicas", .integer(0...1000), standard: "1", example: "3", "How many."),
      KeyDescription(
        "directory", .text(.filePath), standard: "./", example: "./services",
        "The working directory; relative to the file's folder, which is the default."),
      KeyDescription(
        "environment", .table(.text(.perReplica), keys: .environmentName), standard: "{}",
        example: "{ DATABASE: shop }",
        """
        Variables on top of Ballast's own environment. `${PORT}` and `${REPLICA}` work as in \
        `command`; the variables `PORT` and `REPLICA` are always set.
        """),
      KeyDescription(
        "resources", .object(resources), standard: "{}", example: "{ memory: 256MiB }",
        "Limits for each replica, where control groups can be used."),
      KeyDescription(
        "stop", .object(stop), standard: "{}", example: "{ timeout: 30s }",
        "How a replica is stopped."),
      KeyDescription(
        "version", .text(.label), example: "\"1.4.2\"", "What `get services` shows as its version."),
    ], later: ["image"])

  static let resources = ObjectDescription(
    "the resources", "No limit when absent.",
    keys: [
      KeyDescription(
        "cpu", .number(0.01...1024), example: "0.5", "Cores: 0.5 is half of one."),
      KeyDescription(
        "memory", .size((1 << 20)...(1 << 44)), example: "256MiB",
        "A replica that needs more is ended by the kernel."),
    ])

  static let stop = ObjectDescription(
    "the stop settings", "The signal first, SIGKILL after the timeout.",
    keys: [
      KeyDescription(
        "signal", .choice(values: StopSettings.Signal.allCases.map(\.rawValue), later: []),
        standard: "TERM", example: "INT", "The signal that asks it to end."),
      KeyDescription(
        "timeout", .duration(orNone), standard: "10s", example: "30s",
        "How long it may take to end."),
    ])
}
