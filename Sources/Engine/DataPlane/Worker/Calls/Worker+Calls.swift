import Balancing
import Primitives
import Proxying
import Topology
import Wire

/// What a call of gRPC is beyond a request: it has a deadline of its own, ends with a status of its
/// own, and may be quiet for long.
extension Worker {
  /// Notes what the request whose head stands in `requestHead` is to a client or to servers of HTTP/2.
  mutating func noteCall(_ client: Int, _ bytes: Span<UInt8>) {
    guard !clients[client].request.isCall, requestHead.isGRPC(bytes) else { return }
    clients[client].request.isCall = true
    guard let timeout = requestHead.grpcTimeout(bytes) else { return }
    clients[client].request.totalDeadline = min(
      clients[client].request.totalDeadline, now + timeout)
  }

  /// The status of a call that ended without a message; the answer's head stands in `answerHead`.
  mutating func callEnd(
    _ client: Int, _ upstream: Int, _ bytes: Span<UInt8>
  ) -> GRPCStatus? {
    guard clients[client].request.isCall, upstreams[upstream].stream?.isHeadOnly ?? false,
      let status = answerHead.grpcStatus(bytes)
    else { return nil }
    clients[client].request.callStatus = status
    return status
  }

  /// Counts a call that has come to its end, however it did.
  mutating func countCall(_ client: Int, _ service: ServiceID) {
    // Without a status there is none from the server: the client left, or was cut off.
    let status =
      clients[client].request.callStatus
      ?? (clients[client].request.status == 0 ? .cancelled : .unknown)
    if services[service.index].counters.calls.isEmpty {
      services[service.index].counters.calls = Array(
        repeating: 0, count: GRPCStatus.allCases.count)
    }
    services[service.index].counters.calls[Int(status.rawValue)] &+= 1
  }
}

extension GRPCStatus {
  /// What it says of its server, in statuses of HTTP: whether that can do its work.
  var serverStatus: Int {
    switch self {
    case .unavailable: 503
    case .deadlineExceeded: 504
    case .internal, .dataLoss, .unknown: 500
    default: 200
    }
  }
}
