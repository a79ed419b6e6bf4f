import Balancing
import EventLoop
import Primitives
import Proxying
import Topology
import Wire

/// A TCP client's stream to a server: on its way there, or carrying bytes.
struct StreamConnection: ~Copyable {
  enum Phase: UInt8 {
    /// Somebody in front still has to say who the client is.
    case proxyHeader
    /// The client has not yet said which server it wants.
    case hello
    /// It waits for a server with room · a moment before the next try.
    case queued, backoff
    case connecting, relaying
  }

  let listener: ListenerID
  let kind: Listener.Kind
  /// Of the client, also when somebody in front named it.
  var peer: PeerText
  var address: ClientAddress
  var source: SocketAddress
  /// Where the client connected to, if somebody in front said so.
  var destination: SocketAddress?

  var phase = Phase.connecting
  /// Whether the client's first bytes may still turn out to be a header that it may not send.
  var isSuspect = false
  var machine = StreamMachine()
  /// The client is its first side, the server its second.
  var relay: Relay
  /// Taken from the client before there was a server.
  var input = ByteBuffer()
  /// How many bytes there must be of it before reading the hello makes sense.
  var wanted = 0
  var serverName: [UInt8] = []

  var service: Service?
  var choice = Balancer.Request()
  var session = RequestSession()
  /// `ServerID.index` of the present or last try's.
  var server: Int?
  var addressVersion: UInt32 = 0
  /// The server in whose line it waits, for its session; nil in the service's line.
  var waitsAt: Int?
  /// Whether its outcome was held for or against the server.
  var isJudged = false
  /// Of `StreamStatistics.series`.
  var series: Int?
  /// What was counted of the bytes that came from each side.
  var countedIn: UInt64 = 0
  var countedOut: UInt64 = 0

  let began: Instant
  var tryBegan = Instant.zero
  var connected = Instant.zero
  var moved = Instant.zero
  var totalDeadline = Instant.distantFuture

  init(
    descriptor: Int32, listener: ListenerID, kind: Listener.Kind, peer: SocketAddress, now: Instant
  ) {
    self.listener = listener
    self.kind = kind
    self.peer = PeerText(peer)
    address = ClientAddress(peer)
    source = peer
    relay = Relay(
      first: RelayEnd(descriptor: descriptor, isWritable: true), second: RelayEnd(descriptor: -1))
    began = now
  }

  var client: Int32 { relay.first.descriptor }
  var hasServer: Bool { relay.second.descriptor >= 0 }
}
