/// The last lines of a stream of bytes, bounded in number and size.
public struct LastLines: Sendable {
  public static let lines = 20
  public static let bytes = 8 << 10
  /// Of one line; what is longer is cut.
  public static let lineBytes = 1 << 10

  private var complete: [[UInt8]] = []
  private var held = 0
  private var partial: [UInt8] = []

  public init() {}

  public mutating func append(_ bytes: Span<UInt8>) {
    for index in bytes.indices {
      if bytes[index] == UInt8(ascii: "\n") {
        finishLine()
      } else if partial.count < Self.lineBytes {
        partial.append(bytes[index])
      }
    }
  }

  /// Oldest first, an unfinished last one included; what is not UTF-8 is replaced.
  public var texts: [String] {
    var all = self
    if !all.partial.isEmpty { all.finishLine() }
    return all.complete.map { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func finishLine() {
    if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
    complete.append(partial)
    held += partial.count
    partial.removeAll(keepingCapacity: true)
    while complete.count > Self.lines || held > Self.bytes {
      held -= complete.removeFirst().count
    }
  }
}
