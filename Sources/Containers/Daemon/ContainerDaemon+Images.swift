/// What is done with images.
extension ContainerDaemon {
  /// Whether the daemon has it.
  public func hasImage(_ image: String) throws(ContainerError) -> Bool {
    do {
      _ = try ask(.get, "/images/\(Self.escaped(image))/json")
      return true
    } catch {
      guard error.isMissing else { throw error }
      return false
    }
  }

  /// Has the daemon fetch it from its registry.
  /// - Parameters:
  ///   - credentials: a file with what registries want to know; nil: nothing.
  ///   - told: hears of each whole percent, while their number is known.
  public func pull(
    _ image: String, credentials file: String? = nil, told: (Int) -> Void
  ) throws(ContainerError) {
    let reference = ImageReference(image)
    var credentials: String?
    if let file { credentials = try RegistryCredentials(file: file).header(for: image) }
    var progress = PullProgress()
    var last = -1
    try lines(
      .post,
      "/images/create?fromImage=\(Self.escaped(reference.name))&tag=\(Self.escaped(reference.tag))",
      authorized: credentials, stall: ContainerLimits.pullStallMilliseconds
    ) { line in
      progress.take(line)
      if let percent = progress.percent, percent > last {
        last = percent
        told(percent)
      }
      return progress.failure == nil
    }
    // The status was sent before anything could go wrong.
    if let failure = progress.failure {
      throw .refused(status: 500, message: Self.oneLine(failure))
    }
  }
}

/// An image's name and what is meant of it.
struct ImageReference: Equatable {
  var name: String
  /// A tag, or `sha256:…`.
  var tag: String

  /// Without either, `latest` is meant: asked without a tag, the daemon would fetch all there are.
  init(_ text: String) {
    if let at = text.lastIndex(of: "@") {
      let named = text[..<at]
      // Of both, the digest is the one that says which.
      name = Self.split(named)?.name ?? String(named)
      tag = String(text[text.index(after: at)...])
    } else if let parts = Self.split(text[...]) {
      (name, tag) = parts
    } else {
      (name, tag) = (text, "latest")
    }
  }

  /// A colon before the last slash is a registry's port.
  private static func split(_ text: Substring) -> (name: String, tag: String)? {
    guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") else { return nil }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }
}
