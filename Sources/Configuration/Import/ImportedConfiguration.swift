/// All that was imported, and how it is written down.
struct ImportedConfiguration {
  struct Listener {
    var name: String
    var address: String
    var transport: ImportedService.Port.Transport
    var service: String
  }

  static let usualAddress = ":8080"

  var services: [ImportedService] = []
  private(set) var listeners: [Listener] = []
  /// Theirs: a file may publish tens of thousands of ports.
  private var names: Set<String> = []

  /// A listener for each published port. A configuration needs one: where nothing is published, the
  /// first service gets it.
  mutating func giveListeners(_ log: inout DiagnosticLog) {
    var taken: Set<String> = []
    for service in services {
      for port in service.ports where port.transport != service.transport {
        log.warning(
          "the port \(Quoted.value(port.target)) of \(service.name) is not carried over: a service "
            + "of Ballast speaks one protocol, and this one \(service.transport.rawValue)",
          at: port.place, help: "write a second service for it")
      }
      for (number, port) in service.carried.enumerated() {
        let address = "\(port.host):\(port.published)"
        guard taken.insert("\(port.transport == .udp ? "udp " : "")\(address)").inserted else {
          log.warning(
            "\(Quoted.value(address)) is published twice", at: port.place,
            help: "the first one has it")
          continue
        }
        if number > 0, service.image != nil {
          log.warning(
            "the port \(Quoted.value(port.target)) leads to where the first port does",
            at: port.place,
            help: "a replica has one port: write a second service for it")
        }
        listeners.append(
          Listener(
            name: newName(service.name, number), address: address, transport: port.transport,
            service: service.name))
      }
    }
    guard listeners.isEmpty, let first = services.first else { return }
    log.warning(
      "no port is published: \(first.name) is given the listener \(Self.usualAddress)",
      at: first.place, help: "take another one, or another service")
    listeners.append(
      Listener(
        name: "web", address: Self.usualAddress, transport: first.transport, service: first.name))
  }

  private mutating func newName(_ service: String, _ number: Int) -> String {
    var name = number == 0 ? service : "\(service)-\(number + 1)"
    if names.contains(name) || name.utf8.count > TextRule.longestName {
      // Mostly free: only a service of such a name takes it.
      var next = listeners.count + 1
      while names.contains("listener-\(next)") { next += 1 }
      name = "listener-\(next)"
    }
    names.insert(name)
    return name
  }

  // MARK: Text

  func text(from path: String) -> String {
    var lines = ["# Made by `ballast import` from \(Quoted.safe(path)).", "listeners:"]
    for listener in listeners {
      let transport =
        listener.transport == .http ? "" : ", protocol: \(listener.transport.rawValue)"
      lines.append(
        "  \(listener.name): { address: \(WrittenScalar.text(listener.address))\(transport), "
          + "service: \(listener.service) }")
    }
    lines.append("services:")
    for service in services { lines += Self.lines(service) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ service: ImportedService) -> [String] {
    var lines = ["  \(service.name):"]
    if service.transport != .http { lines.append("    protocol: \(service.transport.rawValue)") }
    lines.append("    run:")
    func add(_ key: String, _ value: String?) {
      if let value { lines.append("      \(key): \(WrittenScalar.text(value))") }
    }
    add("image", service.image)
    if !service.command.isEmpty { lines.append("      command: \(list(service.command))") }
    if !service.prepare.isEmpty { lines.append("      prepare: \(list(service.prepare))") }
    if service.image != nil { add("port", service.ports.first?.target ?? service.exposed) }
    add("replicas", service.replicas)
    add("directory", service.directory)
    add("user", service.user)
    add("network", service.network)
    if !service.volumes.isEmpty { lines.append("      volumes: \(list(service.volumes))") }
    if !service.environment.isEmpty {
      lines.append("      environment:")
      for variable in service.environment {
        lines.append("        \(variable.name): \(WrittenScalar.text(variable.value))")
      }
    }
    if let map = map([("cpu", service.cpu), ("memory", service.memory)]) {
      lines.append("      resources: \(map)")
    }
    if let map = map([("signal", service.stopSignal), ("timeout", service.stopTimeout)]) {
      lines.append("      stop: \(map)")
    }
    if let map = map(service.deploy.map { ($0.key, Optional($0.value)) }) {
      lines.append("    deploy: \(map)")
    }
    return lines + health(service)
  }

  private static func health(_ service: ImportedService) -> [String] {
    guard let health = service.health else { return [] }
    var parts: [String]
    switch health {
    case .none: parts = ["none: {}"]
    case .http(let path): parts = ["http: { path: \(WrittenScalar.text(path)) }"]
    case .command(let command): parts = ["command: \(list(command))"]
    }
    if health != .none { parts += service.checks.map { "\($0.key): \($0.value)" } }
    return ["    health: { \(parts.joined(separator: ", ")) }"]
  }

  private static func list(_ words: [String]) -> String {
    "[ \(words.map(WrittenScalar.text).joined(separator: ", ")) ]"
  }

  private static func map(_ entries: [(String, String?)]) -> String? {
    let parts = entries.compactMap { key, value in
      value.map { "\(key): \(WrittenScalar.text($0))" }
    }
    return parts.isEmpty ? nil : "{ \(parts.joined(separator: ", ")) }"
  }
}

/// A scalar as YAML, in quotes unless it is plain in every place.
enum WrittenScalar {
  static func text(_ value: String) -> String {
    let isPlain =
      !value.isEmpty
      && value.utf8.allSatisfy { byte in
        TextRule.isNameByte(byte) || byte == UInt8(ascii: "/")
      } && value.utf8.first != UInt8(ascii: "-") && !words.contains(value.lowercased())
    if isPlain { return value }
    var text = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default:
        if isPrintable(scalar) {
          text.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16, uppercase: true)
          text += "\\U" + String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
        }
      }
    }
    return text + "\""
  }

  /// YAML, section 5.1, without the byte order mark.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  private static let words: Set<String> = ["null", "~", "true", "false", "yes", "no", "on", "off"]
}
