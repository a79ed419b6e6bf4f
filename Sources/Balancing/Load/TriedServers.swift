/// The servers that a request was sent to, at most one for each try.
public struct TriedServers: Sendable {
  public static let limit = 11
  private var servers = InlineArray<11, Int32>(repeating: -1)
  public private(set) var count = 0

  public init() {}

  public mutating func insert(_ server: Int) {
    guard count < Self.limit else { return }
    servers[count] = Int32(truncatingIfNeeded: server)
    count += 1
  }

  public func contains(_ server: Int) -> Bool {
    var index = 0
    while index < count {
      if servers[index] == Int32(truncatingIfNeeded: server) { return true }
      index += 1
    }
    return false
  }
}
