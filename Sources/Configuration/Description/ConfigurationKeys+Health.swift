import Primitives

extension ConfigurationKeys {
  static let health = ObjectDescription(
    "the health check",
    """
    How a server is checked; a TCP connect when no check is named. When no server is healthy, requests \
    go to those that failed their checks, since something is better than nothing.
    """,
    keys: [
      KeyDescription(
        "http", .object(httpCheck), example: "{ path: /healthz }",
        """
        A GET whose answer must fit; over TLS where the service's `protocol` is `https`, and by \
        HTTP/2 where it is `http2` or `https2`.
        """),
      KeyDescription(
        "https", .object(httpsCheck), example: "{ path: /healthz, ca: ca.pem }",
        "The same over TLS."),
      KeyDescription(
        "grpc", .object(grpcCheck), example: "{ service: shop.Orders }",
        "A call of `grpc.health.v1.Health/Check`, which must say `SERVING`; with `http2` or `https2`."
      ),
      KeyDescription(
        "tcp", .object(ObjectDescription("the TCP check", "It has no keys: `tcp: {}`.", keys: [])),
        standard: "{}", example: "{}", "A connection must be made."),
      KeyDescription(
        "tls", .object(tlsCheck), example: "{ serverName: shop.example.com }",
        "A TLS handshake must succeed."),
      KeyDescription(
        "command", .list(.text(.perCheck), count: 1...1024),
        example: "[ ./check.sh, \"${HOST}\", \"${PORT}\" ]",
        """
        A program, without a shell, that ends with 0 when the server is good. `${ADDRESS}`, \
        `${HOST}`, `${PORT}`, `${SERVER}` and `${SERVICE}` are replaced; its last line of output \
        is shown. It runs in the configuration's folder.
        """),
      KeyDescription(
        "none", .object(ObjectDescription("no check", "It has no keys: `none: {}`.", keys: [])),
        example: "{}",
        "Servers are taken as healthy unchecked; with an `agent`, it alone judges."),
      KeyDescription(
        "agent", .object(agent), example: "{ port: 9999 }",
        "Beside any check: a program at the server's host that says how it is; none when absent."),
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
    ], oneOf: ["http", "https", "grpc", "tcp", "tls", "command", "none"])

  static let grpcCheck = ObjectDescription(
    "the gRPC check", "A call over HTTP/2 to the server's address.",
    keys: [
      KeyDescription(
        "service", .text(.label), example: "shop.Orders",
        "The service that is asked for; the server as a whole when absent.")
    ])

  static let httpCheck = ObjectDescription(
    "the HTTP check", "A GET to the server's address. Redirects are not followed.",
    keys: httpKeys)

  static let httpsCheck = ObjectDescription(
    "the HTTPS check", "A GET over TLS to the server's address. Redirects are not followed.",
    keys: httpKeys + tlsKeys)

  static let tlsCheck = ObjectDescription(
    "the TLS check", "A handshake, after which the connection is closed.", keys: tlsKeys)

  private static let httpKeys = [
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
  ]

  private static let tlsKeys = [
    KeyDescription(
      "verify", .boolean, standard: "true", example: "false",
      """
      Whether the server's certificate must be valid, and for its name. What a check leaves out is as \
      the `tls` of a service with `protocol: https` has it.
      """),
    KeyDescription(
      "ca", .text(.filePath), example: "ca.pem",
      """
      A file of certificates (PEM) to trust instead of the system's; relative to the file's \
      folder.
      """),
    KeyDescription(
      "serverName", .text(.hostName), example: "shop.example.com",
      """
      The name that is asked for, and that the certificate must have. When absent, that of \
      `host`, else the server's address.
      """),
  ]

  static let agent = ObjectDescription(
    "the agent",
    """
    A TCP service at the server's host that answers each connection with a line: the text of \
    HAProxy's agents (`up`, `down`, `drain`, `maint`, `75%` …), or JSON with `state`, `weight`, \
    `cpu` and `memory`.
    """,
    keys: [
      KeyDescription(
        "port", .integer(1...65535), required: true, example: "9999", "Where it listens."),
      KeyDescription(
        "interval", .duration(.milliseconds(50)...longestDuration), standard: "2s", example: "5s",
        "From one question to the next."),
    ])
}
