import EventLoop
import Primitives
import TLS
import Wire

/// A connection to a server, or a stream on one that is shared: on its way, at work for a client, or idle in the pool.
struct UpstreamConnection: ~Copyable {
  /// -1 for a stream.
  let descriptor: Int32
  /// `ServerID.index`.
  let server: Int
  /// The server's address may change under its name; a connection to the former one isn't kept.
  let addressVersion: UInt32

  /// What stands in for the socket, with HTTP/2.
  var stream: ServerStream?
  var client: Int?
  /// The copy of a request that it works for instead.
  var mirror: Int?
  /// When it began to work for that.
  var began = Instant.zero
  /// Whether it can be sent on: connected, and TLS agreed on.
  var isConnected = false
  /// Nil where bytes go as they are.
  let tls: TLSSession?
  var isReadable = false
  var isWritable = false
  var peerClosed = false
  /// Whether it served a request before.
  var isReused = false

  /// The part of an answer's head that came so far.
  var input = ByteBuffer()
  var output = ByteBuffer()
  /// What a long request's body left in its pipe.
  var spliced = SplicedBytes()
  /// Whether the last read brought all that there was room for.
  var isBulk = false
  var sawHead = false
  var body = BodyDecoder(.none)
  /// Whether the connection can serve another request after this answer.
  var staysClean = true
  /// Whether this work's outcome was held for or against the server.
  var isJudged = false
  /// What a drill does to this work's answer.
  var drillMark = AnswerDrill.Mark.undecided

  /// How long it may be idle: shorter than the server keeps it, if the server told.
  var idleTime = DataPlaneLimits.upstreamIdle
  /// Whether it ended its work in this turn of the loop and is not in the pool yet.
  var isResting = false
  /// Neighbours in the pool's list of idle connections.
  var next: Int?
  var previous: Int?

  /// Whether something waits for the socket; nothing more is read for it meanwhile.
  var hasOutput: Bool { !output.isEmpty || spliced.held > 0 || stream?.holds ?? false }

  init(descriptor: Int32, server: Int, addressVersion: UInt32, tls: TLSSession? = nil) {
    self.tls = tls
    self.descriptor = descriptor
    self.server = server
    self.addressVersion = addressVersion
  }

  /// Begins its work for a client's request, or without a client for a copy.
  mutating func begin(_ client: Int?, now: Instant) {
    self.client = client
    began = now
    sawHead = false
    staysClean = true
    isJudged = false
    drillMark = .undecided
  }
}
