/// `log: { level, journald, syslog, access: { path, format, … } }`.
public struct LogSettings: Sendable, Equatable {
  public enum Level: String, Sendable, CaseIterable { case debug, info, warning, error }

  public enum AccessFormat: Sendable, Equatable {
    /// With these fields beside what every line has.
    case json(LoggedFieldNames)
    case combined
    case template(LogTemplate)

    /// What `format` may be; a template has a key of its own.
    static let names = ["json", "combined"]
  }

  public enum AccessTarget: Sendable, Equatable {
    case off
    case standardOutput
    case file(String)
    case journald(JournaldSettings)
    case syslog(SyslogSettings)
  }

  /// Where messages of Ballast's own go.
  public enum Target: Sendable, Equatable {
    case standardError
    case journald(JournaldSettings)
    case syslog(SyslogSettings)
  }

  /// When the log's file is full it becomes `FILE.1`, the one before it `FILE.2`, and so on.
  public struct Rotation: Sendable, Equatable {
    /// Bytes.
    public var size: Int64
    /// Files beside the one that is written.
    public var keep: Int

    public init(size: Int64, keep: Int = 5) {
      self.size = size
      self.keep = keep
    }
  }

  public var level: Level
  public var target = Target.standardError
  public var access: AccessTarget
  public var accessFormat: AccessFormat
  /// nil leaves it to others, who rename the file and send SIGHUP.
  public var rotation: Rotation?
  /// nil writes a line for each request.
  public var sampling: LogSampling?

  public init(
    level: Level = .info, access: AccessTarget = .off,
    accessFormat: AccessFormat = .json(LoggedFieldNames()), rotation: Rotation? = nil
  ) {
    self.level = level
    self.access = access
    self.accessFormat = accessFormat
    self.rotation = rotation
  }
}

/// Header fields that a format of the access log asks for, in lower case.
public struct LoggedFieldNames: Sendable, Equatable {
  /// Of a request, and of an answer: each is looked for in every head.
  public static let most = 16

  public var request: [String]
  public var response: [String]

  public init(request: [String] = [], response: [String] = []) {
    self.request = request
    self.response = response
  }
}
