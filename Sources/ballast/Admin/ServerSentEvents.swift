/// Lines of `text/event-stream` in, whole events out (WHATWG HTML, section 9.2).
struct ServerSentEvents {
  struct Event: Equatable {
    var name = "message"
    var data = ""
  }

  private var name = ""
  private var data: [String] = []

  /// The event that this line ends.
  mutating func take(_ line: String) -> Event? {
    if line.isEmpty {
      defer { (name, data) = ("", []) }
      guard !data.isEmpty else { return nil }
      return Event(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"))
    }
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    var value = parts.count > 1 ? parts[1] : ""
    if value.hasPrefix(" ") { value = value.dropFirst() }
    switch parts[0] {
    case "event": name = String(value)
    case "data": data.append(String(value))
    default: break
    }
    return nil
  }
}
