import AdminAPI
import Balancing
import Configuration
import Deployment
import EventLoop
import Planning
import Primitives
import Scaling
import Topology

/// `POST /v1/plan`: what another configuration would change, at the load that there is now.
extension ControlPlane {
  func plan(_ request: AdminRequest) async -> AdminAnswer {
    guard let texts = AdminJSON.decode(ConfigurationTexts.self, request.body) else {
      return .error(400, "invalid", Self.textsExample)
    }
    do throws(ConfigurationRefusal) {
      return .json(await plan(for: try candidate(texts)))
    } catch {
      return .error(422, "invalid", error.message, details: error.details)
    }
  }

  static let textsExample = #"the body must be like {"files":[{"name":"shop.yaml","text":"…"}]}"#

  func plan(for new: LoadedConfiguration) async -> ChangePlan {
    let question = await question(of: new)
    // Asking the balancer for thousands of keys takes milliseconds: not on the loop.
    return await Task.detached { question.plan() }.value
  }

  private func question(of new: LoadedConfiguration) async -> PlanQuestion {
    let sample = TrafficSample(at: Clock.now, await dataPlane.reports())
    let changed = changedServices(new.settings)
    let isCounted = input.settings.services.contains { service in
      guard changed.contains(service.name), let sticky = service.sticky else { return false }
      if case .inserted = sticky { return false }
      return true
    }
    let sessions = isCounted ? await dataPlane.sessions() : []
    var question = PlanQuestion(
      old: ConfigurationVersion(sources: loaded.configurationSources, settings: loaded.settings),
      new: ConfigurationVersion(sources: new.configurationSources, settings: new.settings))
    question.needsUpgrade =
      ConfigurationChange(from: loaded.settings, to: new.settings).needingUpgrade
    question.warnings = new.warnings.map { "\($0.file):\($0.line): \($0.message)" }
    for listener in loaded.settings.listeners {
      guard let id = identities.knownListener(listener.name) else { continue }
      question.connections[listener.name] = sample.listeners[id.index]?.open
    }
    let tied = Dictionary(grouping: sessions) { Int($0.session.server) }.mapValues(\.count)
    for name in changed {
      question.services[name] = picture(of: name, new.settings, sample, tied: tied)
    }
    return question
  }

  /// Services that are not the same by both configurations, or whose replicas are not.
  func changedServices(_ new: Settings) -> Set<String> {
    let before = Dictionary(loaded.settings.services.map { ($0.name, $0) }) { first, _ in first }
    let after = Dictionary(new.services.map { ($0.name, $0) }) { first, _ in first }
    return Set(before.keys).union(after.keys).filter { name in
      before[name] != after[name] || rollsOut(name, new)
    }
  }

  /// Whether replicas would be started, replaced or stopped.
  func rollsOut(_ name: String, _ new: Settings) -> Bool {
    let counts = replicaCounts(of: name, new)
    return counts.now != counts.after || isReplaced(name, new)
  }

  /// What begins with other settings, by the names of the services.
  func rollouts(_ new: Settings) -> [ConfigurationApplied.Rollout] {
    changedServices(new).filter { rollsOut($0, new) }.sorted().map { name in
      let counts = replicaCounts(of: name, new)
      let kind: ConfigurationApplied.Rollout.Kind =
        counts.after == 0
        ? .stop
        : counts.now == 0
          ? .start
          : isReplaced(name, new) ? .replace : .scale
      return ConfigurationApplied.Rollout(service: name, kind: kind)
    }
  }

  private func picture(
    of name: String, _ new: Settings, _ sample: TrafficSample, tied: [Int: Int]
  ) -> ServicePicture {
    var picture = ServicePicture(
      replicas: replicaCounts(of: name, new), isReplaced: isReplaced(name, new))
    guard let service = snapshot.services.first(where: { $0.name == name }) else { return picture }
    let replicas = Set(input.replicas[name, default: []].map(\.name))
    let named = Set(
      input.settings.services.first { $0.name == name }?.servers.map(\.name) ?? [])
    picture.servers = service.servers.map { server in
      let traffic = sample.servers[server.id.index]
      return ServicePicture.Server(
        name: server.name, address: server.address, weight: server.weight,
        priority: server.priority, isLocal: server.isLocal, availability: server.availability,
        health: server.health, isStandby: server.isStandby,
        isReplica: replicas.contains(server.name) && !named.contains(server.name),
        inflight: traffic?.inflight ?? 0, connections: traffic?.connections ?? 0,
        concurrencyLimit: service.limits.isAdaptive ? traffic?.concurrencyLimit ?? 0 : 0,
        sessions: tied[server.id.index] ?? 0)
    }
    picture.requestsPerSecond = history.rates(of: service.id).requestsPerSecond
    let recent = history.points(of: service.id).suffix(TrafficHistory.windowSeconds)
    picture.inflight = max(
      sample.services[service.id.index]?.inflight ?? 0, recent.map(\.inflight).max() ?? 0)
    picture.peakPerServer = peakRates[name]?.perServer
    return picture
  }

  /// An operator's count holds until the file names another than before; an autoscaler's within its
  /// bounds, as long as there is one.
  private func replicaCounts(of name: String, _ new: Settings) -> (now: Int, after: Int) {
    let now = replicaSets[name]?.wantedCount ?? 0
    let before = loaded.settings.services.first { $0.name == name }
    guard let after = new.services.first(where: { $0.name == name }), let run = after.run else {
      return (now, 0)
    }
    if let policy = after.scale?.policy {
      guard before?.run != nil else { return (now, after.startingReplicas) }
      return (now, min(max(now, policy.minimum), policy.maximum))
    }
    let holds = before?.run?.replicas == run.replicas && before?.scale == nil
    return (now, (holds ? replicaSets[name]?.orderedCount : nil) ?? run.replicas)
  }

  private func isReplaced(_ name: String, _ new: Settings) -> Bool {
    guard let run = new.services.first(where: { $0.name == name })?.run,
      let configured = replicaSets[name]?.machine.state.configured
    else { return false }
    return ReplicaTemplate(name, run).fingerprint != configured
  }

  /// Once a second, after a sample.
  func followPeaks() {
    let now = Clock.now
    var peaks: [String: PeakRate] = [:]
    for service in snapshot.services {
      var peak = peakRates[service.name] ?? PeakRate()
      if let point = history.points(of: service.id).last {
        let servers = service.servers.count { $0.health == .healthy && $0.takesNewWork }
        peak.add(requests: point.requests, servers: servers, at: now)
      }
      peaks[service.name] = peak
    }
    peakRates = peaks
  }
}
