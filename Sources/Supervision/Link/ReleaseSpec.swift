/// A folder of its own for one version of a service, which the keeper makes before a command fills
/// it. One that is complete stays as it is.
public struct ReleaseSpec: Codable, Sendable, Equatable {
  public struct File: Codable, Sendable, Equatable {
    /// Within the folder, without a slash.
    public var name: String
    public var text: String
    /// Permissions.
    public var mode: UInt32

    public init(name: String, text: String, mode: UInt32) {
      self.name = name
      self.text = text
      self.mode = mode
    }
  }

  /// Absolute; the folder above it holds the service's other releases.
  public var folder: String
  public var files: [File]
  /// Complete releases beside it that stay, the newest; those that replicas run from always do.
  public var kept: Int

  public init(folder: String, files: [File] = [], kept: Int) {
    self.folder = folder
    self.files = files
    self.kept = kept
  }
}

/// A secret of a replica, by where it is: what it says goes from there to the replica, and through
/// nothing else.
public struct SecretSpec: Codable, Sendable, Equatable {
  /// Of the file that the replica gets, or of the variable.
  public var name: String
  /// An absolute path; nil: `variable` has it.
  public var file: String?
  /// Of the keeper's own environment.
  public var variable: String?
  public var isVariable: Bool

  public init(name: String, file: String? = nil, variable: String? = nil, isVariable: Bool) {
    self.name = name
    self.file = file
    self.variable = variable
    self.isVariable = isVariable
  }
}
