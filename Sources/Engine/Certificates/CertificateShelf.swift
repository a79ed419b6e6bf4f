import Configuration
import Primitives
import Synchronization
import TLS

/// What the files of certificates and authorities held when they were read last. The one place that
/// reads them: what a configuration was judged by is what is used then.
final class CertificateShelf: Sendable {
  /// Files that were read.
  struct Entry<Value: Sendable>: Sendable {
    /// The last that was good.
    var value: Value?
    /// What was wrong when they were read last; nil when `value` is what they hold.
    var problem: TLSProblem?
    var stamps: [FileStamp?]
  }

  private struct Shelved {
    var pairs: [CertificateSettings: Entry<TLSIdentity>] = [:]
    var authorities: [AuthorityFiles: Entry<TLSAuthorities>] = [:]
    var hasNews = false
  }

  private let shelved = Mutex(Shelved())
  /// Whether a bad pair is only warned of, though there is none before it.
  private let isForgiving: Bool

  init(isForgiving: Bool = false) { self.isForgiving = isForgiving }

  subscript(pair: CertificateSettings) -> Entry<TLSIdentity>? {
    shelved.withLock { $0.pairs[pair] }
  }

  subscript(files: AuthorityFiles) -> Entry<TLSAuthorities>? {
    shelved.withLock { $0.authorities[files] }
  }

  /// Whether the files are others than those that were read.
  func hasChanged(_ pair: CertificateSettings) -> Bool {
    self[pair]?.stamps != pair.paths.map(FileStamp.init)
  }

  func hasChanged(_ files: AuthorityFiles) -> Bool {
    self[files]?.stamps != files.paths.map(FileStamp.init)
  }

  /// Reads a pair again; what was good before stays when it is no good now.
  @discardableResult
  func read(_ pair: CertificateSettings, now: WallTime) -> Entry<TLSIdentity> {
    // Before the bytes: a file that changes meanwhile is read once more.
    let stamps = pair.paths.map(FileStamp.init)
    var entry = self[pair] ?? Entry(stamps: stamps)
    entry.stamps = stamps
    do throws(TLSProblem) {
      entry.value = try TLSIdentity(
        certificate: Self.bytes(pair.certificate), key: Self.bytes(pair.key),
        source: pair.certificate, keySource: pair.key, now: now)
      entry.problem = nil
    } catch {
      entry.problem = error
    }
    shelved.withLock { [entry] in
      $0.pairs[pair] = entry
      if entry.problem == nil { $0.hasNews = true }
    }
    return entry
  }

  @discardableResult
  func read(_ files: AuthorityFiles, now: WallTime) -> Entry<TLSAuthorities> {
    let stamps = files.paths.map(FileStamp.init)
    var entry = self[files] ?? Entry(stamps: stamps)
    entry.stamps = stamps
    do throws(TLSProblem) {
      let lists = try files.revocations.map { path throws(TLSProblem) in
        (bytes: try Self.bytes(path), source: path)
      }
      entry.value = try TLSAuthorities(
        certificates: Self.bytes(files.authorities), source: files.authorities,
        revocations: lists.map { [$0] } ?? [], now: now)
      entry.problem = nil
    } catch {
      entry.problem = error
    }
    shelved.withLock { [entry] in
      $0.authorities[files] = entry
      if entry.problem == nil { $0.hasNews = true }
    }
    return entry
  }

  private static func bytes(_ path: String) throws(TLSProblem) -> [UInt8] {
    do throws(ConfigurationFileError) {
      return try ConfigurationFiles.bytes(path)
    } catch {
      throw TLSProblem(source: path, detail: error.reason)
    }
  }

  /// Whether something was read that may not be in use yet; says so once.
  func takeNews() -> Bool {
    shelved.withLock { shelved in
      defer { shelved.hasNews = false }
      return shelved.hasNews
    }
  }

  /// Forgets what no configuration names any more.
  func keep(_ pairs: Set<CertificateSettings>, _ files: Set<AuthorityFiles>) {
    shelved.withLock { shelved in
      shelved.pairs = shelved.pairs.filter { pairs.contains($0.key) }
      shelved.authorities = shelved.authorities.filter { files.contains($0.key) }
    }
  }

  // MARK: For the loader

  /// What is wrong with files that a configuration names.
  func inspect(_ files: TLSFiles, now: WallTime) -> [TLSFileProblem] {
    switch files {
    case .pair(let pair):
      let entry = read(pair, now: now)
      guard let problem = entry.problem else { return warnings(entry.value?.warnings ?? []) }
      // One that is in use stays so: a renewal that went wrong stops no other change.
      return [report(problem, isError: entry.value == nil && !isForgiving, entry.value)]
    case .authorities(let path, let revocations):
      let entry = read(AuthorityFiles(authorities: path, revocations: revocations), now: now)
      guard let problem = entry.problem else { return warnings(entry.value?.warnings ?? []) }
      return [report(problem, isError: entry.value == nil && !isForgiving, entry.value)]
    }
  }

  private func warnings(_ problems: [TLSProblem]) -> [TLSFileProblem] {
    problems.map { TLSFileProblem(path: $0.source, message: $0.detail, isError: false) }
  }

  private func report(
    _ problem: TLSProblem, isError: Bool, _ value: (some Any)?
  ) -> TLSFileProblem {
    let what = value == nil ? "" : "; what it held before stays in use"
    return TLSFileProblem(path: problem.source, message: problem.detail + what, isError: isError)
  }
}

/// Authorities, and lists of what they took back; absolute paths.
struct AuthorityFiles: Sendable, Hashable {
  var authorities: String
  var revocations: String?

  var paths: [String] { [authorities] + (revocations.map { [$0] } ?? []) }
}

extension CertificateSettings {
  var paths: [String] { [certificate, key] }
}
