import CLinux

/// This process's environment.
public enum ProcessEnvironment {
  public static var all: [(name: String, value: String)] {
    var all: [(name: String, value: String)] = []
    while let entry = unsafe environment_entry(all.count) {
      let parts = unsafe String(cString: entry)
        .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      all.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : ""))
    }
    return all
  }

  public static subscript(name: String) -> String? { all.last { $0.name == name }?.value }
}

extension [(name: String, value: String)] {
  /// The last value of a name counts; a new one takes the old one's place.
  public mutating func set(_ name: String, _ value: String) {
    removeAll { $0.name == name }
    append((name, value))
  }
}
