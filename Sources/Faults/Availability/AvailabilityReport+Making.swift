public import Primitives

extension AvailabilityReport {
  /// Faults under which the figures rest on what was assumed as much as on what was seen.
  static let fewFaults = 5

  /// - Parameters:
  ///   - records: of this service; others are left out.
  ///   - servers: those that there are now; a fault of another one counts for nothing.
  ///   - needed: at least 1; more than there are stands, and makes a service that is always down.
  ///   - since: when watching began.
  public static func make(
    service: String, records: [FaultRecord], servers: [String], needed: Int,
    neededFrom: NeedSource, since: WallTime, now: WallTime
  ) -> AvailabilityReport {
    let records = records.filter { $0.service == service }
    let faults = ServerFaults(records, servers: servers, since: since, now: now)
    let server = ServerReliability(pooled: faults)
    let cause = CommonCause(
      together: faults.together(within: CommonCause.window), faults: faults.outages.count)
    let needed = max(1, needed)

    func model(_ count: Int, _ server: ServerReliability) -> RedundantServers {
      RedundantServers(
        count: count, needed: needed, unavailability: server.unavailability, beta: cause.beta)
    }
    let present = model(servers.count, server)
    // Without a fault the MTBF is an upper limit of the rate already.
    let worst =
      server.mtbfIsBound
      ? server
      : server.failing(PoissonLimit.upper(server.faults) / Double(server.faults))
    return AvailabilityReport(
      service: service, since: since, watched: faults.watched, needed: needed,
      neededFrom: neededFrom, server: server, commonCause: cause,
      servers: servers.map { Self.server($0, faults) },
      predicted: AvailabilityForecast(present),
      atLeast: AvailabilityForecast(model(servers.count, worst)),
      measured: measured(service, records, since: since, now: now),
      floorMinutesDownAMonth: present.common * AvailabilityForecast.minutesAMonth,
      oneMore: AvailabilityForecast(model(servers.count + 1, server)),
      oneFewer: servers.count > 1 ? AvailabilityForecast(model(servers.count - 1, server)) : nil,
      halfRepair: AvailabilityForecast(
        model(servers.count, server.repaired(in: server.mttr / 2))),
      remarks: remarks(servers.count, needed, server, cause))
  }

  /// How many servers a load takes.
  /// - Parameter limit: requests under way that one server may have, at least 1.
  public static func needed(inflight: Int, limit: Int) -> Int {
    let (load, limit) = (max(0, inflight), max(1, limit))
    return max(1, load / limit + (load % limit > 0 ? 1 : 0))
  }

  private static func server(_ name: String, _ faults: ServerFaults) -> Server {
    let own = ServerReliability(faults, server: name)
    let down = faults.outages.filter { $0.server == name }.reduce(0) { $0 + $1.seconds }
    return Server(
      name: name, faults: own.faults, mtbf: own.mtbfIsBound ? nil : own.mtbf,
      mttr: own.mttrIsAssumed ? nil : own.mttr,
      availability: faults.watched > 0 ? min(1, max(0, 1 - down / faults.watched)) : 1)
  }

  private static func measured(
    _ service: String, _ records: [FaultRecord], since: WallTime, now: WallTime
  ) -> Measured {
    let down = records.filter { $0.type == .serviceDown }
    let availability =
      FaultStatistics.summaries(
        records: down, services: [service], observedSince: since, now: now
      ).first?.availability ?? 1
    return Measured(
      faults: down.count, availability: availability, unavailability: 1 - availability,
      minutesDownAMonth: (1 - availability) * AvailabilityForecast.minutesAMonth)
  }

  private static func remarks(
    _ count: Int, _ needed: Int, _ server: ServerReliability, _ cause: CommonCause
  ) -> [String] {
    var remarks: [String] = []
    if count == 0 { remarks.append("the service has no servers now") }
    if needed > count, count > 0 {
      remarks.append("it needs \(needed) servers and has \(count)")
    }
    if server.faults == 0 {
      remarks.append(
        "no server fault was seen yet: the MTBF is the least that the time watched allows with 95 % confidence (rule of three), so the prediction is a lower limit"
      )
    } else if server.faults < fewFaults {
      remarks.append(
        "only \(server.faults) server \(server.faults == 1 ? "fault was" : "faults were") seen: the true rate may be \(multiple(PoissonLimit.upper(server.faults) / Double(server.faults))) times as high"
      )
    }
    if server.mttrIsAssumed {
      remarks.append(
        "no repair has ended yet: a repair is taken to last \(TimeSpan.seconds(Int64(min(server.mttr, 1e9))))"
      )
    }
    if count > 1, Double(cause.faults) < CommonCause.priorWeight {
      remarks.append(
        "the share of common causes rests mostly on the prior: 10 %, weighing as much as 5 faults")
    }
    return remarks
  }

  /// With one place.
  private static func multiple(_ factor: Double) -> String {
    "\((factor * 10).rounded() / 10)"
  }
}
