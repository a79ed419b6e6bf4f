/// Makes a server the active one of a service with one active server.
public struct PromotionRequest: Codable, Sendable, Equatable {
  /// Only says what would happen.
  public var dryRun: Bool?

  public init(dryRun: Bool? = nil) { self.dryRun = dryRun }
}

/// What a promotion does, or has done.
public struct PromotionStatus: Codable, Sendable, Equatable {
  public var service: String
  public var server: String
  /// The active server before; nil when there is none.
  public var from: String?
  /// The number of the promotion.
  public var epoch: UInt64
  /// The hook with its arguments; nil without one.
  public var command: [String]?
  /// Seconds that the hook may take.
  public var timeout: Double
  /// Whether nothing was done.
  public var dryRun: Bool
  /// The hook's last line.
  public var detail: String?

  public init(
    service: String, server: String, from: String? = nil, epoch: UInt64, command: [String]? = nil,
    timeout: Double, dryRun: Bool, detail: String? = nil
  ) {
    self.service = service
    self.server = server
    self.from = from
    self.epoch = epoch
    self.command = command
    self.timeout = timeout
    self.dryRun = dryRun
    self.detail = detail
  }
}
