public import Primitives

/// What the public status page tells: which services work, and when they did not. No server, address or
/// cause is in it.
public struct PublicStatus: Codable, Sendable, Equatable {
  public struct Service: Codable, Sendable, Equatable {
    public var name: String
    public var state: ServiceStatus.State
    /// Share of the time watched, of the days shown, in which it was not down: 0 … 1.
    public var availability: Double
    /// Seconds down on each day in UTC, the oldest first, today the last; nil where nobody watched.
    public var days: [Double?]

    public init(name: String, state: ServiceStatus.State, availability: Double, days: [Double?]) {
      self.name = name
      self.state = state
      self.availability = availability
      self.days = days
    }
  }

  /// A time in which a service was down.
  public struct Outage: Codable, Sendable, Equatable {
    public var service: String
    public var began: WallTime
    /// Nil while it lasts.
    public var ended: WallTime?

    public init(service: String, began: WallTime, ended: WallTime?) {
      self.service = service
      self.began = began
      self.ended = ended
    }
  }

  public var title: String
  public var at: WallTime
  /// The worst of the services.
  public var state: ServiceStatus.State
  public var services: [Service]
  /// Newest first, at most `mostOutages`.
  public var outages: [Outage]

  public init(
    title: String, at: WallTime, state: ServiceStatus.State, services: [Service],
    outages: [Outage]
  ) {
    self.title = title
    self.at = at
    self.state = state
    self.services = services
    self.outages = outages
  }
}

extension PublicStatus {
  public static let shownDays = 30
  public static let mostOutages = 20
  private static let day: Int64 = 86_400_000

  /// - Parameters:
  ///   - services: those that are shown, with what they are now.
  ///   - outages: of any services and in any order; those that overlap count once.
  ///   - since: when faults began to be recorded.
  public static func make(
    title: String, services: [(name: String, state: ServiceStatus.State)], outages: [Outage],
    since: WallTime, now: WallTime
  ) -> PublicStatus {
    let shown = Set(services.map(\.name))
    let today = now.milliseconds / day
    let firstDay = today - Int64(shownDays - 1)
    let watched = max(since.milliseconds, firstDay * day)
    let listed = services.map { service in
      let spans = merged(
        outages.filter { $0.service == service.name }.map {
          (from: $0.began.milliseconds, to: $0.ended?.milliseconds ?? now.milliseconds)
        })
      let days = (firstDay...today).map { number -> Double? in
        let (begin, end) = (number * day, min((number + 1) * day, now.milliseconds))
        guard end > watched else { return nil }
        return spans.reduce(0) { total, span in
          total + Double(max(0, min(span.to, end) - max(span.from, begin, watched))) / 1_000
        }
      }
      let down = days.reduce(0) { $0 + ($1 ?? 0) }
      let seconds = Double(max(0, now.milliseconds - watched)) / 1_000
      return Service(
        name: service.name, state: service.state,
        availability: seconds > 0 ? max(0, 1 - down / seconds) : 1, days: days)
    }
    let states = services.map(\.state)
    let state: ServiceStatus.State =
      states.contains(.down) ? .down : states.contains(.degraded) ? .degraded : .up
    let told = outages.filter { shown.contains($0.service) }
      .sorted { $0.began.milliseconds > $1.began.milliseconds }.prefix(mostOutages)
    return PublicStatus(
      title: title, at: now, state: state, services: listed, outages: Array(told))
  }

  private static func merged(_ spans: [(from: Int64, to: Int64)]) -> [(from: Int64, to: Int64)] {
    var merged: [(from: Int64, to: Int64)] = []
    for span in spans.sorted(by: { $0.from < $1.from }) {
      if let last = merged.last, span.from <= last.to {
        merged[merged.count - 1].to = max(last.to, span.to)
      } else {
        merged.append(span)
      }
    }
    return merged
  }
}
