internal import CLinux
internal import EventLoop
internal import FoundationEssentials
internal import Glibc
internal import Supervision

/// Who we are to a registry, out of a file as `docker login` and `podman login` write it: its `auths`, by the
/// registry's name. What a file leaves to a helper program is not there for us. Shown to nobody but the daemon.
struct RegistryCredentials {
  private struct File: Decodable {
    struct Entry: Decodable {
      /// `USER:PASSWORD` in base64.
      var auth: String?
      var identitytoken: String?
    }

    var auths: [String: Entry]?
  }

  private struct Header: Encodable {
    var username: String?
    var password: String?
    var identitytoken: String?
    var serveraddress: String
  }

  private static let hub = "docker.io"
  /// What the first registry is called besides, for reasons of its age.
  private static let namesOfHub: Set<String> = [
    "docker.io", "index.docker.io", "registry-1.docker.io",
  ]

  private let entries: [(name: String, entry: File.Entry)]

  /// Blocks.
  init(file path: String) throws(ContainerError) {
    let bytes = try Self.bytes(of: path)
    guard bytes.count <= ContainerLimits.answerBytes,
      let file = try? JSONDecoder().decode(File.self, from: Data(bytes))
    else {
      throw .malformed(
        "the registries' credentials in \(path) are not as `docker login` writes them")
    }
    entries = (file.auths ?? [:]).map { (Self.host($0.key), $0.value) }
  }

  /// Read in one go: it may be replaced by another at any time.
  private static func bytes(of path: String) throws(ContainerError) -> [UInt8] {
    let file = unsafe file_open(path, O_RDONLY | O_NONBLOCK, 0)
    guard file >= 0 else {
      let reason = EventLoop.SystemError.text(0 &- file)
      throw .malformed("the registries' credentials in \(path) cannot be read: \(reason)")
    }
    defer { Descriptor.close(file) }
    var bytes: [UInt8] = []
    while bytes.count <= ContainerLimits.answerBytes {
      guard let part = try? Descriptor.read(file, limit: 1 << 16), !part.isEmpty else { break }
      bytes += part
    }
    return bytes
  }

  /// The value of `X-Registry-Auth` for an image's pull; nil when there is nothing to say.
  func header(for image: String) -> String? {
    let registry = Self.registry(of: image)
    guard let entry = entries.first(where: { $0.name == registry })?.entry else { return nil }
    var header = Header(serveraddress: registry)
    if let token = entry.identitytoken, !token.isEmpty {
      header.identitytoken = token
    } else if let auth = entry.auth, let pair = Self.pair(auth) {
      (header.username, header.password) = pair
    } else {
      return nil
    }
    // RFC 4648, section 5.
    return (try? JSONEncoder().encode(header))?.base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_")
  }

  private static func pair(_ text: String) -> (user: String, password: String)? {
    guard let data = Data(base64Encoded: text) else { return nil }
    let parts = String(decoding: data, as: UTF8.self)
      .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { return nil }
    // Older files end it with a NUL.
    return (String(parts[0]), String(parts[1].prefix { $0 != "\0" }))
  }

  /// An image's first part names a registry when it could be no folder of the first one.
  static func registry(of image: String) -> String {
    guard let slash = image.firstIndex(of: "/") else { return hub }
    let first = image[..<slash]
    guard first.contains(".") || first.contains(":") || first == "localhost" else { return hub }
    return host(String(first))
  }

  /// `https://index.docker.io/v1/` is docker.io.
  private static func host(_ text: String) -> String {
    var name = text[...]
    for scheme in ["https://", "http://"] where name.hasPrefix(scheme) {
      name = name.dropFirst(scheme.count)
    }
    let host = String(name.prefix { $0 != "/" })
    return namesOfHub.contains(host) ? hub : host
  }
}
