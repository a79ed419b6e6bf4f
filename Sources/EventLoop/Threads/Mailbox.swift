internal import Synchronization

/// Messages from any thread to one event loop. The receiver takes all that wait in one go.
public final class Mailbox<Message: Sendable>: Sendable {
  private let messages = Mutex<[Message]>([])
  public let wakeUp: WakeUp

  public init() throws(SystemError) { wakeUp = try WakeUp() }

  public func send(_ message: Message) {
    let wasEmpty = messages.withLock { messages in
      messages.append(message)
      return messages.count == 1
    }
    if wasEmpty { wakeUp.signal() }
  }

  /// All messages since the last call, oldest first.
  public func takeAll() -> [Message] {
    wakeUp.clear()
    return messages.withLock { messages in
      let taken = messages
      messages = []
      return taken
    }
  }
}
