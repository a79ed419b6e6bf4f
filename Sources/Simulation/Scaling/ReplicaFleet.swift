import Primitives
import Scaling
import Telemetry

/// Replicas as queues: each has places that work on a request at a time, for an exponential time, and a
/// request goes to the place that is free first, where it waits. So a replica that comes later takes
/// nothing of what waits already, and one that goes finishes what it has. That is a balancer by least
/// connections without limits.
struct ReplicaFleet {
  /// Of each replica.
  static let places = 4
  /// Seconds.
  static let meanTime = 0.1
  static let startTime = 20.0

  private struct Place {
    var free: Double
    var replica: Int
  }

  /// What came to an end, and was under way, within one interval.
  struct Interval {
    var latencies = LatencySketch()
    /// Seconds of all places, and of all requests.
    var busy = 0.0
    var underWay = 0.0
    var arrivals = 0
    /// Of replicas that were ready.
    var readySeconds = 0.0
  }

  private struct Replica {
    var number: Int
    var readyAt: Double
  }

  let length: Double
  private(set) var intervals: [Interval]
  private var replicas: [Replica] = []
  private var gone: Set<Int> = []
  private var made = 0
  /// A heap by `free`.
  private var heap: [Place] = []

  /// - Parameters:
  ///   - count: ready from the start.
  ///   - length: of an interval, in seconds.
  init(count: Int, length: Double, seconds: Double) {
    self.length = length
    intervals = Array(repeating: Interval(), count: Int(seconds / length) + 2)
    for _ in 0..<count { start(at: -Self.startTime) }
  }

  var count: Int { replicas.count }
  func ready(at now: Double) -> Int { replicas.count { $0.readyAt <= now } }

  /// The newest go first, as with replicas by number.
  mutating func scale(to count: Int, at now: Double) {
    while replicas.count > count { gone.insert(replicas.removeLast().number) }
    while replicas.count < count { start(at: now) }
  }

  private mutating func start(at now: Double) {
    let replica = Replica(number: made, readyAt: now + Self.startTime)
    made += 1
    replicas.append(replica)
    for _ in 0..<Self.places { push(Place(free: replica.readyAt, replica: replica.number)) }
  }

  /// One request.
  mutating func serve(at now: Double, _ random: inout SeededRandom) {
    note(now) { $0.arrivals += 1 }
    while let first = heap.first, gone.contains(first.replica) { _ = pop() }
    guard var place = pop() else { return }
    let begin = max(now, place.free)
    let end = begin + Self.meanTime * random.exponential()
    place.free = end
    push(place)
    spread(begin, end) { $0.busy += $1 }
    spread(now, end) { $0.underWay += $1 }
    note(end) { $0.latencies.record(TimeSpan(nanoseconds: Int64((end - now) * 1e9))) }
  }

  /// Closes an interval.
  mutating func measureReady(_ index: Int) {
    let (begin, end) = (Double(index) * length, Double(index + 1) * length)
    intervals[index].readySeconds = replicas.reduce(0) {
      $0 + max(0, end - max(begin, $1.readyAt))
    }
  }

  /// What an autoscaler is told of an interval.
  func sample(_ index: Int, now: Double) -> ScalingSample {
    let interval = intervals[index]
    let share = interval.busy / max(1, interval.readySeconds * Double(Self.places))
    return ScalingSample(
      count: count,
      replicas: replicas.map {
        let isReady = $0.readyAt <= now
        return .init(isReady: isReady, cpu: isReady ? share : nil)
      },
      traffic: .init(
        inflight: interval.underWay / length,
        requestsPerSecond: Double(interval.arrivals) / length,
        p95: interval.latencies.quantile(0.95)))
  }

  // MARK: Intervals

  private mutating func note(_ time: Double, _ body: (inout Interval) -> Void) {
    let index = Int(time / length)
    if intervals.indices.contains(index) { body(&intervals[index]) }
  }

  private mutating func spread(
    _ begin: Double, _ end: Double, _ body: (inout Interval, Double) -> Void
  ) {
    var index = Int(begin / length)
    while intervals.indices.contains(index), Double(index) * length < end {
      let (from, to) = (Double(index) * length, Double(index + 1) * length)
      body(&intervals[index], min(end, to) - max(begin, from))
      index += 1
    }
  }

  // MARK: Heap

  private mutating func push(_ place: Place) {
    heap.append(place)
    var index = heap.count - 1
    while index > 0, heap[(index - 1) / 2].free > heap[index].free {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func pop() -> Place? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var index = 0
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2]
      where child < heap.count && heap[child].free < heap[least].free { least = child }
      guard least != index else { return first }
      heap.swapAt(index, least)
      index = least
    }
  }
}
