import AdminAPI
import Configuration
import EventLoop
import Faults
import Primitives
import Store

/// `GET /v1/services/NAME/availability`.
extension ControlPlane {
  static let mostNeeded = 1_000

  func availability(_ service: String, _ request: AdminRequest) async -> AdminAnswer {
    guard let settings = input.settings.services.first(where: { $0.name == service }) else {
      return .notFound("service \(service)")
    }
    var (needed, source) = (1, AvailabilityReport.NeedSource.usual)
    if request.has("need") {
      guard let number = number(request, "need", default: 1, in: 1...Self.mostNeeded) else {
        return .error(400, "invalid", "need must be 1 to \(Self.mostNeeded)")
      }
      (needed, source) = (number, .asked)
    } else if let number = neededByLoad(settings) {
      (needed, source) = (number, .load)
    }
    let records = await faults(service: service, openOnly: false, limit: Self.mostRecords)
    return .json(
      AvailabilityReport.make(
        service: service, records: records, servers: serverNames[service, default: []].sorted(),
        needed: needed, neededFrom: source, since: recalled.observedSince, now: Clock.wallTime))
  }

  /// Only a limit of requests says how much one server can take.
  func neededByLoad(_ service: ServiceSettings) -> Int? {
    guard service.limits.requests > 0, let id = identities.knownService(service.name),
      let peak = history.points(of: id).map(\.inflight).max()
    else { return nil }
    return AvailabilityReport.needed(inflight: peak, limit: service.limits.requests)
  }
}
