import Configuration
import Primitives
import Testing

struct SubstitutionTests {
  @Test func `variables of the environment stand in any value`() {
    let text = """
      listeners: { web: { address: "${HOST}:${PORT:-8080}" } }
      services: { shop: { servers: [ "10.0.0.1:80" ], timeouts: { connect: "${T:-2}s" } } }
      workers: "${WORKERS}"
      """
    let settings = load(text, environment: ["HOST": "127.0.0.1", "WORKERS": "3", "T": ""]).settings
    #expect(settings?.listeners.first?.address == .loopback(port: 8080))
    #expect(settings?.services.first?.timeouts.connect == .seconds(2))
    #expect(settings?.workers == 3)
  }

  @Test func `a missing variable is an error at its place`() {
    #expect(
      load(Golden.smallest + "state: { path: \"${DATA}\" }\n").brief == [
        "6:16 the environment has no variable DATA (set it, or write '${DATA:-default}')"
      ])
  }

  @Test(arguments: ["${", "${}", "${A B}", "${1}", "${A:-${B}}", "${A-x}"])
  func `a reference that is none is an error`(_ text: String) {
    let outcome = load(Golden.smallest + "state: { path: \"\(text)\" }\n", environment: ["A": "a"])
    #expect(outcome.diagnostics.map(\.line) == [6])
  }

  @Test func `two dollars stand for one before a brace`() {
    let run = service(
      """
      run:
        command: [ sh, -c, "$${HOME} $HOME $$ ${A:-}${PORT}${REPLICA}" ]
        environment: { A: "${PORT}" }
      """)?.run
    #expect(run?.command.last == "${HOME} $HOME $$ ${PORT}${REPLICA}")
    #expect(run?.environment == [EnvironmentVariable(name: "A", value: "${PORT}")])
  }

  @Test func `a variable cannot add keys`() {
    let outcome = load(
      Golden.smallest + "log: { level: \"${L}\" }\n", environment: ["L": "info }\nworkers: 9"])
    #expect(outcome.settings == nil)
    #expect(outcome.diagnostics.map(\.line) == [6])
  }

  @Test func `a file's text stands for a value`() {
    let text = serviceFile(
      """
      servers: [ "10.0.0.1:80" ]
      health: { http: { body: !file secrets/body } }
      """)
    let files = ["/srv/shop/secrets/body": "${not a variable}\n"]
    guard case .http(let check)? = load(text, files: files).settings?.services.first?.health.check
    else {
      Issue.record("the file is refused")
      return
    }
    #expect(check.body == "${not a variable}")
    #expect(
      load(text).brief == [
        """
        6:29 the file '/srv/shop/secrets/body' cannot be read: no such file \
        (the path is relative to the configuration's folder)
        """
      ])
  }
}
