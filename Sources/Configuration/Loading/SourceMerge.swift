/// Puts the files of a folder together: maps merge, `routes` are one list, and any other key that
/// stands in two files is an error.
enum SourceMerge {
  static func merge(_ roots: [YAMLNode], log: inout DiagnosticLog) -> YAMLNode? {
    guard var merged = roots.first else { return nil }
    for root in roots.dropFirst() where !root.isNull {
      if merged.isNull {
        merged = root
      } else {
        merged = merge(merged, root, isRoot: true, log: &log)
      }
    }
    return merged
  }

  private static func merge(
    _ first: YAMLNode, _ second: YAMLNode, isRoot: Bool, log: inout DiagnosticLog
  ) -> YAMLNode {
    guard case .mapping(var entries) = first.content, case .mapping(let more) = second.content
    else {
      log.error("the file must be a map, not \(second.kind)", at: second.head, help: "write keys")
      return first
    }
    var places: [String: Int] = [:]
    for (index, entry) in entries.enumerated() { places[entry.key] = index }
    for entry in more {
      guard let index = places[entry.key] else {
        places[entry.key] = entries.count
        entries.append(entry)
        continue
      }
      switch (entries[index].value.content, entry.value.content) {
      case (.mapping, .mapping):
        entries[index].value = merge(entries[index].value, entry.value, isRoot: false, log: &log)
      case (.sequence(let items), .sequence(let others)) where isRoot && entry.key == "routes":
        entries[index].value.content = .sequence(items + others)
      default:
        log.error(
          "the key \(Quoted.value(entry.key)) is also in another file", at: entry.keyPlace,
          help: log.isFull
            ? nil : "the other is at \(log.describe(entries[index].keyPlace)); keep one of them")
      }
    }
    var result = first
    result.content = .mapping(entries)
    return result
  }
}
