import Primitives
import Telemetry

/// The last example of each bucket of each series of requests: a place in a table, written once a
/// second at most, so that a request costs one comparison.
struct RequestExemplars {
  /// Series that have examples, 840 bytes each; those that come later have none.
  static let seriesLimit = 512
  /// Between two examples of one bucket.
  static let gap = TimeSpan.seconds(1)

  private struct Place {
    var at = Instant.zero
    var latency = TimeSpan.zero
    var request = LatencyExemplar.Identifier(high: 0, low: 0)
    var trace: LatencyExemplar.Identifier?
  }

  private var places: [Place] = []

  /// Makes room for the next series.
  mutating func begin(_ series: Int) {
    guard series < Self.seriesLimit else { return }
    let count = (series + 1) * LatencyHistogram.bucketCount
    while places.count < count { places.append(Place()) }
  }

  /// Where an example of the latency is wanted; nil where there is a fresh one.
  func wanted(_ series: Int, _ latency: TimeSpan, now: Instant) -> Int? {
    let place = series &* LatencyHistogram.bucketCount &+ LatencyHistogram.bucket(of: latency)
    guard place < places.count, now - places[place].at >= Self.gap else { return nil }
    return place
  }

  mutating func keep(
    _ place: Int, _ latency: TimeSpan, request: LatencyExemplar.Identifier,
    trace: LatencyExemplar.Identifier?, now: Instant
  ) {
    places[place] = Place(at: now, latency: latency, request: request, trace: trace)
  }

  /// - Parameters:
  ///   - now: the moment that `wallTime` is as well.
  func all(of series: Int, now: Instant, wallTime: WallTime) -> [LatencyExemplar] {
    let first = series * LatencyHistogram.bucketCount
    guard first + LatencyHistogram.bucketCount <= places.count else { return [] }
    return places[first..<(first + LatencyHistogram.bucketCount)].compactMap { place in
      guard place.at != .zero else { return nil }
      let age = max(0, (now - place.at).milliseconds)
      return LatencyExemplar(
        latency: place.latency, at: WallTime(milliseconds: wallTime.milliseconds &- age),
        request: place.request, trace: place.trace)
    }
  }
}
