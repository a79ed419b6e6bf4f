/// A part that is nil stays as it is.
public struct ServerChange: Codable, Sendable, Equatable {
  /// `ready`, `draining`, `maintenance`.
  public var state: String?
  /// 0 … 1000.
  public var weight: Int?

  public init(state: String? = nil, weight: Int? = nil) {
    self.state = state
    self.weight = weight
  }
}

public struct ScaleRequest: Codable, Sendable, Equatable {
  public var replicas: Int

  public init(replicas: Int) { self.replicas = replicas }
}

/// Of `POST /v1/faults/ID/resolve` and `PUT /v1/faults/ID`.
public struct FaultResolution: Codable, Sendable, Equatable {
  public var cause: String

  public init(cause: String) { self.cause = cause }
}

public struct FaultAcknowledgement: Codable, Sendable, Equatable {
  /// What is done about it, for the record.
  public var note: String?

  public init(note: String? = nil) { self.note = note }
}

public struct ConfigurationStatus: Codable, Sendable, Equatable {
  public var file: String
  /// The text that the engine runs on now.
  public var text: String
  /// Whether it differs from the file, after a `config set` that wasn't saved.
  public var unsaved: Bool
  /// Whether `file` is a folder of files.
  public var isFolder: Bool?
  public var topologyVersion: UInt64
  /// What holds only from the next engine on (`ballast upgrade`), and what looks like a mistake; nil for
  /// none.
  public var warnings: [String]?

  public init(
    file: String, text: String, unsaved: Bool, isFolder: Bool? = nil, topologyVersion: UInt64,
    warnings: [String]? = nil
  ) {
    self.isFolder = isFolder
    self.warnings = warnings
    self.file = file
    self.text = text
    self.unsaved = unsaved
    self.topologyVersion = topologyVersion
  }
}

public struct ConfigurationValue: Codable, Sendable, Equatable {
  /// Keys with dots between, a number for a place in a list: `services.shop.servers.0.weight`.
  public var path: String
  /// YAML.
  public var value: String

  public init(path: String, value: String) {
    self.path = path
    self.value = value
  }
}
