import Primitives
import Routing

extension SettingsBuilder {
  /// Which requests a route takes. What could not be read is left out: the load fails anyway.
  mutating func match(_ object: DecodedObject?) -> RouteMatch {
    guard let object else { return RouteMatch() }
    var hosts: [HostPattern] = []
    for host in (object.texts("host") ?? []).map(HostPattern.init) where !hosts.contains(host) {
      hosts.append(host)
    }
    return RouteMatch(
      hosts: hosts, path: path(object),
      conditions: RequestConditions(
        methods: object.texts("method") ?? [],
        headers: fields("headers", of: object) { $0.lowercased() },
        query: fields("query", of: object) { $0 },
        clients: (object.texts("client") ?? []).compactMap { try? AddressBlock($0) },
        subjects: (object.texts("clientSubject") ?? []).map { ValuePattern($0) }))
  }

  private mutating func path(_ object: DecodedObject) -> PathPattern {
    if let text = object.text("path") { return PathPattern(text) }
    guard let long = object.object("path"), let text = long.text("regex") else { return .any }
    do throws(PathExpression.Problem) {
      return .expression(try PathExpression(text))
    } catch {
      let place = long["regex"]?.place ?? long.place
      log.error(
        "the expression \(error.message)", at: log.place(of: text, from: error.offset, in: place),
        help: error.help)
      // Not any path, which would be another mistake.
      return .exact(Array(text.utf8))
    }
  }

  private mutating func fields(
    _ key: String, of object: DecodedObject, name: (String) -> String
  ) -> [RequestConditions.Field] {
    var found: [String: SourceRange] = [:]
    return object.table(key).compactMap { entry in
      guard case .text(let text) = entry.value.content else { return nil }
      let name = name(entry.key)
      if let first = found.updateValue(entry.keyPlace, forKey: name) {
        log.error(
          "the header \(Quoted.value(entry.key)) is written twice", at: entry.keyPlace,
          help: "the first is at \(log.describe(first)); letter case does not matter")
      }
      return .init(name: Array(name.utf8), value: ValuePattern(text))
    }.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// Exactly one thing that becomes of a request.
  mutating func action(_ object: DecodedObject, path: PathPattern) -> RouteSettings.Action? {
    if let service = object.text("service") {
      checkService(service, at: object["service"]?.place ?? object.place)
      checkSplitKey(object)
      return .service(service)
    }
    if object["split"] != nil { return split(object).map { .split($0) } }
    checkSplitKey(object)
    if object["redirect"] != nil || object["respond"] != nil {
      for key in ["rewrite", "requestHeaders"] where object[key] != nil {
        log.error(
          "'\(key)' has no meaning for a route that asks no server",
          at: object.keyPlace(key) ?? object.place, help: "remove it")
      }
      return directAnswer(object, path: path)
    }
    if !["service", "split", "redirect", "respond"].contains(where: object.isIntended) {
      log.error(
        "the route says nothing of what becomes of its requests", at: object.place.headOnly,
        help: "write 'service: NAME', 'split: { … }', 'redirect: { … }' or 'respond: { … }'")
    }
    return nil
  }

  private mutating func checkSplitKey(_ object: DecodedObject) {
    guard object["splitKey"] != nil else { return }
    log.error(
      "'splitKey' is for 'split'", at: object.keyPlace("splitKey") ?? object.place,
      help: "write 'split: { … }' beside it, or remove it")
  }

  private mutating func split(_ object: DecodedObject) -> SplitSettings? {
    let entries = object.table("split")
    for entry in entries { checkService(entry.key, at: entry.keyPlace) }
    let parts = entries.compactMap { entry -> SplitSettings.Part? in
      guard case .integer(let weight) = entry.value.content else { return nil }
      return .init(service: entry.key, weight: weight)
    }
    guard parts.count == entries.count, case .table? = object["split"]?.content else { return nil }
    let place = object.keyPlace("split") ?? object.place
    guard parts.contains(where: { $0.weight > 0 }) else {
      log.error(
        "no service of the split has a weight", at: place,
        help: "write one such as 'split: { NAME: 95, OTHER: 5 }'")
      return nil
    }
    guard parts.count <= SplitSettings.most else {
      log.error(
        "the split has more than \(SplitSettings.most) services", at: place, help: "use fewer")
      return nil
    }
    var split = SplitSettings(parts: parts)
    if let texts = object.texts("splitKey") {
      split.keys = texts.compactMap { try? RequestKeySettings($0) }
    }
    return split
  }
}

extension SplitSettings {
  /// Services of one split: each costs a look for each request.
  static let most = 16
}
