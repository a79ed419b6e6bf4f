public import Configuration
internal import EventLoop
internal import Glibc

/// Reads the files of a configuration; what they say is `ConfigurationLoader`'s part.
public struct ConfigurationFiles: Sendable {
  /// The file, or every `*.yaml` of the folder in the order of their names.
  public var sources: [ConfigurationSource]
  /// The absolute path of the folder that relative paths in the configuration start from.
  public var folder: String

  /// Of one file, bytes.
  public static let largestFile = 4 << 20
  /// Of all files of a folder together, bytes.
  public static let largestFolder = 16 << 20

  /// - Parameter path: a file, or a folder whose `*.yaml` are merged; names that begin with a dot
  ///   are left out.
  public static func read(path: String) throws(ConfigurationFileError) -> ConfigurationFiles {
    guard try isFolder(path) else {
      let source = ConfigurationSource(path: path, text: try text(path))
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      let parent = parts.dropLast().joined(separator: "/")
      let isInRoot = parts.count == 2 && parts[0].isEmpty
      return ConfigurationFiles(
        sources: [source], folder: try absolute(isInRoot ? "/" : parent))
    }
    var sources: [ConfigurationSource] = []
    var total = 0
    for name in try names(in: path) where name.hasSuffix(".yaml") && !name.hasPrefix(".") {
      guard sources.count < ConfigurationLoader.mostFiles else {
        throw ConfigurationFileError(
          path: path, reason: "holds over \(ConfigurationLoader.mostFiles) files")
      }
      let file = path.hasSuffix("/") ? path + name : path + "/" + name
      let text = try text(file)
      total += text.utf8.count
      guard total <= largestFolder else {
        throw ConfigurationFileError(
          path: path, reason: "holds over \(largestFolder >> 20) MiB of configuration")
      }
      sources.append(ConfigurationSource(path: file, text: text))
    }
    guard !sources.isEmpty else {
      throw ConfigurationFileError(path: path, reason: "holds no file that ends in .yaml")
    }
    return ConfigurationFiles(sources: sources, folder: try absolute(path))
  }

  /// Reads and validates in one step; files that `!file` names, certificates and keys are read as well.
  /// - Parameter environment: what `${NAME}` refers to.
  public static func load(
    path: String, environment: [String: String]
  ) throws(ConfigurationFileError) -> LoadOutcome {
    let files = try read(path: path)
    let shelf = CertificateShelf()
    let loader = ConfigurationLoader(
      environment: environment, folder: files.folder, readFile: { try text($0) },
      inspect: { shelf.inspect($0, now: Clock.wallTime) })
    return loader.load(files.sources)
  }

  /// The text of one file, at most `largestFile` bytes of UTF-8.
  public static func text(_ path: String) throws(ConfigurationFileError) -> String {
    guard let text = String(validating: try bytes(path), as: UTF8.self) else {
      throw ConfigurationFileError(path: path, reason: "is not UTF-8 text")
    }
    return text
  }

  /// The bytes of one file, at most `largestFile`.
  static func bytes(_ path: String) throws(ConfigurationFileError) -> [UInt8] {
    guard !path.utf8.contains(0) else {
      throw ConfigurationFileError(path: path, reason: "has a NUL in its name")
    }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ConfigurationFileError(path: path, errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw ConfigurationFileError(path: path, errno: errno) }
      if count == 0 { break }
      bytes += chunk[..<count]
      guard bytes.count <= largestFile else {
        throw ConfigurationFileError(path: path, reason: "is over \(largestFile >> 20) MiB")
      }
    }
    return bytes
  }

  private static func isFolder(_ path: String) throws(ConfigurationFileError) -> Bool {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw ConfigurationFileError(path: path, reason: "is no path")
    }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      throw ConfigurationFileError(path: path, errno: errno)
    }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  private static func names(in folder: String) throws(ConfigurationFileError) -> [String] {
    guard let stream = unsafe opendir(folder) else {
      throw ConfigurationFileError(path: folder, errno: errno)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { text in
          unsafe String(cString: text)
        }
      }
      names.append(name)
    }
    return names.sorted()
  }

  private static func absolute(_ path: String) throws(ConfigurationFileError) -> String {
    if path.hasPrefix("/") { return path }
    guard let here = unsafe getcwd(nil, 0) else {
      throw ConfigurationFileError(path: path, errno: errno)
    }
    defer { unsafe free(here) }
    let folder = unsafe String(cString: here)
    return path.isEmpty || path == "." ? folder : "\(folder)/\(path)"
  }
}

/// A file that cannot be read, and why.
public struct ConfigurationFileError: Error, Sendable, Equatable, CustomStringConvertible {
  public var path: String
  /// Goes after the path: `no such file or directory`, `is over 4 MiB`.
  public var reason: String

  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  init(path: String, errno number: Int32) {
    self.path = path
    let text = unsafe strerror(number)
    reason = unsafe text.map { unsafe String(cString: $0).lowercased() } ?? "error \(number)"
  }

  /// `shop.yaml: no such file or directory`.
  public var description: String { "\(path): \(reason)" }
}
