import Primitives

/// What stands around the program: ports, volumes, networks, checks.
extension ComposeImport {
  /// Ports of one line such as `3000-3005:3000-3005`.
  private static let mostPorts = 64
  /// Ports that programs listen on without speaking HTTP, and 443, which we could not answer.
  private static let streamPorts: Set<String> = [
    "22", "25", "53", "110", "143", "389", "443", "465", "587", "636", "853", "993", "995", "1433",
    "1521", "1883", "2181", "3306", "4222", "5432", "5671", "5672", "6379", "6380", "8443", "8883",
    "9042", "9092", "11211", "27017",
  ]

  mutating func takePorts(_ entry: YAMLEntry, _ service: inout ImportedService) {
    guard case .sequence(let items) = entry.value.content else {
      if !entry.value.isNull { leaveOut(entry, "it is \(entry.value.kind), not a list", help: nil) }
      return
    }
    for item in items {
      switch item.content {
      case .scalar(let scalar): takePort(text(scalar.text, at: item.place), item.place, &service)
      case .mapping: takeLongPort(item, &service)
      case .sequence: log.warning("a list is no port", at: item.head)
      }
    }
  }

  /// `[HOST:][PUBLISHED:]TARGET[/PROTOCOL]`, the two with ranges.
  private mutating func takePort(
    _ text: String, _ place: SourceRange, _ service: inout ImportedService
  ) {
    let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let isDatagram = halves.count > 1 && halves[1] == "udp"
    let parts = Self.splitOutsideBraces(halves.first ?? "")
    guard let target = parts.last, !target.isEmpty else {
      return log.warning("\(Quoted.value(text)) is no port", at: place)
    }
    guard parts.count > 1 else {
      return log.warning(
        "the port \(Quoted.value(text)) is published where the daemon likes: there is no listener for it",
        at: place, help: "write \"8080:\(Quoted.safe(target))\"")
    }
    let host = parts.count > 2 ? parts.dropLast(2).joined(separator: ":") : ""
    let published = parts[parts.count - 2]
    let (ours, theirs) = (Self.range(published), Self.range(target))
    guard !ours.isEmpty, !theirs.isEmpty, ours.count == theirs.count || theirs.count == 1 else {
      return log.warning(
        "\(Quoted.value(text)) is not carried over: it is no port, or a range that does not fit or is "
          + "longer than \(Self.mostPorts)", at: place)
    }
    for (number, port) in ours.enumerated() {
      let inner = theirs.count == 1 ? theirs[0] : theirs[number]
      add(port, inner, host: host, isDatagram, application: nil, place, &service)
    }
  }

  private mutating func takeLongPort(_ node: YAMLNode, _ service: inout ImportedService) {
    var values: [String: String] = [:]
    for entry in entries(node, "a port") ?? [] { values[entry.key] = scalar(entry) }
    guard let target = values["target"] else {
      return log.warning("the port has no 'target'", at: node.head)
    }
    guard let published = values["published"], Self.range(published).count == 1 else {
      return log.warning(
        "the port \(Quoted.value(target)) is published at no port of its own: there is no listener for it",
        at: node.head, help: "write 'published: 8080'")
    }
    add(
      published, target, host: values["host_ip"] ?? "", values["protocol"] == "udp",
      application: values["app_protocol"], node.head, &service)
  }

  private mutating func add(
    _ published: String, _ target: String, host: String, _ isDatagram: Bool, application: String?,
    _ place: SourceRange, _ service: inout ImportedService
  ) {
    guard let published = Self.checked(published, Self.isPort),
      let target = Self.checked(target, Self.isPort)
    else {
      return log.warning(
        "\(Quoted.value("\(published):\(target)")) is not carried over: a port is 1 to 65535",
        at: place)
    }
    let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    guard bare.isEmpty || SocketAddress(host: bare, port: 1) != nil else {
      return log.warning(
        "\(Quoted.value(host)) is not carried over: it is no address of this machine", at: place)
    }
    let isStream = application.map { !$0.hasPrefix("http") && !$0.hasPrefix("ws") }
    let transport: ImportedService.Port.Transport =
      isDatagram ? .udp : isStream ?? Self.streamPorts.contains(target) ? .tcp : .http
    let address = bare.contains(":") ? "[\(bare)]" : bare
    service.ports.append(
      ImportedService.Port(
        host: address == "0.0.0.0" ? "" : address, published: published, target: target,
        transport: transport, place: place))
  }

  private static func isPort(_ text: String) -> Bool {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else {
      return false
    }
    return (1...65_535).contains(number)
  }

  /// `3000-3005` written out; a variable is one port.
  private static func range(_ text: String) -> [String] {
    if text.hasPrefix("${") { return [text] }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2, low <= high,
      low >= 0, high <= 65_535, high - low < mostPorts
    else { return [] }
    return (low...high).map { "\($0)" }
  }

  /// At colons that are not part of `${…}` or `[…]`.
  static func splitOutsideBraces(_ text: Substring) -> [String] {
    var parts = [""]
    var depth = 0
    for character in text {
      if "{[".contains(character) { depth += 1 }
      if "}]".contains(character) { depth = max(0, depth - 1) }
      if character == ":", depth == 0 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts
  }

  mutating func takeExposed(_ entry: YAMLEntry, _ service: inout ImportedService) {
    service.exposed = texts(entry.value).compactMap { Self.checked($0, Self.isPort) }.first
  }

  // MARK: Volumes and networks

  mutating func takeIfContainer(
    _ entry: YAMLEntry, _ key: String, _ service: inout ImportedService,
    _ take: (inout ImportedService, String) -> Void
  ) {
    guard service.image != nil, ConfigurationKeys.run[key] != nil else {
      return leaveOut(entry, "Ballast has it for containers only", help: nil)
    }
    let text = scalar(entry, "such a text") { TextRule.label.problem(with: $0) == nil }
    if let text { take(&service, text) }
  }

  mutating func takeVolumes(_ entry: YAMLEntry, _ service: inout ImportedService) {
    guard service.image != nil, ConfigurationKeys.run["volumes"] != nil else {
      return leaveOut(entry, "a process has the machine's files", help: nil)
    }
    guard case .sequence(let items) = entry.value.content else { return }
    for item in items {
      if case .scalar(let scalar) = item.content {
        let volume = text(scalar.text, at: item.place)
        guard Self.splitOutsideBraces(volume[...]).count > 1 else {
          log.warning(
            "the volume \(Quoted.value(volume)) has no name, and so is not carried over",
            at: item.head, help: "write 'NAME:\(Quoted.safe(volume))'")
          continue
        }
        add(volume, item.place, &service)
        continue
      }
      let kind = item["type"]?.scalarText ?? "volume"
      guard kind == "bind" || kind == "volume", let source = item["source"]?.scalarText,
        let target = item["target"]?.scalarText
      else {
        log.warning("the volume is not carried over: it is neither 'bind' nor named", at: item.head)
        continue
      }
      let isReadOnly = item["read_only"]?.scalarText == "true"
      let volume = text("\(source):\(target)", at: item.head)
      add(volume + (isReadOnly ? ":ro" : ""), item.head, &service)
    }
  }

  private mutating func add(
    _ volume: String, _ place: SourceRange, _ service: inout ImportedService
  ) {
    guard TextRule.label.problem(with: volume) == nil, service.volumes.count < Self.mostPorts else {
      return log.warning("\(Quoted.value(volume)) is not carried over: it is no volume", at: place)
    }
    service.volumes.append(volume)
  }

  mutating func takeNetworkMode(_ entry: YAMLEntry, _ service: inout ImportedService) {
    guard let mode = scalar(entry) else { return }
    if service.image != nil, ["host", "bridge"].contains(mode),
      ConfigurationKeys.run["network"] != nil
    {
      service.network = mode
    } else if service.image != nil || mode != "host" {
      leaveOut(entry, "\(Quoted.value(mode)) is none that Ballast has", help: nil)
    }
  }

  // MARK: Checks

  mutating func takeHealth(_ entry: YAMLEntry, _ service: inout ImportedService) {
    var test: (words: [String], entry: YAMLEntry)?
    for one in entries(entry.value, "'healthcheck'") ?? [] {
      switch one.key {
      case "test": test = (texts(one.value), one)
      case "disable":
        if one.value.scalarText == "true" { service.health = ImportedService.Health.none }
      case "interval", "timeout":
        guard let span = duration(one), let milliseconds = Self.milliseconds(span) else { continue }
        let least = one.key == "interval" ? 50 : 1
        service.checks.append((one.key, milliseconds < least ? "\(least)ms" : span))
      case "retries":
        if let fall = scalar(one).flatMap({ Int($0) }), (1...100).contains(fall) {
          service.checks.append(("fall", "\(fall)"))
        } else {
          leaveOut(one, "'fall' is 1 to 100", help: nil)
        }
      default:
        leaveOut(one, "a replica has 30 s until its failed checks count", help: nil)
      }
    }
    guard let test, service.health == nil else { return }
    takeTest(test.words, test.entry, &service)
  }

  private mutating func takeTest(
    _ written: [String], _ entry: YAMLEntry, _ service: inout ImportedService
  ) {
    var words = written
    let first = words.first ?? ""
    if first == "NONE" {
      service.health = ImportedService.Health.none
      return
    }
    let isList = if case .sequence = entry.value.content { true } else { false }
    if isList { words.removeFirst(min(1, words.count)) }
    let isShell = !isList || first == "CMD-SHELL"
    let line = words.joined(separator: " ")
    if let path = Self.checkedPath(in: line) {
      service.health = .http(path: path)
      return
    }
    guard service.image == nil, !words.isEmpty else {
      return leaveOut(
        entry, "Ballast runs checks outside of the container",
        help: "a connection is tried instead; write 'health.http' or 'health.grpc' where it can")
    }
    service.health = .command(isShell ? ["sh", "-c", line] : words)
  }

  /// The path that `curl` or `wget` asks this machine for.
  static func checkedPath(in line: String) -> String? {
    guard line.contains("curl") || line.contains("wget"),
      let scheme = line.firstRange(of: "http://")
    else { return nil }
    let url = line[scheme.upperBound...].prefix { !$0.isWhitespace && !"\"'|;&)".contains($0) }
    let host = url.prefix { $0 != ":" && $0 != "/" }
    guard ["localhost", "127.0.0.1", "0.0.0.0"].contains(String(host)) else { return nil }
    let path = url.firstIndex(of: "/").map { String(url[$0...]) } ?? "/"
    return TextRule.requestPath.problem(with: path) == nil ? path : nil
  }

  /// Without a port that anybody uses there is nothing to connect to.
  mutating func judgeHealth(_ service: inout ImportedService) {
    if service.ports.isEmpty, service.exposed == nil, service.health == nil {
      service.health = ImportedService.Health.none
    }
    if service.transport == .udp, service.health == nil {
      service.health = ImportedService.Health.none
    }
    if service.transport != .http, case .http? = service.health { service.health = nil }
  }
}
