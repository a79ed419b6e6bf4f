import Primitives
import Topology

extension ConfigurationKeys {
  static let service = ObjectDescription(
    "a service", "Interchangeable servers. It needs `servers`, or `run`, or both.",
    keys: [
      KeyDescription(
        "protocol",
        .choice(
          values: ServiceProtocol.allCases.map(\.rawValue), later: []),
        standard: "http", example: "tcp",
        """
        What its servers speak: HTTP/1.1, over TLS with `https`; HTTP/2 from the first byte on with \
        `http2`, and over TLS with `https2`; or anything over TCP or UDP.
        """),
      KeyDescription(
        "servers", .list(.shorthand(.address(.server), server), count: 0...mostNames),
        standard: "[]", example: "[ \"10.0.0.11:8080\", \"10.0.0.12:8080\" ]",
        "Its servers: each an address, or a map."),
      KeyDescription(
        "sendProxyProtocol",
        .choice(values: ProxyHeaderVersion.allCases.map(\.rawValue), later: []), example: "v2",
        """
        Each connection to a server begins with a PROXY header of this version, which names the \
        client. A connection of `http` then serves one client's one request. Not for `udp`.
        """),
      serviceTLS,
    ] + behaviour + [
      KeyDescription(
        "run", .object(run), example: "{ command: [ ./orders, --port, \"${PORT}\" ] }",
        "Ballast runs this service's replicas itself."),
      KeyDescription(
        "deploy", .object(deploy), standard: "{}", example: "{ strategy: canary }",
        "How another revision takes the place of the one that runs."),
      KeyDescription(
        "scale", .object(scale), example: "{ min: 2, max: 10, cpu: 60% }",
        "Their number follows the load; as many as `run.replicas` says when absent."),
      KeyDescription(
        "tune", .object(tune), example: "{ by: latency }",
        "Weights follow the servers' latency or CPU; they stay as they are written when absent."),
      KeyDescription(
        "slo", .object(objectives), example: "{ availability: 99.9% }",
        "What it promises; alert rules are made of it."),
      compression,
    ])

  /// A service without its servers, for files that bring servers of their own.
  package static let serviceBehaviour = ObjectDescription(
    "the service", "How a service's servers are used.", keys: behaviour)

  private static let behaviour: [KeyDescription] = [
    KeyDescription(
      "mode", .choice(values: ServiceMode.allCases.map(\.rawValue), later: []),
      standard: "balanced", example: "primary-standby",
      """
      Whether all servers share the requests, or exactly one is active and the others stand by. \
      Then the order of the servers is that of preference, and `balance`, `sticky`, `ejection`, \
      `slowStart` and `panic`, and `weight`, `priority` and `backup` of a server, are refused, as \
      there is nothing to choose.
      """),
    KeyDescription(
      "standby", .object(standby), standard: "{}",
      example: "{ promote: [ ./promote.sh, \"${SERVER}\" ] }",
      "How the active server changes; only with `mode: primary-standby`."),
    KeyDescription(
      "balance", .shorthand(algorithm, balance), example: "round-robin",
      """
      Which server takes the next request. When absent, `least-time`, and `least-connections` for \
      `tcp` and `udp`. `describe service` shows the one that is used, and why.
      """),
    KeyDescription(
      "sticky", .object(sticky), example: "{ cookie: BALLAST_orders }",
      "Keeps a client at the server of its first request; off when absent."),
    KeyDescription(
      "health", .object(health), standard: "{}", example: "{ http: { path: /healthz } }",
      "How its servers are checked."),
    KeyDescription(
      "ejection", .object(ejection), standard: "{}", example: "{ failures: 3 }",
      "When a server that passes its checks but fails its requests is left out for a time."),
    KeyDescription(
      "slowStart", .duration(orNone), standard: "10s", example: "30s",
      """
      How long a server that turned healthy takes from a tenth of its weight to the whole; `0s` \
      is at once.
      """),
    KeyDescription(
      "panic", .share(0...100), standard: "50%", example: "30%",
      """
      With a smaller share of a tier's servers healthy, the next tier helps. With less in all of \
      them together, the checks are doubted, and a large fleet uses all of its first tier.
      """),
    KeyDescription(
      "retries", .object(retries), standard: "{}", example: "{ attempts: 2 }",
      "When a request is tried at another server."),
    KeyDescription(
      "timeouts", .object(timeouts), standard: "{}", example: "{ connect: 1s }",
      "How long each part of a request may take."),
    KeyDescription(
      "limits", .object(limits), standard: "{}", example: "{ requests: 100 }",
      "How much its servers are given at a time."),
  ]

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
        "zone", .text(.name), example: "a",
        """
        The zone that it stands in. Servers of the zone at the top level are preferred while they \
        are healthy; one without a zone is near to all.
        """),
      KeyDescription(
        "priority", .integer(0...9), standard: "0", example: "2",
        "Its tier: the servers of the lowest number that are healthy take the requests."),
      KeyDescription(
        "backup", .boolean, standard: "false", example: "true",
        "Takes requests only while no other server can: short for `priority: 1`."),
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
            values: RetrySettings.Condition.allCases.map(\.rawValue), later: []),
          count: 0...16), standard: "[ connect-failure, reset, refused-stream ]",
        example: "[ connect-failure ]",
        """
        What is tried again: a connection that could not be made, one that ended before the \
        answer's head, (`refused-stream`) a stream of HTTP/2 that its server says it took nothing \
        of, or (`gateway-error`) an answer of 502, 503 or 504 to an idempotent request. A call of \
        gRPC that ended with the status that a `grpc-…` names, before any message, is made again \
        whatever it does: name only what your calls allow.
        """),
      KeyDescription(
        "budget", .share(0...100), standard: "20%", example: "10%",
        "Retries as a share of the requests, on top of 3 a second."),
      KeyDescription(
        "perTryTimeout", .duration(positive), example: "5s",
        """
        With no answer head within this time another server is tried, where that is safe; no \
        such limit when absent.
        """),
      KeyDescription(
        "hedge", .duration(positive), example: "200ms",
        """
        With no answer head within this time a second server is asked as well, where that is safe \
        and the budget allows it, and the first answer wins; never when absent. \
        (Dean, Barroso, “The Tail at Scale”, 2013.)
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
        "From the request's end to the answer's head, a 101 included."),
      KeyDescription(
        "idle", .duration(orNone), standard: "1h", example: "5m",
        """
        Between two pieces of an answer's body, and between two of either direction in a tunnel, \
        such as a WebSocket, or in a stream over `tcp`. For `udp`, after which a silent client is \
        forgotten, `1m` when absent.
        """),
      KeyDescription(
        "total", .duration(orNone), standard: "0s", example: "2m",
        "From the request's head to the answer's end; a tunnel is exempt."),
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
      KeyDescription(
        "adaptive", .boolean, standard: "false", example: "true",
        """
        Each server's limit of requests follows its latency: it shrinks when requests take longer \
        than they do at rest. `requests` stays the most.
        """),
    ])
}
