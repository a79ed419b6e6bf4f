@testable import Configuration

/// Loads texts as the files of a folder, `/srv/shop`, which has an error page as well.
func load(
  _ texts: String..., environment: [String: String] = [:],
  files: [String: String] = ["/srv/shop/503.html": "<h1>soon</h1>"]
) -> LoadOutcome {
  struct Missing: Error, CustomStringConvertible {
    var path: String
    var description: String { "\(path): no such file" }
  }
  let loader = ConfigurationLoader(environment: environment, folder: "/srv/shop") { path in
    guard let text = files[path] else { throw Missing(path: path) }
    return text
  }
  let names = ["a.yaml", "b.yaml", "c.yaml"]
  return loader.load(zip(names, texts).map { ConfigurationSource(path: $0, text: $1) })
}

/// A file around the settings of a service, which begin in line 5, column 5.
func serviceFile(_ body: String) -> String {
  let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
  return """
    listeners:
      web: { address: ":8080", service: shop }
    services:
      shop:
    \(lines.joined(separator: "\n"))

    """
}

func service(_ body: String) -> ServiceSettings? {
  load(serviceFile(body)).settings?.services.first
}

extension LoadOutcome {
  var messages: [String] { diagnostics.map(\.message) }

  /// `LINE:COLUMN MESSAGE (SUGGESTION)` of each.
  var brief: [String] {
    diagnostics.map { "\($0.line):\($0.column) \($0.message) (\($0.suggestion ?? "none"))" }
  }
}

enum Golden {
  static let smallest = """
    listeners:
      web: { address: ":8080" }
    services:
      shop:
        servers: [ "10.0.0.11:8080", "10.0.0.12:8080" ]

    """

  /// Every key that there is.
  static let whole = """
    # the shop
    listeners:
      web:    { address: ":8080", protocol: http }
      office: { address: "127.0.0.1:8081", service: orders }
    routes:
      - name: orders-api
        listeners: [ web ]
        match: { host: Shop.Example.com., path: "/api/orders/*" }
        priority: 10
        service: orders
      - match: { path: /status }
        service: orders
      - match: { path: /ledger }
        service: ledger
      - service: shop
    services:
      shop:
        servers: [ "10.0.0.11:8080", "[fd00::1]:8080" ]
        sticky: { cookie: BALLAST_shop, insert: true, ttl: 1h }
        health: { https: { path: /ok, verify: true, ca: ca.pem, serverName: shop.example.com } }
      ledger:
        mode: primary-standby
        standby:
          promote: [ ./promote.sh, "${SERVER}", "${ADDRESS}" ]
          timeout: 20s
          switchBack: when-healthy
          after: 5m
        servers: [ "10.0.0.21:80", "10.0.0.22:80" ]
        health: { command: [ ./check.sh, "${HOST}", "${PORT}" ] }
      orders:
        protocol: http
        servers:
          - { name: o1, address: 10.0.0.11:8081, weight: 2, zone: a }
          - name: o2            # the spare one
            address: localhost:8082
            backup: true
          - { name: o3, address: 10.0.0.13:8081, priority: 2, zone: b }
        balance:
          algorithm: hash
          key: [ "header:X-Tenant", client-ip, "time:60s" ]
          method: ring
          boundedLoad: 125%
        health:
          http: { path: /healthz, status: [ 200-299, 304 ], host: shop, body: ok }
          agent: { port: 9999, interval: 1s }
          interval: 500ms
          timeout: 250ms
          rise: 1
          fall: 2
        ejection:
          { failures: 3, window: 20s, time: 5s, longest: 1m, max: 30%, successRate: 80%, minimumRequests: 50 }
        slowStart: 30s
        panic: 40%
        retries:
          { attempts: 2, on: [ connect-failure, gateway-error ], budget: 10%, perTryTimeout: 1.5s, hedge: 200ms }
        timeouts: { connect: 1s, response: 30s, idle: 5m, total: 1h }
        limits:   { connections: 1000, requests: 500, queue: 10, queueTimeout: 2s, adaptive: true }
        run:
          command: [ ./orders, --port, "${PORT}", "--database=${DATABASE}" ]
          driver: process
          replicas: 3
          directory: ./services
          environment: { NAME: "orders-${REPLICA}", LEVEL: debug }
          resources: { cpu: 0.5, memory: 256MiB }
          stop: { signal: INT, timeout: 20s }
          version: 1.4.2
    admin: { address: "127.0.0.1:9901", socket: run/ballast.sock }
    state: { path: ../data }
    log:   { level: warning, access: { path: logs/access.log, format: combined, rotate: { size: 1MiB, keep: 2 } } }
    errors: { 503: ./503.html }
    workers: 2
    zone: a

    """
}
