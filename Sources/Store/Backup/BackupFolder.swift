import Glibc
public import Primitives

/// The folder of scheduled backups, named by their time.
public struct BackupFolder: Sendable {
  static let prefix = "ballast-"
  static let suffix = ".backup"

  public struct Entry: Sendable, Equatable {
    /// Its file's name.
    public var name: String
    public var taken: WallTime
    public var bytes: Int64
  }

  public let path: String

  public init(path: String) { self.path = path }

  /// Where backups are without a word of the configuration.
  public init(state folder: String) { path = "\(folder)/backups" }

  public func create() throws(StoreError) { try StateFolder(path: path).create() }

  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// `ballast-20261128T041500Z.backup`.
  public func scheduled(_ time: WallTime) -> String {
    "\(Self.prefix)\(time.stamp)\(Self.suffix)"
  }

  /// Of a state that a restore replaced.
  public func before(_ time: WallTime) -> String {
    file("before-restore-\(time.stamp)-\(time.milliseconds % 1_000)\(Self.suffix)")
  }

  /// Scheduled ones, newest first.
  public func entries() -> [Entry] {
    var entries: [Entry] = []
    for name in Self.names(in: path) {
      guard let taken = Self.time(of: name) else { continue }
      var status = stat()
      guard unsafe stat(file(name), &status) == 0 else { continue }
      entries.append(Entry(name: name, taken: taken, bytes: Int64(status.st_size)))
    }
    return entries.sorted { $0.name > $1.name }
  }

  static func names(in path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let item = unsafe readdir(folder) {
      unsafe withUnsafePointer(to: &item.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          names.append(unsafe String(cString: $0))
        }
      }
    }
    return names
  }

  /// Removes those beyond the newest `keep`.
  /// - Returns: how many went.
  public func prune(keep: Int) -> Int {
    entries().dropFirst(max(keep, 1)).count { entry in unsafe unlink(file(entry.name)) == 0 }
  }

  /// `20261128T041500Z`.
  static func time(of name: String) -> WallTime? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
    let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
    let letters = Array(digits)
    guard letters.count == 16, letters[8] == "T", letters[15] == "Z" else { return nil }
    func part(_ range: Range<Int>) -> String { String(letters[range]) }
    return WallTime(
      "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15)).000Z"
    )
  }
}

extension WallTime {
  /// For the names of files: `20261128T041500Z`.
  var stamp: String {
    description.filter { $0 != "-" && $0 != ":" }.prefix { $0 != "." && $0 != "Z" } + "Z"
  }
}
