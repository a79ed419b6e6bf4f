public import Primitives

/// A configuration that was accepted.
public struct ConfigurationRecord: Sendable, Equatable {
  /// From 1, in the order of time.
  public var number: Int64
  public var at: WallTime
  /// What it came from, in a word or two.
  public var origin: String
  public var author: String?
  /// The file or folder that it was for.
  public var file: String
  /// Its texts, in the form that the caller has for them; empty in lists.
  public var files: String
  /// Of `files`.
  public var bytes: Int

  public init(
    number: Int64, at: WallTime, origin: String, author: String? = nil, file: String,
    files: String
  ) {
    self.number = number
    self.at = at
    self.origin = origin
    self.author = author
    self.file = file
    self.files = files
    bytes = files.utf8.count
  }
}
