public import Primitives

/// Addresses that are not served: those of the configuration, and those of run time with their end.
public struct BanList: Sendable {
  /// Blocks of both kinds together.
  public static let most = 10_000
  /// Bytes of a reason.
  public static let longestReason = 256
  /// How long a ban may last that has an end.
  public static let longest = TimeSpan.hours(8760)

  public struct Ban: Sendable, Equatable {
    public var block: AddressBlock
    public var since: WallTime
    /// Nil holds until it is lifted.
    public var until: WallTime?
    public var reason: String?

    public init(block: AddressBlock, since: WallTime, until: WallTime?, reason: String?) {
      self.block = block
      self.since = since
      self.until = until
      self.reason = reason
    }
  }

  /// In the order of the file.
  public var configured: [AddressBlock] = []
  private var bans: [AddressBlock: Ban] = [:]

  public init() {}

  /// Of run time, oldest first.
  public var ofRunTime: [Ban] {
    bans.values.sorted {
      ($0.since, $0.block.description) < ($1.since, $1.block.description)
    }
  }

  public var count: Int { Set(configured).union(bans.keys).count }

  public var addresses: AddressSet { AddressSet(configured + bans.keys) }

  /// The next moment at which a ban ends.
  public var nextEnd: WallTime? { bans.values.compactMap(\.until).min() }

  /// Takes the place of an earlier ban of the same block.
  /// - Returns: false when the list is full.
  public mutating func add(_ ban: Ban) -> Bool {
    guard bans[ban.block] != nil || count < Self.most else { return false }
    bans[ban.block] = ban
    return true
  }

  /// - Returns: the ban; nil when there was none at run time.
  public mutating func remove(_ block: AddressBlock) -> Ban? { bans.removeValue(forKey: block) }

  /// Takes out the bans whose time is over.
  public mutating func expire(_ now: WallTime) -> [Ban] {
    let over = bans.values.filter { $0.until.map { $0 <= now } ?? false }
    for ban in over { bans[ban.block] = nil }
    return over.sorted { $0.block.description < $1.block.description }
  }
}
