import Balancing
import Primitives
import Proxying
import Topology
import Wire

/// A client's connection and the request that it is at.
struct ClientConnection: ~Copyable {
  enum Phase: UInt8 {
    /// Somebody in front still has to say who the client is.
    case proxyHeader
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

  let descriptor: Int32
  let listener: ListenerID
  /// Of the client, also when somebody in front named it.
  private(set) var peer: PeerText
  private(set) var address: ClientAddress
  private(set) var source: SocketAddress
  /// Where the client connected to, if somebody in front said so.
  private(set) var destination: SocketAddress?
  var phase = Phase.head

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
  var closesAfterOutput = false
  var lingeringBytes = 0

  var request = ActiveRequest()
  /// The request's head as it goes to the server, and the body as far as it was sent, for retries.
  var replay = ByteBuffer()
  /// Header fields that the access log asks for.
  var logged = LoggedFields()

  init(descriptor: Int32, listener: ListenerID, peer: SocketAddress) {
    self.descriptor = descriptor
    self.listener = listener
    self.peer = PeerText(peer)
    address = ClientAddress(peer)
    source = peer
  }

  /// Takes over who the client is, in the words of somebody in front who is trusted.
  mutating func adopt(_ header: ProxyHeader) {
    guard let source = header.source else { return }
    self.source = source
    peer = PeerText(source)
    address = ClientAddress(source)
    destination = header.destination
  }
}

/// What one request carries along.
struct ActiveRequest {
  var exchange = Exchange()
  /// The version that the request began with.
  var snapshot = TopologySnapshot.empty
  var route: Int?
  /// The route's service; nil when no route took the request.
  var service: Service?
  var method = Wire.Method.other
  var isHead = false
  var isOldClient = false
  var identifier = ForwardedRequest.Identifier(high: 0, low: 0)

  var body = BodyDecoder(.none)
  var bodyIsChunked = false
  var bodyBytes: Int64 = 0
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
  /// The server in whose line it waits, for its session; nil in the service's line.
  var waitsAt: Int?
  var tries = RequestTries()
  var framing = AnswerFraming.asStated
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

  /// When the loop has to look at the request again.
  var nextDeadline: Instant { min(phaseDeadline, totalDeadline, hedgeDue) }
}
