import Configuration
import Deployment
import EventLoop
import Faults
import Primitives
import Scaling
import Topology

/// Measures for the autoscalers, and carries out what they decide.
extension ControlPlane {
  /// Follows the `scale` of every service, after its replicas.
  func followScales() {
    var scaled: Set<String> = []
    for service in input.settings.services {
      guard let settings = service.scale, service.run != nil else { continue }
      scaled.insert(service.name)
      guard let known = scalers[service.name] else {
        scalers[service.name] = ServiceScaler(settings)
        bound(service.name)
        continue
      }
      guard known.settings != settings else { continue }
      scalers[service.name]?.follow(settings)
      bound(service.name)
    }
    for service in scalers.keys.sorted() where !scaled.contains(service) {
      scalers[service] = nil
      recorder.handle(.saturationEnded(service: service))
      forgetCount(service)
    }
  }

  /// A count of before may be out of the bounds.
  private func bound(_ service: String) {
    guard let policy = scalers[service]?.settings.policy else { return }
    let count = replicaSets[service]?.wantedCount ?? policy.minimum
    decide(service, .policyChanged(policy, count: count))
  }

  /// Each second: what came since the second before, and a look where one is due.
  func followLoad(_ sample: TrafficSample) {
    let now = Clock.now
    for service in scalers.keys.sorted() {
      let id = identities.knownService(service)
      let traffic = id.flatMap { sample.services[$0.index] } ?? TrafficSample.Service()
      scalers[service]?.add(traffic, at: now)
      guard scalers[service]?.isDue(now) == true, let set = replicaSets[service] else { continue }
      let zone = scalers[service]?.settings.timeZone ?? .local
      let look = scalers[service]?.sample(
        traffic, count: set.wantedCount, replicas: working(of: set), at: now,
        minuteOfWeek: WeekClock.minute(of: Clock.wallTime, in: zone))
      if let look { decide(service, .sampled(look)) }
    }
  }

  /// Those that run and are to go on. A deployment's extra ones are among them: they do a part of the
  /// work, but are not counted as wanted.
  private func working(of set: ReplicaSet) -> [(name: String, isReady: Bool)] {
    set.machine.replicas.filter { $0.pid != nil && $0.state != .stopping }.map {
      ($0.name, $0.state == .ready)
    }
  }

  /// A request waits, and no replica is wanted.
  func serverWanted(_ id: ServiceID) {
    guard identities.services.indices.contains(id.index) else { return }
    let service = identities.services[id.index]
    guard let set = replicaSets[service], set.wantedCount == 0 else { return }
    decide(service, .requested(count: 0))
  }

  /// - Returns: why not; nil when it is done.
  func order(_ service: String, replicas: Int) -> String? {
    if let refusal = scalers[service]?.machine.refusal(ofOrdering: replicas) { return refusal }
    let count = replicaSets[service]?.wantedCount ?? 0
    decide(service, .ordered(replicas, count: count))
    return nil
  }

  private func decide(_ service: String, _ event: ScalingMachine.Event) {
    guard !isRetired, drain == nil,
      let decision = scalers[service]?.handle(event, now: Clock.now, at: Clock.wallTime)
    else { return }
    if decision.direction != .none {
      scale(service, to: decision.to, because: decision.sentence)
      if case .ordered = event {
      } else {
        decided(
          "service.scale", service, before: ["replicas": .number(decision.from)],
          after: ["replicas": .number(decision.to)], because: decision.sentence)
      }
    }
    guard case .sampled = event, scalers[service]?.saturate(decision.isSaturated) == true else {
      return
    }
    if decision.isSaturated {
      recorder.note(
        "scale-saturated", .warning, service: service, "\(service): \(decision.sentence)")
      recorder.handle(.saturationBegan(service: service, cause: decision.sentence))
    } else {
      recorder.note(
        "scale-sufficient", service: service,
        "\(service): as many replicas as are wanted may run again")
      recorder.handle(.saturationEnded(service: service))
    }
  }
}
