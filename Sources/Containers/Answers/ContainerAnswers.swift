// The daemon's answers, as the Docker Engine API has them; any part may be missing.

struct CreatedContainer: Decodable {
  var id: String?
  var warnings: [String]?

  private enum CodingKeys: String, CodingKey {
    case id = "Id"
    case warnings = "Warnings"
  }
}

struct EndedContainer: Decodable {
  var code: Int?

  private enum CodingKeys: String, CodingKey { case code = "StatusCode" }
}

struct ContainerAnswer: Decodable {
  struct State: Decodable {
    var isRunning: Bool?
    var ranOutOfMemory: Bool?

    private enum CodingKeys: String, CodingKey {
      case isRunning = "Running"
      case ranOutOfMemory = "OOMKilled"
    }
  }

  struct Config: Decodable {
    var labels: [String: String]?

    private enum CodingKeys: String, CodingKey { case labels = "Labels" }
  }

  var id: String?
  var state: State?
  var config: Config?

  private enum CodingKeys: String, CodingKey {
    case id = "Id"
    case state = "State"
    case config = "Config"
  }
}

struct ListedAnswer: Decodable {
  var id: String?
  var state: String?
  var labels: [String: String]?

  private enum CodingKeys: String, CodingKey {
    case id = "Id"
    case state = "State"
    case labels = "Labels"
  }
}

struct StatisticsAnswer: Decodable {
  struct Processor: Decodable {
    struct Usage: Decodable {
      var nanoseconds: Double?

      private enum CodingKeys: String, CodingKey { case nanoseconds = "total_usage" }
    }

    var usage: Usage?

    private enum CodingKeys: String, CodingKey { case usage = "cpu_usage" }
  }

  struct Memory: Decodable {
    struct Details: Decodable {
      /// Under control groups of version 1, and of version 2.
      var allInactiveFile: Double?
      var inactiveFile: Double?

      private enum CodingKeys: String, CodingKey {
        case allInactiveFile = "total_inactive_file"
        case inactiveFile = "inactive_file"
      }
    }

    var usage: Double?
    var details: Details?

    private enum CodingKeys: String, CodingKey {
      case usage
      case details = "stats"
    }
  }

  var processor: Processor?
  var memory: Memory?

  private enum CodingKeys: String, CodingKey {
    case processor = "cpu_stats"
    case memory = "memory_stats"
  }
}

/// A container as the daemon knows it.
public struct InspectedContainer: Sendable, Equatable {
  public var id: String
  public var isRunning: Bool
  public var ranOutOfMemory: Bool
  public var labels: [String: String]

  init(_ answer: ContainerAnswer) {
    id = answer.id ?? ""
    isRunning = answer.state?.isRunning ?? false
    ranOutOfMemory = answer.state?.ranOutOfMemory ?? false
    labels = answer.config?.labels ?? [:]
  }
}

public struct ListedContainer: Sendable, Equatable {
  public var id: String
  public var isRunning: Bool
  public var labels: [String: String]

  init?(_ answer: ListedAnswer) {
    guard let id = answer.id, !id.isEmpty else { return nil }
    self.id = id
    isRunning = answer.state == "running"
    labels = answer.labels ?? [:]
  }
}

/// What a container has used.
public struct ContainerUsage: Sendable, Equatable {
  public var cpuSeconds: Double
  /// Without what the kernel can take back at once.
  public var memoryBytes: Int64

  init(_ answer: StatisticsAnswer) {
    cpuSeconds = max(0, answer.processor?.usage?.nanoseconds ?? 0) / 1e9
    let details = answer.memory?.details
    let held = answer.memory?.usage ?? 0
    let free = details?.allInactiveFile ?? details?.inactiveFile ?? 0
    let bytes = min(max(held - max(free, 0), 0), 1e18)
    memoryBytes = bytes.isFinite ? Int64(bytes) : 0
  }
}
