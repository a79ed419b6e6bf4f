import Configuration
import Primitives
import Routing
import Testing

struct ConfigurationLoaderTests {
  @Test func `the smallest file needs no route`() throws {
    let settings = try #require(load(Golden.smallest).settings)
    let expected = Settings(
      listeners: [
        ListenerSettings(
          name: "web", address: .ipv6(high: 0, low: 0, port: 8080), service: "shop")
      ],
      services: [
        ServiceSettings(
          name: "shop",
          servers: [
            ServerSettings(
              name: "10.0.0.11:8080", address: .ipv4(address: 0x0A00_000B, port: 8080)),
            ServerSettings(
              name: "10.0.0.12:8080", address: .ipv4(address: 0x0A00_000C, port: 8080)),
          ])
      ], state: StateSettings(path: "/srv/shop/state"))
    #expect(settings == expected)
    #expect(load(Golden.smallest).diagnostics.isEmpty)
  }

  @Test func `every key of the long form arrives`() throws {
    let outcome = load(Golden.whole, environment: ["DATABASE": "db:5432"])
    #expect(outcome.brief == [])
    let settings = try #require(outcome.settings)
    #expect(settings.workers == 2)
    #expect(settings.state.path == "/srv/data")
    #expect(
      settings.admin
        == AdminSettings(address: .loopback(port: 9901), socket: "/srv/shop/run/ballast.sock"))
    #expect(
      settings.log
        == LogSettings(
          level: .warning, access: .file("/srv/shop/logs/access.log"), accessFormat: .combined,
          rotation: .init(size: 1 << 20, keep: 2)))
    #expect(
      settings.errorPages == [
        ErrorPageSettings(statuses: 503...503, kind: .html, text: "<h1>soon</h1>")
      ])
    #expect(settings.zone == "a")
    #expect(settings.listeners.map(\.service) == [nil, "orders"])
    #expect(
      settings.routes == [
        RouteSettings(
          name: "orders-api", listeners: ["web"],
          match: RouteMatch(
            hosts: [HostPattern("shop.example.com")], path: PathPattern("/api/orders/*")),
          priority: 10, action: .service("orders")),
        RouteSettings(
          name: "orders", match: RouteMatch(path: PathPattern("/status")),
          action: .service("orders")),
        RouteSettings(
          name: "ledger", match: RouteMatch(path: PathPattern("/ledger")),
          action: .service("ledger")),
        RouteSettings(name: "shop", action: .service("shop")),
      ])
    let orders = try #require(settings.services.last)
    #expect(
      orders
        == ServiceSettings(
          name: "orders",
          servers: [
            ServerSettings(
              name: "o1", address: .ipv4(address: 0x0A00_000B, port: 8081), weight: 2, zone: "a"),
            ServerSettings(name: "o2", address: .loopback(port: 8082), priority: 1),
            ServerSettings(
              name: "o3", address: .ipv4(address: 0x0A00_000D, port: 8081), zone: "b", priority: 2),
          ],
          balance: .hash(
            HashSettings(
              keys: [.header("x-tenant"), .clientIP, .time(.seconds(60))], method: .ring,
              boundedLoad: 1.25)),
          health: HealthSettings(
            check: .http(
              .init(path: "/healthz", status: [200...299, 304...304], host: "shop", body: "ok")),
            agent: .init(port: 9999, interval: .seconds(1)), interval: .milliseconds(500),
            timeout: .milliseconds(250), rise: 1, fall: 2),
          ejection: EjectionSettings(
            failures: 3, window: .seconds(20), time: .seconds(5), longest: .minutes(1),
            maxShare: 0.3, successRate: 0.8, minimumRequests: 50),
          slowStart: .seconds(30), panic: 0.4,
          retries: RetrySettings(
            attempts: 2, conditions: [.connectFailure, .gatewayError], budget: 0.1,
            perTryTimeout: .milliseconds(1500), hedge: .milliseconds(200)),
          timeouts: TimeoutSettings(
            connect: .seconds(1), response: .seconds(30), idle: .minutes(5), total: .hours(1)),
          limits: LimitSettings(
            connections: 1000, requests: 500, queue: 10, queueTimeout: .seconds(2), isAdaptive: true
          ),
          run: RunSettings(
            command: ["./orders", "--port", "${PORT}", "--database=db:5432"], replicas: 3,
            directory: "/srv/shop/services",
            environment: [
              EnvironmentVariable(name: "NAME", value: "orders-${REPLICA}"),
              EnvironmentVariable(name: "LEVEL", value: "debug"),
            ], resources: ResourceSettings(cpu: 0.5, memory: 256 << 20),
            stop: StopSettings(signal: .int, timeout: .seconds(20)), version: "1.4.2")))
  }

  @Test func `every key of a session and of a service with one active server arrives`() throws {
    let services = try #require(
      load(Golden.whole, environment: ["DATABASE": "db:5432"]).settings?.services)
    #expect(services[0].sticky == .inserted(cookie: "BALLAST_shop", ttl: .hours(1)))
    #expect(
      services[0].health.check
        == .https(
          .init(path: "/ok"), .init(ca: "/srv/shop/ca.pem", serverName: "shop.example.com")))
    #expect(
      services[1].standby
        == StandbySettings(
          promote: CommandSettings(
            arguments: ["./promote.sh", "${SERVER}", "${ADDRESS}"], directory: "/srv/shop"),
          timeout: .seconds(20), switchBack: .whenHealthy, after: .minutes(5)))
    #expect(
      services[1].health.check
        == .command(
          CommandSettings(
            arguments: ["./check.sh", "${HOST}", "${PORT}"], directory: "/srv/shop")))
  }

  @Test func `a service may run without servers, in the folder of its file`() throws {
    let run = try #require(service("run: { command: [ ./shop ] }")?.run)
    #expect(run == RunSettings(command: ["./shop"], directory: "/srv/shop"))
  }

  @Test func `every key of a service that runs as containers arrives`() throws {
    let run = try #require(
      service(
        """
        run:
              { image: "shop:2", pull: never, port: 80, network: shop, user: "7:8", directory: /srv,
                volumes: [ "./data:/data:ro", "cache:/cache", /a:/b ], socket: d.sock, replicas: 2 }
        """)?.run)
    #expect(
      run
        == RunSettings(
          command: [], replicas: 2, directory: "/srv/shop",
          container: ContainerSettings(
            image: "shop:2", pull: .never, port: 80, network: "shop", directory: "/srv",
            user: "7:8",
            volumes: ["/srv/shop/data:/data:ro", "cache:/cache", "/a:/b"],
            socket: "/srv/shop/d.sock")))
    let text = """
      containers: { socket: p.sock, credentials: c.json }
      listeners: { web: { address: ":80" } }
      services: { a: { run: { image: shop } } }
      """
    let usual = load(text).settings?.services.first?.run?.container
    #expect(usual?.socket == "/srv/shop/p.sock" && usual?.credentials == "/srv/shop/c.json")
    let plain = service("run: { image: shop, command: [ a ], driver: container }")?.run
    #expect(plain?.container == ContainerSettings(image: "shop"))
    #expect(plain?.command == ["a"])
  }

  @Test(arguments: [
    ("tcp: {}", HealthSettings.Check.tcp), ("none: {}", .none), ("http: {}", .http(.init())),
    ("tcp:", .tcp), ("rise: 2", .tcp), ("agent: { port: 1 }", .tcp),
    ("https: { verify: false }", .https(.init(), .init(verify: false))),
    ("tls: {}", .tls(.init())), ("tls: { serverName: a }", .tls(.init(serverName: "a"))),
    (
      "command: [ x, \"${ADDRESS}\" ]",
      .command(.init(arguments: ["x", "${ADDRESS}"], directory: "/srv/shop"))
    ),
  ])
  func `a check is named by its key`(_ text: String, _ check: HealthSettings.Check) {
    #expect(service("servers: [ 10.0.0.1:80 ]\nhealth: { \(text) }")?.health.check == check)
  }

  @Test func `a server's name is its address as written`() {
    let servers = service("servers: [ \"localhost:80\", { address: \"[0:0::1]:81\" } ]")?.servers
    #expect(servers?.map(\.name) == ["localhost:80", "[0:0::1]:81"])
  }

  @Test func `empty sections are as if they were not there`() {
    let text = Golden.smallest + "routes:\nadmin:\nlog: {}\nstate: ~\n"
    #expect(load(text).settings == load(Golden.smallest).settings)
  }

  @Test func `an alias stands for what it names`() {
    let text = """
      listeners: { web: { address: ":80", service: a } }
      services:
        a: { servers: [ "10.0.0.1:80" ], timeouts: &slow { response: 5m } }
        b: { servers: [ "10.0.0.2:80" ], timeouts: *slow }
      """
    let settings = load(text).settings
    #expect(settings?.services.map(\.timeouts.response) == [.minutes(5), .minutes(5)])
  }

  @Test func `routes without a name are called after their service`() {
    let text = """
      listeners: { web: { address: ":80" } }
      routes:
        - { match: { path: /a }, service: shop }
        - { match: { path: /b }, service: shop }
        - { match: { path: /c }, service: shop, name: shop-2 }
      services: { shop: { servers: [ "10.0.0.1:80" ] } }
      """
    #expect(load(text).settings?.routes.map(\.name) == ["shop", "shop-3", "shop-2"])
  }

  @Test func `a thousand servers load in well under a second`() throws {
    var text = "listeners: { web: { address: \":80\" } }\nservices:\n  shop:\n    servers:\n"
    for index in 0..<1000 {
      text += "      - { name: s\(index), address: \"10.0.\(index / 250).\(index % 250 + 1):80\""
      text += ", weight: 3 } # of a thousand\n"
    }
    let clock = ContinuousClock()
    var outcome: LoadOutcome?
    let time = clock.measure { outcome = load(text) }
    #expect(outcome?.settings?.services.first?.servers.count == 1000)
    // A debug build on a loaded machine; it takes some hundredths of this in a release build.
    #expect(time < .seconds(2))
  }
}
