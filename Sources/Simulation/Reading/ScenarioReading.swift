import Configuration
import Primitives

/// Makes a scenario of decoded values, and checks what concerns several of them.
struct ScenarioReading {
  let fileName: String

  func scenario(_ object: DecodedObject, _ builder: inout SettingsBuilder) -> Scenario {
    let zone = object.text("zone")
    let groups = object.list("servers") ?? []
    var scenario = Scenario(servers: servers(groups, zone: zone, &builder))
    scenario.name = object.text("name") ?? baseName
    scenario.seed = UInt64(object.integer("seed") ?? 1)
    scenario.duration = object.duration("duration") ?? scenario.duration
    if let rate = object.number("arrivals") { scenario.arrivals = Arrivals(rate: rate) }
    if let arrivals = object.object("arrivals") { scenario.arrivals = self.arrivals(arrivals) }
    if let keys = object.object("keys") {
      scenario.keys = KeyPopulation(
        count: keys.integer("count") ?? scenario.keys.count, zipf: keys.number("zipf") ?? 0)
    }
    scenario.clientTimeout = object.duration("clientTimeout") ?? scenario.clientTimeout
    scenario.idempotentShare = object.share("idempotent") ?? 1
    scenario.networkDelay = object.duration("networkDelay") ?? scenario.networkDelay
    scenario.workers = object.integer("workers") ?? 1
    if let service = object.object("service") {
      let settings = builder.service(named: scenario.name, service)
      scenario.service = ServicePlan(settings, servers: scenario.servers.count)
    }
    if let promotion = object.object("promotion") {
      scenario.promotion = PromotionModel(
        time: promotion.duration("time") ?? scenario.promotion.time,
        failures: promotion.share("failures") ?? 0)
    }
    let names = scenario.servers.map(\.name)
    scenario.faults = (object.list("faults") ?? []).compactMap { fault($0, names, &builder) }
    scenario.scaling = (object.list("scaling") ?? []).compactMap(scaling)
    checkWork(scenario, object, &builder)
    return scenario
  }

  /// The file's name without folder and ending.
  private var baseName: String {
    let name = fileName.split(separator: "/").last ?? "scenario"
    return String(name.split(separator: ".").first ?? name)
  }

  private func arrivals(_ object: DecodedObject) -> Arrivals {
    let process: Arrivals.Process = object.text("process") == "uniform" ? .uniform : .poisson
    guard let items = object.list("steps") else {
      return Arrivals(rate: object.number("rate") ?? 1_000, process: process)
    }
    let steps = items.compactMap { item -> Arrivals.Step? in
      guard case .object(let step) = item.content, let rate = step.number("rate") else {
        return nil
      }
      return Arrivals.Step(
        at: step.duration("at") ?? .zero, rate: rate, isRamp: step.boolean("ramp") ?? false)
    }
    return Arrivals(steps: steps, process: process)
  }

  // MARK: Servers

  private func servers(
    _ groups: [DecodedValue], zone: String?, _ builder: inout SettingsBuilder
  ) -> [ServerModel] {
    var servers: [ServerModel] = []
    var names: Set<String> = []
    var numbers: [String: Int] = [:]
    for group in groups {
      guard case .object(let object) = group.content else { continue }
      let count = object.integer("count") ?? 1
      guard servers.count + count <= Simulator.mostServers else {
        builder.log.error(
          "there are more than \(Simulator.mostServers) servers", at: group.place,
          help: "use fewer")
        return servers
      }
      let model = server(object, zone: zone)
      let isSingle = count == 1 && object.text("name") != nil
      for _ in 0..<count {
        var server = model
        if !isSingle {
          numbers[model.name, default: 0] += 1
          server.name += "\(numbers[model.name] ?? 0)"
        }
        if !names.insert(server.name).inserted {
          builder.log.error(
            "two servers have the name '\(server.name)'",
            at: object["name"]?.place ?? group.place, help: "give the group another name")
        }
        servers.append(server)
      }
    }
    return servers
  }

  private func server(_ object: DecodedObject, zone: String?) -> ServerModel {
    var server = ServerModel(name: object.text("name") ?? "s")
    server.weight = object.integer("weight") ?? server.weight
    server.priority = object.integer("priority") ?? server.priority
    server.isLocal = zone == nil || object.text("zone").map { $0 == zone } ?? true
    server.concurrency = object.integer("concurrency") ?? server.concurrency
    server.backlog = object.integer("backlog") ?? server.backlog
    if let mean = object.duration("time") { server.time.mean = mean }
    if let time = object.object("time") { server.time = self.time(time) }
    return server
  }

  private func time(_ object: DecodedObject) -> ServiceTime {
    let distribution: ServiceTime.Distribution =
      switch object.text("distribution") {
      case "constant": .constant
      case "lognormal": .logNormal(sigma: object.number("sigma") ?? 1)
      case "pareto": .pareto(shape: object.number("shape") ?? 2.5)
      case "recorded": .recorded([])
      default: .exponential
      }
    return ServiceTime(distribution, mean: object.duration("mean") ?? .milliseconds(10))
  }

  // MARK: What happens

  private func fault(
    _ item: DecodedValue, _ names: [String], _ builder: inout SettingsBuilder
  ) -> Fault? {
    guard case .object(let object) = item.content, let kind = kind(object, &builder),
      let at = object.duration("at"), let length = object.duration("for")
    else { return nil }
    var servers = object.texts("server") ?? []
    if servers == ["all"] { servers = names }
    for server in servers where !names.contains(server) {
      let some = names.prefix(8).joined(separator: ", ")
      builder.log.error(
        "there is no server '\(server)'", at: object["server"]?.place ?? item.place,
        help: "the servers are \(some)\(names.count > 8 ? ", …" : "")")
    }
    return Fault(at: at, length: length, servers: servers, kind: kind)
  }

  private func kind(_ object: DecodedObject, _ builder: inout SettingsBuilder) -> Fault.Kind? {
    let ofKind = [
      "stall": ["time"], "slow": ["factor"], "errors": ["share"], "loss": ["share"],
      "flap": ["down", "up"],
    ]
    guard let name = object.text("kind") else { return nil }
    for key in ["time", "factor", "share", "down", "up"]
    where object[key] != nil && !(ofKind[name] ?? []).contains(key) {
      let owners = ofKind.filter { $0.value.contains(key) }.keys.sorted()
      builder.log.error(
        "'\(key)' says nothing of the kind '\(name)'",
        at: object.keyPlace(key) ?? object.place,
        help: "it belongs to \(owners.joined(separator: " and "))")
    }
    let share = object.share("share") ?? 1
    return switch name {
    case "kill": .kill
    case "stall": .stall(time: object.duration("time"))
    case "slow": .slow(factor: object.number("factor") ?? 10)
    case "errors": .errors(share: share)
    case "loss": .loss(share: share)
    case "flap":
      .flap(
        down: object.duration("down") ?? .seconds(1), up: object.duration("up") ?? .seconds(1))
    default: nil
    }
  }

  private func scaling(_ item: DecodedValue) -> ScalingStep? {
    guard case .object(let object) = item.content, let at = object.duration("at") else {
      return nil
    }
    return ScalingStep(
      at: at, add: object.integer("add") ?? 0, remove: object.integer("remove") ?? 0)
  }

  /// A slip in the rate or the duration would keep the machine busy for hours.
  static let mostRequests = 100_000_000.0

  private func checkWork(
    _ scenario: Scenario, _ object: DecodedObject, _ builder: inout SettingsBuilder
  ) {
    let rate = scenario.arrivals.steps.map(\.rate).max() ?? 0
    guard rate * scenario.duration.seconds > Self.mostRequests else { return }
    builder.log.error(
      "these are more than \(Int(Self.mostRequests)) requests",
      at: object["arrivals"]?.place ?? object.place, help: "make the rate or the duration smaller")
  }
}
