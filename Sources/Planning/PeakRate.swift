public import Primitives

/// The most requests a second that one server of a service was seen to carry in the last ten
/// minutes: what is known of a capacity that nobody stated. It is a lower bound; a server that was
/// never busy has more in it than was seen.
///
/// A second with its luck says little, so rates are taken over five of them.
public struct PeakRate: Sendable, Equatable {
  static let slots: UInt64 = 10
  static let slotNanoseconds: UInt64 = 60_000_000_000
  static let seconds = 5

  private var recent: [Double] = []
  /// The best of each minute, under the minute's number.
  private var best: [UInt64: Double] = [:]

  public init() {}

  /// - Parameters:
  ///   - requests: answered in the last second.
  ///   - servers: that took work then.
  public mutating func add(requests: Int, servers: Int, at time: Instant) {
    let minute = time.nanoseconds / Self.slotNanoseconds
    if !best.isEmpty { best = best.filter { $0.key &+ Self.slots > minute } }
    guard servers > 0 else {
      recent = []
      return
    }
    recent.append(Double(requests) / Double(servers))
    if recent.count > Self.seconds { recent.removeFirst() }
    guard recent.count == Self.seconds else { return }
    let rate = recent.reduce(0, +) / Double(Self.seconds)
    if rate > 0 { best[minute] = max(best[minute] ?? 0, rate) }
  }

  /// Requests a second of one server; nil before any were seen.
  public var perServer: Double? { best.values.max() }
}
