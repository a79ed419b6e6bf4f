import Primitives
import Testing

@testable import Alerting

@Suite struct AlertMachineTests {
  @Test func `20 replicas lost together are one message a channel, and one when they are back`() {
    var trial = AlertTrial(.simple(channels: ["mail", "ops"]))
    trial.fault("service-down", "shop")
    for number in 1...20 { trial.fault("replica-exited", "shop", "shop-\(number)") }
    trial.run(600)
    #expect(
      trial.trace == [
        "31 mail [FIRING 21 · critical] shop: service-down",
        "31 ops [FIRING 21 · critical] shop: service-down",
      ])
    #expect(trial.sent.first?.message.firing.first?.beneath.count == 20)
    // They come back one after the other, the service with the first.
    trial.heal("shop")
    for number in 1...20 {
      trial.heal("shop", "shop-\(number)")
      trial.run(1)
    }
    trial.run(600)
    #expect(
      trial.trace.dropFirst(2) == [
        "650 mail [RESOLVED 21] shop: service-down, server-down",
        "650 ops [RESOLVED 21] shop: service-down, server-down",
      ])
    #expect(trial.machine.alerts.isEmpty && trial.machine.groups.isEmpty)
  }

  @Test func `a dead machine of two services is one message with all that hangs on it`() {
    var trial = AlertTrial(.simple())
    trial.fault("machine-down", "", subject: "10.0.0.7", outages: ["shop"])
    trial.fault("service-down", "shop", beneath: 1)
    for number in 1...10 {
      trial.fault("server-unhealthy", "shop", "s\(number)", beneath: 1)
      trial.fault("server-unhealthy", "pay", "p\(number)", beneath: 1)
    }
    trial.observation.services["shop"] = .init(healthyServers: 0)
    trial.run(900)
    #expect(trial.trace == ["31 ops [FIRING 23 · critical] 10.0.0.7: machine-down"])
    let beneath = trial.sent.first?.message.firing.first?.beneath ?? []
    #expect(Set(beneath.compactMap { $0.labels["service"] }) == ["shop", "pay"])
    #expect(beneath.contains { $0.rule == "service-down" })
    // One of them has a trouble of its own.
    trial.fault("crash-loop", "pay", "p11")
    trial.run(60)
    #expect(trial.trace.last == "931 ops [FIRING 1 · critical] pay: crash-loop")
    trial.heal("pay", "p11")
    trial.run(60)
    trial.observation.faults = []
    trial.observation.services["shop"] = .init(healthyServers: 10)
    trial.run(900)
    #expect(trial.sent.count == 4)
    #expect(trial.trace.last?.contains("RESOLVED 23") == true)
    #expect(trial.machine.alerts.isEmpty && trial.machine.groups.isEmpty)
  }

  @Test func `a warning hides nothing that is critical`() {
    var trial = AlertTrial(.simple())
    trial.fault("service-degraded", "shop", outages: ["shop"])
    trial.fault("service-down", "shop", beneath: 1)
    for number in 1...3 { trial.fault("server-unhealthy", "shop", "s\(number)", beneath: 1) }
    trial.run(600)
    #expect(trial.trace == ["31 ops [FIRING 5 · critical] shop: service-down, service-degraded"])
    trial.observation.faults = []
    trial.run(600)
    #expect(trial.sent.count == 2)
  }

  @Test func `a condition must hold for a while, and what comes back at once is told to nobody`() {
    var trial = AlertTrial(
      .simple([AlertRule(name: "few", .healthyServers(below: 2), wait: .seconds(60))]))
    trial.observation.services["shop"] = .init(healthyServers: 1)
    trial.run(59)
    trial.observation.services["shop"] = .init(healthyServers: 2)
    trial.run(1)
    #expect(trial.machine.alerts.isEmpty)
    trial.observation.services["shop"] = .init(healthyServers: 1)
    trial.run(62)
    #expect(trial.machine.alerts.values.map(\.state) == [.firing])
    // It fired, but not for as long as a group waits.
    trial.observation.services["shop"] = .init(healthyServers: 2)
    trial.run(60)
    #expect(trial.sent.isEmpty && trial.machine.alerts.isEmpty)
    #expect(trial.log.map(\.kind) == [.fired, .resolved])
  }

  @Test func `missing data is not resolved`() {
    var trial = AlertTrial(.simple([AlertRule(name: "few", .healthyServers(below: 2))]))
    trial.observation.services["shop"] = .init(healthyServers: 1)
    trial.run(60)
    trial.observation.services["shop"] = .init(healthyServers: nil)
    trial.run(3_600)
    #expect(trial.machine.alerts.values.map(\.state) == [.firing])
    #expect(trial.sent.count == 1)
    trial.observation.services["shop"] = .init(healthyServers: 2)
    trial.run(60)
    #expect(trial.sent.count == 2)
    // Faults that cannot be seen are not over either.
    var other = AlertTrial(.simple())
    other.fault("service-down", "shop")
    other.run(60)
    other.observation.faults = nil
    other.run(600)
    #expect(other.sent.count == 1)
  }

  @Test func `an alert keeps firing through a short calm`() {
    var trial = AlertTrial(
      .simple([
        AlertRule(name: "full", .saturation(above: 0.9), keepFiring: .seconds(60))
      ]))
    for round in 0..<20 {
      trial.observation.services["shop"] = .init(saturation: round % 2 == 0 ? 0.95 : 0.5)
      trial.run(30)
    }
    #expect(trial.sent.count == 1)
    #expect(trial.log.filter { $0.kind == .fired }.count == 1)
    trial.run(120)
    #expect(trial.sent.count == 2)
  }

  @Test func `what is new in a group waits for the interval, and nothing new for the repetition`() {
    var trial = AlertTrial(.simple())
    trial.fault("crash-loop", "shop", "shop-1")
    trial.run(60)
    trial.fault("crash-loop", "shop", "shop-2")
    trial.run(4 * 3_600 + 1_000)
    #expect(
      trial.trace == [
        "31 ops [FIRING 1 · critical] shop: crash-loop",
        "331 ops [FIRING 2 · critical] shop: crash-loop",
        "14731 ops [FIRING 2 · critical] shop: crash-loop",
      ])
  }

  @Test func `what was acknowledged is neither repeated nor escalated`() {
    let policy = AlertPolicy.simple(channels: ["boss", "ops"]) { route in
      route.channels = ["ops"]
      route.repeatAfter = .minutes(10)
      route.escalations = [.init(after: .minutes(15), channels: ["boss"])]
    }
    var trial = AlertTrial(policy)
    trial.fault("crash-loop", "shop", "shop-1")
    trial.run(700)
    #expect(trial.sent.map(\.channel) == ["ops", "ops"])
    var acknowledged = trial
    acknowledged.handle(
      .acknowledged([], .init(author: "li", comment: "on it", at: trial.now)))
    acknowledged.run(3_600)
    #expect(acknowledged.sent.count == 2)
    trial.run(300)
    #expect(trial.sent.last?.channel == "boss")
    #expect(trial.log.contains { $0.kind == .escalated })
    trial.heal("shop", "shop-1")
    trial.run(60)
    #expect(
      Set(trial.trace.suffix(2)) == [
        "1031 boss [RESOLVED 1] shop: crash-loop", "1031 ops [RESOLVED 1] shop: crash-loop",
      ])
  }

  @Test func `a silence holds alerts back until it ends`() {
    var trial = AlertTrial(.simple())
    trial.handle(
      .silenced(
        Silence(
          id: trial.machine.nextSilenceID, match: LabelMatch(["service": "sh*"]), author: "li",
          comment: "moving", starts: trial.now, ends: trial.now.after(.minutes(10)))))
    trial.fault("crash-loop", "shop", "shop-1")
    trial.fault("crash-loop", "pay", "pay-1")
    trial.run(500)
    #expect(trial.trace == ["31 ops [FIRING 1 · critical] pay: crash-loop"])
    #expect(trial.expired.isEmpty)
    trial.run(200)
    #expect(trial.trace.last == "630 ops [FIRING 1 · critical] shop: crash-loop")
    #expect(trial.expired.map(\.comment) == ["moving"])
    #expect(trial.machine.silences.isEmpty && trial.machine.nextSilenceID == "2")
  }

  @Test func `quiet hours hold back all but what is critical`() {
    let policy = AlertPolicy.simple { route in
      route.quietHours = [
        QuietHours(days: [0], from: 22 * 60, until: 6 * 60, except: .critical)
      ]
    }
    var trial = AlertTrial(policy)
    trial.minute = 23 * 60
    trial.fault("server-unhealthy", "shop", "a")
    trial.fault("crash-loop", "pay", "p")
    trial.run(300)
    #expect(trial.trace == ["31 ops [FIRING 1 · critical] pay: crash-loop"])
    trial.minute = 1_440 + 6 * 60
    trial.run(1)
    #expect(trial.trace.last == "301 ops [FIRING 1 · warning] shop: server-down")
  }

  @Test func `a channel that is down for a while loses nothing, and its fallback hears of it`() {
    var policy = AlertPolicy.simple(channels: ["mail", "ops"]) { $0.channels = ["ops"] }
    policy.channels["ops"]?.fallback = "mail"
    var trial = AlertTrial(policy)
    trial.down = ["ops"]
    trial.fault("service-down", "shop")
    trial.fault("crash-loop", "pay", "p")
    trial.run(151)
    #expect(trial.sent.map(\.channel) == ["mail", "mail"])
    // It is over before the channel is back: it says so all the same.
    trial.heal("shop")
    trial.run(120)
    let attempts = trial.attempts
    #expect(attempts < 20)
    trial.down = []
    trial.run(120)
    let told = trial.sent.filter { $0.channel == "ops" }.map(\.message.title)
    #expect(
      Set(told) == ["[FIRING 1 · critical] pay: crash-loop", "[RESOLVED 1] shop: service-down"])
    #expect(trial.machine.channels["ops"]?.failures == 0)
  }

  @Test func `an engine that is killed neither repeats nor loses a message`() {
    let policy = AlertPolicy.simple()
    var trial = AlertTrial(policy)
    trial.fault("service-down", "shop")
    trial.run(20)
    trial.restart(policy)
    trial.run(20)
    #expect(trial.sent.count == 1)
    trial.restart(policy)
    trial.run(600)
    #expect(trial.sent.count == 1)
    // Killed while a message is on its way: it goes out again, under the same key.
    trial.fault("crash-loop", "pay", "p")
    trial.run(29)
    trial.seconds += 3
    let output = trial.machine.handle(
      .observed(trial.observation), now: trial.now, minute: trial.minute)
    for (key, state) in output.saves { trial.stored[key.text] = state }
    #expect(output.deliveries.count == 1)
    trial.restart(policy)
    trial.run(5)
    #expect(trial.sent.count == 2)
    #expect(
      trial.sent.last?.message.parts.map(\.key)
        == output.deliveries.first?.message.parts.map(\.key))
  }

  @Test func `a state that is restored brings its silences, and what fires goes on`() {
    let policy = AlertPolicy.simple()
    var former = AlertTrial(policy)
    former.handle(
      .silenced(
        Silence(
          id: former.machine.nextSilenceID, match: LabelMatch(["service": "pay"]), author: "li",
          comment: "", starts: former.now, ends: former.now.after(.hours(1)))))
    former.fault("crash-loop", "old", "o")
    former.run(60)
    var trial = AlertTrial(policy)
    trial.fault("crash-loop", "shop", "s")
    trial.run(60)
    trial.stored = former.stored
    trial.handle(.replaced(former.stored.values.map { $0 }))
    #expect(trial.machine.silences.count == 1)
    #expect(trial.stored.keys.filter { $0.hasPrefix("alert/") }.count == 1)
    trial.fault("crash-loop", "pay", "p")
    trial.run(60)
    #expect(trial.trace == ["31 ops [FIRING 1 · critical] shop: crash-loop"])
  }

  @Test
  func `thousands of alerts in a minute keep the budget, are bounded, and are all in the log`() {
    let policy = AlertPolicy.simple(budget: 20) { route in route.groupInterval = .seconds(60) }
    var trial = AlertTrial(policy)
    var kinds: [AlertLogEntry.Kind: Int] = [:]
    for turn in 0..<6 {
      for number in 0..<500 {
        let all = turn * 500 + number
        trial.fault("crash-loop", "service-\(all % 300)", "server-\(all)")
      }
      trial.run(10, step: 10)
    }
    trial.run(120, step: 10)
    for entry in trial.log { kinds[entry.kind, default: 0] += 1 }
    #expect(kinds[.fired] == 3_000 && kinds[.refused] == nil)
    // 20 in any minute.
    for (place, message) in trial.sent.enumerated() where place >= 20 {
      #expect(message.at - trial.sent[place - 20].at >= 60)
    }
    // The last of each budget is a digest, and all alerts were in some message.
    #expect(trial.sent.contains { $0.message.isDigest })
    let told = Set(trial.sent.flatMap { $0.message.firing.map(\.id) })
    #expect(told.count == 3_000)
    #expect(trial.sent.count <= 60)
    #expect(trial.machine.log.count <= AlertMachine.logLimit * 2)
    trial.observation.faults = []
    trial.run(1_000, step: 10)
    #expect(trial.machine.alerts.isEmpty && trial.machine.groups.isEmpty)
    #expect(
      trial.stored.keys.filter { !$0.hasPrefix("channel/") && !$0.hasPrefix("series/") } == [])
  }

  @Test func `more alerts than are kept are logged once each`() {
    var trial = AlertTrial(AlertPolicy(rules: StandardRules.all))
    trial.machine.mostAlerts = 100
    for number in 0..<110 {
      trial.fault("crash-loop", "shop", "server-\(number)")
    }
    trial.run(3)
    #expect(trial.machine.alerts.count == 100)
    #expect(trial.log.filter { $0.kind == .refused }.count == 10)
  }

  @Test func `a route that changes tells nothing twice`() {
    let policy = AlertPolicy.simple(channels: ["mail", "ops"]) { $0.channels = ["ops"] }
    var trial = AlertTrial(policy)
    trial.fault("service-down", "shop")
    trial.run(60)
    var other = policy
    other.routes[0].repeatAfter = .hours(8)
    trial.handle(.policyChanged(other))
    trial.run(600)
    #expect(trial.sent.count == 1)
    // Services that leave the configuration take their alerts along.
    trial.observation = AlertObservation(faults: [])
    trial.run(60)
    #expect(trial.trace.last?.contains("RESOLVED") == true)
  }

  /// Whatever comes and in whichever order, each alert that fires for long enough is told as firing and, once
  /// over, as over, on every channel; nothing is left behind.
  @Test(arguments: 0..<9)
  func `whatever happens, nothing is lost and nothing is left`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let policy = AlertPolicy.simple(channels: ["a", "b"], budget: 3) { route in
      route.groupBy = [["service"], ["alertname"], []][Int(seed % 3)]
      route.groupInterval = .seconds(60)
    }
    var trial = AlertTrial(policy)
    for _ in 0..<60 {
      let service = "s\(random.below(4))"
      switch random.below(8) {
      case 0: trial.fault("service-down", service)
      case 1, 2: trial.fault("crash-loop", service, "x\(random.below(5))")
      case 3: trial.heal(service)
      case 4: trial.heal(service, "x\(random.below(5))")
      case 5: trial.down = random.below(2) == 0 ? [] : ["a"]
      case 6: trial.restart(policy)
      default: trial.down = []
      }
      trial.run(Int64(random.below(90)))
    }
    trial.down = []
    trial.run(700)
    // What still fires was told last as firing.
    for channel in ["a", "b"] {
      var firing: Set<String> = []
      for message in trial.sent where message.channel == channel {
        for part in message.message.parts {
          for item in part.resolved { firing.remove(item.id) }
          for item in part.firing {
            firing.insert(item.id)
            firing.formUnion(item.beneath.map(\.id))
          }
        }
      }
      let open = trial.machine.alerts.values.filter {
        $0.isFiring && !trial.machine.isInhibited($0)
      }
      #expect(Set(open.map(\.id)).isSubset(of: firing), "seed \(seed)")
    }
    trial.observation.faults = []
    trial.run(1_000)
    #expect(trial.machine.alerts.isEmpty, "seed \(seed)")
    #expect(trial.machine.groups.isEmpty, "seed \(seed)")
    for channel in ["a", "b"] {
      #expect(trial.machine.channels[channel]?.pending == [], "seed \(seed)")
    }
  }
}
