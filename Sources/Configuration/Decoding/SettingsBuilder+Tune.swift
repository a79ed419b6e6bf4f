import Primitives

extension SettingsBuilder {
  /// nil without a tuning, and for one that makes no sense.
  mutating func tune(_ service: DecodedObject, beside balance: BalanceSettings?) -> TuneSettings? {
    guard let object = service.object("tune") else { return nil }
    let place = service.keyPlace("tune") ?? service.place
    switch balance {
    case .hash?, .first?:
      log.error(
        "'tune' has no meaning with '\(balance?.name ?? "")', which does not go by load", at: place,
        help: "remove it, or choose an algorithm such as 'least-connections'")
      return nil
    default: break
    }
    if service.text("mode") == ServiceMode.primaryStandby.rawValue {
      log.error(
        "'tune' has no meaning with 'mode: primary-standby'", at: place,
        help: "remove it; one server is active, so there is nothing to even")
      return nil
    }
    guard let by = object.choice("by", TuneSettings.Measure.self) else { return nil }
    let kind = (service.choice("protocol", ServiceProtocol.self) ?? .http).kind
    if by == .latency, kind != .http {
      log.error(
        "'by: latency' is for a service that speaks HTTP", at: object["by"]?.place ?? place,
        help: "write 'by: cpu'")
      return nil
    }
    return TuneSettings(
      by: by, least: object.share("least") ?? 0.5, most: object.share("most") ?? 2,
      interval: object.duration("interval") ?? .seconds(10))
  }
}
