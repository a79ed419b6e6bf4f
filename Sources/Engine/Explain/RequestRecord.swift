import Primitives
import Proxying
import Topology
import Tracing
import Wire

/// What happened to one request, as its worker keeps it for a while. Names are numbers of the
/// `IdentityRegistry` here, which the control plane turns back.
struct RequestRecord: Sendable {
  var identifier = ForwardedRequest.Identifier(high: 0, low: 0)
  /// Nil where no trace was made.
  var trace: TraceIdentifier?
  var began = Instant.zero
  var duration = TimeSpan.zero
  var topologyVersion: UInt64 = 0

  var client = PeerText()
  var method = Wire.Method.other
  var host = RequestText()
  var target = RequestText()
  var requestBytes: Int64 = 0

  var listener: ListenerID?
  var route: RouteID?
  var service: ServiceID?
  /// The hash of the parts that the service balances by; 0 where it hashes nothing.
  var key: UInt64 = 0
  /// `ServerID.index` of the server that the client's session was at.
  var session: Int?
  var tries = RequestTries()

  /// 0 when the client left or was cut before one.
  var status = 0
  /// Of an answer of our own.
  var reason: StaticString?
  var answerBytes: Int64 = 0
}
