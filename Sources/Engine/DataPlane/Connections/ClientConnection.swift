import Balancing
import EventLoop
import Primitives
import Proxying
import TLS
import Topology
import Wire

/// A client's connection and the request that it is at.
struct ClientConnection: ~Copyable {
  enum Phase: UInt8 {
    /// Somebody in front still has to say who the client is.
    case proxyHeader
    /// Getting to speak TLS.
    case handshake
    /// Between requests, or reading a head.
    case head
    /// A request waits for a server with room.
    case queued
    /// A request is with a server.
    case exchange
    /// The connection carries another protocol to a server and back.
    case tunnel
    /// A request waits a moment before it is tried again.
    case backoff
    /// The answer is out; what still comes is read and dropped until the client closes.
    case lingering
  }

  /// -1 for a stream of a session.
  let descriptor: Int32
  /// Which stream it stands for; nil for a connection of HTTP/1.
  var stream: StreamPlace?
  let listener: ListenerID
  /// The listener's place among the worker's.
  let place: Int
  /// The other end of the connection, or whom a PROXY header names.
  var hop: PeerText
  var source: ClientAddress
  /// The same with its port, for servers that want to be told by a PROXY header; and where it
  /// connected to, if somebody in front said so.
  private(set) var origin: SocketAddress
  private(set) var destination: SocketAddress?
  /// Whether that is a proxy whose word about its clients counts.
  var isTrusted = false
  /// Whom the request under way is from: the other end, or whom a trusted proxy names.
  var peer: PeerText
  var address: ClientAddress
  /// Where the connection is counted for its address, and under which key; nil where it is not.
  var counted: (key: UInt64, place: SharedTable.Place)?
  /// Whether a request came whole on it.
  var hasServed = false
  var phase = Phase.head

  /// Nil on a listener without TLS, and before the client's first byte.
  var tls: TLSSession?
  /// Whether what it sends and gets goes through TLS.
  var isSecure = false

  var isReadable = false
  var isWritable = true
  /// The client sends no more.
  var peerClosed = false
  /// Taken from the socket and not used yet: a partial head, or what follows a request.
  var input = ByteBuffer()
  /// Whether `input` may hold more than the beginning of a head.
  var inputIsFresh = false
  /// What the socket didn't take yet.
  var output = ByteBuffer()
  /// The same of a long answer that isn't copied.
  var spliced = SplicedBytes()
  var writeWatch = WriteWatch()
  /// Whether the last read brought all that there was room for.
  var isBulk = false
  var closesAfterOutput = false
  var lingeringBytes = 0

  var request = ActiveRequest()
  /// The request's head as it goes to the server, and the body as far as it was sent, for retries.
  var replay = ByteBuffer()
  /// The request's line and host as they came, for a route that rewrites them.
  var asked = ByteBuffer()
  /// Lines of fields that follow the request's body and the answer's.
  var trailers = ByteBuffer()
  var answerTrailers = ByteBuffer()
  /// Those of the request as they went to a server, for another try.
  var relayed: [UInt8] = []
  /// Header fields that the access log asks for.
  var logged = LoggedFields()

  /// Whether something waits for the socket; nothing more is read for it meanwhile.
  var hasOutput: Bool {
    !output.isEmpty || spliced.held > 0 || stream?.isHolding ?? false
  }

  init(descriptor: Int32, listener: ListenerID, place: Int, peer: SocketAddress) {
    self.descriptor = descriptor
    self.listener = listener
    self.place = place
    hop = PeerText(peer)
    self.peer = hop
    address = ClientAddress(peer)
    source = address
    origin = peer
  }

  /// A stream of a session that is as its connection is. In the caller's own code, since what it returns
  /// would be copied.
  @inline(__always)
  init(of session: borrowing ClientSession, _ stream: StreamPlace, replay: consuming ByteBuffer) {
    self.replay = replay
    descriptor = -1
    self.stream = stream
    listener = session.listener
    place = session.place
    hop = session.hop
    peer = session.hop
    address = session.source
    source = session.source
    origin = session.origin
    destination = session.destination
    isTrusted = session.isTrusted
    isSecure = session.tls != nil
  }

  /// Takes over who the client is, in the words of somebody in front who is trusted.
  mutating func adopt(_ header: ProxyHeader) {
    guard let named = header.source else { return }
    origin = named
    hop = PeerText(named)
    peer = hop
    address = ClientAddress(named)
    source = address
    destination = header.destination
  }
}

/// Whether a client takes what waits for it.
struct WriteWatch {
  /// What it had taken since the connection began, when that was last looked at; nil before.
  var taken: Int?
  /// When its time is up.
  var due = Instant.distantFuture
}

/// What one request carries along.
struct ActiveRequest {
  var exchange = Exchange()
  /// The version that the request began with.
  var snapshot = TopologySnapshot.empty
  var route: Int?
  /// The route's service; nil when no route took the request.
  var service: Service? { didSet { servicePlace = service?.id.index ?? -1 } }
  /// Its `ServiceID.index`, or -1: what most of a request's events need of it.
  private(set) var servicePlace = -1
  var method = Wire.Method.other
  var isHead = false
  var isOldClient = false
  var identifier = ForwardedRequest.Identifier(high: 0, low: 0)

  var body = BodyDecoder(.none)
  /// Whether its length is not stated, and whether it is sent in chunks then.
  var bodyIsUnbounded = false
  var bodyIsChunked = false
  /// Whether the client takes fields behind an answer's body.
  var takesTrailers = false
  /// Of gRPC, through HTTP/2; and how it ended, once that is known.
  var isCall = false
  var callStatus: GRPCStatus?
  var bodyBytes: Int64 = 0
  /// The most that it may have.
  var bodyLimit = Int64.max
  var headBytes = 0
  /// The replay buffer's first bytes: the head.
  var replayHeadBytes = 0

  /// What the choice of a server depends on.
  var choice = Balancer.Request()
  var session = RequestSession()
  var upstream: Int?
  /// The connection of a second try beside a slow first one.
  var hedge: Int?
  var hedgeDue = Instant.distantFuture
  var hedgeBegan = Instant.zero
  var hedgeConnected = Instant.zero
  /// Whether the second try began to answer last, and so stands in the first one's place.
  var hedgeHasWon = false
  var lastServer: Int?
  /// The service that gets a copy, as an index into `snapshot.services`, until it was made.
  var mirror: Int?
  /// The server in whose line it waits, for its session; nil in the service's line.
  var waitsAt: Int?
  var tries = RequestTries()
  var framing = AnswerFraming.asStated
  var compression = RequestCompression()
  /// Whether nothing at all follows the answer's head, not even an end.
  var endsWithHead = false
  var interimAnswers = 0
  var status = 0
  var reason: StaticString?
  var answerBytes: Int64 = 0

  var began = Instant.zero
  /// When the present try began, was connected, and had sent the request.
  var tryBegan = Instant.zero
  var connected = Instant.zero
  var requestEnded = Instant.zero
  var answerBegan = Instant.zero
  var totalDeadline = Instant.distantFuture
  var phaseDeadline = Instant.distantFuture
  var phaseTimeout = Exchange.Timeout.queue

  @inline(__always)
  init() {}

  /// When the loop has to look at the request again.
  var nextDeadline: Instant { min(phaseDeadline, totalDeadline, hedgeDue) }
}
