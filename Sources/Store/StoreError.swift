/// Why the store could not be opened, read or written.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// The file is no database, not ours, or its content contradicts itself.
    case damaged
    /// No space is left on the disk.
    case full
    /// The file, the folder or the file system may not be written.
    case readOnly
    /// Another engine has it open; its process, if that could be read.
    case locked(pid: Int?)
    /// The file was written by a later Ballast.
    case newerSchema(found: Int)
    /// The operating system or SQLite refused for another reason.
    case unavailable
    /// The store was closed.
    case closed
  }

  public let kind: Kind
  /// A sentence for people, with the file's path where it matters.
  public let description: String

  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
