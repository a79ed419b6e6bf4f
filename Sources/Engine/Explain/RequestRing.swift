import Primitives
import Proxying

/// The last requests of one worker. Writing allocates nothing: the room, 2.4 MB for 4,096 records, is
/// reserved at once, and touched as it fills.
struct RequestRing: Sendable {
  static let limit = 4_096

  /// Written in place, since a record is too large to be copied for each request.
  private(set) var records: [RequestRecord] = []
  private var next = 0

  init() { records.reserveCapacity(Self.limit) }

  var count: Int { records.count }

  /// The place of a new record, in the oldest one's place where all are taken. All of it has to be
  /// written.
  mutating func take() -> Int {
    if records.count < Self.limit {
      records.append(RequestRecord())
      return records.count - 1
    }
    defer { next = next + 1 == Self.limit ? 0 : next + 1 }
    return next
  }

  subscript(place: Int) -> RequestRecord {
    get { records[place] }
    _modify { yield &records[place] }
  }

  /// From the newest to the oldest.
  func find(_ identifier: ForwardedRequest.Identifier) -> RequestRecord? {
    for step in 1...max(1, records.count) where step <= records.count {
      let place = (next + records.count - step) % records.count
      let found = records[place].identifier
      if found.high == identifier.high, found.low == identifier.low { return records[place] }
    }
    return nil
  }

  /// When the oldest request that is kept ended.
  var oldest: Instant? {
    guard let first = records.count < Self.limit ? records.first : records[next] else { return nil }
    return first.began + first.duration
  }
}

/// What a worker answers when it is asked for a request.
struct RequestSearch: Sendable {
  var worker: Int
  var record: RequestRecord?
  /// How many it keeps, and when the oldest of them ended.
  var kept: Int
  var oldest: Instant?
}
