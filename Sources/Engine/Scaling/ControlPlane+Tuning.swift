import AdminAPI
import Configuration
import EventLoop
import Faults
import Primitives
import Scaling
import Topology

/// Weights that even the servers' latency or CPU.
extension ControlPlane {
  /// Follows the `tune` of every service.
  func followTuning() {
    var tuned: Set<String> = []
    for service in input.settings.services {
      guard let settings = service.tune else { continue }
      tuned.insert(service.name)
      if tuners[service.name] == nil {
        tuners[service.name] = ServiceTuner(settings, now: Clock.now)
      } else {
        tuners[service.name]?.follow(settings)
      }
      applyTuning(service.name)
    }
    for service in tuners.keys.sorted() where !tuned.contains(service) {
      tuners[service] = nil
      applyTuning(service)
    }
    let gone = tuningOff.subtracting(tuned)
    if !gone.isEmpty { keepTuningOff(tuningOff.subtracting(gone)) }
  }

  /// Each second; a round is due once in an interval.
  func tuneWeights(_ sample: TrafficSample) {
    for service in tuners.keys.sorted() where !tuningOff.contains(service) {
      let servers = tunable(service)
      guard tuners[service]?.look(servers, sample, now: Clock.now) == true else { continue }
      applyTuning(service)
      let percents = servers.prefix(Self.shownWeights).map {
        ($0.name, JSONTree.number(percent(service, $0.name)))
      }
      decided(
        "service.tune", service, after: ["percent": .object(Dictionary(percents) { $1 })],
        because: "weights that even the servers")
      let weights = servers.map { "\($0.name) \(percent(service, $0.name)) %" }
      let by = tuners[service]?.settings.by.rawValue ?? ""
      let shown = weights.prefix(Self.shownWeights).joined(separator: ", ")
      recorder.note(
        "weights-tuned", service: service,
        "\(service): weights by \(by): \(shown)\(weights.count > Self.shownWeights ? ", …" : "")")
    }
  }

  private static let shownWeights = 16

  /// Servers that take their part: healthy, and with the weight of the file.
  private func tunable(_ service: String) -> [(name: String, index: Int)] {
    guard let service = snapshot.services.first(where: { $0.name == service }) else { return [] }
    return service.servers.compactMap { server in
      let name = ServerName(service: service.name, server: server.name)
      guard server.health == .healthy, server.takesNewWork, input.condition(of: name).weight == nil
      else { return nil }
      return (server.name, server.id.index)
    }
  }

  func percent(_ service: String, _ server: String) -> Int {
    guard !tuningOff.contains(service), let tuner = tuners[service]?.tuner else { return 100 }
    return Int((tuner.factor(of: server) * 100).rounded())
  }

  /// Puts the factors into the next topology.
  private func applyTuning(_ service: String) {
    guard let settings = input.settings.services.first(where: { $0.name == service }) else {
      return
    }
    for server in input.servers(of: settings) {
      let name = ServerName(service: service, server: server.name)
      let percent = percent(service, server.name)
      let tuned = percent == 100 ? nil : percent
      guard input.condition(of: name).tunedWeight != tuned else { continue }
      input.conditions[name, default: ServerCondition()].tunedWeight = tuned
      changed()
    }
  }

  // MARK: Orders

  func orderTuning(_ service: String, _ order: TuneRequest.Action) {
    switch order {
    case .off: keepTuningOff(tuningOff.union([service]))
    case .on: keepTuningOff(tuningOff.subtracting([service]))
    case .reset: break
    }
    // Off keeps nothing: what was learnt holds for the load of its time.
    tuners[service]?.reset(now: Clock.now)
    let what =
      switch order {
      case .off: "off: the weights are those of the file"
      case .on: "on"
      case .reset: "begun anew: the weights are those of the file for now"
      }
    recorder.note("tuning", service: service, "\(service): the tuning is \(what)")
    applyTuning(service)
  }

  private func keepTuningOff(_ services: Set<String>) {
    guard services != tuningOff else { return }
    tuningOff = services
    recorder.writer.write(
      .value(RecalledState.encode(services.sorted()), key: RecalledState.tuningOffKey))
  }

  func tuneStatus(of service: String) -> TuneStatus? {
    guard let tuner = tuners[service] else { return nil }
    return TuneStatus(
      by: tuner.settings.by.rawValue, on: !tuningOff.contains(service), even: tuner.tuner.isEven,
      least: Int((tuner.settings.least * 100).rounded()),
      most: Int((tuner.settings.most * 100).rounded()))
  }
}
