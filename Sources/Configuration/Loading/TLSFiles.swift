/// Files that a configuration names for TLS. The loader reads none of them: whoever may read files
/// looks at them for it.
public enum TLSFiles: Sendable, Hashable {
  case pair(CertificateSettings)
  /// Authorities, and the certificates that they took back.
  case authorities(String, revocations: String?)
}

/// What is wrong with one of them.
public struct TLSFileProblem: Sendable, Equatable {
  /// The file, absolute.
  public var path: String
  /// Goes after the file's name: `has no certificate in PEM`.
  public var message: String
  /// A warning otherwise.
  public var isError: Bool

  public init(path: String, message: String, isError: Bool) {
    self.path = path
    self.message = message
    self.isError = isError
  }
}

extension SettingsBuilder {
  /// Looks at files, and reports what is wrong with one at the key that names it.
  mutating func examine(_ files: TLSFiles, _ object: DecodedObject, _ keys: [String]) {
    for problem in inspect(files) {
      let key = keys.first { object.text($0).map(folder.absolute) == problem.path }
      let written = key.flatMap { object.text($0) } ?? problem.path
      let place = key.flatMap { object[$0]?.place } ?? object.place
      let message = "\(Quoted.value(written)): \(problem.message)"
      if problem.isError {
        log.error(message, at: place, help: nil)
      } else {
        log.warning(message, at: place, help: nil)
      }
    }
  }
}
