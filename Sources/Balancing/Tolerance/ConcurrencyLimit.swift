public import Primitives

/// How many requests one server does well at a time, found from its latency: more wait in the server
/// than are worked on, once answers take longer than they do on a quiet server.
///
///     gradient = clamp(1.5 · baseline / latency, 0.5 … 1)
///     limit   += 0.2 · (limit · gradient + √limit − limit)
///
/// where √limit is the queue that the server may hold (the gradient algorithm of Netflix's
/// concurrency-limits, 2018; after TCP Vegas: Brakmo, Peterson, 1995). `baseline` is the least mean
/// latency of the last half minute, so a server that became slower for good is accepted. While the
/// limit turns requests away nothing is seen of a quiet server; so then, from time to time, it is a
/// quarter for a moment, until the server's own line is empty (like the minimum-latency window of
/// Envoy's adaptive concurrency, and the probes of BBR: Cardwell et al., ACM Queue 2016).
///
/// Each event loop has its own, for the part of the server that it uses.
public struct ConcurrencyLimit: Sendable {
  public static let bounds = 1...10_000
  public static let start = 20
  static let tolerance = 1.5
  static let smoothing = 0.2
  static let failureFactor = 0.9
  /// The share of a window's tries that must fail before the limit is lowered for that.
  static let failureShare = 0.1
  static let shortestWindow = TimeSpan.milliseconds(100)
  static let leastSamples = 10
  /// The mean of fewer would make a least one of luck.
  static let baselineSamples = 50
  /// Six of these are the half minute that the baseline is taken over.
  static let baselineSpan: UInt64 = 5_000_000_000
  /// A limit that was reached all the time for so long is lowered to see a quiet server.
  static let probeAfter = TimeSpan.seconds(10)
  static let longestProbe = TimeSpan.seconds(5)

  private var estimate = Double(Self.start)
  private var window = Window()
  private var baselineWindow = Window()
  /// The least mean latency of each span, in nanoseconds; 0 where there was none.
  private var minima = InlineArray<6, Double>(repeating: 0)
  private var span: UInt64 = 0
  /// When the limit was last not reached, or the last probe ended.
  private var lastFree: Instant?
  private var probe: Probe?

  private struct Window: Sendable {
    var began: Instant?
    var sum = 0.0
    var samples = 0
    var failures = 0
    var mostInflight = 0

    var mean: Double { samples > 0 ? sum / Double(samples) : 0 }

    mutating func add(_ latency: TimeSpan) {
      sum += Double(max(latency.nanoseconds, 0))
      samples &+= 1
    }
  }

  private struct Probe: Sendable {
    var began: Instant
    /// From here on the requests count: what was under way before had to wait.
    var drained: Instant?
  }

  public init() {}

  /// The most requests to have under way.
  public var limit: Int {
    let limit = probe == nil ? estimate : estimate / 4
    return max(Self.bounds.lowerBound, Int(limit))
  }

  /// A try ended.
  /// - Parameters:
  ///   - latency: from the request's sending to the answer's head.
  ///   - inflight: requests under way at the server, with this one.
  ///   - failed: it ended as under overload, in a timeout or a reset; the latency then says nothing.
  public mutating func sample(
    latency: TimeSpan, inflight: Int, failed: Bool, now: Instant
  ) {
    forgetOldMinima(now)
    if probe != nil {
      look(latency, inflight, failed, now)
      return
    }
    if failed {
      window.failures &+= 1
    } else {
      window.add(latency)
      baselineWindow.add(latency)
    }
    window.mostInflight = max(window.mostInflight, inflight)
    if baselineWindow.samples >= Self.baselineSamples { noteMinimum() }
    guard let began = window.began else {
      window.began = now
      return
    }
    guard now - began >= Self.shortestWindow,
      window.samples &+ window.failures >= Self.leastSamples
    else { return }
    probeInTime(now)
    adjust(now)
    window = Window()
    window.began = now
  }

  private mutating func adjust(_ now: Instant) {
    let tries = Double(window.samples &+ window.failures)
    if Double(window.failures) >= tries * Self.failureShare {
      set(estimate * Self.failureFactor)
      return
    }
    let baseline = self.baseline
    guard baseline > 0, window.mean > 0 else { return }
    let gradient = min(max(Self.tolerance * baseline / window.mean, 0.5), 1)
    let wanted = estimate * gradient + estimate.squareRoot()
    // A limit that isn't reached says nothing of what lies above it.
    let isUsed = Double(window.mostInflight) * 2 >= estimate
    if wanted < estimate || isUsed {
      set(estimate + Self.smoothing * (wanted - estimate))
    }
  }

  private mutating func probeInTime(_ now: Instant) {
    guard let lastFree, window.mostInflight >= limit else {
      lastFree = now
      return
    }
    if now - lastFree >= Self.probeAfter { probe = Probe(began: now) }
  }

  private mutating func set(_ value: Double) {
    estimate = min(max(value, Double(Self.bounds.lowerBound)), Double(Self.bounds.upperBound))
  }

  // MARK: The baseline

  /// 0 while there is none.
  private var baseline: Double {
    var least = 0.0
    for index in 0..<6 where minima[index] > 0 && (least == 0 || minima[index] < least) {
      least = minima[index]
    }
    return least
  }

  private mutating func noteMinimum() {
    let slot = Int(span % 6)
    let mean = baselineWindow.mean
    if mean > 0, minima[slot] == 0 || mean < minima[slot] { minima[slot] = mean }
    baselineWindow = Window()
  }

  private mutating func forgetOldMinima(_ now: Instant) {
    let current = now.nanoseconds / Self.baselineSpan
    guard current > span else { return }
    for step in 0..<min(current - span, 6) { minima[Int((span &+ step &+ 1) % 6)] = 0 }
    span = current
  }

  /// Takes part in a probe, and ends it when enough was seen, or nothing for too long.
  private mutating func look(
    _ latency: TimeSpan, _ inflight: Int, _ failed: Bool, _ now: Instant
  ) {
    guard let probe else { return }
    if let drained = probe.drained {
      let isQuiet = now + (.zero - latency) >= drained
      if isQuiet, !failed { baselineWindow.add(latency) }
    } else if inflight <= limit {
      self.probe?.drained = now
      baselineWindow = Window()
    }
    let isOver = now - probe.began >= Self.longestProbe
    guard isOver || baselineWindow.samples >= Self.baselineSamples, probe.drained != nil || isOver
    else { return }
    if probe.drained != nil, baselineWindow.samples >= Self.leastSamples { noteMinimum() }
    self.probe = nil
    lastFree = now
    baselineWindow = Window()
    window = Window()
  }
}
