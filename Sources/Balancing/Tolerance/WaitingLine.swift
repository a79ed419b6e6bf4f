public import Primitives
public import Topology

/// Clients whose requests wait for a server with room.
///
/// Oldest first, as long as they are served in good time. Where more comes than is served, the line
/// grows until whoever is next has waited for nearly as long as he may, and everybody waits in vain.
/// So when those who are taken have waited for half of the queue's timeout, over some time, the line
/// turns round: the newest go first, and those who waited longer than that half are shed. It turns
/// back when it is empty. (Adaptive LIFO with CoDel: Maurer, "Fail at Scale", ACM Queue 2015; Nichols,
/// Jacobson, "Controlling Queue Delay", 2012.)
///
/// A line that nobody is taken out of is no overload: while servers stall or change places, all wait
/// until their own deadline.
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
  /// How long one may wait under overload; those taken later than that are late.
  public private(set) var patience = TimeSpan.nanoseconds(.max)
  /// Since when everyone who was taken was late.
  private var lateSince: Instant?
  /// Whether the newest go first.
  public private(set) var isOverloaded = false

  public init() {}

  /// How long everyone has to be late before the line turns round.
  static let interval = TimeSpan.milliseconds(100)

  public var count: Int { placeOf.count }

  /// Takes over a topology's word. Who waits already goes on waiting, also above a smaller limit.
  public mutating func adopt(_ limits: Limits) {
    limit = limits.queue
    let timeout = limits.queueTimeout
    patience = timeout > .zero ? timeout.scaled(by: 0.5) : .nanoseconds(.max)
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

  /// Whom `next` would take now.
  public var first: Int? {
    if count == 0 { return nil }
    return places[isOverloaded ? newest : oldest].client
  }

  /// Takes the one whose turn it is out of the line.
  public mutating func next(_ now: Instant) -> Int? {
    guard let client = first else { return nil }
    if now - places[oldest].since <= patience {
      lateSince = nil
    } else if let lateSince {
      if now - lateSince >= min(Self.interval, patience) { isOverloaded = true }
    } else {
      lateSince = now
    }
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
    if placeOf.isEmpty { (lateSince, isOverloaded) = (nil, false) }
    return true
  }

  /// Everybody's wait counts from now on: until now there was nothing to wait in line for.
  public mutating func beginAnew(_ now: Instant) {
    var index = oldest
    while index >= 0 {
      places[index].since = now
      index = places[index].newer
    }
    (lateSince, isOverloaded) = (nil, false)
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
    isOverloaded && oldest >= 0 ? places[oldest].since + patience : nil
  }
}
