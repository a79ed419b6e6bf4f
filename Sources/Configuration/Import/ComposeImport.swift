/// A compose file (the Compose Specification, which docker compose follows): its services, as far as
/// they are what Ballast runs.
struct ComposeImport {
  static let mostServices = 1_000

  var log: DiagnosticLog
  let readFile: (String) throws -> String

  init(log: DiagnosticLog, readFile: @escaping (String) throws -> String) {
    self.log = log
    self.readFile = readFile
  }

  mutating func services(_ root: YAMLNode) -> [ImportedService] {
    guard let entries = entries(root, "the file") else { return [] }
    var services: [ImportedService] = []
    for entry in entries {
      switch entry.key {
      case "services":
        guard let found = self.entries(entry.value, "'services'") else { continue }
        for one in found.prefix(Self.mostServices) {
          if let service = service(one) { services.append(service) }
        }
        if found.count > Self.mostServices {
          log.error("there are more than \(Self.mostServices) services", at: entry.keyPlace)
        }
      case "version", "name": break
      case "include":
        leaveOut(entry, "other files are not read", help: "import each of them by itself")
      case "volumes", "networks":
        // Told where a service uses them; an empty one says nothing.
        break
      case "secrets", "configs":
        leaveOut(entry, "Ballast has 'run.secrets' and 'run.files' of each service", help: nil)
      case _ where entry.key.hasPrefix("x-"): break
      default: leaveOut(entry, "Ballast has nothing like it", help: nil)
      }
    }
    return services
  }

  private mutating func service(_ entry: YAMLEntry) -> ImportedService? {
    guard let keys = entries(entry.value, "the service \(Quoted.value(entry.key))") else {
      return nil
    }
    if let problem = TextRule.name.problem(with: entry.key) {
      log.error(problem.message, at: entry.keyPlace, help: problem.help)
      return nil
    }
    var service = ImportedService(name: entry.key, place: entry.keyPlace)
    takeProgram(keys, &service)
    // What `environment` says wins over what its files do.
    for key in keys where key.key == "env_file" { takeEnvironmentFiles(key, &service) }
    for key in keys where key.key == "environment" { takeEnvironment(key, &service) }
    for key in keys { take(key, &service) }
    guard service.image != nil || !service.command.isEmpty else {
      log.warning(
        "the service \(Quoted.value(entry.key)) is not carried over: it has neither an image nor a "
          + "command that Ballast can run", at: entry.keyPlace, help: "write its 'run' by hand")
      return nil
    }
    judgeHealth(&service)
    return service
  }

  private mutating func take(_ entry: YAMLEntry, _ service: inout ImportedService) {
    switch entry.key {
    case "image", "command", "entrypoint", "environment", "env_file", "container_name", "hostname":
      break
    case "build":
      leaveOut(
        entry, "Ballast builds no images",
        help: service.image == nil
          ? "build it, and write its name as 'run.image'" : "build it before `ballast apply`")
    case "ports": takePorts(entry, &service)
    case "expose": takeExposed(entry, &service)
    case "healthcheck": takeHealth(entry, &service)
    case "deploy": takeDeploy(entry, &service)
    case "scale": service.replicas = replicas(entry)
    case "cpus": service.cpu = cpu(entry)
    case "mem_limit": service.memory = memory(entry)
    case "stop_signal": service.stopSignal = signal(entry)
    case "stop_grace_period": service.stopTimeout = duration(entry)
    case "working_dir":
      service.directory = scalar(entry, "a path") { TextRule.filePath.problem(with: $0) == nil }
    case "user": takeIfContainer(entry, "user", &service) { $0.user = $1 }
    case "volumes": takeVolumes(entry, &service)
    case "network_mode": takeNetworkMode(entry, &service)
    case "networks":
      leaveOut(
        entry, "services do not find one another by name",
        help: "give those that others use a listener, and write its address")
    case "depends_on", "links":
      leaveOut(
        entry, "Ballast starts all services at once, and its checks say who is ready",
        help: "let a service try again until what it needs answers")
    case "restart":
      if let policy = scalar(entry), policy != "always", policy != "unless-stopped" {
        leaveOut(entry, "Ballast always starts again what ends", help: nil)
      }
    case "secrets", "configs":
      leaveOut(entry, "write them as 'run.secrets' or 'run.files'", help: nil)
    case "profiles":
      leaveOut(entry, "the service is always run", help: "take it out if it should not be")
    case _ where entry.key.hasPrefix("x-"): break
    default: leaveOut(entry, "Ballast has nothing like it", help: nil)
    }
  }

  // MARK: Words

  mutating func leaveOut(_ entry: YAMLEntry, _ why: String, help: String?) {
    log.warning(
      "'\(Quoted.safe(entry.key))' is not carried over: \(why)", at: entry.keyPlace, help: help)
  }

  /// The entries of a map, with those of `<<` behind it; nil, and an error, where it is none.
  mutating func entries(_ node: YAMLNode, _ name: String) -> [YAMLEntry]? {
    guard case .mapping(let entries) = node.content else {
      if node.isNull { return [] }
      log.error("\(name) must be a map, not \(node.kind)", at: node.head)
      return nil
    }
    return Self.merged(entries, depth: 0)
  }

  /// YAML's merge key (yaml.org/type/merge.html): what is written itself wins.
  static func merged(_ entries: [YAMLEntry], depth: Int) -> [YAMLEntry] {
    guard depth < YAMLLimits.deepestNesting else { return entries }
    var result = entries.filter { $0.key != "<<" }
    var known = Set(result.map(\.key))
    for entry in entries where entry.key == "<<" {
      let sources: [YAMLNode] =
        if case .sequence(let items) = entry.value.content { items } else { [entry.value] }
      for source in sources {
        guard case .mapping(let more) = source.content else { continue }
        for one in merged(more, depth: depth + 1) where known.insert(one.key).inserted {
          result.append(one)
        }
      }
    }
    return result
  }

  mutating func scalar(_ entry: YAMLEntry) -> String? {
    guard case .scalar(let scalar) = entry.value.content, !entry.value.isNull else {
      if !entry.value.isNull { leaveOut(entry, "it is \(entry.value.kind)", help: nil) }
      return nil
    }
    return text(scalar.text, at: entry.value.place)
  }

  /// A text that has to be good in itself, or a variable whose default is. A variable without one has
  /// to be set: an empty value would be a mistake.
  mutating func scalar(_ entry: YAMLEntry, _ noun: String, _ isGood: (String) -> Bool) -> String? {
    guard let text = scalar(entry) else { return nil }
    if let good = Self.checked(text, isGood) { return good }
    leaveOut(entry, "\(Quoted.value(text)) is not \(noun)", help: nil)
    return nil
  }

  static func checked(_ text: String, _ isGood: (String) -> Bool) -> String? {
    guard let reference = ComposeVariables.only(text) else { return isGood(text) ? text : nil }
    guard let fallback = reference.fallback, !fallback.isEmpty else {
      return "${\(reference.name)}"
    }
    return isGood(String(fallback)) ? text : nil
  }

  /// A text with variables as Ballast writes them.
  mutating func text(_ text: String, at place: SourceRange) -> String {
    let (converted, problem) = ComposeVariables.converted(text)
    if let problem { log.warning(problem, at: place) }
    return converted
  }

  /// A list of texts; one text is a list of itself.
  mutating func texts(_ node: YAMLNode) -> [String] {
    switch node.content {
    case .scalar(let scalar): return node.isNull ? [] : [text(scalar.text, at: node.place)]
    case .sequence(let items):
      return items.compactMap { item in
        if case .scalar(let scalar) = item.content { return text(scalar.text, at: item.place) }
        log.warning("\(item.kind) is not carried over", at: item.head)
        return nil
      }
    case .mapping:
      log.warning("a map is not carried over", at: node.head)
      return []
    }
  }
}
