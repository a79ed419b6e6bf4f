public import Primitives

/// `audit: { keep, head: { file, webhook, every } }`.
public struct AuditSettings: Sendable, Equatable {
  /// Entries that stay; the oldest go first.
  public var keep: Int
  public var head: AuditHeadSettings

  public init(keep: Int = 100_000, head: AuditHeadSettings = AuditHeadSettings()) {
    self.keep = keep
    self.head = head
  }
}

/// Where the end of the audit log is kept besides.
public struct AuditHeadSettings: Sendable, Equatable {
  public struct Webhook: Sendable, Equatable {
    /// `http://…` or `https://…`.
    public var url: String
    /// The value of the field `Authorization`.
    public var authorization: String?

    public init(url: String, authorization: String? = nil) {
      self.url = url
      self.authorization = authorization
    }
  }

  /// Absolute.
  public var file: String?
  public var webhook: Webhook?
  /// From one to the next, as long as there is a new entry.
  public var every: TimeSpan

  public init(
    file: String? = nil, webhook: Webhook? = nil, every: TimeSpan = .minutes(1)
  ) {
    self.file = file
    self.webhook = webhook
    self.every = every
  }
}
