/// How a server of Redis is spoken to.
public struct RedisOptions: Sendable, Equatable {
  /// The key of the stream.
  public var stream: String
  /// About how many entries the stream keeps, the newest ones; nil keeps them all.
  public var maxLength: Int?
  public var database = 0
  /// Nil is the default user.
  public var username: String?
  public var password: String?

  public init(stream: String, maxLength: Int?) {
    self.stream = stream
    self.maxLength = maxLength
  }
}
