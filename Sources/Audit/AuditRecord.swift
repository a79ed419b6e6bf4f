public import Primitives

/// A change: who made it, from where, what it was, how things were before and after, and what came of
/// it.
public struct AuditRecord: Codable, Sendable, Equatable {
  /// What a change came by.
  public enum Source: String, Codable, Sendable, CaseIterable {
    /// The `ballast` program.
    case command
    case dashboard
    /// Any other program that uses the admin API.
    case api
    /// A file that was read.
    case file
    /// A signal, such as SIGHUP.
    case signal
    /// Ballast by itself.
    case machine
  }

  public enum Result: String, Codable, Sendable, CaseIterable {
    case done
    /// It was not allowed, or not possible; nothing changed.
    case refused
    case failed
    /// The engine ended before it was known.
    case unknown
  }

  public var at: WallTime
  public var source: Source
  /// A user's name; `ballast` for the machine.
  public var actor: String
  /// What the actor may do: `viewer`, `operator`, `admin`.
  public var role: String?
  /// `unix:uid 0`, `127.0.0.1:51234`, a file's path, a signal's name.
  public var origin: String
  /// `server.change`, `config.apply` …
  public var action: String
  /// What it was done to: `shop`, `shop/s1`.
  public var subject: String?
  /// JSON, as far as it concerns the change.
  public var before: String?
  public var after: String?
  public var result: Result
  /// Why, in a sentence.
  public var detail: String?

  private enum CodingKeys: String, CodingKey {
    case at, source, actor, role, action, subject, before, after, result, detail
    case origin = "from"
  }

  public init(
    at: WallTime, source: Source, actor: String, role: String? = nil, from origin: String,
    action: String, subject: String? = nil, before: String? = nil, after: String? = nil,
    result: Result = .done, detail: String? = nil
  ) {
    self.at = at
    self.source = source
    self.actor = actor
    self.role = role
    self.origin = origin
    self.action = action
    self.subject = subject
    self.before = before
    self.after = after
    self.result = result
    self.detail = detail
  }

  /// Bytes of a name, of a sentence, and of a value.
  public static let longestName = 256
  public static let longestDetail = 1_024
  public static let longestValue = 16_384

  /// With texts that are longer than an entry may hold cut; a value that is too long says so instead.
  public var bounded: AuditRecord {
    var record = self
    record.actor = Self.cut(actor, Self.longestName)
    record.role = role.map { Self.cut($0, Self.longestName) }
    record.origin = Self.cut(origin, Self.longestName)
    record.action = Self.cut(action, Self.longestName)
    record.subject = subject.map { Self.cut($0, Self.longestName) }
    record.before = before.map(Self.value)
    record.after = after.map(Self.value)
    record.detail = detail.map { Self.cut($0, Self.longestDetail) }
    return record
  }

  private static func cut(_ text: String, _ most: Int) -> String {
    guard text.utf8.count > most else { return text }
    var (kept, count) = (String.UnicodeScalarView(), 0)
    for scalar in text.unicodeScalars {
      count += UTF8.width(scalar)
      if count > most { break }
      kept.append(scalar)
    }
    return String(kept) + "…"
  }

  private static func value(_ json: String) -> String {
    json.utf8.count > longestValue ? #"{"leftOut":"\#(json.utf8.count) bytes"}"# : json
  }
}

/// A record in its place of the chain.
public struct AuditEntry: Sendable, Equatable {
  /// From 1, without gaps.
  public var number: Int64
  public var record: AuditRecord
  /// Of it and of all before it.
  public var hash: AuditHash

  public init(number: Int64, record: AuditRecord, hash: AuditHash) {
    self.number = number
    self.record = record
    self.hash = hash
  }
}

/// Coded as one flat object.
extension AuditEntry: Codable {
  private enum CodingKeys: String, CodingKey { case number, hash }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    number = try container.decode(Int64.self, forKey: .number)
    hash = try container.decode(AuditHash.self, forKey: .hash)
    record = try AuditRecord(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try record.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(number, forKey: .number)
    try container.encode(hash, forKey: .hash)
  }
}

/// The end of a chain: an entry's number and hash. Whoever knows it from elsewhere sees whether all
/// entries up to it are as they were.
public struct AuditHead: Codable, Sendable, Equatable {
  /// 0 before the first entry.
  public var number: Int64
  public var hash: AuditHash

  public init(number: Int64 = 0, hash: AuditHash = .genesis) {
    self.number = number
    self.hash = hash
  }
}

/// Ends that somebody kept elsewhere, to be compared with.
public struct AuditHeads: Codable, Sendable, Equatable {
  public var heads: [AuditHead]

  public init(heads: [AuditHead]) { self.heads = heads }
}
