public import Primitives
public import Topology

/// Clients whose requests wait for a server with room.
///
/// Oldest first, as long as the line empties now and then. A line that doesn't is one that grows
/// faster than it is served: whoever comes last in it waits until he has given up. Then the newest
/// go first and those who waited in vain for `patience` are shed (adaptive LIFO with CoDel: Maurer,
/// "Fail at Scale", ACM Queue 2015; Nichols, Jacobson, "Controlling Queue Delay", 2012).
///
/// A line that nobody is taken out of is no overload: while servers stall or change places, all wait
/// until their own deadline. And where a place comes free only now and then a longer wait is no sign
/// either, so the patience follows the pace at which clients are taken.
public struct WaitingLine: Sendable {
  private struct Place: Sendable {
    var client = 0
    var since = Instant.zero
    /// The next newer one; in a free place the next free one. -1 at the end.
    var newer = -1
    var older = -1
  }

  private var places: [Place] = []
  private var placeOf: [Int: Int] = [:]
  private var oldest = -1
  private var newest = -1
  private var free = -1
  private var limit = 0
  private var shortestPatience = Self.longestShortPatience
  private var longestPatience = TimeSpan.nanoseconds(.max)
  /// Since the line was last empty: how many were taken, when first, and when last.
  private var takings = 0
  private var firstTaken = Instant.zero
  private var lastTaken = Instant.zero
  /// The mean time between two takings while the line isn't empty.
  private var pace = TimeSpan.zero

  public init() {}

  static let longestShortPatience = TimeSpan.milliseconds(100)
  static let leastPatience = TimeSpan.milliseconds(10)
  /// The patience is enough for so many clients to be taken; from fewer nothing is concluded.
  static let takingsToWaitFor = 10

  public var count: Int { placeOf.count }

  /// Takes over a topology's word. Who waits already goes on waiting, also above a smaller limit.
  public mutating func adopt(_ limits: Limits) {
    limit = limits.queue
    let timeout = limits.queueTimeout
    let isEndless = timeout <= .zero
    shortestPatience =
      isEndless
      ? Self.longestShortPatience : max(Self.leastPatience, min(timeout, Self.longestShortPatience))
    longestPatience = isEndless ? .nanoseconds(.max) : max(timeout, shortestPatience)
  }

  /// How long one may wait under overload, and a line be served without becoming empty.
  public var patience: TimeSpan {
    min(max(pace.scaled(by: Double(Self.takingsToWaitFor)), shortestPatience), longestPatience)
  }

  public func isOverloaded(_ now: Instant) -> Bool {
    takings >= Self.takingsToWaitFor && now - firstTaken >= patience
  }

  // MARK: Coming and going

  /// - Parameter client: any number that isn't in the line already.
  /// - Returns: false when the line is full.
  public mutating func append(_ client: Int, now: Instant) -> Bool {
    precondition(placeOf[client] == nil)
    guard count < limit else { return false }
    var index = free
    let place = Place(client: client, since: now, newer: -1, older: newest)
    if index >= 0 {
      free = places[index].newer
      places[index] = place
    } else {
      index = places.count
      places.append(place)
    }
    if newest >= 0 { places[newest].newer = index } else { oldest = index }
    newest = index
    placeOf[client] = index
    return true
  }

  /// Whom `next` would take.
  public func peek(_ now: Instant) -> Int? {
    if count == 0 { return nil }
    return places[isOverloaded(now) ? newest : oldest].client
  }

  /// Takes the one whose turn it is out of the line.
  public mutating func next(_ now: Instant) -> Int? {
    guard let client = peek(now) else { return nil }
    if takings == 0 {
      firstTaken = now
    } else {
      // A mean that forgets: an eighth of each new span.
      let span = max(now - lastTaken, .zero)
      pace = pace == .zero ? span : pace + (span - pace).scaled(by: 0.125)
    }
    lastTaken = now
    takings &+= 1
    remove(client)
    return client
  }

  /// A client left, or its time is up.
  /// - Returns: whether it was in the line.
  @discardableResult
  public mutating func remove(_ client: Int) -> Bool {
    guard let index = placeOf.removeValue(forKey: client) else { return false }
    let (older, newer) = (places[index].older, places[index].newer)
    if older >= 0 { places[older].newer = newer } else { oldest = newer }
    if newer >= 0 { places[newer].older = older } else { newest = older }
    places[index].newer = free
    free = index
    if placeOf.isEmpty { takings = 0 }
    return true
  }

  // MARK: Shedding

  /// Takes out one that has waited for too long in an overloaded line; nil when there is none.
  public mutating func nextToShed(_ now: Instant) -> Int? {
    guard let nextShedding, now >= nextShedding else { return nil }
    let client = places[oldest].client
    remove(client)
    return client
  }

  /// When to ask `nextToShed`; nil while there is no reason to. Changes with every call of `next`.
  public var nextShedding: Instant? {
    guard takings >= Self.takingsToWaitFor, oldest >= 0 else { return nil }
    return max(firstTaken, places[oldest].since) + patience
  }
}
