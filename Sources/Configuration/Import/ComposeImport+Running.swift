/// What runs, with which variables, how often and within which limits.
extension ComposeImport {
  mutating func takeProgram(_ keys: [YAMLEntry], _ service: inout ImportedService) {
    var entrypoint: (words: [String], entry: YAMLEntry)?
    for entry in keys {
      switch entry.key {
      case "image": takeImage(entry, &service)
      case "command": service.command = words(entry)
      case "entrypoint": entrypoint = (words(entry), entry)
      default: continue
      }
    }
    guard let entrypoint, !entrypoint.words.isEmpty else { return }
    if service.image != nil {
      leaveOut(
        entrypoint.entry, "the image's own stays", help: "'run.command' is what it is given")
    } else {
      service.command = entrypoint.words + service.command
    }
  }

  private mutating func takeImage(_ entry: YAMLEntry, _ service: inout ImportedService) {
    guard ConfigurationKeys.run["image"] != nil else {
      return leaveOut(entry, "this version of Ballast runs no containers", help: nil)
    }
    service.image = scalar(entry, "an image") { TextRule.label.problem(with: $0) == nil }
  }

  /// A list as it is; a text as a shell splits it.
  private mutating func words(_ entry: YAMLEntry) -> [String] {
    guard case .scalar(let scalar) = entry.value.content, !entry.value.isNull else {
      return texts(entry.value)
    }
    let written = text(scalar.text, at: entry.value.place)
    guard let words = ShellWords.split(written) else {
      log.warning(
        "the quotes are not closed: the text becomes one word", at: entry.value.place)
      return [written]
    }
    return words
  }

  // MARK: Variables

  mutating func takeEnvironment(_ entry: YAMLEntry, _ service: inout ImportedService) {
    switch entry.value.content {
    case .mapping:
      for variable in entries(entry.value, "'environment'") ?? [] {
        switch variable.value.content {
        case .scalar(let scalar):
          let value =
            variable.value.isNull
            ? "${\(variable.key):-}" : text(scalar.text, at: variable.value.place)
          set(variable.key, value, at: variable.keyPlace, &service)
        default: leaveOut(variable, "it is \(variable.value.kind)", help: nil)
        }
      }
    case .sequence(let items):
      for item in items {
        guard case .scalar(let scalar) = item.content else {
          log.warning("\(item.kind) is no variable", at: item.head)
          continue
        }
        let parts = scalar.text.split(
          separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        // Without a value it is that of whoever runs it.
        let value = parts.count > 1 ? text(String(parts[1]), at: item.place) : "${\(name):-}"
        set(name, value, at: item.place, &service)
      }
    case .scalar:
      if !entry.value.isNull { leaveOut(entry, "it is text", help: nil) }
    }
  }

  private mutating func set(
    _ name: String, _ value: String, at place: SourceRange, _ service: inout ImportedService
  ) {
    guard TextRule.environmentName.problem(with: name) == nil else {
      return log.warning("\(Quoted.value(name)) is no name of a variable", at: place)
    }
    if name == "PORT" || name == "REPLICA" {
      log.warning(
        "\(name) is set by Ballast: the value here does not hold", at: place,
        help: name == "PORT" ? "'run.port' says where a container listens" : nil)
      return
    }
    service.set(name, to: value)
  }

  mutating func takeEnvironmentFiles(_ entry: YAMLEntry, _ service: inout ImportedService) {
    let items: [YAMLNode] =
      if case .sequence(let items) = entry.value.content { items } else { [entry.value] }
    for item in items {
      let path = item["path"]?.scalarText ?? item.scalarText ?? ""
      guard !path.isEmpty else {
        log.warning("'env_file' names no file", at: item.head)
        continue
      }
      do {
        takeVariables(of: try readFile(path), from: item.place, &service)
        log.warning(
          "the variables of \(Quoted.value(path)) are copied into the configuration", at: item.head,
          help: "write secrets as 'run.secrets', which name where they are")
      } catch {
        if item["required"]?.scalarText == "false" { continue }
        log.warning(
          "\(Quoted.value(path)) is not carried over: \(Quoted.safe("\(error)"))", at: item.head)
      }
    }
  }

  /// `NAME=VALUE` a line; quotes around a value are taken off.
  private mutating func takeVariables(
    of text: String, from place: SourceRange, _ service: inout ImportedService
  ) {
    for line in text.split(whereSeparator: \.isNewline) {
      var line = String(line).trimmed
      if line.isEmpty || line.hasPrefix("#") { continue }
      if line.hasPrefix("export ") { line = String(line.dropFirst(7)).trimmed }
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      var value = String(parts[1]).trimmed
      if value.count > 1, let quote = value.first, "\"'".contains(quote), value.last == quote {
        value = String(value.dropFirst().dropLast())
      }
      set(
        String(parts[0]).trimmed, value.replacing("${", with: "$${"), at: place, &service)
    }
  }

  // MARK: Numbers and limits

  mutating func takeDeploy(_ entry: YAMLEntry, _ service: inout ImportedService) {
    for one in entries(entry.value, "'deploy'") ?? [] {
      switch one.key {
      case "replicas": service.replicas = replicas(one)
      case "resources": takeResources(one, &service)
      case "update_config": takeUpdates(one, &service)
      case "mode", "restart_policy", "endpoint_mode":
        let isUsual = ["replicated", "any"].contains(one.value.scalarText ?? "")
        if !isUsual, one.key != "restart_policy" { leaveOut(one, "Ballast has one way", help: nil) }
      default: leaveOut(one, "Ballast has nothing like it", help: nil)
      }
    }
  }

  private mutating func takeResources(_ entry: YAMLEntry, _ service: inout ImportedService) {
    for part in entries(entry.value, "'resources'") ?? [] {
      guard part.key == "limits" else {
        leaveOut(part, "Ballast has limits only", help: nil)
        continue
      }
      for limit in entries(part.value, "'limits'") ?? [] {
        switch limit.key {
        case "cpus": service.cpu = cpu(limit)
        case "memory": service.memory = memory(limit)
        default: leaveOut(limit, "Ballast has nothing like it", help: nil)
        }
      }
    }
  }

  private mutating func takeUpdates(_ entry: YAMLEntry, _ service: inout ImportedService) {
    guard ConfigurationKeys.service["deploy"] != nil else {
      return leaveOut(
        entry, "a rollout starts one new replica before it stops an old one", help: nil)
    }
    let keys = entries(entry.value, "'update_config'") ?? []
    let parallelism = keys.first { $0.key == "parallelism" }?.value.scalarText
    let count = parallelism.flatMap { Int($0) }.map { max(1, $0) } ?? 1
    for one in keys {
      switch one.key {
      case "parallelism": break
      case "order":
        let startsFirst = one.value.scalarText == "start-first"
        service.deploy.append(("maxSurge", startsFirst ? "\(count)" : "0"))
        service.deploy.append(("maxUnavailable", startsFirst ? "0" : "\(count)"))
      case "failure_action":
        let isBack = one.value.scalarText == "rollback"
        service.deploy.append(("rollback", isBack ? "automatic" : "manual"))
      case "monitor": if let span = duration(one) { service.deploy.append(("healthyFor", span)) }
      default: leaveOut(one, "a rollout goes on when the new replicas are ready", help: nil)
      }
    }
  }

  mutating func replicas(_ entry: YAMLEntry) -> String? {
    scalar(entry, "a number from 0 to 1000") { text in
      ScalarText.integer(text).map { (0...1_000).contains($0) } ?? false
    }
  }

  mutating func cpu(_ entry: YAMLEntry) -> String? {
    scalar(entry, "a number of cores from 0.01 to 1024") { text in
      ScalarText.decimal(text[...]).map { (0.01...1_024).contains($0) } ?? false
    }
  }

  /// Bytes as compose writes them, `512m` or `1.5gb`, as ours.
  mutating func memory(_ entry: YAMLEntry) -> String? {
    guard let text = scalar(entry) else { return nil }
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let unit = text[digits.endIndex...].lowercased()
    let scale: Double? =
      switch unit {
      case "", "b": 1
      case "k", "kb": 1_024
      case "m", "mb": 1_048_576
      case "g", "gb": 1_073_741_824
      default: nil
      }
    guard let number = Double(digits), let scale, number.isFinite, number * scale < 0x1p44,
      number * scale >= 1_048_576
    else {
      leaveOut(entry, "\(Quoted.value(text)) is no size of 1 MiB or more", help: nil)
      return nil
    }
    let bytes = number * scale
    let whole = (bytes / 1_048_576).rounded()
    return whole * 1_048_576 == bytes ? "\(Int(whole))MiB" : "\(Int((bytes / 1_024).rounded()))KiB"
  }

  /// `1m30s`, as one of ours.
  mutating func duration(_ entry: YAMLEntry) -> String? {
    guard let text = scalar(entry) else { return nil }
    guard let milliseconds = Self.milliseconds(text) else {
      leaveOut(entry, "\(Quoted.value(text)) is no duration", help: nil)
      return nil
    }
    return milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
  }

  static func milliseconds(_ text: String) -> Int? {
    let units: [(String, Double)] = [
      ("us", 0.001), ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]
    var rest = text[...]
    var total = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest[digits.endIndex...]
      let unit = rest.prefix { $0.isLetter }
      rest = rest[unit.endIndex...]
      guard let number = Double(digits), let scale = units.first(where: { $0.0 == unit })?.1 else {
        return nil
      }
      total += number * scale
    }
    guard total.isFinite, total >= 0, total <= 31_536_000_000 else { return nil }
    return Int(total.rounded())
  }

  mutating func signal(_ entry: YAMLEntry) -> String? {
    guard let text = scalar(entry) else { return nil }
    let upper = text.uppercased()
    let name = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
    guard StopSettings.Signal(rawValue: name) != nil else {
      let known = StopSettings.Signal.allCases.map(\.rawValue).joined(separator: ", ")
      leaveOut(entry, "\(Quoted.value(text)) is not one of \(known)", help: nil)
      return nil
    }
    return name
  }
}
