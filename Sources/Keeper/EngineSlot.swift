import Primitives
import Supervision

/// The place of the one engine: who is in it, and when the next one comes.
struct EngineSlot {
  /// Waits between engines that keep dying: none before the first restart, then from `firstWait`
  /// doubling to `longestWait`; an engine that was up for `steady` starts the count anew.
  static let firstWait = TimeSpan.milliseconds(100)
  static let longestWait = TimeSpan.seconds(5)
  static let steady = TimeSpan.seconds(10)
  /// How long an engine may live on without its link.
  static let linklessLife = TimeSpan.seconds(1)

  var pid: Int32?
  var link: EngineLink?
  /// The engine has said hello and was told all; messages go to it from here on.
  var isGreeted = false
  var startedAt = Instant.zero
  /// When the next one is to be started; nil while one runs or none shall.
  var restartAt: Instant?
  /// When this one is killed; nil: not at all.
  var killAt: Instant?
  var restarts = 0
  var lastEnd: String?
  private var deaths = 0

  /// The wait before the next engine after one ended at `now`.
  mutating func waitAfterEnd(now: Instant) -> TimeSpan {
    if now - startedAt >= Self.steady { deaths = 0 }
    deaths += 1
    guard deaths > 1 else { return .zero }
    var wait = Self.firstWait
    for _ in 2..<min(deaths, 16) where wait < Self.longestWait { wait = wait + wait }
    return min(wait, Self.longestWait)
  }
}

/// The keeper's end of one engine's link. Messages that the socket has no room for wait in order.
struct EngineLink {
  private struct Waiting {
    let bytes: [UInt8]
    /// Duplicates: the originals may be closed before the engine reads.
    let descriptors: [Int32]
  }

  let descriptor: Int32
  private var waiting: [Waiting] = []

  init(descriptor: Int32) { self.descriptor = descriptor }

  var hasWaiting: Bool { !waiting.isEmpty }

  /// Throws `busy` when too much waits: the engine does not read any more.
  mutating func send(_ message: KeeperMessage, descriptors: [Int32] = []) throws(LinkError) {
    let bytes = try LinkSocket.encode(message)
    if waiting.isEmpty {
      do {
        return try LinkSocket.send(bytes, descriptors: descriptors, over: descriptor)
      } catch .busy {
        // Waits below.
      }
    }
    let held = waiting.reduce(descriptors.count) { $0 + $1.descriptors.count }
    guard waiting.count < LinkLimits.waiting, held <= LinkLimits.waitingDescriptors else {
      throw .busy
    }
    var copies: [Int32] = []
    do {
      for original in descriptors { copies.append(try Descriptor.duplicate(original)) }
    } catch {
      Descriptor.close(copies)
      throw .system(error)
    }
    waiting.append(Waiting(bytes: bytes, descriptors: copies))
  }

  /// Sends what waits, as far as there is room.
  mutating func flush() throws(LinkError) {
    while let next = waiting.first {
      do {
        try LinkSocket.send(next.bytes, descriptors: next.descriptors, over: descriptor)
      } catch .busy {
        return
      }
      Descriptor.close(next.descriptors)
      waiting.removeFirst()
    }
  }

  func close() {
    for message in waiting { Descriptor.close(message.descriptors) }
    Descriptor.close(descriptor)
  }
}
