public import Primitives
public import Topology

/// Chooses a server of a service, of which two versions may run side by side.
///
/// Then there is a balancer for each, and a request is given to a version first: by the shift's rule,
/// by its session, by its share. Each version keeps the service's algorithm, its weights, tiers and
/// limits among its own servers. Without a shift the second balancer is empty and unused.
///
/// The share is exact: a counter, or for a service that hashes the key, which so stays with a
/// version. Where one version has nobody who would take the request well, it goes to the other.
public struct ServiceBalancer: Sendable {
  var old = Balancer()
  var new = Balancer()
  var division: VersionDivision?

  public init() {}

  /// As `Balancer.adopt`.
  public mutating func adopt(
    _ service: Service, limits: Limits, loads: inout [ServerLoad], now: Instant
  ) {
    guard let shift = service.shift else {
      division = nil
      new = Balancer()
      old.adopt(service, limits: limits, loads: &loads, now: now)
      return
    }
    let hasMoved = service.servers.contains { server in
      let other = server.isNew ? old : new
      return division != nil && other.knows(server.id.index, loads)
    }
    if hasMoved {
      // A server's places are those of one balancer: neither may take back what the other gave.
      old = Balancer()
      new = Balancer()
    }
    let isHashed = if case .hash = service.algorithm { true } else { false }
    division = VersionDivision(
      shift.share, isHashed: isHashed, phase: division?.phase ?? VersionDivision.middle)
    old.adopt(
      service, servers: service.servers.filter { !$0.isNew }, limits: limits, loads: &loads,
      now: now)
    new.adopt(
      service, servers: service.servers.filter(\.isNew), limits: limits, loads: &loads, now: now)
  }

  /// As `Balancer.loadChanged`.
  public mutating func loadChanged(_ server: Int, loads: [ServerLoad]) {
    old.loadChanged(server, loads: loads)
    if division != nil { new.loadChanged(server, loads: loads) }
  }

  /// As `Balancer.holdsSession`.
  public func holdsSession(_ server: Int, loads: [ServerLoad], now: Instant) -> Bool {
    old.holdsSession(server, loads: loads, now: now)
      || division != nil && new.holdsSession(server, loads: loads, now: now)
  }

  /// As `Balancer.mayEject`, among the servers of this one's version.
  public func mayEject(_ server: Int, loads: [ServerLoad], now: Instant) -> Bool {
    isNew(server, loads)
      ? new.mayEject(loads: loads, now: now) : old.mayEject(loads: loads, now: now)
  }

  /// As `Balancer.ejection`, among the servers of this one's version.
  public func ejection(of server: Int, loads: [ServerLoad], now: Instant) -> EjectionPolicy? {
    isNew(server, loads)
      ? new.ejection(of: server, loads: loads, now: now)
      : old.ejection(of: server, loads: loads, now: now)
  }

  /// As `Balancer.effectiveWeight`; 0 too where its version's share is none.
  public func effectiveWeight(of server: Int, loads: [ServerLoad]) -> Double {
    guard let division else { return old.effectiveWeight(of: server, loads: loads) }
    if isNew(server, loads) {
      return division.share > 0 ? new.effectiveWeight(of: server, loads: loads) : 0
    }
    return division.share < 1 ? old.effectiveWeight(of: server, loads: loads) : 0
  }

  private func isNew(_ server: Int, _ loads: [ServerLoad]) -> Bool {
    division != nil && new.knows(server, loads)
  }
}
