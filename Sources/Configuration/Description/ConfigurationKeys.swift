package import Primitives

/// The one description of every key. Defaults are those of the Settings types; a test compares.
package enum ConfigurationKeys {
  static let mostNames = 10_000
  package static let longestDuration = TimeSpan.hours(8760)
  package static let positive = TimeSpan.milliseconds(1)...longestDuration
  package static let orNone = TimeSpan.zero...longestDuration

  static let root = ObjectDescription(
    "the configuration", "The whole file, or all files of a folder together.",
    keys: [
      KeyDescription(
        "listeners", .table(.object(listener), keys: .name), required: true,
        example: "{ web: { address: \":8080\" } }", "Where clients connect, by name."),
      KeyDescription(
        "routes", .list(.object(route), count: 0...mostNames), standard: "[]",
        example: "[ { service: shop } ]",
        """
        Which service takes a request; the higher priority wins, then the more specific match. \
        One service needs no route. In a folder, the routes of all files are put together.
        """),
      KeyDescription(
        "services", .table(.object(service), keys: .name), required: true,
        example: "{ shop: { servers: [ \"10.0.0.11:8080\" ] } }",
        "What requests go to, by name."),
      KeyDescription(
        "admin", .object(admin), standard: "{}", example: "{ address: \"127.0.0.1:9901\" }",
        "The admin API, the metrics and the dashboard."),
      KeyDescription(
        "state", .object(state), standard: "{}", example: "{ path: ./data }",
        "What Ballast keeps over restarts."),
      KeyDescription(
        "log", .object(log), standard: "{}", example: "{ level: debug }",
        "What Ballast writes down."),
      errors,
      KeyDescription(
        "workers", .integer(1...256), example: "2",
        "Loops that carry requests; one for each core when absent."),
      KeyDescription(
        "upgrade", .object(upgrade), standard: "{}", example: "{ drain: 8h }",
        "How `ballast upgrade` and SIGUSR2 replace the engine."),
      KeyDescription(
        "zone", .text(.name), example: "a",
        "The zone that this Ballast is in; servers of the same zone are preferred."),
    ], later: ["alerts"])

  static let listener = ObjectDescription(
    "a listener", "An address that takes clients' connections.",
    keys: [
      KeyDescription(
        "address", .address(.listening), required: true, example: "\":8081\"",
        "Where to listen; `:8080` is every address of the machine."),
      KeyDescription(
        "protocol", .choice(values: ListenerProtocol.allCases.map(\.rawValue), later: []),
        standard: "http", example: "http",
        """
        What clients speak: `http` is HTTP/1.1 and 1.0. `tcp` and `udp` carry bytes to `service` as \
        they are. `tls-passthrough` leads TLS, without decrypting it, by the name that the client \
        asks for: through routes that name the listener, else to `service`.
        """),
      KeyDescription(
        "service", .text(.name), example: "shop",
        """
        The service of everything that no route of this listener takes. With one service and no \
        route for the listener, it is that service.
        """),
      errors,
      KeyDescription(
        "acceptProxyProtocol", .object(acceptProxyProtocol), example: "{ from: [ 10.0.0.0/8 ] }",
        """
        Clients are named by the load balancers in front, by a PROXY header (version 1 or 2) at the \
        beginning of each connection. Not for `udp`.
        """),
      KeyDescription(
        "mode", .text(.fileMode), example: "\"0666\"",
        "For `unix:/path`: the permissions of the socket's file, in octal; `0660` when absent."),
      KeyDescription(
        "sessions", .integer(1...1_000_000), standard: "16384", example: "1000",
        """
        For `udp`: the most clients that are remembered at a time. A new one beyond it is dropped. \
        The descriptors that the process may have can be fewer.
        """),
    ], later: ["tls"])

  static let acceptProxyProtocol = ObjectDescription(
    "the accepted PROXY headers", "Who may say who the client is.",
    keys: [
      KeyDescription(
        "from", .list(.text(.addressBlock), count: 1...mostNames), required: true,
        example: "[ 10.0.0.0/8, \"2001:db8::7\" ]",
        """
        Connections from these addresses must begin with a header and are closed without one; \
        others may not, and are closed with one. Whoever may open a unix socket's file is trusted.
        """)
    ])

  static let route = ObjectDescription(
    "a route", "A rule that leads requests to a service.",
    keys: [
      KeyDescription(
        "name", .text(.name), example: "orders-api",
        "Its name in logs and metrics; the service's name when absent."),
      KeyDescription(
        "listeners", .list(.text(.name), count: 1...mostNames), example: "[ web ]",
        "The listeners that it holds for; all when absent."),
      KeyDescription(
        "match", .object(match), standard: "{}", example: "{ path: \"/api/*\" }",
        "Which requests it takes; all when absent."),
      KeyDescription(
        "priority", .integer(-1_000_000...1_000_000), standard: "0", example: "10",
        "The higher is looked at first; among equals the more specific wins."),
      KeyDescription(
        "service", .text(.name), required: true, example: "orders",
        "The service that its requests go to."),
      errors,
    ],
    later: [
      "split", "redirect", "respond", "mirror", "rewrite", "requestHeaders", "responseHeaders",
    ])

  static let match = ObjectDescription(
    "a match", "What a request must be like; all conditions hold at once.",
    keys: [
      KeyDescription(
        "host", .text(.hostName), example: "shop.example.com",
        """
        The exact host, without port; letter case and a final dot do not matter. On a \
        `tls-passthrough` listener also `*.example.com`: every name below it, at any depth.
        """),
      KeyDescription(
        "path", .text(.routePath), example: "\"/api/orders/*\"",
        """
        An exact path, or a prefix with `/*` at its end: `/api/*` takes `/api`, `/api/` and \
        `/api/x`, not `/apix`.
        """),
      KeyDescription(
        "alpn", .oneOrMore(.text(.label), most: 16), example: "[ h2 ]",
        """
        On a `tls-passthrough` listener: a protocol, or several of which the client speaks one (its \
        ALPN). `host` is the name that the client asks for (its SNI).
        """),
    ], later: ["method", "headers", "query", "client"])

  static let admin = ObjectDescription(
    "the admin settings", "Where operators and scrapers connect.",
    keys: [
      KeyDescription(
        "address", .address(.network), standard: "\"127.0.0.1:9900\"",
        example: "\"127.0.0.1:9901\"", "Where the admin API and the dashboard listen."),
      KeyDescription(
        "socket", .text(.filePath), example: "run/ballast.sock",
        "A unix socket for the same; relative to the file's folder."),
    ])

  static let state = ObjectDescription(
    "the state settings", "The folder of the database and of the replicas' output.",
    keys: [
      KeyDescription(
        "path", .text(.filePath), standard: "./state", example: "./data",
        "The folder; relative to the file's folder.")
    ])

  static let upgrade = ObjectDescription(
    "the upgrade settings", "How one engine follows another.",
    keys: [
      KeyDescription(
        "drain", .duration(orNone), standard: "1h", example: "8h",
        """
        How long the replaced engine may go on with the requests, WebSockets and streams that it has; \
        what is left then is cut.
        """)
    ])
}
