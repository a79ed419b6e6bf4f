import Primitives

/// Makes `Settings` of decoded values and checks what concerns several of them. It goes on after an
/// error, so that all are found; the loader throws away what it made then.
package struct SettingsBuilder {
  let folder: FolderPath
  let inspect: (TLSFiles) -> [TLSFileProblem]
  package var log: DiagnosticLog
  /// Names as written, also of those that are wrong otherwise, so that one mistake is one error.
  var listenerPlaces: [(name: String, place: SourceRange)] = []
  var servicePlaces: [(name: String, place: SourceRange)] = []
  var listenerNames: Set<String> = []
  var serviceNames: Set<String> = []
  /// Of the daemon of services that name none.
  var usualContainerSocket = ContainerSettings.usualSocket
  var registryCredentials: String?

  init(
    folder: FolderPath, log: DiagnosticLog, inspect: @escaping (TLSFiles) -> [TLSFileProblem]
  ) {
    self.inspect = inspect
    self.folder = folder
    self.log = log
  }

  mutating func settings(_ root: DecodedObject) -> Settings {
    let listenerEntries = root.table("listeners")
    let serviceEntries = root.table("services")
    listenerPlaces = listenerEntries.map { ($0.key, $0.keyPlace) }
    servicePlaces = serviceEntries.map { ($0.key, $0.keyPlace) }
    listenerNames = Set(listenerPlaces.map(\.name))
    serviceNames = Set(servicePlaces.map(\.name))
    requireSome("listeners", listenerEntries, in: root)
    requireSome("services", serviceEntries, in: root)

    usualContainerSocket = containerSocket(root)
    registryCredentials = root.object("containers")?.text("credentials").map(folder.absolute)
    var settings = Settings()
    settings.services = serviceEntries.compactMap { entry in
      guard case .object(let object) = entry.value.content else { return nil }
      return service(named: entry.key, at: entry.keyPlace, object)
    }
    settings.listeners = listenerEntries.compactMap { entry in
      guard case .object(let object) = entry.value.content else { return nil }
      return listener(named: entry.key, object)
    }
    settings.admin = admin(root.object("admin"))
    settings.state = state(root.object("state"))
    settings.log = logSettings(root.object("log"))
    settings.audit = audit(root.object("audit"))
    if let series = root.object("metrics")?.integer("series") { settings.metrics.series = series }
    settings.errorPages = errorPages(root)
    settings.compression = compression(root)
    settings.events = events(root.object("events"))
    settings.traces = traces(root)
    checkTraceFields(settings.traces, root.list("routes") ?? [])
    settings.workers = root.integer("workers")
    if let drain = root.object("upgrade")?.duration("drain") { settings.upgrade.drain = drain }
    if let quiet = root.object("faults")?.duration("quiet") { settings.faults.quiet = quiet }
    settings.zone = root.text("zone")
    settings.bans = root.blocks("bans")
    settings.alerts = alerts(root.object("alerts"))
    let routes = routes(root.list("routes") ?? [])
    settings.routes = routes.map(\.settings)
    checkAddresses(listenerEntries, admin: root.object("admin"), settings.admin)
    checkRoutes(routes)
    giveServices(to: &settings, hasBrokenRoutes: routes.count < (root.list("routes") ?? []).count)
    checkProtocols(settings, routes, listenerEntries)
    warnOfUnused(settings)
    return settings
  }

  private mutating func requireSome(
    _ key: String, _ entries: [DecodedEntry], in root: DecodedObject
  ) {
    guard entries.isEmpty, case .table(let written)? = root[key]?.content, written.isEmpty,
      !log.hasErrors
    else { return }
    log.error(
      "there are no \(key)", at: root.keyPlace(key) ?? root.place,
      help: "for example \(key): \(ConfigurationKeys.root[key]?.example ?? "")")
  }

  private mutating func listener(named name: String, _ object: DecodedObject) -> ListenerSettings? {
    let service = object.text("service")
    if let service { checkService(service, at: object["service"]?.place ?? object.place) }
    let errorPages = errorPages(object)
    guard let (address, _) = object.address("address") else { return nil }
    var listener = ListenerSettings(name: name, address: address, service: service)
    listener.errorPages = errorPages
    defend(&listener, object)
    secure(&listener, object)
    self.transport(object, of: &listener)
    return listener
  }

  private mutating func admin(_ object: DecodedObject?) -> AdminSettings {
    var admin = AdminSettings()
    guard let object else { return admin }
    if let (address, _) = object.address("address") { admin.address = address }
    admin.socket = object.text("socket").map(folder.absolute)
    admin.signIn = object.choice("signIn", AdminSettings.SignIn.self) ?? .auto
    admin.tls = object.object("tls").map { listenerTLS($0) }
    admin.hosts = (object.texts("hosts") ?? []).map { $0.lowercased() }
    if let socket = admin.socket, socket.utf8.count > SocketAddress.longestUnixPath {
      log.error(
        "the socket's path has \(socket.utf8.count) bytes with its folder; the most is "
          + "\(SocketAddress.longestUnixPath)", at: object["socket"]?.place ?? object.place,
        help: "write a shorter path, such as /run/ballast.sock")
    }
    let isPlain = object.boolean("plain") ?? false
    if admin.tls == nil, !object.isIntended("tls"), !isPlain, !admin.address.isLoopback {
      log.error(
        "others reach the admin API at \(admin.address), and without TLS they read the passwords too",
        at: object["address"]?.place ?? object.place,
        help: "write 'tls: { certificates: [ { certificate: admin.pem, key: admin.key } ] }' into "
          + "'admin', or 'plain: true' where nobody else is on the way")
    }
    if isPlain, object["tls"] != nil {
      log.error(
        "'plain' says that there is no TLS, and 'tls' that there is",
        at: object.keyPlace("plain") ?? object.place, help: "remove one of them")
    }
    admin.statusPage = statusPage(object.object("statusPage"))
    return admin
  }

  private mutating func statusPage(_ object: DecodedObject?) -> StatusPageSettings? {
    guard let object, let (address, _) = object.address("address") else { return nil }
    for service in object.list("services") ?? [] {
      if case .text(let name) = service.content { checkService(name, at: service.place) }
    }
    return StatusPageSettings(
      address: address, title: object.text("title") ?? "Status",
      services: object.texts("services"))
  }

  private func state(_ object: DecodedObject?) -> StateSettings {
    var state = StateSettings(path: folder.absolute(object?.text("path") ?? "state"))
    guard let written = object?.object("backup") else { return state }
    var backup = BackupSettings()
    if let every = written.duration("every") { backup.every = every }
    if let keep = written.integer("keep") { backup.keep = keep }
    backup.path = written.text("path").map(folder.absolute)
    state.backup = backup
    return state
  }

  /// Reports a service that there isn't.
  mutating func checkService(_ name: String, at place: SourceRange) {
    // With no services at all, that is the one mistake, and it is reported already.
    guard !serviceNames.isEmpty, !serviceNames.contains(name) else { return }
    log.error(
      "there is no service \(Quoted.value(name))", at: place,
      help: suggestion(for: name, among: servicePlaces.map(\.name), kind: "services"))
  }

  mutating func checkListener(_ name: String, at place: SourceRange) {
    guard !listenerNames.isEmpty, !listenerNames.contains(name) else { return }
    log.error(
      "there is no listener \(Quoted.value(name))", at: place,
      help: suggestion(for: name, among: listenerPlaces.map(\.name), kind: "listeners"))
  }

  private func suggestion(for name: String, among names: [String], kind: String) -> String? {
    if log.isFull { return nil }
    if let near = NearestName.find(name, among: names) { return "did you mean '\(near)'?" }
    let some = names.prefix(8).joined(separator: ", ")
    return "the \(kind) are \(some)\(names.count > 8 ? ", …" : "")"
  }
}
