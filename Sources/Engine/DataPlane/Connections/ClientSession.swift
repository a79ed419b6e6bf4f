import EventLoop
import HTTP2
import Primitives
import Proxying
import TLS
import Topology

/// A client's connection of HTTP/2. Each of its streams is a `ClientConnection` without a descriptor.
struct ClientSession: ~Copyable {
  let descriptor: Int32
  let listener: ListenerID
  /// The listener's place among the worker's.
  let place: Int
  /// Who its streams are from, as the connection was when it began to speak HTTP/2.
  let origin: SocketAddress
  let destination: SocketAddress?
  let hop: PeerText
  let source: ClientAddress
  var isTrusted: Bool
  /// Where the connection is counted for its address.
  let counted: (key: UInt64, place: SharedTable.Place)?

  /// What carries its bytes; nil in clear text.
  let tls: TLSSession?
  let http2: HTTP2Session
  var isReadable: Bool
  var isWritable: Bool
  var peerClosed = false
  /// Frames that the socket didn't take yet.
  var output = ByteBuffer()
  /// Places of its streams.
  var streams: [Int] = []
  /// Whether frames are written and sent at the turn's end.
  var isFlushing = false
  /// Whether a stream waits to be answered until less is held.
  var isCrowded = false
  /// Whether a request came on it.
  var hasServed = false
  var shutdown = Shutdown.none
  /// All is said; what still comes is read and dropped until the client closes.
  var isLingering = false

  /// When it is closed because nothing runs on it, or a head doesn't come to its end.
  var idleDue = Instant.distantFuture
  var headDue = Instant.distantFuture
  /// When it is asked whether it is still there, and when it had to answer.
  var pingDue = Instant.distantFuture
  var answerDue = Instant.distantFuture
  /// When what waits for it had to be taken, and how much it had taken when that was last looked at.
  var writeDue = Instant.distantFuture
  var written = 0
  /// Bytes that the socket took, all in all.
  var sentBytes = 0

  /// How far it has come to be closed in an orderly way (RFC 9113 section 6.8).
  enum Shutdown {
    case none
    /// The client was told; what it has sent until it hears that is still served.
    case told(until: Instant)
    /// No new stream is taken.
    case last
  }

  init(_ client: borrowing ClientConnection, http2: HTTP2Session) {
    descriptor = client.descriptor
    listener = client.listener
    place = client.place
    origin = client.origin
    destination = client.destination
    hop = client.hop
    source = client.source
    isTrusted = client.isTrusted
    counted = client.counted
    peerClosed = client.peerClosed
    tls = client.tls
    // The first frames may have come with the last of a handshake, of which nothing tells again.
    isReadable = client.isReadable || client.tls != nil
    isWritable = client.isWritable
    self.http2 = http2
  }

  /// Whether something waits for the socket or for the client's windows.
  var hasOutput: Bool { !output.isEmpty || http2.heldBytes > 0 }

  /// When the loop has to look at it again.
  var nextDeadline: Instant {
    var due = min(idleDue, headDue, min(pingDue, answerDue), writeDue)
    if case .told(let until) = shutdown { due = min(due, until) }
    return due
  }
}

/// Which stream of which session a `ClientConnection` stands for.
struct StreamPlace {
  /// Among the worker's sessions.
  let session: Int
  /// Its number on the wire.
  let id: Int32
  /// Among the session's streams.
  var index: Int
  /// The client sends no more on it.
  var hasEnded = false
  /// It is over on the wire.
  var isClosed = false
  /// The answer's final head is out.
  var isAnswered = false
  /// Something of the answer waits to go into frames.
  var isHolding = false
}
