import Testing

@testable import Configuration

/// Row 60 of the attack catalogue, and its neighbours: refused with a place, never a trap.
struct HostileInputTests {
  @Test(arguments: [
    ("listeners:\n\tweb: { address: \":80\" }\n", "2:1", "a tab stands where only spaces"),
    ("listeners:\n  web:\n  \taddress: \":80\"\n", "3:3", "a tab stands where only spaces"),
    ("a: 1\na: 2\n", "2:1", "the key 'a' is here twice"),
    ("a: &x [ *x ]\n", "1:9", "the alias '*x' stands inside its own anchor"),
    ("a: *y\n", "1:4", "there is no anchor '&y' before this"),
    ("a: 1\n---\nb: 2\n", "2:1", "a second document begins here"),
    ("a: !!python/object x\n", "1:4", "the tag"),
    ("a: @x\n", "1:4", "a value cannot begin with '@'"),
    ("a: [ 1, 2\n", "2:1", "the list that begins at line 1 with '[' is not closed"),
    ("a: { b: 1\n", "2:1", "the map that begins at line 1 with '{' is not closed"),
    ("a: \"x\n", "1:4", "the quotes that open here are not closed"),
    ("a: b: c\n", "1:5", "a key with ':' cannot stand here"),
    ("a: 1\n b: 2\n", "2:3", "a key with ':' cannot stand here"),
    ("- 1\nb: 2\n", "2:1", "the list that begins at line 1 goes on without a '-'"),
    ("? [ a ]\n: 1\n", "1:3", "a key must be plain text"),
    ("a: \"\\q\"\n", "1:5", "this escape is unknown"),
    ("a: \u{1}\n", "1:4", "a control character"),
    ("just text\n", "1:1", "the configuration must be a map, not text"),
    ("", "1:1", "'listeners' is missing in the configuration"),
  ])
  func `what is no plain YAML is refused with its place`(
    _ text: String, _ place: String, _ message: String
  ) throws {
    let outcome = load(text)
    let found = outcome.diagnostics.first { $0.message.hasPrefix(message) }
    let first = try #require(found, "\(outcome.messages)")
    #expect("\(first.line):\(first.column)" == place)
    #expect(first.suggestion != nil)
  }

  @Test func `an alias bomb ends at the limit`() {
    var text = "a0: &a0 [ 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 ]\n"
    for level in 1...12 {
      let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [ \(items) ]\n"
    }
    #expect(
      load(text).messages == ["the file has more than 100000 values, aliases counted in full"])
  }

  @Test func `depth, size and number of values are bounded`() {
    let deep = String(repeating: "[", count: 5000)
    #expect(load(deep).messages == ["values are nested more than 32 deep"])
    let large = "# " + String(repeating: "x", count: 1 << 20)
    #expect(load(large).messages.first?.hasSuffix("the most is 1048576") == true)
    let many = "a: [\(String(repeating: "1,", count: 200_000))]"
    #expect(load(many).messages.first?.hasPrefix("the file has more than 100000 values") == true)
  }

  @Test(arguments: [
    ("servers: 10.0.0.1:80", "5:14", "'servers' must be a list, not text"),
    ("servers: { a: b }", "5:14", "'servers' must be a list, not a map"),
    ("servers: [ [ a ] ]", "5:16", "an item of 'servers' must be an address, not a list"),
    ("servers: []", "4:3", "the service 'shop' has no servers"),
    ("balance: random", "4:3", "the service 'shop' has no servers"),
    ("severs: [ 10.0.0.1:80 ]", "5:5", "'severs' is no key of a service"),
    ("servers: [ \"10.0.0.1\" ]", "5:16", "an item of 'servers': '10.0.0.1' has no port"),
    ("servers: [ \"10.0.0.1:0\" ]", "5:16", "an item of 'servers': a port is 1 to 65535"),
    ("servers: [ \"10.0.0.1:99999999999999999999\" ]", "5:16", "an item of 'servers': '999"),
    ("servers: [ \":80\" ]", "5:16", "an item of 'servers': ':80' is every address"),
    (
      "servers: [ \"http://10.0.0.1/\" ]", "5:16",
      "an item of 'servers': 'http://10.0.0.1/' is a URL"
    ),
    ("servers: [ \"::1:80:x\" ]", "5:16", "an item of 'servers': 'x' is not a port"),
    ("servers: [ { address: 10.0.0.1:80, weight: 1001 } ]", "5:48", "'weight' must be an integer"),
    ("servers: [ { address: 10.0.0.1:80, weight: -1 } ]", "5:48", "'weight' must be an integer"),
    (
      "servers: [ { address: 10.0.0.1:80, weight: 99999999999999999999999999 } ]", "5:48",
      "'weight' must be an integer from 0 to 1000"
    ),
    (
      "servers: [ { address: 10.0.0.1:80, backup: yes } ]", "5:48", "'backup' must be true or false"
    ),
    ("servers: [ { address: 10.0.0.1:80, zone: a b } ]", "5:46", "'zone': 'a b' is not a name"),
    (
      "servers: [ { address: 10.0.0.1:80, priority: 10 } ]", "5:50", "'priority' must be an integer"
    ),
    (
      "servers: [ { address: 10.0.0.1:80, priority: 0, backup: true } ]", "5:53",
      "'backup: true' and 'priority: 0' say different things"
    ),
    (
      "servers: [ { address: 10.0.0.1:80, backup: false, priority: 2 } ]", "5:40",
      "'backup: false' and 'priority: 2' say different things"
    ),
    ("servers: [ { name: \"a b\", address: 10.0.0.1:80 } ]", "5:24", "'name': 'a b' is not a name"),
    ("servers: [ { weight: 1 } ]", "5:16", "'address' is missing in a server"),
    ("servers: [ 10.0.0.1:80, 10.0.0.1:80 ]", "5:29", "two servers have the name '10.0.0.1:80'"),
  ])
  func `servers that are wrong are refused`(
    _ body: String, _ place: String, _ message: String
  ) throws {
    let outcome = load(serviceFile(body))
    let first = try #require(outcome.diagnostics.first)
    #expect("\(first.line):\(first.column)" == place)
    #expect(first.message.hasPrefix(message), "\(first.message)")
    #expect(outcome.diagnostics.count == 1, "\(outcome.messages)")
    #expect(first.suggestion != nil)
  }

  @Test(arguments: [
    ("timeouts: { connect: 0s }", "'connect' must be a duration from 1ms"),
    ("timeouts: { connect: 99999999999h }", "'connect' must be a duration"),
    ("timeouts: { connect: 9223372036854775807s }", "'connect' must be a duration"),
    ("timeouts: { connect: -1s }", "'connect' must be a duration"),
    ("timeouts: { connect: 1e9s }", "'connect' must be a duration"),
    ("timeouts: { connect: }", "'connect' has no value"),
    ("timeouts: { connect: [ 1s ] }", "'connect' must be a duration from 1ms to 8760h, not a list"),
    ("retries: { budget: 0.2 }", "'budget' must be a share"),
    ("retries: { budget: 120% }", "'budget' must be a share"),
    ("retries: { on: [ grpc-fine ] }", "an item of 'on' cannot be 'grpc-fine'"),
    ("retries: { attempts: 11 }", "'attempts' must be an integer from 0 to 10"),
    ("retries: { attempts: two }", "'attempts' must be an integer"),
    ("limits: { queue: 1.5 }", "'queue' must be an integer"),
    ("deploy: { strategy: rolling }", "'deploy' needs 'run'"),
    ("slowStart: 10", "'slowStart' must be a duration"),
    ("panic: 0.5", "'panic' must be a share"),
    ("limits: { adaptive: on }", "'adaptive' must be true or false"),
    ("retries: { hedge: 0s }", "'hedge' must be a duration from 1ms"),
    ("health: { grpc: {} }", "a check of gRPC speaks HTTP/2, and the service http"),
    ("health: { tcp: {}, none: {} }", "the health check has 'tcp' and 'none'"),
    ("health: { https: {}, command: [ x ] }", "the health check has 'https' and 'command'"),
    ("health: { tcp: { port: 1 } }", "'port' is no key of the TCP check"),
    ("health: { http: { status: [ 600 ] } }", "an item of 'status' must be a status code"),
    ("health: { http: { status: [ 299-200 ] } }", "an item of 'status' must be a status code"),
    ("health: { http: { path: \"/a\\r\\nX: y\" } }", "'path': "),
    ("health: { http: { host: \"a\\r\\nb\" } }", "'host': "),
    ("health: { interval: 1ms }", "'interval' must be a duration from 50ms"),
    (
      "run: { command: [ x ], driver: kubernetes }",
      "'kubernetes' for 'driver' is not supported yet"
    ),
    ("run: { command: [ x ], driver: container }", "'image' is missing in the run settings"),
    ("run: { command: [ x ], image: y, driver: process }", "'image' is for containers"),
    ("run: { command: [ x ], network: host }", "'network' is for containers"),
    ("run: { image: x, network: host, port: 80 }", "'port' has no meaning with 'network: host'"),
    ("run: { image: x, port: 0 }", "'port' must be an integer from 1 to 65535"),
    ("run: { image: x, pull: sometimes }", "'pull' cannot be 'sometimes'"),
    ("run: { image: x, network: \"a b\" }", "'network': "),
    ("run: { image: x, directory: ./srv }", "'./srv' is no folder inside the container"),
    ("run: { command: ./x --port 1 }", "'command' must be a list, not text"),
    ("run: { command: [] }", "'command' has 0 items; it must have 1 to 1024"),
    ("run: { command: [ \"\" ] }", "the program's name is empty"),
    ("run: { replicas: 2 }", "'command' is missing in the run settings"),
    ("run: { command: [ x ], replicas: 1001 }", "'replicas' must be an integer from 0 to 1000"),
    ("run: { command: [ x ], resources: { memory: 256MB } }", "'memory' must be a size"),
    ("run: { command: [ x ], resources: { memory: 99999999999TiB } }", "'memory' must be a size"),
    ("run: { command: [ x ], resources: { cpu: -1 } }", "'cpu' must be a number"),
    ("run: { command: [ x ], stop: { signal: SIGTERM } }", "'signal' cannot be 'SIGTERM'"),
    ("run: { command: [ x ], environment: { PORT: 1 } }", "the variable PORT is set by Ballast"),
    ("run: { command: [ x ], environment: { \"A=B\": 1 } }", "'A=B' is not the name of a variable"),
    (
      "run: { command: [ \"a\\0b\" ] }",
      "an item of 'command': it is longer than 64 KiB, or contains a NUL"
    ),
  ])
  func `values of a service that are wrong are refused`(_ body: String, _ message: String) throws {
    let outcome = load(serviceFile("servers: [ 10.0.0.1:80 ]\n\(body)"))
    let first = try #require(outcome.diagnostics.first)
    #expect(first.line == 6)
    #expect(first.message.hasPrefix(message), "\(first.message)")
    #expect(outcome.diagnostics.count == 1, "\(outcome.messages)")
    #expect(first.suggestion != nil)
  }
}
