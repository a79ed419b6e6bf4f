import Primitives
import Topology

// TLS with clients and with servers.
extension ConfigurationKeys {
  static let mostCertificates = 1_000

  private static let minVersion = KeyDescription(
    "minVersion", .choice(values: MinimumTLSVersion.allCases.map(\.rawValue), later: []),
    standard: "\"1.2\"", example: "\"1.3\"", "The oldest version of TLS that is spoken.")

  static let listenerSecurity = [
    KeyDescription(
      "tls", .object(listenerTLS),
      example: "{ certificates: [ { certificate: shop.pem, key: shop.key } ] }",
      "The listener speaks TLS; without it, clients are not encrypted. Only for `http`."),
    KeyDescription(
      "redirectToHttps", .shorthand(.boolean, httpsRedirect), standard: "false", example: "true",
      """
      Clients are sent to the same place over https, by a 308. Only routes that name this listener \
      come first. For listeners without `tls`.
      """),
    KeyDescription(
      "hsts", .object(hsts), example: "{ maxAge: 4320h }",
      """
      Each answer tells browsers to come by https only, from now on (`Strict-Transport-Security`, \
      RFC 6797), in place of what the server says. For listeners with `tls`.
      """),
  ]

  static let listenerTLS = ObjectDescription(
    "the TLS of a listener",
    """
    TLS 1.2 and 1.3 with Mozilla's intermediate profile. It needs `certificates` or \
    `selfSigned: true`. Files that change are taken within a second.
    """,
    keys: [
      KeyDescription(
        "certificates", .oneOrMore(.object(certificate), most: mostCertificates),
        example: "[ { certificate: shop.pem, key: shop.key } ]",
        """
        The certificates. A client gets the one that has the name it asks for, an exact name before a \
        wildcard, and the first one when none has it; one of EC and one of RSA may stand side by side.
        """),
      KeyDescription(
        "selfSigned", .boolean, standard: "false", example: "true",
        """
        For development: Ballast makes a certificate that no browser trusts, for localhost, the \
        listener's address and the hosts of the routes. It is kept in the state folder. Beside \
        `certificates` it stands behind them.
        """),
      minVersion,
      KeyDescription(
        "clientCA", .text(.filePath), example: "clients.pem",
        """
        A file of the authorities (PEM) that clients' certificates must come from; relative to the \
        file's folder. One that cannot be read is an error: never is everybody let in.
        """),
      KeyDescription(
        "clientCRL", .text(.filePath), example: "revoked.pem",
        "A file of lists (PEM) of certificates that the authorities took back; needs `clientCA`."),
      KeyDescription(
        "clientAuth",
        .choice(values: ListenerSecurity.ClientAuthentication.allCases.map(\.rawValue), later: []),
        example: "request",
        """
        Whether clients must show a certificate: `require`, or `request`, which takes those without one \
        as well, or `none`. When absent, `require` with a `clientCA` and `none` without.
        """),
    ])

  static let certificate = ObjectDescription(
    "a certificate", "A certificate and its key, in PEM.",
    keys: [
      KeyDescription(
        "certificate", .text(.filePath), required: true, example: "shop.pem",
        """
        The file of the certificate, and behind it those of the authorities between it and the \
        root; relative to the file's folder.
        """),
      KeyDescription(
        "key", .text(.filePath), required: true, example: "shop.key",
        "The file of its private key, without a password. RSA has 2048 bits or more."),
    ])

  static let httpsRedirect = ObjectDescription(
    "the redirect to https", "Where clients without TLS are sent.",
    keys: [
      KeyDescription(
        "port", .integer(1...65535), standard: "443", example: "8443",
        "The port that clients reach the listener with `tls` by.")
    ])

  static let hsts = ObjectDescription(
    "the strict transport security", "What browsers are told to remember.",
    keys: [
      KeyDescription(
        "maxAge", .duration(orNone), standard: "8760h", example: "24h",
        "How long browsers remember it after each answer; `0s` makes them forget."),
      KeyDescription(
        "includeSubdomains", .boolean, standard: "false", example: "true",
        "Whether it holds for all names below the host as well."),
      KeyDescription(
        "preload", .boolean, standard: "false", example: "true",
        """
        Whether browsers may ship with it, which is hard to take back. Their lists ask for a year at \
        least and for `includeSubdomains`.
        """),
    ])

  static let serviceTLS = KeyDescription(
    "tls", .object(serverTLS), example: "{ ca: internal.pem, serverName: shop.internal }",
    "How its servers are spoken to with `protocol: https`.")

  static let serverTLS = ObjectDescription(
    "the TLS of a service", "Certificates of servers are verified unless it says otherwise.",
    keys: [
      KeyDescription(
        "ca", .text(.filePath), example: "internal.pem",
        """
        A file of certificates (PEM) to trust instead of the system's; relative to the file's \
        folder.
        """),
      KeyDescription(
        "serverName", .text(.hostName), example: "shop.internal",
        """
        The name that is asked for (SNI) and that the certificate must have; each server's address \
        when absent.
        """),
      KeyDescription(
        "verify", .boolean, standard: "true", example: "false",
        "Whether a server's certificate must be valid, and for its name."),
      KeyDescription(
        "certificate", .text(.filePath), example: "ballast.pem",
        "The file of a certificate that Ballast shows to the servers; needs `key`."),
      KeyDescription(
        "key", .text(.filePath), example: "ballast.key", "The file of that certificate's key."),
      minVersion,
    ])
}
