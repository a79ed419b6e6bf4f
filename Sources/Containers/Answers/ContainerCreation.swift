internal import Supervision

/// What a container is made from, by the names of the Docker Engine API.
public struct ContainerCreation: Encodable, Sendable {
  struct Host: Encodable {
    struct Binding: Encodable {
      var address = "127.0.0.1"
      var port: String

      private enum CodingKeys: String, CodingKey {
        case address = "HostIp"
        case port = "HostPort"
      }
    }

    struct Logs: Encodable {
      var kind = "json-file"
      var options = ["max-size": "8m", "max-file": "2"]

      private enum CodingKeys: String, CodingKey {
        case kind = "Type"
        case options = "Config"
      }
    }

    struct Restart: Encodable {
      var name = "no"

      private enum CodingKeys: String, CodingKey { case name = "Name" }
    }

    var network: String
    var ports: [String: [Binding]]?
    var volumes: [String]?
    /// Bytes; together with swap the same, so that there is none.
    var memory: Int64?
    var memoryAndSwap: Int64?
    /// Cores, in billionths.
    var cores: Int64?
    var restart = Restart()
    /// The daemon's copy of the output, which Ballast reads from: bounded.
    var logs = Logs()

    private enum CodingKeys: String, CodingKey {
      case network = "NetworkMode"
      case ports = "PortBindings"
      case volumes = "Binds"
      case memory = "Memory"
      case memoryAndSwap = "MemorySwap"
      case cores = "NanoCpus"
      case restart = "RestartPolicy"
      case logs = "LogConfig"
    }
  }

  struct Empty: Encodable {}

  var image: String
  var command: [String]?
  var environment: [String]
  var directory: String?
  var user: String?
  var labels: [String: String]
  var stopSignal: String
  /// Seconds.
  var stopTimeout: Int64
  var ports: [String: Empty]?
  var host: Host

  private enum CodingKeys: String, CodingKey {
    case image = "Image"
    case command = "Cmd"
    case environment = "Env"
    case directory = "WorkingDir"
    case user = "User"
    case labels = "Labels"
    case stopSignal = "StopSignal"
    case stopTimeout = "StopTimeout"
    case ports = "ExposedPorts"
    case host = "HostConfig"
  }

  /// - Parameter port: the replica's, on 127.0.0.1 of the machine.
  public init(_ order: HolderOrder, replica: String, port: UInt16) {
    let spec = order.container
    let isHost = spec.network == "host"
    // On the machine's own network there is nothing to publish: the program listens there itself.
    let inside = isHost ? port : spec.port ?? port
    let replace = { (text: String) in
      text.replacing("${PORT}", with: "\(inside)").replacing("${REPLICA}", with: replica)
    }
    image = spec.image
    command = spec.command.isEmpty ? nil : spec.command.map(replace)
    environment =
      spec.environment.filter { $0.name != "PORT" && $0.name != "REPLICA" }
      .map { "\($0.name)=\(replace($0.value))" } + ["PORT=\(inside)", "REPLICA=\(replica)"]
    directory = spec.directory
    user = spec.user
    labels = ContainerLabels(order, replica: replica, port: port).all
    stopSignal = "SIG\(order.stopSignal.rawValue)"
    stopTimeout = max(0, order.stopTimeoutMilliseconds) / 1_000
    ports = isHost ? nil : ["\(inside)/tcp": Empty()]
    host = Host(
      network: spec.network,
      ports: isHost ? nil : ["\(inside)/tcp": [Host.Binding(port: "\(port)")]],
      volumes: spec.volumes.isEmpty ? nil : spec.volumes, memory: spec.memory,
      memoryAndSwap: spec.memory,
      cores: spec.cpu.flatMap { $0.isNaN ? nil : Int64(min(max($0, 0.001), 1e6) * 1e9) })
  }
}
