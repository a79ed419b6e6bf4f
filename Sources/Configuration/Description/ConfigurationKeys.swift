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
        "containers", .object(containers), standard: "{}",
        example: "{ socket: /run/podman/podman.sock }",
        "Who runs containers, for services with `driver: container`."),
      KeyDescription(
        "log", .object(log), standard: "{}", example: "{ level: debug }",
        "What Ballast writes down."),
      KeyDescription(
        "audit", .object(audit), standard: "{}", example: "{ keep: 1000000 }",
        "The log of every change: how much of it stays, and where its end is kept besides."),
      KeyDescription(
        "metrics", .object(metrics), standard: "{}", example: "{ series: 200000 }",
        "How much `/metrics` shows."),
      errors, compression, events, traces,
      KeyDescription(
        "workers", .integer(1...256), example: "2",
        "Loops that carry requests; one for each core when absent."),
      KeyDescription(
        "upgrade", .object(upgrade), standard: "{}", example: "{ drain: 8h }",
        "How `ballast upgrade` and SIGUSR2 replace the engine."),
      KeyDescription(
        "faults", .object(faults), standard: "{}", example: "{ quiet: 1m }",
        "When a fault is over."),
      KeyDescription(
        "zone", .text(.name), example: "a",
        "The zone that this Ballast is in; servers of the same zone are preferred."),
      KeyDescription(
        "bans", .list(.text(.addressBlock), count: 0...mostBans), standard: "[]",
        example: "[ 203.0.113.0/24 ]",
        """
        Addresses and blocks of them that no listener serves. `ballast ban` adds to them while \
        Ballast runs.
        """),
      KeyDescription(
        "alerts", .object(alerts), standard: "{}",
        example:
          "{ channels: { hook: { webhook: { url: \"https://hooks.example.com/ballast\" } } } }",
        "Who is told what, and how."),
    ])

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
        "http2", .boolean, example: "true",
        """
        Whether clients may speak HTTP/2 as well: over TLS by ALPN, which `false` switches off, and in \
        clear text by beginning with it (prior knowledge), which has to be asked for with `true`.
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
    ] + defence + listenerSecurity)

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
        "service", .text(.name), example: "orders", "The service that its requests go to."),
      KeyDescription(
        "split", .table(.integer(0...1_000_000), keys: .name), example: "{ shop: 95, orders: 5 }",
        """
        Several services, each with its weight against the others'. The same client goes to the \
        same one; a change of weights moves as few as it can.
        """),
      KeyDescription(
        "splitKey", .oneOrMore(.text(.requestKey), most: 8), standard: "client-ip",
        example: "\"cookie:sid\"",
        "For `split`: what stays together, written like the `key` of a service's `balance`."),
      errors, compression,
      KeyDescription(
        "redirect", .object(redirect), example: "{ to: \"https://${host}${uri}\", status: 308 }",
        "Sends the client elsewhere; no server is asked."),
      KeyDescription(
        "respond", .object(respond), example: "{ status: 404 }",
        "A fixed answer; no server is asked."),
      KeyDescription(
        "rewrite", .object(rewrite), standard: "{}", example: "{ path: \"/v2/*\" }",
        "What the server gets in place of the path and the host."),
      KeyDescription(
        "requestHeaders", .object(edits("the changes of requests", .requestField)),
        standard: "{}", example: "{ set: { X-Shop: \"1\" }, remove: [ X-Debug ] }",
        "Headers that are changed on their way to the server."),
      KeyDescription(
        "responseHeaders", .object(edits("the changes of answers", .answerField)), standard: "{}",
        example: "{ set: { X-Served-By: \"${server}\" } }",
        "Headers that are changed on their way to the client."),
      KeyDescription(
        "mirror", .object(mirror), example: "{ service: orders, share: 10% }",
        "A service that gets copies of its requests; what it answers is dropped."),
    ] + routeDefence, oneOf: ["service", "split", "redirect", "respond"])

  static let redirect = ObjectDescription(
    "a redirect", "An answer that names another place.",
    keys: [
      KeyDescription(
        "to", .text(.template), required: true, example: "\"https://${host}${uri}\"",
        """
        The place: a path, or a URL whose host is written out or `${host}`. A `*` at its end is the \
        rest of the path that the match's `*` took.
        """),
      KeyDescription(
        "status", .choice(values: ["301", "302", "303", "307", "308"], later: []),
        standard: "\"307\"", example: "308",
        "301 and 308 are for ever: browsers remember them. 307 and 308 keep the method."),
    ])

  static let respond = ObjectDescription(
    "a fixed answer", "An answer without a server.",
    keys: [
      KeyDescription(
        "status", .integer(200...599), standard: "200", example: "404", "The status."),
      KeyDescription(
        "body", .text(.free), standard: "\"\"", example: "\"gone\\n\"",
        "The body, 32 KiB at most."),
      KeyDescription(
        "contentType", .text(.label), standard: "\"text/plain; charset=utf-8\"",
        example: "application/json", "What the body is."),
    ])

  static let rewrite = ObjectDescription(
    "a rewrite", "What the server gets; the query stays as it is.",
    keys: [
      KeyDescription(
        "path", .text(.template), example: "\"/orders/*\"",
        """
        The path, in which a final `/*` is the rest that the match's `*` took, and `${path.NAME}` \
        what a name or a group of the match's path stands for.
        """),
      KeyDescription(
        "host", .text(.template), example: "orders.internal",
        "The host; X-Forwarded-Host has the client's."),
    ])

  private static func edits(_ title: String, _ names: TextRule) -> ObjectDescription {
    ObjectDescription(
      title, "What frames messages can't be changed.",
      keys: [
        KeyDescription(
          "set", .table(.text(.template), keys: names), standard: "{}", example: "{ X-A: \"1\" }",
          "Headers in place of all that have the name; values may have variables."),
        KeyDescription(
          "add", .table(.text(.template), keys: names), standard: "{}", example: "{ X-B: \"2\" }",
          "Headers behind those that are there."),
        KeyDescription(
          "remove", .list(.text(names), count: 0...64), standard: "[]", example: "[ X-Debug ]",
          "Headers that are left out."),
      ])
  }

  static let mirror = ObjectDescription(
    "a mirror", "Copies of requests for another service, which nobody waits for.",
    keys: [
      KeyDescription(
        "service", .text(.name), required: true, example: "orders", "The service that gets them."),
      KeyDescription(
        "share", .share(0...100), standard: "100%", example: "10%",
        "The share of the requests that are copied."),
    ])

  static let match = ObjectDescription(
    "a match", "What a request must be like; all conditions hold at once.",
    keys: [
      KeyDescription(
        "host", .oneOrMore(.text(.hostPattern), most: mostNames), example: "shop.example.com",
        """
        The host without port, or several; letter case and a final dot do not matter. \
        `*.example.com` takes hosts with one label or more before it.
        """),
      KeyDescription(
        "path", .shorthand(.text(.routePath), expression), example: "\"/api/orders/*\"",
        """
        An exact path; a prefix with `/*` at its end, where `/api/*` takes `/api`, `/api/` and \
        `/api/x`, not `/apix`; or one with names for whole segments, `/users/{id}/orders`.
        """),
      KeyDescription(
        "method", .oneOrMore(.text(.method), most: 64), example: "[ GET, HEAD ]",
        "The methods, exactly as they are written."),
      KeyDescription(
        "headers", .table(.text(.condition), keys: .matchedField), example: "{ X-Beta: \"1\" }",
        """
        Headers, each with its value, `PREFIX*`, or `*` for any. One that comes several times, or \
        as a list, is taken when one of its values is.
        """),
      KeyDescription(
        "query", .table(.text(.condition), keys: .parameterName), example: "{ v: \"2\" }",
        "Parameters of the query, decoded, written like `headers`."),
      KeyDescription(
        "client", .oneOrMore(.text(.addressBlock), most: mostNames), example: "[ 10.0.0.0/8 ]",
        "Addresses that clients come from."),
      KeyDescription(
        "clientSubject", .oneOrMore(.text(.condition), most: 1_000), example: "\"CN=shop,*\"",
        """
        The subject of the client's certificate, as RFC 2253 writes it: a value, `PREFIX*`, or `*` for \
        any. A client without a certificate has none.
        """),
      KeyDescription(
        "alpn", .oneOrMore(.text(.label), most: 16), example: "[ h2 ]",
        """
        On a `tls-passthrough` listener: a protocol, or several of which the client speaks one (its \
        ALPN). `host` is the name that the client asks for (its SNI).
        """),
    ])

  static let expression = ObjectDescription(
    "a path's expression", "The long form of a path.",
    keys: [
      KeyDescription(
        "regex", .text(.expression), required: true, example: "'/v[0-9]+/.*'",
        """
        A regular expression for the whole path: literals, `.`, `[…]`, `\\d`, `\\w`, `(…)`, \
        `(?<name>…)`, `|`, `*`, `+`, `?`, `{m,n}`. It is matched in time linear in the path.
        """)
    ])

  static let admin = ObjectDescription(
    "the admin settings", "Where operators and scrapers connect.",
    keys: [
      KeyDescription(
        "address", .address(.network), standard: "\"127.0.0.1:9900\"",
        example: "\"127.0.0.1:9901\"", "Where the admin API and the dashboard listen."),
      KeyDescription(
        "socket", .text(.filePath), example: "run/ballast.sock",
        """
        A unix socket for the same; relative to the file's folder. Root and Ballast's own user need no \
        password there.
        """),
      KeyDescription(
        "tls", .object(listenerTLS),
        example: "{ certificates: [ { certificate: admin.pem, key: admin.key } ] }",
        """
        The address speaks TLS. At an address that others reach it is required, unless `plain: true` \
        waives it.
        """),
      KeyDescription(
        "plain", .boolean, standard: "false", example: "true",
        """
        Lets an address that others reach do without TLS: everybody on the way reads passwords and \
        tokens. For networks that are private already, such as a VPN.
        """),
      KeyDescription(
        "signIn", .choice(values: AdminSettings.SignIn.allCases.map(\.rawValue), later: []),
        standard: "auto", example: "always",
        """
        Whether people and programs say who they are, by a password or a token. `auto`: at a loopback \
        address (127.0.0.1) once there are users, elsewhere always. `never` lets everybody do everything \
        who reaches the address.
        """),
      KeyDescription(
        "hosts", .oneOrMore(.text(.hostName), most: 64), example: "[ lb.example.com ]",
        """
        Names that browsers reach it by, besides its address, localhost and those of its certificates. A \
        request under another name is refused: it may be a foreign page's.
        """),
      KeyDescription(
        "statusPage", .object(statusPage), example: "{ address: \":8090\", title: Shop }",
        """
        A page for everybody at an address of its own: which services work, and when they did not. \
        None when absent.
        """),
    ])

  static let statusPage = ObjectDescription(
    "the status page", "What everybody may know; no server, address or cause is on it.",
    keys: [
      KeyDescription(
        "address", .address(.network), required: true, example: "\":8090\"",
        "Where it listens, without TLS; nothing of the admin API is answered there."),
      KeyDescription(
        "title", .text(.free), standard: "Status", example: "Shop", "What it is headed."),
      KeyDescription(
        "services", .list(.text(.name), count: 1...mostNames), example: "[ shop, orders ]",
        "The services that it shows, in this order; all when absent."),
    ])

  static let state = ObjectDescription(
    "the state settings", "The folder of the database and of the replicas' output.",
    keys: [
      KeyDescription(
        "path", .text(.filePath), standard: "./state", example: "./data",
        "The folder; relative to the file's folder."),
      KeyDescription(
        "backup", .object(backup), example: "{ every: 1h, keep: 24 }",
        """
        Backups that Ballast makes by itself, each tried out by a restore beside the state; none when \
        absent.
        """),
    ])

  static let backup = ObjectDescription(
    "the backup settings", "When backups are made, and how many stay.",
    keys: [
      KeyDescription(
        "every", .duration(.seconds(1)...longestDuration), standard: "1h", example: "15m",
        "From one backup to the next, also over restarts."),
      KeyDescription(
        "keep", .integer(1...10_000), standard: "24", example: "96",
        "How many stay; the oldest go first, once a newer one was tried out."),
      KeyDescription(
        "path", .text(.filePath), example: "/var/backups/ballast",
        "The folder, relative to the file's folder; `backups` in the state's folder when absent."),
    ])

  static let faults = ObjectDescription(
    "the fault settings", "How faults are recorded.",
    keys: [
      KeyDescription(
        "quiet", .duration(.zero ... .hours(1)), standard: "10s", example: "1m",
        """
        For how long the cause of a fault has to be gone before the fault is over. If it comes back \
        before, it is the same fault still. The record ends at the moment at which the cause went.
        """)
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
