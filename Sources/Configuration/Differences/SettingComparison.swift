/// Walks two trees of YAML side by side. What they mean decides whether a listener, a route or a
/// service differs at all; what they say, in what.
struct SettingComparison {
  private let old: Settings
  private let new: Settings
  private(set) var found: [ConfigurationDifference] = []

  /// What a difference belongs to.
  private struct Subject {
    var kind: ConfigurationDifference.Kind
    var name: String
  }

  init(old: Settings, new: Settings) {
    self.old = old
    self.new = new
  }

  mutating func compare(_ before: YAMLNode?, _ after: YAMLNode?) {
    compareListeners(before?["listeners"], after?["listeners"])
    compareRoutes(before?["routes"], after?["routes"])
    compareServices(before?["services"], after?["services"])
    let apart: Set<String> = ["listeners", "routes", "services"]
    for key in keys(before, after) where !apart.contains(key) {
      let description = ConfigurationKeys.root[key]
      walk(
        [key], before?[key], after?[key], description?.shape, standard: description?.standard,
        Subject(kind: .setting, name: key))
    }
    if found.isEmpty { addConsequence(Subject(kind: .setting, name: "configuration"), path: []) }
  }

  // MARK: Named things

  private mutating func compareListeners(_ before: YAMLNode?, _ after: YAMLNode?) {
    let (old, new) = (byName(self.old.listeners, \.name), byName(self.new.listeners, \.name))
    for name in keys(before, after) where old[name] != new[name] {
      compareNamed(
        ["listeners", name], before?[name], after?[name], .object(ConfigurationKeys.listener),
        Subject(kind: .listener, name: name))
    }
  }

  private mutating func compareServices(_ before: YAMLNode?, _ after: YAMLNode?) {
    let (old, new) = (byName(self.old.services, \.name), byName(self.new.services, \.name))
    for name in keys(before, after) where old[name] != new[name] {
      let subject = Subject(kind: .service, name: name)
      let path = ["services", name]
      guard let first = before?[name], let second = after?[name] else {
        add(path, before?[name], after?[name], subject)
        continue
      }
      let count = found.count
      for key in keys(first, second) {
        if key == "servers" {
          compareServers(path + [key], first[key], second[key], of: name)
          continue
        }
        let description = ConfigurationKeys.service[key]
        walk(
          path + [key], first[key], second[key], description?.shape,
          standard: description?.standard, subject)
      }
      if found.count == count { addConsequence(subject, path: path) }
    }
  }

  /// Both are written, or one of them is all that there is to say.
  private mutating func compareNamed(
    _ path: [String], _ before: YAMLNode?, _ after: YAMLNode?, _ shape: Shape, _ subject: Subject
  ) {
    guard let before, let after else { return add(path, before, after, subject) }
    let count = found.count
    walk(path, before, after, shape, standard: nil, subject)
    if found.count == count { addConsequence(subject, path: path) }
  }

  private mutating func compareServers(
    _ path: [String], _ before: YAMLNode?, _ after: YAMLNode?, of service: String
  ) {
    let (old, new) = (before?.servers ?? [], after?.servers ?? [])
    let description = Shape.object(ConfigurationKeys.server)
    for (place, one) in new.enumerated() {
      let subject = Subject(kind: .server, name: "\(service)/\(one.name)")
      let former = old.first { $0.name == one.name }?.node
      walk(path + ["\(place)"], former, one.node, description, standard: nil, subject)
    }
    for (place, one) in old.enumerated() where !new.contains(where: { $0.name == one.name }) {
      let subject = Subject(kind: .server, name: "\(service)/\(one.name)")
      add(path + ["\(place)"], one.node, nil, subject)
    }
    let kept = Set(new.map(\.name)).intersection(old.map(\.name))
    let orders = (
      old.map(\.name).filter(kept.contains), new.map(\.name).filter(kept.contains)
    )
    if orders.0 != orders.1 {
      append(
        ConfigurationDifference(
          kind: .service, name: service, change: .changed, path: path.joined(separator: "."),
          old: "in the order \(orders.0.joined(separator: ", "))",
          new: "in the order \(orders.1.joined(separator: ", "))"))
    }
  }

  /// Routes have names in what they mean; in what is written they often have none. Both lists are in
  /// the file's order.
  private mutating func compareRoutes(_ before: YAMLNode?, _ after: YAMLNode?) {
    let (old, new) = (routes(self.old, before), routes(self.new, after))
    let shape = Shape.object(ConfigurationKeys.route)
    for (place, one) in new.enumerated() {
      let former = old.first { $0.key == one.key }
      guard former?.settings != one.settings else { continue }
      let subject = Subject(kind: .route, name: one.settings.name)
      compareNamed(["routes", "\(place)"], former?.node, one.node, shape, subject)
    }
    for (place, one) in old.enumerated() where !new.contains(where: { $0.key == one.key }) {
      add(["routes", "\(place)"], one.node, nil, Subject(kind: .route, name: one.settings.name))
    }
  }

  private struct WrittenRoute {
    /// The name, and how many of that name came before.
    var key: String
    var settings: RouteSettings
    var node: YAMLNode?
  }

  private func routes(_ settings: Settings, _ node: YAMLNode?) -> [WrittenRoute] {
    let items: [YAMLNode] = if case .sequence(let items)? = node?.content { items } else { [] }
    var seen: [String: Int] = [:]
    return settings.routes.enumerated().map { place, route in
      let number = seen[route.name, default: 0]
      seen[route.name] = number + 1
      return WrittenRoute(
        key: "\(route.name)/\(number)", settings: route,
        node: place < items.count ? items[place] : nil)
    }
  }

  // MARK: Values

  private mutating func walk(
    _ path: [String], _ before: YAMLNode?, _ after: YAMLNode?, _ shape: Shape?,
    standard: String?, _ subject: Subject
  ) {
    let (before, after) = (before?.ifWritten, after?.ifWritten)
    if case .mapping? = before?.content, case .mapping? = after?.content {
      for key in keys(before, after) {
        let (inner, standard) = shape?.member(key) ?? (nil, nil)
        walk(path + [key], before?[key], after?[key], inner, standard: standard, subject)
      }
      return
    }
    switch (before, after) {
    case (nil, nil): return
    case (let before?, let after?) where before.isSame(as: after): return
    default: add(path, before, after, subject, standard: standard)
    }
  }

  private mutating func add(
    _ path: [String], _ before: YAMLNode?, _ after: YAMLNode?, _ subject: Subject,
    standard: String? = nil
  ) {
    append(
      ConfigurationDifference(
        kind: subject.kind, name: subject.name,
        change: before == nil ? .added : after == nil ? .removed : .changed,
        path: path.joined(separator: "."),
        old: before.map { ShownValue.text($0, at: path) },
        new: after.map { ShownValue.text($0, at: path) }, standard: standard))
  }

  /// The same words mean something else: a file or a variable that they name, or another setting.
  private mutating func addConsequence(_ subject: Subject, path: [String]) {
    append(
      ConfigurationDifference(
        kind: subject.kind, name: subject.name, change: .changed,
        path: path.joined(separator: "."), old: "as it was",
        new: "follows from another setting, a file or a variable"))
  }

  private mutating func append(_ difference: ConfigurationDifference) {
    guard found.count < ConfigurationVersion.mostDifferences else { return }
    found.append(difference)
  }

  // MARK: Names

  /// Of both maps, those of the first in its order, then what the second has besides.
  private func keys(_ before: YAMLNode?, _ after: YAMLNode?) -> [String] {
    let first = before?.keys ?? []
    let known = Set(first)
    return first + (after?.keys ?? []).filter { !known.contains($0) }
  }

  private func byName<Value>(_ values: [Value], _ name: KeyPath<Value, String>) -> [String: Value] {
    Dictionary(values.map { ($0[keyPath: name], $0) }) { first, _ in first }
  }
}

extension YAMLNode {
  fileprivate var ifWritten: YAMLNode? { isNull ? nil : self }

  fileprivate var keys: [String] {
    guard case .mapping(let entries) = content else { return [] }
    return entries.map(\.key)
  }

  /// The items of a list of servers under their names, an address alone as a map with it.
  fileprivate var servers: [(name: String, node: YAMLNode)] {
    guard case .sequence(let items) = content else { return [] }
    return items.map { item in
      guard case .scalar(let address) = item.content else {
        let name = item["name"]?.scalarText ?? item["address"]?.scalarText ?? ""
        return (name, item)
      }
      var map = item
      map.content = .mapping([YAMLEntry(key: "address", keyPlace: item.place, value: item)])
      return (address.text, map)
    }
  }
}

extension Shape {
  /// The shape and the default of a key of a map of this shape.
  fileprivate func member(_ key: String) -> (shape: Shape?, standard: String?)? {
    switch self {
    case .object(let description), .shorthand(_, let description):
      description[key].map { ($0.shape, $0.standard) }
    case .table(let value, _): (value, nil)
    default: nil
    }
  }
}
