import Primitives
import Topology

/// TLS with clients and with servers: what goes together.
extension SettingsBuilder {
  mutating func secure(_ listener: inout ListenerSettings, _ object: DecodedObject) {
    listener.tls = object.object("tls").map { listenerTLS($0) }
    listener.httpsRedirect = httpsRedirect(object)
    listener.hsts = object.object("hsts").map { strictTransport($0) }
    let keyPlace = { (key: String) in object.keyPlace(key) ?? object.place }
    if listener.tls != nil, listener.httpsRedirect != nil {
      log.error(
        "'redirectToHttps' is for listeners without TLS", at: keyPlace("redirectToHttps"),
        help: "remove it here, and write it into the listener of http")
    }
    if listener.httpsRedirect != nil, listener.service != nil {
      log.error(
        "'service' gets nothing beside 'redirectToHttps'", at: keyPlace("service"),
        help: "remove one of them")
    }
    if listener.tls == nil, object["tls"] == nil, listener.hsts != nil {
      log.error(
        "'hsts' is for listeners with TLS: browsers ignore it elsewhere", at: keyPlace("hsts"),
        help: "write it into the listener with 'tls'")
    }
  }

  private func httpsRedirect(_ object: DecodedObject) -> HTTPSRedirectSettings? {
    if let long = object.object("redirectToHttps") {
      return HTTPSRedirectSettings(port: UInt16(clamping: long.integer("port") ?? 443))
    }
    return object.boolean("redirectToHttps") == true ? HTTPSRedirectSettings() : nil
  }

  mutating func listenerTLS(_ object: DecodedObject) -> ListenerTLSSettings {
    var tls = ListenerTLSSettings()
    tls.certificates = certificates(object.list("certificates") ?? [])
    tls.isSelfSigned = object.boolean("selfSigned") ?? false
    tls.minVersion = object.choice("minVersion", MinimumTLSVersion.self) ?? tls.minVersion
    tls.clientCA = object.text("clientCA").map(folder.absolute)
    tls.clientCRL = object.text("clientCRL").map(folder.absolute)
    tls.clientAuth =
      object.choice("clientAuth", ListenerSecurity.ClientAuthentication.self)
      ?? (tls.clientCA == nil ? .none : .require)
    if !object.isIntended("certificates"), !tls.isSelfSigned, object["selfSigned"].isGood {
      log.error(
        "the listener has no certificate", at: object.place.headOnly,
        help: "write 'certificates: [ { certificate: shop.pem, key: shop.key } ]', or "
          + "'selfSigned: true' for development")
    }
    checkClientAuth(tls, object)
    if let authorities = tls.clientCA {
      examine(
        .authorities(authorities, revocations: tls.clientCRL), object, ["clientCA", "clientCRL"])
    }
    return tls
  }

  /// One pair twice would be offered twice, and tell nothing new.
  private mutating func certificates(_ items: [DecodedValue]) -> [CertificateSettings] {
    var pairs: [CertificateSettings] = []
    for item in items {
      guard case .object(let object) = item.content, let certificate = object.text("certificate"),
        let key = object.text("key")
      else { continue }
      let pair = CertificateSettings(
        certificate: folder.absolute(certificate), key: folder.absolute(key))
      if pairs.contains(where: { $0.certificate == pair.certificate }) {
        log.error(
          "the certificate \(Quoted.value(certificate)) stands here twice",
          at: object["certificate"]?.place ?? object.place, help: "remove one of them")
        continue
      }
      pairs.append(pair)
      examine(.pair(pair), object, ["certificate", "key"])
    }
    return pairs
  }

  private mutating func checkClientAuth(_ tls: ListenerTLSSettings, _ object: DecodedObject) {
    let asks = tls.clientAuth != .none
    if asks, !object.isIntended("clientCA") {
      log.error(
        "'clientAuth: \(tls.clientAuth.rawValue)' needs 'clientCA'",
        at: object.keyPlace("clientAuth") ?? object.place,
        help: "write 'clientCA: FILE', the authorities that clients' certificates come from")
    }
    for key in ["clientCA", "clientCRL"] where object[key] != nil && !asks {
      let isAlone = object["clientAuth"] == nil
      log.error(
        isAlone ? "'\(key)' needs 'clientCA'" : "'\(key)' is of no use with 'clientAuth: none'",
        at: object.keyPlace(key) ?? object.place,
        help: isAlone ? "write 'clientCA: FILE' as well" : "remove one of them")
    }
  }

  private mutating func strictTransport(_ object: DecodedObject) -> StrictTransportSettings {
    var hsts = StrictTransportSettings()
    hsts.maxAge = object.duration("maxAge") ?? hsts.maxAge
    hsts.includesSubdomains = object.boolean("includeSubdomains") ?? false
    hsts.preload = object.boolean("preload") ?? false
    if hsts.preload, !hsts.includesSubdomains || hsts.maxAge < .hours(8760) {
      log.error(
        "'preload' needs 'includeSubdomains: true' and a 'maxAge' of a year",
        at: object.keyPlace("preload") ?? object.place,
        help: "the lists of the browsers take no others (hstspreload.org)")
    }
    return hsts
  }

  // MARK: Servers

  mutating func secure(_ service: inout ServiceSettings, _ object: DecodedObject) {
    guard service.protocol.usesTLS else {
      if object["tls"] != nil {
        log.error(
          "'tls' has no meaning with 'protocol: \(service.protocol.rawValue)'",
          at: object.keyPlace("tls") ?? object.place,
          help: "write 'protocol: https' or 'https2', or remove it")
      }
      return
    }
    service.tls = serviceTLS(object.object("tls"))
  }

  /// A check speaks to servers as requests do, in what it doesn't say itself.
  func secureCheck(of service: inout ServiceSettings, _ health: DecodedObject?) {
    guard let tls = service.tls else { return }
    func filled(_ check: HealthSettings.TLSCheck, _ key: String) -> HealthSettings.TLSCheck {
      var check = check
      let written = key == "http" || key == "grpc" ? nil : health?.object(key)
      let verifies = written?.boolean("verify")
      check.verify = verifies ?? tls.verify
      if verifies != false { check.ca = check.ca ?? tls.ca }
      check.serverName = check.serverName ?? tls.serverName
      check.certificate = tls.certificate
      return check
    }
    switch service.health.check {
    case .http(let http): service.health.check = .https(http, filled(.init(), "http"))
    case .https(let http, let check): service.health.check = .https(http, filled(check, "https"))
    case .tls(let check): service.health.check = .tls(filled(check, "tls"))
    case .grpc(let name, _): service.health.check = .grpc(service: name, filled(.init(), "grpc"))
    case .tcp, .command, .none: break
    }
  }

  mutating func serviceTLS(_ object: DecodedObject?) -> ServiceTLSSettings {
    var tls = ServiceTLSSettings()
    guard let object else { return tls }
    tls.ca = object.text("ca").map(folder.absolute)
    tls.serverName = object.text("serverName")
    tls.verify = object.boolean("verify") ?? tls.verify
    tls.minVersion = object.choice("minVersion", MinimumTLSVersion.self) ?? tls.minVersion
    if let certificate = object.text("certificate"), let key = object.text("key") {
      let pair = CertificateSettings(
        certificate: folder.absolute(certificate), key: folder.absolute(key))
      tls.certificate = pair
      examine(.pair(pair), object, ["certificate", "key"])
    }
    if let authorities = tls.ca {
      examine(.authorities(authorities, revocations: nil), object, ["ca"])
    }
    for (key, other) in [("certificate", "key"), ("key", "certificate")]
    where object[key] != nil && !object.isIntended(other) {
      log.error(
        "'\(key)' needs '\(other)'", at: object.keyPlace(key) ?? object.place,
        help: "write '\(other): FILE' as well")
    }
    if !tls.verify, tls.ca != nil {
      log.error(
        "'ca' is of no use with 'verify: false'", at: object.keyPlace("ca") ?? object.place,
        help: "remove 'verify: false'; with the right 'ca' the certificates are good")
    }
    if !tls.verify {
      log.warning(
        "the certificates of these servers are not verified: anybody between can read and change "
          + "what goes to them", at: object.keyPlace("verify") ?? object.place,
        help: "write 'ca: FILE' with the authority that they come from")
    }
    return tls
  }
}

extension DecodedValue? {
  /// Not written, or written well: what did not fit was reported already.
  fileprivate var isGood: Bool {
    if case .invalid? = self?.content { false } else { true }
  }
}
