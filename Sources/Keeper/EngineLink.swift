import Primitives
import Supervision

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
