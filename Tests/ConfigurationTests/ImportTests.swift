import Deployment
import Primitives
import Testing

@testable import Configuration

struct ImportTests {
  private struct Missing: Error, CustomStringConvertible {
    var description: String { "no such file" }
  }

  private func imported(
    _ text: String, _ path: String = "compose.yaml", files: [String: String] = [:]
  ) -> ConfigurationImport {
    ConfigurationImport(ConfigurationSource(path: path, text: text)) { path in
      guard let text = files[path] else { throw Missing() }
      return text
    }
  }

  /// The settings of what was imported, which must be valid.
  private func settings(
    _ one: ConfigurationImport, environment: [String: String] = [:]
  ) throws -> Settings {
    let text = try #require(one.text, "\(one.remarks)")
    let outcome = load(text, environment: environment)
    return try #require(outcome.settings, "\(outcome.brief)\n\(text)")
  }

  private func remarks(_ one: ConfigurationImport) -> [String] {
    one.remarks.map { "\($0.line):\($0.column) \($0.message)" }
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["web", String(repeating: "w", count: 64)])
  func `thousands of ports are thousands of listeners, soon`(service: String) throws {
    let ports = (1...10_000).map { "      - \"\($0):8080\"" }.joined(separator: "\n")
    let one = imported("services:\n  \(service):\n    image: shop\n    ports:\n\(ports)\n")
    let text = try #require(one.text)
    let names = text.split(separator: "\n").filter { $0.contains("{ address:") }
      .compactMap { $0.split(separator: ":").first }
    #expect(names.count == 10_000 && Set(names).count == 10_000)
  }

  // MARK: Procfile

  @Test func `a Procfile's processes are services, its web one has a listener`() throws {
    let one = imported(
      """
      # the shop
      web: gunicorn --bind 127.0.0.1:$PORT shop:app
      worker: RAILS_ENV=production ./work && ./more "${QUEUE}"

      """, "Procfile")
    let settings = try settings(one)
    #expect(one.kind == .procfile && one.remarks.isEmpty)
    #expect(settings.services.map(\.name) == ["web", "worker"])
    #expect(
      settings.services[0].run?.command == [
        "sh", "-c", "exec gunicorn --bind 127.0.0.1:$PORT shop:app",
      ])
    #expect(
      settings.services[1].run?.command == [
        "sh", "-c", "RAILS_ENV=production ./work && ./more \"${QUEUE}\"",
      ])
    #expect(settings.services[1].health.isWatched == false)
    #expect(settings.listeners.map(\.service) == ["web"])
  }

  @Test func `what is no Procfile is refused with its place`() {
    let one = imported("web: run\nnonsense\nweb: again\nempty:\n", "Procfile.dev")
    #expect(one.text == nil)
    #expect(
      remarks(one).filter { !$0.contains("PORT") } == [
        "2:1 this is no line of a Procfile", "3:1 there are two processes of the name 'web'",
        "4:1 the process 'empty' has no command",
      ])
    #expect(
      imported("", "Procfile").remarks.map(\.message) == ["there is no service in this Procfile"])
  }

  // MARK: Compose

  private static let shop = """
    name: shop
    x-common: &common
      restart: unless-stopped
      environment: { LEVEL: info }
    services:
      web:
        <<: *common
        command: ./web --listen ":$$PORT" 'a b'
        ports: [ "127.0.0.1:8081:3000", "${WEB:-8090}:3001/tcp", { target: 3002, published: 8092 } ]
        environment:
          - LEVEL=debug
          - TOKEN
          - URL=http://${HOST:?needed}/$PATH_PREFIX
        healthcheck:
          test: [ "CMD-SHELL", "curl -f http://localhost:3000/healthz || exit 1" ]
          interval: 1m30s
          timeout: 500ms
          retries: 5
          start_period: 10s
        deploy: { replicas: 3, resources: { limits: { cpus: "0.5", memory: 256M } } }
        stop_signal: SIGINT
        stop_grace_period: 1m
        depends_on: [ queue ]
      queue:
        command: [ ./queue ]
        ports: [ "6379:6379" ]
        volumes: [ "data:/data" ]
        privileged: true
    volumes: { data: {} }
    networks: { back: {} }
    secrets: { token: { file: ./token } }

    """

  @Test func `a compose file's services are carried over, and the rest is said with its place`()
    throws
  {
    let one = imported(Self.shop)
    let settings = try settings(one, environment: ["HOST": "h", "TOKEN": "t"])
    let web = try #require(settings.services.first)
    #expect(web.run?.command == ["./web", "--listen", ":$PORT", "a b"])
    #expect(web.run?.replicas == 3)
    #expect(web.run?.resources == ResourceSettings(cpu: 0.5, memory: 256 << 20))
    #expect(web.run?.stop == StopSettings(signal: .int, timeout: .seconds(60)))
    #expect(
      web.run?.environment == [
        .init(name: "LEVEL", value: "debug"), .init(name: "TOKEN", value: "t"),
        .init(name: "URL", value: "http://h/"),
      ])
    #expect(web.health.interval == .seconds(90) && web.health.fall == 5)
    guard case .http(let check) = web.health.check else {
      Issue.record("no HTTP check: \(web.health.check)")
      return
    }
    #expect(check.path == "/healthz")
    #expect(
      settings.listeners.map { "\($0.name) \($0.address) \($0.protocol) \($0.service ?? "")" } == [
        "web 127.0.0.1:8081 http web", "web-2 [::]:8090 http web", "web-3 [::]:8092 http web",
        "queue [::]:6379 tcp queue",
      ])
    #expect(settings.services[1].protocol == .tcp)
    #expect(
      remarks(one) == [
        "19:7 'start_period' is not carried over: a replica has 30 s until its failed checks count",
        "23:5 'depends_on' is not carried over: Ballast starts all services at once, and its checks say who is ready",
        "27:5 'volumes' is not carried over: a process has the machine's files",
        "28:5 'privileged' is not carried over: Ballast has nothing like it",
        "31:1 'secrets' is not carried over: Ballast has 'run.secrets' and 'run.files' of each service",
      ])
  }

  @Test func `how a swarm updates is how we deploy`() throws {
    let one = imported(
      """
      services:
        web:
          command: [ a ]
          deploy:
            update_config: { parallelism: 2, order: stop-first, failure_action: rollback, monitor: 15s, delay: 1s }

      """)
    let deploy = try #require(try settings(one).services.first?.deploy)
    #expect(deploy.maxSurge == .count(0) && deploy.maxUnavailable == .count(2))
    #expect(deploy.rollsBack && deploy.healthyFor == .seconds(15))
    #expect(one.remarks.contains { $0.message.hasPrefix("'delay' is not carried over") })
  }

  @Test func `images are containers, with their ports, volumes and user`() throws {
    let one = imported(
      """
      services:
        web:
          image: registry.example.com/web:2
          entrypoint: [ /start ]
          command: serve --fast
          ports: [ "8080:80" ]
          user: "1000:1000"
          volumes: [ "data:/data", { type: bind, source: ./conf, target: /conf, read_only: true }, /anonymous ]
          network_mode: bridge
          healthcheck: { test: [ CMD, ./inside ] }
        cache: { image: redis, expose: [ "6379" ] }

      """)
    let settings = try settings(one)
    let container = try #require(settings.services[0].run?.container)
    #expect(container.image == "registry.example.com/web:2")
    #expect(container.port == 80)
    #expect(container.user == "1000:1000")
    #expect(container.volumes.count == 2)
    #expect(settings.services[0].run?.command == ["serve", "--fast"])
    #expect(settings.services[1].run?.container?.port == 6379)
    let told = one.remarks.map { "\($0.line) \($0.message.prefix(12))" }
    #expect(told == ["4 'entrypoint'", "8 the volume '", "10 'test' is no"])
  }

  @Test func `variables of files are copied, those of the service win`() throws {
    let one = imported(
      """
      services:
        web:
          command: [ ./web ]
          env_file: [ a.env, { path: b.env, required: false }, c.env ]
          environment: { B: own, C: null }

      """, files: ["a.env": "# x\nexport A='one two'\nB=file\nD=${E}\n"])
    let settings = try settings(one)
    #expect(
      settings.services[0].run?.environment == [
        .init(name: "A", value: "one two"), .init(name: "B", value: "own"),
        .init(name: "D", value: "${E}"), .init(name: "C", value: ""),
      ])
    #expect(one.remarks.map(\.message).contains("'c.env' is not carried over: no such file"))
    #expect(settings.services[0].health.isWatched == false, "nobody connects to it")
    #expect(settings.listeners.map(\.service) == ["web"], "one is needed")
  }

  @Test(arguments: [
    ("8080:80", ["8080>80 http"]), ("127.0.0.1:8080:80", ["127.0.0.1:8080>80 http"]),
    ("[::1]:8080:80", ["[::1]:8080>80 http"]), ("53:53/udp", ["53>53 udp"]),
    ("5432:5432", ["5432>5432 tcp"]),
    (
      "8000-8002:9000-9002",
      ["8000>9000 http", "8001>9001 http", "8002>9002 http"]
    ),
    ("8000-8001:80", ["8000>80 http", "8001>80 http"]), ("${P:-80}:80", ["${P:-80}>80 http"]),
    ("80", []), ("0:80", []), ("8080:70000", []), ("8000-8009:80-81", []), ("1-65535:1-65535", []),
    (":", []), ("a:b", []), ("9-1:9-1", []), ("", []), ("8080:80:", []), ("-:-", []),
  ])
  func `ports are read in each form, and what is none is left out`(
    _ text: String, _ expected: [String]
  ) {
    let file = "services:\n  web:\n    command: [ a ]\n    ports: [ \"\(text)\" ]\n"
    var log = DiagnosticLog(sources: [SourceText(path: "c.yaml", text: file)])
    guard let root = YAMLParser.parse(file: 0, log: &log) else { return }
    var reader = ComposeImport(log: log) { _ in "" }
    let ports = reader.services(root).first?.ports ?? []
    #expect(
      ports.map {
        "\($0.host.isEmpty ? "" : "\($0.host):")\($0.published)>\($0.target) \($0.transport)"
      } == expected)
    #expect(ports.isEmpty == !reader.log.diagnostics().isEmpty)
  }

  @Test(arguments: [
    ("plain", "plain"), ("$$x", "$x"), ("$${x}", "$${x}"), ("$A-$B", "${A:-}-${B:-}"),
    ("${A}", "${A:-}"), ("${A-x}", "${A:-x}"), ("${A:-x y}", "${A:-x y}"), ("${A:?no}", "${A}"),
    ("${A:-${B}}", "${A:-}"), ("$1", "$1"), ("$", "$"), ("${", "$${"), ("${}", "$${}"),
  ])
  func `variables are written as Ballast writes them`(_ text: String, _ expected: String) {
    #expect(ComposeVariables.converted(text).text == expected)
  }

  @Test(arguments: [
    ("a b  c", ["a", "b", "c"]), ("'a b' \"c \\\" d\"", ["a b", "c \" d"]), ("a\\ b", ["a b"]),
    ("''", [""]), ("a'b'c", ["abc"]), ("\"a\\nb\"", ["a\\nb"]), ("", []),
  ])
  func `words are split as a shell splits them`(_ text: String, _ expected: [String]) {
    #expect(ShellWords.split(text) == expected)
  }

  @Test func `quotes that are not closed are no words`() {
    #expect(ShellWords.split("a 'b") == nil && ShellWords.split("a\\") == nil)
  }

  // MARK: Odd input

  @Test(arguments: [
    "", "services:", "services: []", "services: { a: [] }", "services: { a: { command: } }",
    "services: { a: { command: { b: c } } }", "- a", "just text",
    "services: { \"\": { command: a } }",
    "services: { a: { ports: 80 } }",
    "services: { a: { command: a, environment: x, ports: [ [ 1 ] ] } }",
    "services: { a: { command: a, healthcheck: [] , deploy: x, stop_signal: WINCH, cpus: { } } }",
    "services: { a: { command: \"'\", mem_limit: 99999999999999999999g, stop_grace_period: 99999999999h } }",
    "services: { a: { command: a, healthcheck: { test: [], retries: -1, interval: 1us } } }",
    "services: { a: &a { command: a, <<: *a } }",
    "a: &a { b: 1 }\nservices: { w: { <<: [ *a, 3 ] } }",
    "services: { a: { command: !reset [] } }", "\u{FEFF}services:\n  a: { command: a }\n",
  ])
  func `odd files end in a remark or in a configuration that is valid`(_ text: String) throws {
    let one = imported(text)
    if one.text != nil {
      _ = try settings(one)
    } else {
      #expect(one.remarks.contains { $0.severity == .error })
    }
  }

  @Test func `bytes that are changed at random never trap, and what comes out is valid`() throws {
    var random = SeededRandom(seed: 60)
    let bytes = Array(Self.shop.utf8)
    let odd = Array("{}[]:-#&*!|>'\"%@`$ \n\t0a\u{1}".utf8)
    for _ in 0..<3_000 {
      var mutated = bytes
      for _ in 0..<(1 + random.below(4)) {
        let place = random.below(mutated.count)
        switch random.below(3) {
        case 0: mutated[place] = odd[random.below(odd.count)]
        case 1: mutated.remove(at: place)
        default: mutated.insert(odd[random.below(odd.count)], at: place)
        }
      }
      let text = String(decoding: mutated, as: UTF8.self)
      let one = imported(text)
      guard let made = one.text else { continue }
      // Names that a changed reference asks for are not set here; all else must be good.
      let wrong = load(made, environment: ["HOST": "h"]).diagnostics.filter {
        $0.severity == .error && !$0.message.hasPrefix("the environment has no variable")
      }
      #expect(wrong.isEmpty, "\(wrong)\n\(made)")
      _ = imported(text, "Procfile")
    }
  }
}
