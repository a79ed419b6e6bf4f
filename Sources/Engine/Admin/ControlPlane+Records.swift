import AdminAPI
import Configuration
import EventLoop
import Faults
import Primitives
import Store

/// Events: from the store, with those that it doesn't have yet from memory.
extension ControlPlane {
  static let mostRecords = 10_000
  static let usualRecords = 100
  /// Events of a service's page.
  static let shownRecords = 20

  func events(_ request: AdminRequest) async -> AdminAnswer {
    let service = request.first("service")
    if isSet(request, "follow") { return AdminAnswer(stream: .events(service: service)) }
    guard
      let limit = number(request, "limit", default: Self.usualRecords, in: 1...Self.mostRecords),
      let after = number(request, "after", default: -1, in: -1...Int.max)
    else { return .error(400, "invalid", "limit must be 1 to \(Self.mostRecords), after an id") }
    return .json(
      await events(service: service, after: after < 0 ? nil : Int64(after), limit: limit))
  }

  func events(service: String?, after: Int64?, limit: Int) async -> [EventRecord] {
    let stored = try? await recorder.store.events(service: service, after: after, limit: limit)
    return recorder.ring.merged(
      with: stored ?? [], service: service, after: after, limit: limit)
  }

  func detail(_ service: String) async -> AdminAnswer {
    guard isService(service) else { return .notFound("service \(service)") }
    let faults = await faultRoots(service: service, openOnly: false, limit: Self.shownRecords)
    let events = await events(service: service, after: nil, limit: Self.shownRecords)
    return serviceDetail(service, faults: faults, events: events).map { .json($0) }
      ?? .notFound("service \(service)")
  }
}
