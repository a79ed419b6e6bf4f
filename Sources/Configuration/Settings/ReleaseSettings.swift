public import Primitives

/// `prepare`, `files` and their neighbours of `run`: each version gets a folder of its own.
public struct ReleaseSettings: Sendable, Equatable {
  public struct File: Sendable, Equatable {
    public var name: String
    public var text: String
    /// Permissions.
    public var mode: Int

    public init(name: String, text: String, mode: Int = 0o640) {
      self.name = name
      self.text = text
      self.mode = mode
    }
  }

  /// The program that fills the folder, and its arguments; empty where files are all.
  public var prepare: [String]
  public var timeout: TimeSpan
  /// Complete releases that stay, besides those that run.
  public var keep: Int
  public var files: [File]
  /// The configuration's folder, absolute.
  public var source: String

  /// Where replicas run that have no `directory`: the release.
  public static let folderReference = "${RELEASE}"
  public static let secretsReference = "${SECRETS}"
  /// Bytes of all files together: each order to make a release carries them.
  public static let mostBytes = 64 << 10

  public init(
    prepare: [String] = [], timeout: TimeSpan = .minutes(5), keep: Int = 5, files: [File] = [],
    source: String
  ) {
    self.prepare = prepare
    self.timeout = timeout
    self.keep = keep
    self.files = files
    self.source = source
  }
}

/// `secrets: { NAME: { file } }` or `{ environment }`: where a secret is, not what it says.
public struct SecretSettings: Sendable, Equatable {
  public enum Source: Sendable, Equatable {
    /// Absolute.
    case file(String)
    /// A variable of Ballast's own environment.
    case environment(String)
  }

  public var name: String
  public var source: Source
  /// `as: variable`, instead of a file.
  public var isVariable: Bool

  public init(name: String, source: Source, isVariable: Bool = false) {
    self.name = name
    self.source = source
    self.isVariable = isVariable
  }
}
