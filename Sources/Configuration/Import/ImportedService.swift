/// A service as it is to be written down.
struct ImportedService: Sendable {
  enum Health: Sendable, Equatable {
    case none
    case http(path: String)
    case command([String])
  }

  /// A port that clients use.
  struct Port: Sendable, Equatable {
    enum Transport: String, Sendable { case http, tcp, udp }

    /// What stands before the port: an address, or nothing for all of the machine.
    var host = ""
    /// May hold a variable of the environment.
    var published: String
    var target: String
    var transport: Transport
    var place: SourceRange
  }

  var name: String
  var place: SourceRange
  var image: String?
  var command: [String] = []
  var directory: String?
  var user: String?
  var volumes: [String] = []
  var network: String?
  /// In the order of the file, a later one in the place of an earlier.
  private(set) var environment: [(name: String, value: String)] = []
  var replicas: String?
  var cpu: String?
  var memory: String?
  var stopSignal: String?
  var stopTimeout: String?
  /// Before the first replica of a version.
  var prepare: [String] = []
  var health: Health?
  /// Of the health checks: keys and values.
  var checks: [(key: String, value: String)] = []
  /// Of `deploy`.
  var deploy: [(key: String, value: String)] = []
  var ports: [Port] = []
  /// Where it listens inside of a container, when nobody outside uses it.
  var exposed: String?

  init(name: String, place: SourceRange) {
    self.name = name
    self.place = place
  }

  mutating func set(_ variable: String, to value: String) {
    if let place = environment.firstIndex(where: { $0.name == variable }) {
      environment[place].value = value
    } else {
      environment.append((variable, value))
    }
  }

  /// One for the whole service: HTTP when there is any.
  var transport: Port.Transport {
    if ports.isEmpty || ports.contains(where: { $0.transport == .http }) { return .http }
    return ports[0].transport
  }

  /// The ports that this transport has.
  var carried: [Port] { ports.filter { $0.transport == transport } }
}
