public import Primitives

/// Slows guessing down. An attempt counts as failed from its beginning, so that many at once are no
/// way around it, until it succeeds.
///
/// An address may fail five times; then it waits a second, two, four, up to a quarter of an hour.
/// A name, from wherever, may fail ten times; then one attempt in five seconds is let through, so
/// that many addresses guess as slowly as one, and nobody is locked out for good by others' guesses.
/// An address that has signed in under the name before doesn't wait for the others.
public struct SignInThrottle: Sendable {
  public static let freeOfAddress = 5
  public static let freeOfName = 10
  public static let longestWait = TimeSpan.minutes(15)
  public static let waitOfName = TimeSpan.seconds(5)
  /// Without an attempt for so long, all is forgotten.
  public static let memory = TimeSpan.minutes(30)
  /// Rows of each table; the one that was quiet the longest goes first.
  public static let most = 4_096

  private struct Count {
    var failures = 0
    var latest: Instant
    /// From then on, before another attempt is let through.
    var wait: TimeSpan

    var until: Instant { latest + wait }
  }

  private struct Pair: Hashable {
    var name: String
    var address: AddressGroup
  }

  private var addresses: [AddressGroup: Count] = [:]
  /// Of users that there are, and of other names: who guesses names must not learn which is which,
  /// nor push a user's row out.
  private var users: [String: Count] = [:]
  private var strangers: [String: Count] = [:]
  private var known: [Pair: Instant] = [:]

  public init() {}

  /// - Parameters:
  ///   - name: a good one, so of bounded length.
  ///   - isUser: whether somebody has it.
  /// - Returns: how long to wait; nil when the attempt may be made, and is counted.
  public mutating func attempt(
    _ name: String, isUser: Bool, from address: AddressGroup, now: Instant
  ) -> TimeSpan? {
    let byAddress = addresses[address].flatMap { now - $0.latest > Self.memory ? nil : $0 }
    let byName = (isUser ? users : strangers)[name].flatMap {
      now - $0.latest > Self.memory ? nil : $0
    }
    var wait = byAddress.map { $0.until - now } ?? .zero
    let isKnown = known[Pair(name: name, address: address)] != nil
    if !isKnown, let byName { wait = max(wait, byName.until - now) }
    if wait > .zero { return wait }
    addresses[address] = Self.counted(byAddress, now) { failures in
      let over = failures - Self.freeOfAddress
      guard over >= 0 else { return .zero }
      return min(.seconds(1 << Int64(min(over, 20))), Self.longestWait)
    }
    if !isKnown {
      let count = Self.counted(byName, now) { failures in
        failures < Self.freeOfName ? .zero : Self.waitOfName
      }
      if isUser { users[name] = count } else { strangers[name] = count }
    }
    Self.bound(&addresses) { $0.latest }
    Self.bound(&users) { $0.latest }
    Self.bound(&strangers) { $0.latest }
    return nil
  }

  /// The attempt was right.
  public mutating func succeeded(_ name: String, from address: AddressGroup, now: Instant) {
    addresses[address] = nil
    users[name] = nil
    known[Pair(name: name, address: address)] = now
    Self.bound(&known) { $0 }
  }

  /// The attempt was wrong: from here on somebody waits, however long it took to find out.
  public mutating func failed(_ name: String, from address: AddressGroup, now: Instant) {
    addresses[address]?.latest = now
    users[name]?.latest = now
    strangers[name]?.latest = now
  }

  /// The attempt was not carried out.
  public mutating func dropped(_ name: String, from address: AddressGroup) {
    Self.uncount(&addresses[address])
    Self.uncount(&users[name])
    Self.uncount(&strangers[name])
  }

  /// Of its tables for addresses and for names that nobody has.
  var rows: Int { addresses.count + strangers.count }

  /// Whom the password was changed of: others may know the former one.
  public mutating func forget(_ name: String) {
    known = known.filter { $0.key.name != name }
  }

  private static func counted(
    _ before: Count?, _ now: Instant, _ wait: (Int) -> TimeSpan
  ) -> Count {
    let failures = min((before?.failures ?? 0) + 1, 1_000)
    return Count(failures: failures, latest: now, wait: wait(failures))
  }

  private static func uncount(_ count: inout Count?) {
    guard var found = count else { return }
    found.failures -= 1
    found.wait = .zero
    count = found.failures > 0 ? found : nil
  }

  private static func bound<Key, Value>(
    _ table: inout [Key: Value], _ latest: (Value) -> Instant
  ) {
    guard table.count > most,
      let oldest = table.min(by: { latest($0.value) < latest($1.value) })?.key
    else { return }
    table[oldest] = nil
  }
}

/// Addresses that one attacker has without effort: an IPv4 address, or a /64 of IPv6.
public enum AddressGroup: Sendable, Hashable {
  case ipv4(UInt32)
  case ipv6(UInt64)
  /// Over the unix socket.
  case machine

  public init(_ address: SocketAddress?) {
    switch address {
    case .ipv4(let address, _): self = .ipv4(address)
    case .ipv6(let high, _, _): self = .ipv6(high)
    case .unix, nil: self = .machine
    }
  }
}
