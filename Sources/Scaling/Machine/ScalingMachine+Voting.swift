import Primitives

/// What the signals ask for.
extension ScalingMachine {
  mutating func votes(_ sample: ScalingSample, _ now: Instant) -> [ScalingVote] {
    policy.targets.map { target in
      var vote = ScalingVote(
        signal: target.signal, target: target.value, measured: nil, ballot: .abstains)
      switch target.signal {
      case .cpu:
        // What extra replicas do would be done by the others, so all of it counts.
        ofReplicas(sample, \.cpu, countingAll: true, &vote)
      case .memory: ofReplicas(sample, \.memory, countingAll: false, &vote)
      case .inflight: ofTraffic(sample, \.inflight, &vote)
      case .requestsPerSecond: ofTraffic(sample, \.requestsPerSecond, &vote)
      case .p95:
        guard let traffic = sample.traffic else {
          vote.ballot = .missing
          break
        }
        vote.measured = traffic.p95
        guard sample.count > 0 else { break }
        vote.ballot = latency.vote(
          sample, traffic, target: target.value, tolerance: policy.tolerance,
          isAlone: policy.targets.count == 1, now: now)
      }
      return vote
    }
  }

  private func ofReplicas(
    _ sample: ScalingSample, _ share: KeyPath<ScalingSample.Replica, Double?>, countingAll: Bool,
    _ vote: inout ScalingVote
  ) {
    guard sample.count > 0 else { return }
    let count = Double(sample.count)
    let known = sample.replicas.filter(\.isReady).compactMap { $0[keyPath: share] }
      .filter { $0.isFinite && $0 >= 0 }
    guard !known.isEmpty else {
      vote.ballot = .missing
      return
    }
    let mean = known.reduce(0, +) / Double(known.count)
    let used = mean * Double(countingAll ? known.count : min(known.count, sample.count))
    vote.measured = mean
    // Not ready, or not measured: nothing when more are asked for, all of the target when fewer are.
    let unknown = Double(max(0, sample.count - known.count))
    let most = used / vote.target
    if most > count * (1 + policy.tolerance) {
      vote.ballot = .replicas(Self.ceiling(most))
    } else if most + unknown < count * (1 - policy.tolerance) {
      vote.ballot = .replicas(fewer(most + unknown, than: sample.count))
    } else {
      vote.ballot = .replicas(sample.count)
    }
  }

  private func ofTraffic(
    _ sample: ScalingSample, _ amount: KeyPath<ScalingSample.Traffic, Double>,
    _ vote: inout ScalingVote
  ) {
    guard let total = sample.traffic?[keyPath: amount], total.isFinite, total >= 0 else {
      vote.ballot = .missing
      return
    }
    let count = Double(sample.count)
    vote.measured = total / max(1, count)
    let wanted = total / vote.target
    if abs(wanted - count) <= count * policy.tolerance {
      vote.ballot = .replicas(sample.count)
    } else {
      vote.ballot = .replicas(
        wanted < count ? fewer(wanted, than: sample.count) : Self.ceiling(wanted))
    }
  }

  /// On the way down half of the tolerance has to be left: more are asked for by one look that was busier
  /// than the others, and right at the border the next five minutes would take them back.
  private func fewer(_ wanted: Double, than count: Int) -> Int {
    min(count, Self.ceiling(wanted / (1 - policy.tolerance / 2)))
  }
}
