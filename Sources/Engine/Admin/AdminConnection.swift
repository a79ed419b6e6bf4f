import EventLoop
import Primitives
import TLS
import Wire

/// One connection to the admin listener: a request at a time, each answered whole or by a stream.
final class AdminConnection {
  enum Phase {
    case head
    case body(AdminRequest, BodyDecoder, most: Int)
    case answering
    case streaming
    case closed
  }

  let id: UInt64
  private(set) var stream: AdminStream?
  let reactor: Reactor
  let descriptor: Int32
  let tls: TLSSession?
  let peer: AdminPeer
  /// What a stream of it hangs on.
  var credential = AdminCredential.none
  let bodyLimit: (AdminRequest) -> Int
  let asked: (AdminConnection, AdminRequest) -> Void
  let closed: (AdminConnection) -> Void

  var phase = Phase.head
  var head = RequestHead()
  var received: [UInt8] = []
  var body: [UInt8] = []
  var unsent: [UInt8] = []
  var sent = 0
  var isHeadRequest = false
  var keepsAlive = true
  var isRetired = false
  var isChunked = true
  var endsAfterSending = false
  /// What is being sent, and how far it was read.
  var file: (content: FileAnswer, offset: Int)?
  var timer: UInt64?
  var lastSend = Clock.now

  /// - Parameters:
  ///   - asked: called for every request; `answer` is to be called once for it.
  ///   - closed: called once, when the descriptor is closed.
  init(
    id: UInt64, descriptor: Int32, peer: AdminPeer, tls: TLSSession?, on reactor: Reactor,
    bodyLimit: @escaping (AdminRequest) -> Int,
    asked: @escaping (AdminConnection, AdminRequest) -> Void,
    closed: @escaping (AdminConnection) -> Void
  ) {
    self.id = id
    self.descriptor = descriptor
    self.peer = peer
    self.tls = tls
    self.reactor = reactor
    self.bodyLimit = bodyLimit
    self.asked = asked
    self.closed = closed
  }

  func run() {
    limit(to: AdminLimits.headTime)
    watch()
  }

  /// Ends with the answer that is under way, or at once.
  func retire() {
    isRetired = true
    switch phase {
    case .head where received.isEmpty && sent == unsent.count: close()
    case .streaming: close()
    case .head, .body, .answering, .closed: break
    }
  }

  func close() {
    if case .closed = phase { return }
    phase = .closed
    file = nil
    if let timer { reactor.cancel(timer) }
    reactor.forget(descriptor)
    tls?.shutdown()
    StreamSocket.close(descriptor)
    closed(self)
  }

  /// What the client has not taken yet.
  var pendingBytes: Int { unsent.count - sent }

  func setStream(_ stream: AdminStream) { self.stream = stream }
}
