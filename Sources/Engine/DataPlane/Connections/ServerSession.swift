import EventLoop
import HTTP2
import Primitives
import TLS

/// A connection of HTTP/2 to a server, which many requests share.
struct ServerSession: ~Copyable {
  enum Phase: UInt8 {
    case connecting
    /// TLS is agreed on.
    case securing
    /// Ours was said; the server's settings are waited for, since they say how much it takes.
    case greeting
    case ready
  }

  let descriptor: Int32
  /// `ServerID.index`.
  let server: Int
  let addressVersion: UInt32
  let http2: HTTP2Session
  /// Nil in plain text.
  let tls: TLSSession?
  var phase = Phase.connecting
  /// It takes no more streams, and is closed with its last one.
  var isLeaving = false
  /// Whether the server was told: some end their streams with that, so only when there are none.
  var hasTold = false
  var isReadable = false
  var isWritable = false
  /// The server sends no more.
  var peerClosed = false
  /// What the socket didn't take yet: at most one batch.
  var output = ByteBuffer()
  /// Places of its streams among the worker's upstreams.
  var streams: [Int] = []
  /// Whether it is among those that are written to at the turn's end.
  var isMarked = false
  /// When anything came, and when its last stream ended.
  var heard: Instant
  var rested: Instant
  /// A PING is out since then.
  var pinged: Instant?

  init(
    descriptor: Int32, server: Int, addressVersion: UInt32, http2: HTTP2Session,
    tls: TLSSession?, now: Instant
  ) {
    self.descriptor = descriptor
    self.server = server
    self.addressVersion = addressVersion
    self.http2 = http2
    self.tls = tls
    heard = now
    rested = now
  }
}

/// A request's stream on such a connection, and what of its answer has come and is not taken: the heads
/// as text of HTTP/1.1, and the body behind them. The stream's window bounds it.
final class ServerStream {
  /// Why nothing more comes.
  enum End: Equatable {
    case reset(code: UInt32)
    /// The connection is gone.
    case lost
  }

  /// The session's place, and whose it was when the stream began.
  let session: Int
  let generation: UInt32
  /// Its place among the session's streams.
  var place: Int
  /// 0 until it is opened, which the session has to be ready for.
  var id: Int32 = 0
  var arrived = ByteBuffer()
  /// How many bytes at the front of it are text of heads, which no window is for.
  var headBytes = 0
  /// Lines of the fields behind the answer's body.
  var trailers: [UInt8] = []
  /// The server's side ended well.
  var hasEnded = false
  var end: End?
  /// Both sides are over, or the session is: nothing is to be reset any more.
  var isOver = false
  /// Whether what was given for it is not all in frames: nothing more is read for it meanwhile.
  var holds = false
  /// The final answer is a head with nothing behind it.
  var isHeadOnly = false
  /// It asked for another protocol by an extended CONNECT (RFC 8441).
  var isUpgrade = false
  /// Whether something happened to it that nobody has looked at.
  var isTouched = false
  var hasDrained = false

  init(session: Int, generation: UInt32, place: Int) {
    self.session = session
    self.generation = generation
    self.place = place
  }

  /// Whether a read would say something.
  var isReadable: Bool { !arrived.isEmpty || hasEnded || end != nil }
}
